#include "forge/core/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "forge/core/error.hpp"

namespace forge {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw Error(ErrorCode::FILE_READ, "a file cannot be mapped", "a regular file that may be read",
              "'" + path.string() + "' (" + why + ")");
}

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// Whole pages: the first and the last one for `inward` false, only those that lie inside otherwise.
void advise(std::span<const std::byte> part, int advice, bool inward) noexcept {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto begin = reinterpret_cast<uintptr_t>(part.data());
  uintptr_t end = begin + part.size();
  begin = (begin + (inward ? page - 1 : 0)) / page * page;
  end = (end + (inward ? 0 : page - 1)) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, advice);
}

}  // namespace

std::shared_ptr<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const Descriptor file(path);
  struct stat about{};
  if (file.number() < 0 || fstat(file.number(), &about) != 0) refuse(path, std::strerror(errno));
  if (!S_ISREG(about.st_mode)) refuse(path, "not a regular file");
  if (about.st_size <= 0) refuse(path, "empty");
  const auto size = static_cast<size_t>(about.st_size);
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (data == MAP_FAILED) refuse(path, std::strerror(errno));
  return std::shared_ptr<MappedFile>(new MappedFile(path, static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() { munmap(const_cast<std::byte*>(data_), size_); }

void MappedFile::will_need(std::span<const std::byte> part) const noexcept { advise(part, MADV_WILLNEED, false); }
void MappedFile::let_go(std::span<const std::byte> part) const noexcept { advise(part, MADV_DONTNEED, true); }

}  // namespace forge
