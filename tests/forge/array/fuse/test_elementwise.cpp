#include "forge/array/fuse/elementwise.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "forge/support/errors.hpp"

namespace forge::array {
namespace {

// The standard's tables, rows and columns in this order; what mixes kinds beyond them is NumPy 2's.
TEST(Elementwise, DtypesArePromotedByTheStandardsTables) {
  using D = DType;
  const std::array whole{D::int8, D::int16, D::int32, D::int64};
  const std::array natural{D::uint8, D::uint16, D::uint32, D::uint64};
  for (size_t i = 0; i < 4; ++i)
    for (size_t j = 0; j < 4; ++j) {
      EXPECT_EQ(promote(whole[i], whole[j]), whole[std::max(i, j)]);
      EXPECT_EQ(promote(natural[i], natural[j]), natural[std::max(i, j)]);
      const DType mixed = i > j ? whole[i] : j == 3 ? D::float64 : whole[j + 1];
      EXPECT_EQ(promote(whole[i], natural[j]), mixed) << i << " " << j;
      EXPECT_EQ(promote(natural[j], whole[i]), mixed);
    }
  EXPECT_EQ(promote(D::float32, D::float64), D::float64);
  EXPECT_EQ(promote(D::float16, D::float32), D::float32);
  EXPECT_EQ(promote(D::int8, D::float16), D::float16);
  EXPECT_EQ(promote(D::uint16, D::float16), D::float32);
  EXPECT_EQ(promote(D::int32, D::float32), D::float64);
  EXPECT_EQ(promote(D::bool_, D::int8), D::int8);
  EXPECT_EQ(promote(D::bool_, D::bool_), D::bool_);
  EXPECT_EQ(promote(D::complex64, D::float32), D::complex64);
  EXPECT_EQ(promote(D::complex64, D::float64), D::complex128);
  EXPECT_EQ(promote(D::int64, D::complex64), D::complex128);
  EXPECT_EQ(promote(D::float16, D::complex64), D::complex64);
  for (const D other : {D::bool_, D::int8, D::uint8, D::bfloat16}) EXPECT_EQ(promote(D::bfloat16, other), D::bfloat16);
  for (const D other : {D::int16, D::uint16, D::float16, D::float32})
    EXPECT_EQ(promote(other, D::bfloat16), D::float32);
  for (const D other : {D::int32, D::uint64, D::float64}) EXPECT_EQ(promote(D::bfloat16, other), D::float64);
  EXPECT_EQ(promote(D::bfloat16, D::complex64), D::complex64);
}

TEST(Elementwise, RowsAreWholeAndNamedOnce) {
  std::set<std::string_view> names;
  for (const ElementwiseRow& row : elementwise_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(&row_of(row.op), &row);
    EXPECT_GE(row.operands, 1u);
    EXPECT_LE(row.operands, 3u);
    const auto texts = {row.for_float, row.for_integer, row.for_bool, row.for_complex};
    EXPECT_TRUE(std::any_of(texts.begin(), texts.end(), [](std::string_view t) { return !t.empty(); })) << row.name;
    for (const std::string_view text : texts) EXPECT_EQ(text.find("none"), text.npos) << row.name;
  }
}

TEST(Elementwise, TypesFollowTheRule) {
  const auto types = [](Elementwise op, std::initializer_list<DType> operands) {
    return types_of(row_of(op), std::span(operands.begin(), operands.size()));
  };
  EXPECT_EQ(types(Elementwise::add, {DType::int8, DType::uint8}).result, DType::int16);
  EXPECT_EQ(types(Elementwise::less, {DType::int8, DType::float32}).result, DType::bool_);
  EXPECT_EQ(types(Elementwise::less, {DType::int8, DType::float32}).computed, DType::float32);
  EXPECT_EQ(types(Elementwise::divide, {DType::int32, DType::int32}).result, DType::float64);
  EXPECT_EQ(types(Elementwise::where, {DType::bool_, DType::int8, DType::int32}).result, DType::int32);
  EXPECT_EQ(types(Elementwise::logical_not, {DType::float32}).result, DType::bool_);
  EXPECT_CODE(BAD_DTYPE, types(Elementwise::where, {DType::int32, DType::int8, DType::int32}));
  EXPECT_CODE(BAD_DTYPE, types(Elementwise::subtract, {DType::bool_, DType::bool_}));
  EXPECT_CODE(BAD_DTYPE, types(Elementwise::bitwise_and, {DType::float32, DType::int32}));
}

}  // namespace
}  // namespace forge::array
