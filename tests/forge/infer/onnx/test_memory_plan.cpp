#include "forge/infer/onnx/memory_plan.hpp"

#include <gtest/gtest.h>

#include <random>

namespace forge::infer::onnx {
namespace {

bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes) { return a < b + b_bytes && b < a + a_bytes; }

std::vector<Lifetime> random_lifetimes(std::mt19937& random, size_t count) {
  std::uniform_int_distribution<uint64_t> bytes(1, 4096);
  std::uniform_int_distribution<size_t> at(0, 60), length(0, 12);
  std::vector<Lifetime> made;
  for (size_t i = 0; i < count; ++i) {
    const size_t first = at(random);
    made.push_back({bytes(random) * 256, first, first + length(random)});
  }
  return made;
}

TEST(MemoryPlan, WhatIsNeededTogetherNeverOverlaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    const auto lifetimes = random_lifetimes(random, 80);
    const Placement placement = place(lifetimes, 256);
    for (size_t i = 0; i < lifetimes.size(); ++i) {
      EXPECT_EQ(placement.offsets[i] % 256, 0u);
      EXPECT_LE(placement.offsets[i] + lifetimes[i].bytes, placement.bytes);
      for (size_t k = 0; k < i; ++k) {
        const bool apart = lifetimes[i].last < lifetimes[k].first || lifetimes[k].last < lifetimes[i].first;
        EXPECT_TRUE(apart ||
                    !overlap(placement.offsets[i], lifetimes[i].bytes, placement.offsets[k], lifetimes[k].bytes));
      }
    }
  }
}

TEST(MemoryPlan, TakesNotMuchMoreThanIsNeededAtOneTime) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    const auto lifetimes = random_lifetimes(random, 80);
    const uint64_t least = lower_bound(lifetimes), bytes = place(lifetimes, 256).bytes;
    EXPECT_GE(bytes, least);
    EXPECT_LE(static_cast<double>(bytes), 1.15 * static_cast<double>(least));
  }
}

TEST(MemoryPlan, AChainOfValuesTakesTwoOfThem) {
  std::vector<Lifetime> chain;
  for (size_t i = 0; i < 20; ++i) chain.push_back({1024, i, i + 1});
  EXPECT_EQ(lower_bound(chain), 2048u);
  EXPECT_EQ(place(chain, 256).bytes, 2048u);
}

TEST(MemoryPlan, NothingTakesNothing) {
  EXPECT_EQ(place({}, 256).bytes, 0u);
  EXPECT_EQ(lower_bound({}), 0u);
}

}  // namespace
}  // namespace forge::infer::onnx
