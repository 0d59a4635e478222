#pragma once

#include <memory>
#include <span>
#include <string>

#include "forge/shader/kernel.hpp"

namespace forge::bind {

/// Hands what kernels said while they ran to Python's logger "vulkan_forge.shader", and throws OUT_OF_RANGE where one
/// indexed out of range. The work must be done. Takes the GIL itself where there is something to log.
void deliver(const std::shared_ptr<shader::Watch>& watch, const std::string& kernel);
/// The same of several calls: all lines are logged, and the first that indexed out of range throws.
void deliver(std::span<const shader::WatchedCall> calls);

}  // namespace forge::bind
