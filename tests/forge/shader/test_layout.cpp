// What a block looks like from NumPy, without a device.
#include "forge/shader/layout.hpp"

#include <gtest/gtest.h>

#include "forge/shader/kernel.hpp"
#include "forge/support/errors.hpp"
#include "glsl.hpp"

namespace forge::shader {
namespace {

Type vector_type(uint32_t rows) {
  Type type;
  type.kind = Type::Kind::vector;
  type.rows = rows;
  return type;
}

TEST(HostType, PaddingWidensTheAxisInsideIt) {
  Type scalar;
  scalar.array = {5};
  scalar.strides = {16};
  EXPECT_EQ(host_type(scalar).shape, (std::vector<int64_t>{5, 4}));
  Type vec3 = vector_type(3);
  vec3.array = {0};
  vec3.strides = {16};
  EXPECT_EQ(host_type(vec3).shape, (std::vector<int64_t>{0, 4}));
  Type mat3;
  mat3.kind = Type::Kind::matrix;
  mat3.rows = mat3.columns = 3;
  mat3.matrix_stride = 16;
  EXPECT_EQ(host_type(mat3).shape, (std::vector<int64_t>{3, 4}));
  mat3.matrix_stride = 12;
  EXPECT_EQ(host_type(mat3).shape, (std::vector<int64_t>{3, 3}));
}

TEST(HostType, RowMajorMatricesAreRows) {
  Type type;
  type.kind = Type::Kind::matrix;
  type.columns = 2;
  type.rows = 4;
  type.matrix_stride = 16;
  EXPECT_EQ(host_type(type).shape, (std::vector<int64_t>{2, 4}));
  type.row_major = true;
  type.matrix_stride = 8;
  EXPECT_EQ(host_type(type).shape, (std::vector<int64_t>{4, 2}));
}

TEST(HostType, StridesNumPyCannotSayAreRefused) {
  Type type = vector_type(2);
  type.array = {3};
  type.strides = {10};
  EXPECT_CODE(NOT_CONTIGUOUS, host_type(type));
  type.strides = {4};
  EXPECT_CODE(NOT_CONTIGUOUS, host_type(type));
}

TEST(HostType, ReadsAsNumPyWritesIt) {
  const Reflection r =
      reflect(compiled("struct P { vec2 at; uint kind; };\n"
                       "layout(binding = 0) buffer B { P p[]; };\n"
                       "void main() { p[0].kind = 1; }"));
  EXPECT_EQ(
      numpy_text(host_element(r.bindings.at(0).block)),
      "np.dtype({'names': ['at', 'kind'], 'formats': [('<f4', (2,)), '<u4'], 'offsets': [0, 8], 'itemsize': 16})");
}

TEST(CheckRecords, TheFirstFieldThatDiffersIsNamed) {
  Block block;
  block.members.push_back({"a", Type{}, 0, 4});
  block.members.push_back({"b", vector_type(3), 16, 12});
  block.size = 28;
  HostRecords given{host_type(block), {}};
  EXPECT_NO_THROW(check_records(block, given, "x", "h"));
  given.type.fields[1].offset = 4;
  EXPECT_CODE(NOT_CONTIGUOUS, check_records(block, given, "x", "h"));
  given.type.fields[1].type.dtype = DType::int32;
  EXPECT_CODE(BAD_DTYPE, check_records(block, given, "x", "h"));
  given.type.fields[0].name = "_pad";
  EXPECT_CODE(BAD_DTYPE, check_records(block, given, "x", "h"));
  given = {host_type(block), {2}};
  EXPECT_CODE(BAD_SHAPE, check_records(block, given, "x", "h"));
}

}  // namespace
}  // namespace forge::shader
