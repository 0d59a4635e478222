#pragma once

#include <gtest/gtest.h>

#include <string>

#include "forge/core/error.hpp"

namespace forge::test {

/// The Error that a call must throw.
template <class Call>
Error error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorCode::INTERNAL, "nothing was thrown");
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace forge::test

#define EXPECT_CODE(wanted, ...)                                                 \
  do {                                                                           \
    const ::forge::Error error_ = ::forge::test::error_of([&] { __VA_ARGS__; }); \
    EXPECT_EQ(error_.code(), ::forge::ErrorCode::wanted) << error_.what();       \
  } while (false)

#define EXPECT_CONTAINS(text, part) EXPECT_PRED2(::forge::test::contains, text, part)
