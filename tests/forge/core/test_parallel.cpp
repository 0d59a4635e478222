#include "forge/core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace forge {
namespace {

TEST(Parallel, EachIsCalledOnce) {
  for (const size_t count : {0, 1, 2, 1000}) {
    std::vector<std::atomic<int>> calls(count);
    in_parallel(count, [&](size_t i) { ++calls[i]; });
    for (const auto& one : calls) EXPECT_EQ(one, 1);
  }
}

TEST(Parallel, ExceptionsComeThroughAndEndTheRest) {
  std::atomic<size_t> calls{0};
  EXPECT_THROW(in_parallel(100'000,
                           [&](size_t i) {
                             ++calls;
                             if (i == 7) throw std::runtime_error("seven");
                           }),
               std::runtime_error);
  EXPECT_LE(calls, 100'000u);
  EXPECT_GE(calls, 1u);
}

}  // namespace
}  // namespace forge
