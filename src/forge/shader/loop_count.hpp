#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "forge/shader/reflect.hpp"

namespace forge::shader {

/// Where a counting module says that an invocation went beyond the budget: a storage buffer of one word, which it sets.
struct LoopCount {
  Words words;
  uint32_t set;
  uint32_t binding;
};

bool has_loops(std::span<const uint32_t> words);

/// The same compute module, made to count the passes of all its loops in each invocation. None where it has no loops, is
/// older than SPIR-V 1.3, or has no binding number left.
///
/// Drivers that run several invocations in lockstep spend a pass for all of them where one takes it. Invocations
/// therefore agree on the largest count after each loop (`agree`: the device has subgroup arithmetic); what branches of
/// one condition spend in loops apart is not added up.
std::optional<LoopCount> count_loops(std::span<const uint32_t> words, const Reflection& shader, uint32_t budget,
                                     bool agree);

}  // namespace forge::shader
