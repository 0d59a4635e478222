#include <algorithm>

#include "forge/shader/from_text.hpp"
#include "forge/shader/launch.hpp"

namespace forge::shader {

namespace {

// Every instance of every template on one device.
class Instances {
 public:
  Program& get(vk::Device& device, const TemplateSource& source, const Defines& defines) {
    std::string key(source.name), label = key;
    for (const auto& [name, value] : defines) {
      key.append(" ").append(name).append("=").append(value);
      label.append(" ").append(name).append("=").append(value.size() > kLongestValue ? "..." : value);
    }
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Program>& program = programs_[key];
    if (!program) program = make(device, source, defines, label);
    return *program;
  }

 private:
  static constexpr size_t kLongestValue = 40;  // in a name: some macros are whole functions

  static std::unique_ptr<Program> make(vk::Device& device, const TemplateSource& source, const Defines& defines,
                                       const std::string& label) {
    CompileOptions options;
    options.name = source.name;
    options.defines = defines;
    options.defines.emplace("SUBGROUP_SIZE", std::to_string(device.limits().subgroup_size));
    auto program = program_from(device, std::string(source.text), std::move(options), label);
    program->pin_subgroup();
    return program;
  }

  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Program>> programs_;
};

constexpr char kInstancesKey{};

}  // namespace

std::unique_ptr<Program> program_from(vk::Device& device, const std::string& text, CompileOptions options,
                                      const std::string& name) {
  options.vulkan_minor = std::min<uint32_t>(device.info().api_version >> 12 & 0x3FF, 3);
  Words words = compile_cached(text, options);
  std::vector<Program::Source> stages;
  Reflection reflection = reflect(words);
  stages.push_back({std::move(words), std::move(reflection)});
  return std::make_unique<Program>(device, std::move(stages), name);
}

Program& instance_of(vk::Device& device, const TemplateSource& source, const Defines& defines) {
  return device.shared_object<Instances>(&kInstancesKey, [] { return std::make_shared<Instances>(); })
      .get(device, source, defines);
}

}  // namespace forge::shader
