#include "forge/vk/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace forge::vk {
namespace {

constexpr uint64_t kA = 1, kB = 2, kC = 3, kImage = 9;
constexpr VkPipelineStageFlags kCompute = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
constexpr VkPipelineStageFlags kTransfer = VK_PIPELINE_STAGE_TRANSFER_BIT;

TouchList list(const std::vector<std::vector<Touch>>& commands) {
  TouchList touches;
  for (const auto& command : commands) {
    for (const Touch& touch : command) touches.add(touch);
    touches.end_command();
  }
  return touches;
}

Touch reads(uint64_t resource, uint64_t begin = 0, uint64_t end = 100) {
  return {resource, begin, end, Usage::compute_read};
}
Touch writes(uint64_t resource, uint64_t begin = 0, uint64_t end = 100) {
  return {resource, begin, end, Usage::compute_write};
}

using Levels = std::vector<uint32_t>;

TEST(Schedule, NothingNeedsNothing) {
  const Schedule empty = schedule(TouchList(), {});
  EXPECT_TRUE(empty.levels.empty());
  EXPECT_FALSE(empty.last.needed());
  const Schedule two = schedule(list({{reads(kA), writes(kB)}, {reads(kA), writes(kC)}}), {});
  EXPECT_EQ(two.level_of, (Levels{0, 0}));
  EXPECT_FALSE(two.levels[0].before.needed());
  EXPECT_TRUE(two.dependencies.empty());
}

TEST(Schedule, EachHazardOrders) {
  const Schedule chain =
      schedule(list({{writes(kA)}, {reads(kA)}, {writes(kA)}, {writes(kA)}, {reads(kA)}, {reads(kA)}}), {});
  EXPECT_EQ(chain.level_of, (Levels{0, 1, 2, 3, 4, 4}));
  std::vector<Hazard> hazards;
  for (const Dependency& edge : chain.dependencies) hazards.push_back(edge.hazard);
  EXPECT_EQ(hazards, (std::vector{Hazard::read_after_write, Hazard::write_after_write, Hazard::write_after_read,
                                  Hazard::write_after_write, Hazard::read_after_write, Hazard::read_after_write}));
  EXPECT_EQ(chain.levels[4].before.from_stages, kCompute);
  EXPECT_EQ(chain.levels[4].commands, (Levels{4, 5}));
}

TEST(Schedule, DisjointRangesAreIndependent) {
  const Schedule parts = schedule(list({{writes(kA, 0, 50)}, {writes(kA, 50, 100)}, {reads(kA, 40, 60)}}), {});
  EXPECT_EQ(parts.level_of, (Levels{0, 0, 1}));
  EXPECT_EQ(parts.dependencies.size(), 2u);
}

TEST(Schedule, OneBarrierServesAllThatComesLater) {
  const Schedule later = schedule(
      list({{writes(kA)}, {writes(kB)}, {reads(kB), writes(kC)}, {reads(kC), reads(kA)}, {reads(kA), writes(kC)}}), {});
  EXPECT_EQ(later.level_of, (Levels{0, 0, 1, 2, 3}));
  for (size_t level = 1; level < later.levels.size(); ++level) EXPECT_TRUE(later.levels[level].before.needed());
}

TEST(Schedule, BarriersNameTheStagesOfBothSides) {
  const Schedule mixed = schedule(
      list({{{kA, 0, 100, Usage::transfer_write}}, {reads(kA), writes(kB)}, {{kB, 0, 12, Usage::indirect_input}}}), {});
  EXPECT_EQ(mixed.levels[1].before.from_stages, kTransfer);
  EXPECT_EQ(mixed.levels[1].before.to_stages, kCompute);
  EXPECT_EQ(mixed.levels[2].before.to_stages, VkPipelineStageFlags{VK_PIPELINE_STAGE_DRAW_INDIRECT_BIT});
  EXPECT_TRUE(mixed.levels[2].before.to_access & VK_ACCESS_INDIRECT_COMMAND_READ_BIT);
}

TEST(Schedule, ImagesAreMovedAndSentHome) {
  const ImageHome home{kImage, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL};
  const Schedule drawn = schedule(list({{{kImage, 0, ~0ULL, Usage::color_attachment}},
                                        {{kImage, 0, ~0ULL, Usage::transfer_read}, {kA, 0, 100, Usage::transfer_write}},
                                        {{kImage, 0, ~0ULL, Usage::transfer_read}, {kB, 0, 100, Usage::transfer_write}},
                                        {{kImage, 0, ~0ULL, Usage::sampled_fragment}}}),
                                  std::span(&home, 1));
  ASSERT_EQ(drawn.levels.front().before.transitions.size(), 1u);
  EXPECT_EQ(drawn.levels.front().before.transitions[0].from, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
  EXPECT_EQ(drawn.levels[1].before.transitions[0].to, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
  ASSERT_EQ(drawn.last.transitions.size(), 1u);
  EXPECT_EQ(drawn.last.transitions[0].from, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
  EXPECT_LT(drawn.level_of[1], drawn.level_of[3]);
  EXPECT_LT(drawn.level_of[2], drawn.level_of[3]);
}

// Every pair that touches the same bytes, one of them writing, must have a barrier chain between: from the first's stages
// to the second's, level by level.
bool separated(const Schedule& plan, uint32_t from, const UsageRow& before, uint32_t to, const UsageRow& after) {
  VkPipelineStageFlags reached = before.stages;  // stages that come after `from`
  bool any = false;
  for (uint32_t level = plan.level_of[from] + 1; level <= plan.level_of[to]; ++level) {
    const BarrierPlan& barrier = plan.levels[level].before;
    if ((barrier.from_stages & reached) != 0) reached |= barrier.to_stages, any = true;
  }
  return any && (after.stages & ~reached) == 0;
}

TEST(ScheduleProperty, WhateverTouchesTheSameBytesIsSeparated) {
  constexpr Usage usages[] = {Usage::compute_read,  Usage::compute_write,  Usage::compute_read_write,
                              Usage::transfer_read, Usage::transfer_write, Usage::indirect_input};
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::vector<Touch>> commands(30);
    for (auto& command : commands)
      for (uint32_t i = 0; i < 1 + random() % 3; ++i) {
        const uint64_t begin = random() % 4 * 10;
        command.push_back({1 + random() % 5, begin, begin + 10 + random() % 2 * 20, usages[random() % 6]});
      }
    const Schedule plan = schedule(list(commands), {});
    std::multiset<uint32_t> seen;
    for (const Level& level : plan.levels) seen.insert(level.commands.begin(), level.commands.end());
    ASSERT_EQ(seen.size(), commands.size());
    ASSERT_TRUE(std::set<uint32_t>(seen.begin(), seen.end()).size() == commands.size());
    for (size_t level = 1; level < plan.levels.size(); ++level) ASSERT_TRUE(plan.levels[level].before.needed());
    for (uint32_t j = 0; j < commands.size(); ++j)
      for (uint32_t i = 0; i < j; ++i)
        for (const Touch& a : commands[i])
          for (const Touch& b : commands[j]) {
            const UsageRow &first = usage_row(a.usage), &second = usage_row(b.usage);
            if (a.resource != b.resource || a.end <= b.begin || b.end <= a.begin || !(first.writes || second.writes))
              continue;
            ASSERT_LT(plan.level_of[i], plan.level_of[j]) << seed << ": " << i << " " << j;
            ASSERT_TRUE(separated(plan, i, first, j, second)) << seed << ": " << i << " " << j;
          }
  }
}

}  // namespace
}  // namespace forge::vk
