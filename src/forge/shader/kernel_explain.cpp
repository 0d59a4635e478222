// What a kernel says about itself, for people.
#include <algorithm>
#include <bit>

#include "forge/shader/kernel.hpp"
#include "forge/shader/spirv_names.hpp"

namespace forge::shader {

namespace {

std::string bits_text(Scalar type, uint64_t bits) {
  switch (type) {
    case Scalar::boolean: return bits & 0xFFFFFFFF ? "true" : "false";
    case Scalar::i8: return std::to_string(static_cast<int8_t>(bits));
    case Scalar::i16: return std::to_string(static_cast<int16_t>(bits));
    case Scalar::i32: return std::to_string(static_cast<int32_t>(bits));
    case Scalar::i64: return std::to_string(static_cast<int64_t>(bits));
    case Scalar::f32: return std::to_string(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case Scalar::f64: return std::to_string(std::bit_cast<double>(bits));
    case Scalar::f16: return "float16 bits " + std::to_string(bits);
    default: return std::to_string(bits);
  }
}

std::string of(uint64_t used, uint64_t most) { return std::to_string(used) + " of " + std::to_string(most) + " bytes"; }

}  // namespace

std::string Kernel::spec_lines() const {
  std::string text;
  for (const SpecConstant& constant : reflection().spec_constants) {
    const auto found =
        std::find_if(spec_.begin(), spec_.end(), [&](const auto& value) { return value.id == constant.id; });
    const std::string normal = bits_text(constant.type, constant.default_bits);
    text += "  " + constant.name + " is " + (found == spec_.end() ? normal : bits_text(constant.type, found->bits));
    text += found == spec_.end() ? " by default\n" : ", by default " + normal + "\n";
  }
  return text.empty() ? "" : "specialised so\n" + text;
}

std::string Kernel::explain() const {
  Reflection shader = reflection();
  std::erase_if(shader.bindings, [&](const Binding& binding) { return is_hidden(binding); });
  const vk::Limits& limits = device_->limits();
  const auto size = workgroup();
  std::string text = describe(shader);
  text += "on " + device_->info().name + "\n";
  text += "runs workgroups of " + std::to_string(size[0]) + " x " + std::to_string(size[1]) + " x " +
          std::to_string(size[2]) + ", " + (chosen_.empty() ? "as the shader and its constants say" : chosen_) + "\n";
  text += spec_lines();
  if (shader.push) text += "push constants take " + of(shader.push->size, limits.max_push_bytes) + "\n";
  if (const uint64_t shared = program_->shared_bytes(spec_))
    text += "shared memory takes " + of(shared, limits.max_shared_bytes) + "\n";
  text += "subgroups have " + std::to_string(limits.subgroup_size) + " lanes\n";
  text += "SPIR-V " + std::to_string(shader.version >> 16 & 0xff) + "." + std::to_string(shader.version >> 8 & 0xff) +
          ", " + std::to_string(program_->stages().front().words.size() * 4) + " bytes, capabilities";
  for (const uint32_t capability : shader.capabilities) text += " " + capability_name(capability);
  text += "\n";
  for (const vk::PipelineStatistic& row : program_->statistics(spec_))
    text += "the driver says of " + row.executable + ", " + row.name + " is " + row.value + "\n";
  return text;
}

}  // namespace forge::shader
