#include "forge/vk/check.hpp"

#include <gtest/gtest.h>

#include "forge/support/errors.hpp"

namespace forge::vk {
namespace {

class Check : public ::testing::Test {
 protected:
  void SetUp() override { fault::clear(); }
  void TearDown() override { fault::clear(); }
};

ErrorCode code_of(VkResult result) {
  return test::error_of([&] { throw_result("vkSomething", result); }).code();
}

TEST_F(Check, EveryResultHasItsCode) {
  EXPECT_EQ(code_of(VK_ERROR_OUT_OF_DEVICE_MEMORY), ErrorCode::OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(code_of(VK_ERROR_OUT_OF_POOL_MEMORY), ErrorCode::OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(code_of(VK_ERROR_TOO_MANY_OBJECTS), ErrorCode::OUT_OF_DEVICE_MEMORY);
  EXPECT_EQ(code_of(VK_ERROR_OUT_OF_HOST_MEMORY), ErrorCode::OUT_OF_HOST_MEMORY);
  EXPECT_EQ(code_of(VK_ERROR_DEVICE_LOST), ErrorCode::DEVICE_LOST);
  EXPECT_EQ(code_of(VK_ERROR_FORMAT_NOT_SUPPORTED), ErrorCode::MISSING_FEATURE);
  EXPECT_EQ(code_of(VK_ERROR_INCOMPATIBLE_DRIVER), ErrorCode::NO_DRIVER);
  EXPECT_EQ(code_of(VK_ERROR_UNKNOWN), ErrorCode::DEVICE_ERROR);
  EXPECT_EQ(code_of(static_cast<VkResult>(-77777)), ErrorCode::DEVICE_ERROR);
}

TEST_F(Check, ErrorsNameTheCallTheResultAndTheWayOut) {
  const Error error = test::error_of([] { throw_result("vkSomething", VK_ERROR_DEVICE_LOST); });
  EXPECT_EQ(error.vk_result(), VK_ERROR_DEVICE_LOST);
  for (const char* part : {"vkSomething", "VK_ERROR_DEVICE_LOST", "open a new one"})
    EXPECT_CONTAINS(error.what(), part);
}

TEST_F(Check, SuccessAndPositiveResultsPass) {
  EXPECT_EQ(checked("vkSomething", [] { return VK_SUCCESS; }), VK_SUCCESS);
  EXPECT_EQ(checked("vkSomething", [] { return VK_TIMEOUT; }), VK_TIMEOUT);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, checked("vkSomething", [] { return VK_ERROR_OUT_OF_HOST_MEMORY; }));
}

TEST_F(Check, FaultsSkipCountAndEnd) {
  int made = 0;
  const auto call = [&] { return attempt("vkSomething", [&] { return ++made, VK_SUCCESS; }); };
  fault::inject("vkSomething", VK_ERROR_UNKNOWN, 2, 2);
  std::vector<VkResult> results;
  for (int i = 0; i < 6; ++i) results.push_back(call());
  EXPECT_EQ(results, (std::vector{VK_SUCCESS, VK_SUCCESS, VK_ERROR_UNKNOWN, VK_ERROR_UNKNOWN, VK_SUCCESS, VK_SUCCESS}));
  EXPECT_EQ(made, 4) << "a forced result stands instead of the call";
}

TEST_F(Check, FaultsAreByNameAndCanBeCleared) {
  fault::inject("vkOther", VK_ERROR_UNKNOWN);
  EXPECT_EQ(attempt("vkSomething", [] { return VK_SUCCESS; }), VK_SUCCESS);
  fault::clear();
  EXPECT_EQ(attempt("vkOther", [] { return VK_SUCCESS; }), VK_SUCCESS);
  EXPECT_FALSE(fault::armed);
}

}  // namespace
}  // namespace forge::vk
