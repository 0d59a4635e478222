#pragma once

#include <cstdint>
#include <string>

namespace forge::shader {

/// The SPIR-V registry's name of a capability; its number where the table has none.
std::string capability_name(uint32_t capability);

}  // namespace forge::shader
