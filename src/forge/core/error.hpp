#pragma once

#include <exception>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forge {

enum class ErrorCode {
#define FORGE_ERROR(code, python_class, meaning) code,
#include "forge/core/errors.def"
#undef FORGE_ERROR
};

struct ErrorRow {
  ErrorCode code;
  std::string_view name;
  std::string_view python_class;
  std::string_view meaning;
};

/// Every row of errors.def, in order.
const std::vector<ErrorRow>& error_rows();
const ErrorRow& error_row(ErrorCode code);

/// A failure as a value: what failed; expected; got; how to mend it. Empty parts are left out of the message.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string failed, std::string expected = {}, std::string got = {}, std::string mend = {});

  /// Adds a machine-readable detail, for `.details` in Python.
  Error&& with(std::string key, std::string value) &&;
  Error&& with_result(int vk_result, std::string_view name) &&;

  const char* what() const noexcept override { return message_.c_str(); }
  ErrorCode code() const { return code_; }
  int vk_result() const { return vk_result_; }  // 0: no Vulkan call was involved
  const std::vector<std::pair<std::string, std::string>>& details() const { return details_; }

 private:
  ErrorCode code_;
  int vk_result_ = 0;
  std::string message_;
  std::vector<std::pair<std::string, std::string>> details_;
};

[[noreturn]] void fail_assertion(const char* condition, std::source_location where);

}  // namespace forge

/// For our own mistakes, in every build: a wrong picture or number is worse than the cost of a branch.
#define FORGE_ASSERT(condition) \
  ((condition) ? void() : ::forge::fail_assertion(#condition, std::source_location::current()))
