#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "forge/core/error.hpp"

namespace forge::graphics {

/// Closes a stdio file; for std::unique_ptr.
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

/// A path as text for messages: UTF-8 stays, any other byte becomes \xNN (Python could not decode it).
std::string printable(const std::filesystem::path& path);

/// "'path' (remark)", for messages.
std::string quoted(const std::filesystem::path& path, std::string_view remark);

/// FILE_READ or FILE_WRITE with the system's words: "failed; expected ...; got 'path' (No such file or directory)".
Error file_error(ErrorCode code, std::string failed, std::string expected, const std::filesystem::path& path,
                 int error_number);

/// A file that takes its name only when it is whole: written beside its target, then renamed over it.
/// A link is followed; what is no regular file (a device, a pipe) is written in place.
class AtomicFile {
 public:
  /// `failed` opens the message of every error, as "failed to write PNG".
  AtomicFile(std::filesystem::path target, std::string_view failed);
  ~AtomicFile();  // without commit() nothing is left behind
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// False when the system refused, and then commit() throws why. Never throws: C libraries call it.
  bool write(const void* bytes, size_t size) noexcept;
  bool refused() const { return error_number_ != 0; }
  void commit();

 private:
  [[noreturn]] void fail(int error_number) const;
  void open_in_place();
  void open_beside(unsigned existing_mode, bool exists);

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty when written in place
  std::string failed_;
  FileHandle file_;
  int error_number_ = 0;
};

}  // namespace forge::graphics
