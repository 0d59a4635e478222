#include "forge/core/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(Parallel, BytesAreCopiedByOneThreadOrMany) {
  for (const size_t bytes : {0UL, 1UL, 4097UL, (2UL << 20) - 1, 2UL << 20, (4UL << 20) + 1, (5UL << 20) + 3}) {
    std::vector<uint8_t> from(bytes + 1), to(bytes + 1, 255);
    for (size_t i = 0; i < bytes; ++i) from[i] = static_cast<uint8_t>(i * 7 + i / 251);
    copy_bytes(to.data(), from.data(), bytes);
    EXPECT_TRUE(std::equal(from.begin(), from.end() - 1, to.begin())) << bytes;
    EXPECT_EQ(to.back(), 255) << bytes;
  }
}

}  // namespace
}  // namespace forge
