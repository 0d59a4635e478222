#pragma once

#include "forge/shader/launch.hpp"

namespace forge::array {

/// How kernels of shaders/include/team.glsl run on a device.
struct Team {
  uint32_t lanes;  // of a team: a subgroup, or a workgroup that stands for one
  uint32_t teams;  // in a workgroup
  bool emulated;   // lanes meet in shared memory instead of by subgroup operations
  bool cpu;  // a driver that runs lanes as vector elements: private memory is cheap, coalescing is not asked for
  bool long_words;  // its memory is accessed lane by lane: integers of 64 bits are half as many accesses

  /// For kernels whose lanes share nothing: larger workgroups, since each costs a CPU driver a third of a microsecond.
  Team spread() const;
  shader::Defines defines() const;
  /// Of kernels that take memory in words of 16 bytes (elements.glsl).
  shader::Defines wide() const;
  /// Workgroups for this many teams, as the rectangle that grid.glsl numbers. Throws LIMIT_EXCEEDED.
  std::array<uint32_t, 3> groups(const vk::Device& device, uint64_t teams_wanted) const;
  std::array<uint32_t, 3> groups_of_lanes(const vk::Device& device, uint64_t lanes_wanted) const;
};

Team team_of(const vk::Device& device);

/// For tests: teams of this many lanes through shared memory, on every device; 0 goes back to the devices' own.
void emulate_lanes(uint32_t lanes);

}  // namespace forge::array
