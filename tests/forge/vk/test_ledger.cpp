#include "forge/vk/ledger.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace forge::vk {
namespace {

TEST(Ledger, CountsNowAndAtTheMost) {
  Ledger ledger;
  auto& arrays = ledger.account("array");
  auto& lent = ledger.account("lent", false);
  EXPECT_EQ(&arrays, &ledger.account("array"));
  ledger.add(arrays, 100);
  ledger.add(arrays, 50);
  ledger.add(lent, 1000);
  ledger.remove(arrays, 100);
  ledger.add(ledger.account("image"), 60);
  const auto rows = ledger.rows();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].label, "lent");
  EXPECT_EQ(rows[1].label, "image");
  EXPECT_EQ(rows[2].label, "array");
  EXPECT_EQ(rows[2].bytes, 50u);
  EXPECT_EQ(rows[2].peak, 150u);
  EXPECT_EQ(rows[2].count, 1u);
  EXPECT_EQ(ledger.bytes(), 110u) << "lent memory is not the device's";
  EXPECT_EQ(ledger.peak(), 150u);
  EXPECT_EQ(ledger.largest(), "image 60 bytes in 1, array 50 bytes in 1");
  EXPECT_EQ(ledger.largest(1), "image 60 bytes in 1");
}

TEST(Ledger, NothingIsSaidSo) { EXPECT_EQ(Ledger().largest(), "nothing"); }

TEST(Ledger, ThreadsAddUp) {
  Ledger ledger;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        auto& account = ledger.account("label " + std::to_string((t + i) % 5));
        ledger.add(account, 7);
        ledger.remove(account, 7);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ledger.bytes(), 0u);
  EXPECT_LE(ledger.peak(), 8 * 7u);
  for (const auto& row : ledger.rows()) EXPECT_EQ(row.count, 0u);
}

TEST(Ledger, BytesAsText) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(1023), "1023 bytes");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(5ull << 30), "5.0 GiB");
  EXPECT_EQ(bytes_text(1ull << 52), "4096.0 TiB");
}

}  // namespace
}  // namespace forge::vk
