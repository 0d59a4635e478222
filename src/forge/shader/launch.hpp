#pragma once

#include <map>
#include <string>

#include "forge/shader/program.hpp"

// The library's own kernels: a generated struct, a grid, one call.
namespace forge::shader {

template <class K>
inline const char program_key{};

/// The program of a generated struct on a device, made once.
template <class K>
Program& program_of(vk::Device& device) {
  return device.shared_object<Program>(&program_key<K>,
                                       [&] { return std::make_shared<Program>(device, K::modules()); });
}

/// Values of a template's macros.
using Defines = std::map<std::string, std::string>;

/// The program of a template with these macros on a device, made at first use. SUBGROUP_SIZE is always defined.
Program& instance_of(vk::Device& device, const TemplateSource& source, const Defines& defines);

template <class K>
Program& program_of(vk::Device& device, const Defines& defines) {
  return instance_of(device, K::template_source(), defines);
}

/// Resources of one launch in the recorder's terms; owns what the spans of an Invocation point to.
struct LaunchResources {
  std::vector<vk::BufferTouch> buffers;
  std::vector<vk::ImageTouch> images;
  std::vector<vk::DescriptorWrite> descriptors;
};
LaunchResources compute_resources(const Program& program, const PackedArguments& arguments);
LaunchResources draw_resources(const Program& program, const PackedArguments& arguments);

void dispatch_packed(vk::Commands& commands, Program& program, const PackedArguments& arguments,
                     std::array<uint32_t, 3> groups, std::span<const vk::SpecValue> spec);

template <class K>
void dispatch(vk::Commands& commands, const K& kernel, std::array<uint32_t, 3> groups,
              std::span<const vk::SpecValue> spec = {}) {
  PackedArguments arguments;
  kernel.pack(arguments);
  dispatch_packed(commands, program_of<K>(commands.device()), arguments, groups, spec);
}

/// A template: `program` is program_of<K>(device, defines).
template <class K>
void dispatch(vk::Commands& commands, Program& program, const K& kernel, std::array<uint32_t, 3> groups,
              std::span<const vk::SpecValue> spec = {}) {
  PackedArguments arguments;
  kernel.pack(arguments);
  dispatch_packed(commands, program, arguments, groups, spec);
}

/// Workgroups that cover this many threads of a kernel.
template <class K>
std::array<uint32_t, 3> groups_for(vk::Device& device, uint64_t x, uint64_t y = 1, uint64_t z = 1) {
  const auto size = program_of<K>(device).workgroup();
  const auto cover = [](uint64_t threads, uint32_t group) {
    return static_cast<uint32_t>((threads + group - 1) / group);
  };
  return {cover(x, size[0]), cover(y, size[1]), cover(z, size[2])};
}

vk::DrawCall draw_packed(Program& program, const PackedArguments& arguments, const std::string& state_key,
                         const vk::DrawState& state);

/// A draw of a generated vertex and fragment pair; the caller adds streams, indices and counts.
template <class K>
vk::DrawCall draw_call(vk::Device& device, const K& shaders, const std::string& state_key, const vk::DrawState& state) {
  PackedArguments arguments;
  shaders.pack(arguments);
  return draw_packed(program_of<K>(device), arguments, state_key, state);
}

}  // namespace forge::shader
