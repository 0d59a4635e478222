#include "forge/core/dtype.hpp"

#include <gtest/gtest.h>

#include <string>

namespace forge {
namespace {

TEST(DType, RowsAgreeWithThemselves) {
  for (const DTypeRow& row : dtype_rows()) {
    EXPECT_EQ(dtype_row(row.dtype).name, row.name);
    EXPECT_EQ(find_dtype(row.kind, row.size), row.dtype) << row.name;
    EXPECT_EQ(size_of(row.dtype), row.size);
    EXPECT_EQ(row.numpy.substr(1), std::string(1, row.kind) + std::to_string(row.size)) << row.name;
    EXPECT_EQ(row.numpy[0], row.size == 1 ? '|' : '<') << row.name;
  }
  EXPECT_EQ(dtype_rows().size(), 14u);
  EXPECT_EQ(name_of(DType::bool_), "bool") << "NumPy's own name";
  EXPECT_EQ(name_of(DType::float16), "float16");
}

TEST(DType, WhatNumPyHasAndWeDoNotIsNotFound) {
  EXPECT_EQ(find_dtype('f', 16), std::nullopt);
  EXPECT_EQ(find_dtype('c', 4), std::nullopt);
  EXPECT_EQ(find_dtype('U', 4), std::nullopt);
  EXPECT_EQ(find_dtype('b', 2), std::nullopt);
}

}  // namespace
}  // namespace forge
