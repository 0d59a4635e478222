#pragma once

#include <gtest/gtest.h>

#include <string>

#include "forge/core/error.hpp"

namespace forge::graphics {

/// The message of the Error that `call` throws, after checking its code.
template <class Call>
std::string message_of(ErrorCode code, const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline void expect_start(const std::string& text, const std::string& start) {
  EXPECT_EQ(text.substr(0, start.size()), start);
}

}  // namespace forge::graphics
