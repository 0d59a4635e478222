// Single arguments without a device: what arrives in the bytes, and what is refused.
#include <cmath>
#include <cstring>
#include <limits>

#include "forge/shader/kernel.hpp"
#include "forge/support/errors.hpp"
#include "forge/support/kernels.hpp"
#include "glsl.hpp"

namespace forge::shader {
namespace {

using test::number;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
T packed(const Number& value, Scalar scalar) {
  std::byte bytes[8]{};
  pack_number(value, scalar, bytes, "x");
  T out;
  std::memcpy(&out, bytes, sizeof out);
  return out;
}

ErrorCode refused(const Number& value, Scalar scalar) {
  std::byte bytes[8]{};
  return test::error_of([&] { pack_number(value, scalar, bytes, "alpha"); }).code();
}

struct Range {
  Scalar scalar;
  int64_t low;
  uint64_t high;
};
constexpr Range kRanges[] = {{Scalar::i8, INT8_MIN, INT8_MAX},    {Scalar::u8, 0, UINT8_MAX},
                             {Scalar::i16, INT16_MIN, INT16_MAX}, {Scalar::u16, 0, UINT16_MAX},
                             {Scalar::i32, INT32_MIN, INT32_MAX}, {Scalar::u32, 0, UINT32_MAX},
                             {Scalar::i64, INT64_MIN, INT64_MAX}, {Scalar::u64, 0, UINT64_MAX}};

TEST(PackNumber, IntegersReachBothEndsAndNoFurther) {
  for (const Range& range : kRanges) {
    const uint64_t mask = size_of(range.scalar) == 8 ? ~0ULL : (1ULL << 8 * size_of(range.scalar)) - 1;
    EXPECT_EQ(packed<uint64_t>(number(range.low), range.scalar), static_cast<uint64_t>(range.low) & mask);
    EXPECT_EQ(packed<uint64_t>(number(range.high), range.scalar), range.high);
    if (range.low > INT64_MIN) {
      EXPECT_EQ(refused(number(range.low - 1), range.scalar), ErrorCode::INVALID_ARGUMENT) << name_of(range.scalar);
    }
    if (range.high < UINT64_MAX) {
      EXPECT_EQ(refused(number(range.high + 1), range.scalar), ErrorCode::INVALID_ARGUMENT) << name_of(range.scalar);
    }
    EXPECT_EQ(refused(number(1.0), range.scalar), ErrorCode::BAD_TYPE) << "a float is no integer";
    if (range.scalar == Scalar::u32) continue;  // what GLSL's bool is in every block
    EXPECT_EQ(refused(number(true), range.scalar), ErrorCode::BAD_TYPE) << "a bool is no number";
  }
}

TEST(PackNumber, BoolsAreWordsAndNothingElseIsABool) {
  EXPECT_EQ(packed<uint32_t>(number(true), Scalar::u32), 1u);
  EXPECT_EQ(packed<uint32_t>(number(true), Scalar::boolean), 1u);
  EXPECT_EQ(packed<uint32_t>(number(false), Scalar::boolean), 0u);
  EXPECT_EQ(refused(number(1), Scalar::boolean), ErrorCode::BAD_TYPE);
  EXPECT_EQ(refused(number(1.0), Scalar::boolean), ErrorCode::BAD_TYPE);
}

TEST(PackNumber, FloatsTakeIntegersAndKeepWhatTheyCan) {
  EXPECT_EQ(packed<float>(number(3), Scalar::f32), 3.0f);
  EXPECT_EQ(packed<double>(number(0.1), Scalar::f64), 0.1);
  EXPECT_EQ(packed<float>(number(0.1), Scalar::f32), 0.1f);
  EXPECT_EQ(packed<double>(number(UINT64_MAX), Scalar::f64), 18446744073709551616.0);
  EXPECT_EQ(packed<float>(number(-kInfinity), Scalar::f32), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(packed<float>(number(std::nan("")), Scalar::f32)));
  EXPECT_EQ(refused(number(1e39), Scalar::f32), ErrorCode::INVALID_ARGUMENT);
  EXPECT_EQ(packed<float>(number(3.4028234e38), Scalar::f32), 3.4028234e38f);
  EXPECT_EQ(refused(number(false), Scalar::f32), ErrorCode::BAD_TYPE);
}

double half_value(uint16_t bits) {  // straight from the definition
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double size = exponent == 31  ? (mantissa ? std::nan("") : kInfinity)
                      : exponent == 0 ? std::ldexp(mantissa, -24)
                                      : std::ldexp(1024 + mantissa, exponent - 25);
  return bits & 0x8000 ? -size : size;
}

TEST(PackNumber, EveryHalfComesBack) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const double value = half_value(static_cast<uint16_t>(bits));
    const auto got = packed<uint16_t>(number(value), Scalar::f16);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(half_value(got))) << bits;
    } else {
      ASSERT_EQ(got, bits);
    }
  }
}

