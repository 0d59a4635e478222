#include "forge/array/ops/team.hpp"

#include <algorithm>
#include <atomic>
#include <bit>

#include "forge/core/error.hpp"

namespace forge::array {

namespace {

constexpr uint32_t kShuffle = 16;  // VK_SUBGROUP_FEATURE_SHUFFLE_BIT
constexpr uint32_t kEmulated = 32;  // lanes where a device has no shuffles

std::atomic<uint32_t> forced_lanes{0};

// Teams in a workgroup, by class of device: CPU drivers run workgroups one after another on each core, so small ones cost
// nothing; GPUs keep a bounded number of workgroups in flight, so each brings several teams.
constexpr uint32_t kTeamsOfCpu = 1, kTeamsOfGpu = 8;
constexpr uint32_t kSpread = 128;  // lanes that share nothing; Vulkan promises as many in a workgroup

}  // namespace

Team team_of(const vk::Device& device) {
  const vk::Limits& limits = device.limits();
  const bool cpu = device.info().type == vk::AdapterType::cpu;
  const bool long_words = cpu && device.has("shaderInt64");
  if (const uint32_t forced = forced_lanes) return {forced, 1, true, cpu, long_words};
  const uint32_t lanes = limits.subgroup_size;
  const bool pinned = limits.min_subgroup_size == limits.max_subgroup_size ||
                      (limits.can_pin_subgroup && device.has("subgroupSizeControl"));
  if ((limits.subgroup_operations & kShuffle) == 0 || !pinned || !std::has_single_bit(lanes))
    return {kEmulated, 1, true, cpu, long_words};
  const uint32_t teams = std::min(cpu ? kTeamsOfCpu : kTeamsOfGpu, limits.max_invocations / lanes);
  return {lanes, std::max(1u, teams), false, cpu, long_words};
}

void emulate_lanes(uint32_t lanes) { forced_lanes = lanes; }

Team Team::spread() const {
  if (emulated) return *this;
  return {lanes, std::max(teams, kSpread / lanes), false, cpu, long_words};
}

shader::Defines Team::defines() const {
  if (emulated) return {{"EMULATED_LANES", std::to_string(lanes)}};
  return {{"TEAMS", std::to_string(teams)}};
}

shader::Defines Team::wide() const {
  shader::Defines defines{{"WIDE", "1"}};
  if (long_words) defines["LONG_WORDS"] = "1";
  return defines;
}

std::array<uint32_t, 3> Team::groups(const vk::Device& device, uint64_t teams_wanted) const {
  const auto most = device.limits().max_groups;
  const uint64_t count = (teams_wanted + teams - 1) / teams;
  if (count <= most[0]) return {static_cast<uint32_t>(count), 1, 1};
  const uint64_t rows = (count + most[0] - 1) / most[0];
  if (rows > most[1])
    throw Error(ErrorCode::LIMIT_EXCEEDED, "an array needs more workgroups than the device starts at once",
                "at most " + std::to_string(uint64_t{most[0]} * most[1]), std::to_string(count), "work in pieces");
  return {static_cast<uint32_t>((count + rows - 1) / rows), static_cast<uint32_t>(rows), 1};
}

std::array<uint32_t, 3> Team::groups_of_lanes(const vk::Device& device, uint64_t lanes_wanted) const {
  return groups(device, (lanes_wanted + lanes - 1) / lanes);
}

}  // namespace forge::array
