#include "forge/vk/vector_bits.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>

#include "forge/core/error.hpp"

namespace forge::vk {
namespace {

// Variables as they were before the test, when it ends.
class VectorBits : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"VULKAN_FORGE_CPU_VECTOR_BITS", "LP_NATIVE_VECTOR_WIDTH", "MESA_SHADER_CACHE_DIR"}) {
      const char* value = std::getenv(name);
      before_[name] = value ? std::optional<std::string>(value) : std::nullopt;
      unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_)
      if (value)
        setenv(name.c_str(), value->c_str(), 1);
      else
        unsetenv(name.c_str());
  }
  static void wish(const char* bits) { setenv("VULKAN_FORGE_CPU_VECTOR_BITS", bits, 1); }
  static std::string now(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "unset";
  }
  static bool is_wide_processor() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

TEST_F(VectorBits, NothingIsTouchedUnlessAsked) {
  choose_vector_bits();
  EXPECT_EQ(now("LP_NATIVE_VECTOR_WIDTH"), "unset");
  EXPECT_EQ(now("MESA_SHADER_CACHE_DIR"), "unset");
}

TEST_F(VectorBits, TheWideOnesAreKeptApart) {
  if (!is_wide_processor()) GTEST_SKIP() << "a processor without AVX-512";
  const std::string caches = testing::TempDir() + "forge_mesa_caches", own = caches + "/mesa-512-bits";
  setenv("MESA_SHADER_CACHE_DIR", caches.c_str(), 1);
  wish("512");
  choose_vector_bits();
  EXPECT_EQ(now("LP_NATIVE_VECTOR_WIDTH"), "512");
  EXPECT_EQ(now("MESA_SHADER_CACHE_DIR"), own);
  EXPECT_TRUE(std::filesystem::is_directory(own));
  choose_vector_bits();  // as in a child that inherits both
  EXPECT_EQ(now("MESA_SHADER_CACHE_DIR"), own);
  std::filesystem::remove_all(caches);
}

TEST_F(VectorBits, AChildMayGoBack) {
  setenv("LP_NATIVE_VECTOR_WIDTH", "512", 1);
  setenv("MESA_SHADER_CACHE_DIR", "/caches/mesa/mesa-512-bits", 1);
  wish("256");
  choose_vector_bits();
  EXPECT_EQ(now("LP_NATIVE_VECTOR_WIDTH"), "unset");
  EXPECT_EQ(now("MESA_SHADER_CACHE_DIR"), "/caches/mesa");
}

TEST_F(VectorBits, WithoutAvx512TheWishChangesNothing) {
  if (is_wide_processor()) GTEST_SKIP() << "a processor with AVX-512";
  wish("512");
  choose_vector_bits();
  EXPECT_EQ(now("LP_NATIVE_VECTOR_WIDTH"), "unset");
}

TEST_F(VectorBits, OtherWordsAreRefused) {
  for (const char* word : {"1024", "wide", " 512", "-256"}) {
    wish(word);
    try {
      choose_vector_bits();
      FAIL() << word;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("256 or 512"), std::string::npos);
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos);
    }
  }
}

AdapterInfo made_up(const std::string& driver, uint32_t lanes) {
  AdapterInfo info;
  info.driver = driver;
  info.limits.subgroup_size = lanes;
  return info;
}

TEST(Drawing, OnlyWideVectorsOfLlvmpipeFail) {
  EXPECT_FALSE(fails_at_drawing(made_up("llvmpipe Mesa 25.0.7 (LLVM 15.0.6)", 8)));
  EXPECT_FALSE(fails_at_drawing(made_up("llvmpipe Mesa 25.0.7 (LLVM 15.0.6)", 4)));
  EXPECT_FALSE(fails_at_drawing(made_up("NVIDIA 580.1", 32)));
  EXPECT_TRUE(fails_at_drawing(made_up("llvmpipe Mesa 25.0.7 (LLVM 15.0.6)", 16)));
}

}  // namespace
}  // namespace forge::vk
