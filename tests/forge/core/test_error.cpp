#include "forge/core/error.hpp"

#include <gtest/gtest.h>

#include <set>

#include "forge/support/errors.hpp"

namespace forge {
namespace {

TEST(ErrorRows, StandInOrderAndAreNamedOnce) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < error_rows().size(); ++i) {
    const ErrorRow& row = error_rows()[i];
    EXPECT_EQ(row.code, static_cast<ErrorCode>(i));
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.python_class.ends_with("Error")) << row.name;
    EXPECT_FALSE(row.meaning.empty());
    EXPECT_EQ(error_row(row.code).name, row.name);
  }
  EXPECT_EQ(error_row(ErrorCode::DEVICE_LOST).name, "DEVICE_LOST");
}

TEST(ErrorMessage, HoldsEachPartThatIsThere) {
  const Error all(ErrorCode::BAD_SHAPE, "it failed", "this", "that", "do so");
  EXPECT_STREQ(all.what(), "it failed; expected this; got that; do so");
  EXPECT_EQ(all.details().size(), 3u);
  EXPECT_STREQ(Error(ErrorCode::BAD_SHAPE, "it failed").what(), "it failed");
  EXPECT_STREQ(Error(ErrorCode::BAD_SHAPE, "it failed", "", "that").what(), "it failed; got that");
  EXPECT_EQ(all.vk_result(), 0);
}

TEST(ErrorMessage, DetailsAreForMachines) {
  const Error error = Error(ErrorCode::LIMIT_EXCEEDED, "x").with("limit", "7").with_result(-4, "VK_ERROR_DEVICE_LOST");
  using Detail = std::pair<std::string, std::string>;
  EXPECT_EQ(error.details(), (std::vector<Detail>{{"limit", "7"}, {"vk_result", "VK_ERROR_DEVICE_LOST"}}));
  EXPECT_EQ(error.vk_result(), -4);
  EXPECT_STREQ(error.what(), "x") << "details do not change the message";
}

TEST(Assertion, ThrowsWithItsPlace) {
  const Error error = test::error_of([] { FORGE_ASSERT(1 + 1 == 3); });
  EXPECT_EQ(error.code(), ErrorCode::INTERNAL);
  EXPECT_CONTAINS(error.what(), "1 + 1 == 3");
  EXPECT_CONTAINS(error.what(), "test_error.cpp:");
  EXPECT_NO_THROW(FORGE_ASSERT(true));
}

}  // namespace
}  // namespace forge
