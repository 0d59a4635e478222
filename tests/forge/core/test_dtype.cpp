#include "forge/core/dtype.hpp"

#include <gtest/gtest.h>

#include <string>

#include "forge/core/error.hpp"

namespace forge {
namespace {

TEST(DType, RowsAgreeWithThemselves) {
  for (const DTypeRow& row : dtype_rows()) {
    EXPECT_EQ(dtype_row(row.dtype).name, row.name);
    EXPECT_EQ(size_of(row.dtype), row.size);
    if (row.dtype == DType::bfloat16) continue;  // NumPy has no letter for it
    EXPECT_EQ(find_dtype(row.kind, row.size), row.dtype) << row.name;
    EXPECT_EQ(row.numpy.substr(1), std::string(1, row.kind) + std::to_string(row.size)) << row.name;
    EXPECT_EQ(row.numpy[0], row.size == 1 ? '|' : '<') << row.name;
  }
  EXPECT_EQ(dtype_rows().size(), 15u);
  EXPECT_EQ(name_of(DType::bool_), "bool") << "NumPy's own name";
  EXPECT_EQ(name_of(DType::float16), "float16");
}

TEST(DType, WhatNumPyHasAndWeDoNotIsNotFound) {
  EXPECT_EQ(find_dtype('f', 16), std::nullopt);
  EXPECT_EQ(find_dtype('c', 4), std::nullopt);
  EXPECT_EQ(find_dtype('U', 4), std::nullopt);
  EXPECT_EQ(find_dtype('b', 2), std::nullopt);
}

TEST(DType, Bfloat16IsKnownByNameAlone) {
  EXPECT_EQ(find_dtype('f', 2), DType::float16);
  EXPECT_TRUE(is_short_float(DType::bfloat16) && is_short_float(DType::float16) && !is_short_float(DType::float32));
  EXPECT_NO_THROW(check_computes(DType::float16));
  EXPECT_THROW(check_computes(DType::bfloat16), Error);
}

}  // namespace
}  // namespace forge
