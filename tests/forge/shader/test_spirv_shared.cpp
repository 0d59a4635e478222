#include "forge/shader/spirv_shared.hpp"

#include <gtest/gtest.h>

#include "forge/shader/compile.hpp"

namespace forge::shader {
namespace {

uint64_t shared_bytes(const std::string& declarations, const std::string& use) {
  const std::string source = "layout(local_size_x = 4) in;\nlayout(binding = 0) buffer X { float x[]; };\n" +
                             declarations + "void main() { " + use + " }";
  return reflect(compile(source, {})).shared_bytes;
}

TEST(SharedSize, CountsWhatGlslDeclares) {
  EXPECT_EQ(shared_bytes("", "x[0] = 1.0;"), 0u);
  EXPECT_EQ(shared_bytes("shared float a[100];\n", "a[0] = 1.0; x[0] = a[0];"), 400u);
  EXPECT_EQ(shared_bytes("shared vec3 a[10];\n", "a[0].x = 1.0; x[0] = a[0].x;"), 120u);
  EXPECT_EQ(shared_bytes("shared mat4 a; shared uint b[3][5];\n", "a[0][0] = 1.0; b[0][0] = 1u; x[0] = a[0][0];"),
            64u + 60u);
  EXPECT_EQ(
      shared_bytes("struct S { vec2 u; float v[2]; bool w; };\nshared S s[2];\n", "s[0].v[0] = 1.0; x[0] = s[0].v[0];"),
      40u);
}

TEST(SharedSize, SpecialisedExtentsCountByTheirDefaults) {
  EXPECT_EQ(
      shared_bytes("layout(constant_id = 0) const uint n = 16;\nshared float a[n];\n", "a[0] = 1.0; x[0] = a[0];"),
      64u);
}

TEST(SharedSize, SaturatesInsteadOfOverflowing) {
  const auto words = compile(
      "layout(local_size_x = 1) in;\nlayout(binding = 0) buffer X { float x[]; };\n"
      "shared float a[65535][65535][65535];\nvoid main() { a[0][0][0] = 1.0; x[0] = a[0][0][0]; }",
      {});
  EXPECT_EQ(reflect(words).shared_bytes, 0xFFFFFFFFu);
}

}  // namespace
}  // namespace forge::shader
