#include "forge/core/error.hpp"

namespace forge {

const std::vector<ErrorRow>& error_rows() {
  static const std::vector<ErrorRow> rows = {
#define FORGE_ERROR(code, python_class, meaning) {ErrorCode::code, #code, #python_class, meaning},
#include "forge/core/errors.def"
#undef FORGE_ERROR
  };
  return rows;
}

const ErrorRow& error_row(ErrorCode code) { return error_rows().at(static_cast<size_t>(code)); }

Error::Error(ErrorCode code, std::string failed, std::string expected, std::string got, std::string mend)
    : code_(code), message_(std::move(failed)) {
  if (!expected.empty()) details_.emplace_back("expected", expected), message_ += "; expected " + expected;
  if (!got.empty()) details_.emplace_back("got", got), message_ += "; got " + got;
  if (!mend.empty()) details_.emplace_back("mend", mend), message_ += "; " + mend;
}

Error&& Error::with(std::string key, std::string value) && {
  details_.emplace_back(std::move(key), std::move(value));
  return std::move(*this);
}

Error&& Error::with_result(int vk_result, std::string_view name) && {
  vk_result_ = vk_result;
  details_.emplace_back("vk_result", name);
  return std::move(*this);
}

void fail_assertion(const char* condition, std::source_location where) {
  throw Error(
      ErrorCode::INTERNAL,
      std::string("broken invariant (") + condition + ") at " + where.file_name() + ":" + std::to_string(where.line()),
      {}, {}, "please report this with the script that led here");
}

}  // namespace forge
