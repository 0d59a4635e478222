#include "forge/graphics/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

namespace forge::graphics {

namespace {

constexpr size_t kBufferBytes = 1 << 16;
constexpr int kMostLinks = 40;  // as the kernel has it

/// Bytes of the UTF-8 sequence that starts here; 0 where none does.
size_t sequence_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool beyond = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || beyond ? 0 : length;
}

/// Short and unlike the target's name, which may already be as long as a name can be.
std::filesystem::path temporary_name() {
  static std::atomic<unsigned> counter{0};
  return ".vf-" + std::to_string(getpid()) + "-" + std::to_string(counter++) + ".tmp";
}

}  // namespace

std::string printable(const std::filesystem::path& path) {
  constexpr char digits[] = "0123456789abcdef";
  std::string_view rest = path.native();
  std::string text;
  while (!rest.empty()) {
    const size_t length = sequence_length(rest);
    const auto byte = static_cast<unsigned char>(rest[0]);
    if (length)
      text += rest.substr(0, length);
    else
      text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    rest.remove_prefix(length ? length : 1);
  }
  return text;
}

std::string quoted(const std::filesystem::path& path, std::string_view remark) {
  std::string text = "'";
  text.append(printable(path)).append("' (").append(remark).append(")");
  return text;
}

Error file_error(ErrorCode code, std::string failed, std::string expected, const std::filesystem::path& path,
                 int error_number) {
  return Error(code, std::move(failed), std::move(expected),
               quoted(path, std::generic_category().message(error_number)))
      .with("path", printable(path))
      .with("errno", std::to_string(error_number));
}

AtomicFile::AtomicFile(std::filesystem::path target, std::string_view failed)
    : target_(std::move(target)), failed_(failed) {
  struct stat status{};
  const bool exists = ::stat(target_.c_str(), &status) == 0;
  if (!exists && errno != ENOENT) fail(errno);
  if (exists && S_ISDIR(status.st_mode)) fail(EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    open_in_place();
    return;
  }
  // a rename would also replace a file that its owner has protected
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail(errno);
  std::error_code ignored;
  for (int i = 0; i < kMostLinks && std::filesystem::is_symlink(target_, ignored); ++i)
    target_ = target_.parent_path() / std::filesystem::read_symlink(target_, ignored);
  open_beside(status.st_mode, exists);
}

AtomicFile::~AtomicFile() {
  file_.reset();
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(int error_number) const {
  throw file_error(ErrorCode::FILE_WRITE, failed_, "a path that can be written", target_, error_number);
}

void AtomicFile::open_in_place() {
  file_.reset(std::fopen(target_.c_str(), "wbe"));
  if (!file_) fail(errno);
}

void AtomicFile::open_beside(unsigned existing_mode, bool exists) {
  int descriptor = -1;
  do {  // a name left behind by a process that was killed is passed over
    temporary_ = target_.parent_path() / temporary_name();
    descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EEXIST);
  const int opening = errno;
  if (descriptor >= 0) file_.reset(::fdopen(descriptor, "wb"));
  if (!file_) {
    if (descriptor >= 0) ::close(descriptor), ::unlink(temporary_.c_str());
    fail(opening);
  }
  // keeping the mode is a courtesy: a file system without modes is no reason to fail
  if (exists && ::fchmod(descriptor, existing_mode & 07777) != 0) errno = 0;
  std::setvbuf(file_.get(), nullptr, _IOFBF, kBufferBytes);
}

bool AtomicFile::write(const void* bytes, size_t size) noexcept {
  if (error_number_ == 0 && std::fwrite(bytes, 1, size, file_.get()) != size) error_number_ = errno ? errno : EIO;
  return error_number_ == 0;
}

void AtomicFile::commit() {
  // close reports what a delayed write could not do
  if (std::fclose(file_.release()) != 0 && error_number_ == 0) error_number_ = errno;
  if (error_number_ != 0) fail(error_number_);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
}

}  // namespace forge::graphics
