#pragma once

#include <span>
#include <string>
#include <vector>

#include "forge/shader/program.hpp"

namespace forge::shader {

/// What stages that run together declare, as one: bindings, and push constants with the members of all.
struct Stages {
  Reflection reflection;                          // of the first, with the others' resources
  std::vector<VkShaderStageFlags> bindings;       // the stages that declare each
  std::vector<VkShaderStageFlags> push_members;
};

/// Throws SHADER_INVALID where one name or place means two things; `name` is the program's in messages.
Stages merge_stages(std::span<const Program::Source> sources, const std::string& name);

VkShaderStageFlagBits stage_bit(Stage stage);

}  // namespace forge::shader
