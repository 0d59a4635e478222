#pragma once

#include <map>
#include <span>
#include <string>

#include "forge/shader/callable.hpp"

namespace forge::shader {

/// The value of a constant as drivers take it; throws where the number would not arrive unchanged.
vk::SpecValue pack_spec(const SpecConstant& constant, const Number& number);

/// The constant of this name; throws ARGUMENT_NAMES, which names those there are.
const SpecConstant& find_spec(std::span<const SpecConstant> constants, const std::string& name);

/// The module with other values for the constants it has of these names; others belong to another stage.
Words specialized(Words words, const std::map<std::string, Number>& given);

}  // namespace forge::shader