TEST(PackNumber, HalvesRoundToTheNearestAndTiesToEven) {
  for (uint32_t bits = 0; bits < 0x7BFF; ++bits) {
    const double low = half_value(static_cast<uint16_t>(bits)), high = half_value(static_cast<uint16_t>(bits + 1));
    const double middle = (low + high) / 2;
    ASSERT_EQ(packed<uint16_t>(number(middle), Scalar::f16), bits % 2 ? bits + 1 : bits) << "a tie";
    ASSERT_EQ(packed<uint16_t>(number(std::nextafter(middle, low)), Scalar::f16), bits) << "by one bit of a double";
    ASSERT_EQ(packed<uint16_t>(number(std::nextafter(middle, high)), Scalar::f16), bits + 1);
  }
  EXPECT_EQ(packed<uint16_t>(number(65519.999), Scalar::f16), 0x7BFF) << "as NumPy rounds it";
  EXPECT_EQ(refused(number(65520.0), Scalar::f16), ErrorCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused(number(-1e6), Scalar::f16), ErrorCode::INVALID_ARGUMENT);
  EXPECT_EQ(packed<uint16_t>(number(-1e-30), Scalar::f16), 0x8000) << "a negative zero";
}

// The one push constant of a shader.
Member push_member(const std::string& declaration, const std::string& layout = "std430") {
  return reflected(
             "#extension GL_EXT_scalar_block_layout : require\n"
             "layout(binding = 0) buffer O { uint o; };\n"
             "layout(push_constant, " +
             layout + ") uniform P { " + declaration +
             "; } p;\n"
             "void main() { o = 1; }")
      .push->members.at(0);
}

std::vector<float> pushed(const std::string& declaration, const NumbersArgument& argument,
                          const std::string& layout = "std430") {
  std::vector<float> words(32, -1);
  pack_numbers(push_member(declaration, layout), argument, reinterpret_cast<std::byte*>(words.data()), "m");
  while (!words.empty() && words.back() == -1) words.pop_back();
  return words;
}

NumbersArgument shaped(const Dims& shape) {
  NumbersArgument numbers{{}, shape};
  for (int i = 0; i < element_count(shape); ++i) numbers.values.push_back(number(i));
  return numbers;
}

NumbersArgument counted(int64_t count) { return shaped({count}); }

using Floats = std::vector<float>;

TEST(PackNumbers, VectorsAndArraysFollowTheLayout) {
  EXPECT_EQ(pushed("vec3 m", counted(3)), (Floats{0, 1, 2}));
  EXPECT_EQ(pushed("float m[3]", counted(3)), (Floats{0, 1, 2}));
  EXPECT_EQ(pushed("float m[1]", counted(1)), (Floats{0}));
  EXPECT_EQ(pushed("float m[2]", counted(2), "std140"), (Floats{0, -1, -1, -1, 1}));
  EXPECT_EQ(pushed("vec3 m[2]", counted(6)), (Floats{0, 1, 2, -1, 3, 4, 5}));
  EXPECT_EQ(pushed("vec3 m[2]", counted(6), "scalar"), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(pushed("float m[2][3]", counted(6)), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(pushed("float m[2][2]", counted(4), "std140"), (Floats{0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3}));
}

TEST(PackNumbers, MatricesGoColumnByColumn) {
  EXPECT_EQ(pushed("mat2 m", counted(4)), (Floats{0, 1, 2, 3}));
  EXPECT_EQ(pushed("mat3 m", counted(9)), (Floats{0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8}));
  EXPECT_EQ(pushed("mat3 m", counted(9), "scalar"), (Floats{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(pushed("mat2x3 m", counted(6)), (Floats{0, 1, 2, -1, 3, 4, 5})) << "two columns of three";
  EXPECT_EQ(pushed("mat2 m[2]", counted(8)), (Floats{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(pushed("layout(row_major) mat2 m", counted(4)), (Floats{0, 2, 1, 3}));
  EXPECT_EQ(pushed("layout(row_major) mat3x2 m", counted(6)), (Floats{0, 2, 4, -1, 1, 3, 5})) << "two rows of three";
}

TEST(PackNumbers, ShapesAreNumPysWithMatricesRowByRow) {
  EXPECT_EQ(pushed("vec2 m[3]", shaped({3, 2})), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(pushed("float m[2][3]", shaped({2, 3})), (Floats{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(pushed("mat2 m", shaped({2, 2})), (Floats{0, 2, 1, 3}));
  EXPECT_EQ(pushed("layout(row_major) mat2 m", shaped({2, 2})), (Floats{0, 1, 2, 3}));
  EXPECT_EQ(pushed("mat2x3 m", shaped({3, 2})), (Floats{0, 2, 4, -1, 1, 3, 5})) << "two columns of three";
  EXPECT_EQ(pushed("mat2 m[2]", shaped({2, 2, 2})), (Floats{0, 2, 1, 3, 4, 6, 5, 7}));
}

TEST(PackNumbers, OtherShapesOfAsManyNumbersAreRefused) {
  const auto refused = [](const std::string& declaration, const Dims& shape) {
    return test::error_of([&] { pushed(declaration, shaped(shape)); }).code() == ErrorCode::BAD_SHAPE;
  };
  EXPECT_TRUE(refused("mat2x3 m", {2, 3}));
  EXPECT_TRUE(refused("vec2 m[3]", {2, 3}));
  EXPECT_TRUE(refused("float m[6]", {2, 3}));
  EXPECT_TRUE(refused("vec4 m", {2, 2}));
  EXPECT_TRUE(refused("vec3 m", {3, 1}));
  EXPECT_TRUE(refused("float m", {1, 1}));
}

TEST(PackNumbers, CountsAndKindsMustFit) {
  const auto code = [](const std::string& declaration, const NumbersArgument& argument) {
    return test::error_of([&] { pushed(declaration, argument); }).code();
  };
  EXPECT_EQ(code("vec3 m", counted(2)), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(code("vec3 m", counted(4)), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(code("vec3 m", {{number(1)}, {}}), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(code("float m", counted(1)), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(code("float m[1]", {{number(1)}, {}}), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(code("mat4 m", counted(15)), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(code("ivec2 m", {{number(1), number(1.5)}, {2}}), ErrorCode::BAD_TYPE);
}

// The one storage block of a shader.
Block block_of(const std::string& members, const std::string& layout = "std430") {
  return reflected(
             "#extension GL_EXT_scalar_block_layout : require\n"
             "#extension GL_EXT_shader_explicit_arithmetic_types : require\n"
             "#extension GL_EXT_shader_16bit_storage : require\n"
             "#extension GL_EXT_shader_8bit_storage : require\n"
             "struct Pair { float a; uint b; };\n"
             "layout(binding = 1) buffer O { uint o; };\n"
             "layout(binding = 0, " +
             layout + ") buffer B { " + members + "; };\nvoid main() { o = 1; }")
      .bindings.at(0)
      .block;
}

ErrorCode checked(const std::string& members, DType dtype, const Dims& shape, const std::string& layout = "std430") {
  try {
    check_elements(block_of(members, layout), dtype, shape, "x");
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::INTERNAL;  // nothing to complain about
}
constexpr ErrorCode kFine = ErrorCode::INTERNAL;

TEST(CheckElements, EveryDtypeFitsItsTypeAlone) {
  const std::pair<const char*, DType> rows[] = {
      {"int8_t x[]", DType::int8},     {"uint8_t x[]", DType::uint8},   {"int16_t x[]", DType::int16},
      {"uint16_t x[]", DType::uint16}, {"int x[]", DType::int32},       {"uint x[]", DType::uint32},
      {"int64_t x[]", DType::int64},   {"uint64_t x[]", DType::uint64}, {"float16_t x[]", DType::float16},
      {"float x[]", DType::float32},   {"double x[]", DType::float64}};
  for (const auto& [members, wanted] : rows)
    for (const DTypeRow& row : dtype_rows()) {
      const bool fits = row.dtype == wanted || (row.dtype == DType::bool_ && wanted == DType::uint8);
      EXPECT_EQ(checked(members, row.dtype, {4}), fits ? kFine : ErrorCode::BAD_DTYPE) << members << " " << row.name;
    }
}

TEST(CheckElements, VectorsTakeWholeElementsAndComplexNumbers) {
  EXPECT_EQ(checked("vec4 x[]", DType::float32, {3, 4}), kFine);
  EXPECT_EQ(checked("vec4 x[]", DType::float32, {6}), ErrorCode::BAD_SHAPE);
  EXPECT_EQ(checked("vec2 x[]", DType::complex64, {5}), kFine);
  EXPECT_EQ(checked("dvec2 x[]", DType::complex128, {5}), kFine);
  EXPECT_EQ(checked("vec2 x[]", DType::complex128, {5}), ErrorCode::BAD_DTYPE);
  EXPECT_EQ(checked("float x[]", DType::complex64, {5}), ErrorCode::BAD_DTYPE);
}

TEST(CheckElements, PaddingIsRefusedWhereNumPyHasNone) {
  EXPECT_EQ(checked("vec3 x[]", DType::float32, {2, 3}), ErrorCode::NOT_CONTIGUOUS);
  EXPECT_EQ(checked("vec3 x[]", DType::float32, {2, 3}, "scalar"), kFine);
  EXPECT_EQ(checked("float x[4]", DType::float32, {5}, "std140"), ErrorCode::NOT_CONTIGUOUS);
  EXPECT_EQ(checked("mat3 x[]", DType::float32, {2, 3, 3}), ErrorCode::NOT_CONTIGUOUS);
  EXPECT_EQ(checked("mat3 x", DType::float32, {2, 3, 3}), ErrorCode::NOT_CONTIGUOUS) << "columns are padded";
  EXPECT_EQ(checked("mat3 x", DType::float32, {3, 3}, "scalar"), kFine);
  EXPECT_EQ(checked("mat4 x[]", DType::float32, {5, 4, 4}), kFine);
  EXPECT_EQ(checked("mat4x2 x", DType::float32, {4, 2}), kFine);
}

TEST(CheckElements, StructuresWantRawBytes) {
  EXPECT_EQ(checked("Pair x[]", DType::float32, {4}), ErrorCode::BAD_DTYPE);
  EXPECT_EQ(checked("uint count; float x[]", DType::float32, {4}), ErrorCode::BAD_DTYPE);
}

}  // namespace
}  // namespace forge::shader
