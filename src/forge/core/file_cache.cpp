#include "forge/core/file_cache.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <utility>

#ifndef FORGE_VERSION
#define FORGE_VERSION "dev"
#endif

namespace forge {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kEnding = ".vfc";
constexpr std::string_view kUnfinished = ".vfc-part";
constexpr std::array<char, 8> kMagic = {'v', 'f', 'c', 'a', 'c', 'h', 'e', '1'};

struct Header {
  std::array<char, 8> magic;
  uint64_t key_size;
  uint64_t value_size;
  uint64_t checksum;  // of the value
};

constexpr uint64_t kFnvStart = 0xcbf29ce484222325, kFnvPrime = 0x100000001b3;

uint64_t hash(std::string_view bytes, uint64_t start) {
  uint64_t h = start;
  for (unsigned char c : bytes) h = (h ^ c) * kFnvPrime;
  return h;
}

std::string hex(uint64_t number) {
  std::string text(16, '0');
  for (size_t i = 16; i-- > 0; number >>= 4) text[i] = "0123456789abcdef"[number & 15];
  return text;
}

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? fs::path(value) : fs::path();
}

// Where the system wants caches; empty where it does not say.
fs::path system_cache_folder() {
#if defined(_WIN32)
  return from_environment("LOCALAPPDATA");
#else
  const fs::path home = from_environment("HOME");
#if defined(__APPLE__)
  return home.is_absolute() ? home / "Library" / "Caches" : fs::path();
#else
  fs::path xdg = from_environment("XDG_CACHE_HOME");
  if (xdg.is_absolute()) return xdg;  // a relative one must be ignored, says its specification
  return home.is_absolute() ? home / ".cache" : fs::path();
#endif
#endif
}

bool has_ending(const fs::path& path, std::string_view ending) {
  const std::string name = path.filename().string();
  return name.ends_with(ending) && name.find_first_not_of("0123456789abcdef") == 32;  // 128 bits in hexadecimal
}

std::optional<std::string> read_value(const fs::path& path, std::string_view key) {
  if (!fs::is_regular_file(path)) return std::nullopt;  // opening a pipe would wait for ever
  std::ifstream stream(path, std::ios::binary);
  Header header{};
  if (!stream.read(reinterpret_cast<char*>(&header), sizeof header) || header.magic != kMagic) return std::nullopt;
  stream.seekg(0, std::ios::end);  // not by path: another process may have put a new file there meanwhile
  const uint64_t size = static_cast<uint64_t>(stream.tellg());
  stream.seekg(sizeof header);
  if (header.key_size != key.size() || size < sizeof header + key.size() ||
      header.value_size != size - sizeof header - key.size())
    return std::nullopt;
  std::string found(key.size(), '\0'), value(header.value_size, '\0');
  stream.read(found.data(), static_cast<std::streamsize>(found.size()));
  stream.read(value.data(), static_cast<std::streamsize>(value.size()));
  if (!stream || found != key || checksum(value) != header.checksum) return std::nullopt;
  return value;
}

// A file's time tells when it was of use last, give or take a day: a time written at each load would cost more than the
// load.
constexpr auto kKeptTime = std::chrono::hours(24);

void note_use(const fs::path& path) {
  std::error_code error;
  const auto now = fs::file_time_type::clock::now(), last = fs::last_write_time(path, error);
  if (!error && now - last > kKeptTime) fs::last_write_time(path, now, error);
}

// Looking at thousands of files takes as long as compiling a kernel.
bool one_in_64() { return std::random_device{}() % 64 == 0; }

// A name that no other thread or process writes to, forked ones included.
fs::path unfinished(const fs::path& path) {
  std::random_device random;
  const uint64_t number = uint64_t{random()} << 32 | random();
  fs::path name = path;
  return name.replace_extension("." + hex(number) + std::string(kUnfinished));
}

bool write_value(const fs::path& path, std::string_view key, std::string_view value) {
  const Header header{kMagic, key.size(), value.size(), checksum(value)};
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(reinterpret_cast<const char*>(&header), sizeof header);
  stream.write(key.data(), static_cast<std::streamsize>(key.size()));
  stream.write(value.data(), static_cast<std::streamsize>(value.size()));
  stream.close();  // a full disk may show only here
  return stream.good();
}

/// Calls visit(version, family, path) for each file of the cache.
template <class Visit>
void for_each_file(const fs::path& root, Visit visit) {
  std::error_code error;
  if (root.empty()) return;
  for (auto version = fs::directory_iterator(root, error); !error && version != fs::directory_iterator();
       version.increment(error)) {
    std::error_code inner;
    for (auto family = fs::directory_iterator(version->path(), inner); !inner && family != fs::directory_iterator();
         family.increment(inner)) {
      std::error_code innermost;
      for (auto file = fs::directory_iterator(family->path(), innermost);
           !innermost && file != fs::directory_iterator(); file.increment(innermost))
        if (has_ending(file->path(), kEnding) || has_ending(file->path(), kUnfinished))
          visit(version->path().filename().string(), family->path().filename().string(), file->path());
    }
  }
}

}  // namespace

// Eight bytes a step, since repacked weights are gigabytes; the rotation carries high bits down to the next step.
uint64_t checksum(std::string_view bytes) {
  uint64_t h = kFnvStart;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, 8);
    h = std::rotl((h ^ word) * kFnvPrime, 29);
  }
  return hash(bytes.substr(at), h) * kFnvPrime;
}

fs::path user_cache_folder() {
  if (const char* chosen = std::getenv("VULKAN_FORGE_CACHE_DIR")) {
    const std::string_view word = chosen;
    return word.empty() || word == "off" ? fs::path() : fs::path(word);
  }
  const fs::path base = system_cache_folder();
  return base.empty() ? base : base / "vulkan_forge";
}

void make_private_folder(const fs::path& folder) {
  std::error_code ignored;
  if (fs::create_directories(folder, ignored)) fs::permissions(folder, fs::perms::owner_all, ignored);
}

FileCache FileCache::open(std::string_view family) {
  const fs::path root = user_cache_folder();
  return FileCache(root.empty() ? root : root / FORGE_VERSION / family);
}

fs::path FileCache::file_of(std::string_view key) const {
  return folder_ / (hex(hash(key, kFnvStart)) + hex(checksum(key)) + std::string(kEnding));
}

std::optional<std::string> FileCache::load(std::string_view key) const noexcept {
  try {
    if (folder_.empty()) return std::nullopt;
    const fs::path path = file_of(key);
    auto value = read_value(path, key);
    if (value) note_use(path);
    return value;
  } catch (...) {
    return std::nullopt;
  }
}

bool FileCache::store(std::string_view key, std::string_view bytes) const noexcept {
  try {
    if (folder_.empty()) return false;
    make_private_folder(folder_);
    const fs::path path = file_of(key), part = unfinished(path);
    std::error_code error;
    bool stored = write_value(part, key, bytes);
    if (stored) fs::rename(part, path, error);
    stored = stored && !error;
    if (!stored) fs::remove(part, error);
    if (stored && one_in_64()) trim();
    return stored;
  } catch (...) {
    return false;
  }
}

uint64_t FileCache::trim(uint64_t most) const noexcept {
  struct File {
    fs::file_time_type used;
    uint64_t bytes;
    fs::path path;
  };
  uint64_t removed = 0;
  try {
    if (folder_.empty()) return 0;
    std::vector<File> files;
    uint64_t bytes = 0;
    const auto now = fs::file_time_type::clock::now();
    for_each_file(folder_.parent_path().parent_path(), [&](const auto&, const std::string& family, const auto& path) {
      if (family != folder_.filename()) return;
      std::error_code no_time, no_size, error;
      const File file{fs::last_write_time(path, no_time), fs::file_size(path, no_size), path};
      if (no_time || no_size) return;  // another process may be removing it
      if (has_ending(path, kUnfinished)) {
        if (now - file.used > kKeptTime) removed += fs::remove(path, error);
        return;
      }
      bytes += file.bytes;
      files.push_back(file);
    });
    std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
    for (const File& file : files) {
      if (bytes <= most) break;
      std::error_code error;
      removed += fs::remove(file.path, error);
      bytes -= file.bytes;
    }
    return removed;
  } catch (...) {
    return removed;  // a cache is no reason to fail
  }
}

std::vector<CacheUse> cache_use() {
  std::map<std::pair<std::string, std::string>, CacheUse> uses;
  for_each_file(user_cache_folder(), [&](const std::string& version, const std::string& family, const fs::path& path) {
    CacheUse& use = uses[{version, family}];
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    use = {version, family, use.files + 1, use.bytes + (error ? 0 : size)};
  });
  std::vector<CacheUse> list;
  list.reserve(uses.size());
  for (auto& [key, use] : uses) list.push_back(std::move(use));
  return list;
}

uint64_t clear_cache(std::string_view family) {
  std::vector<fs::path> files;
  for_each_file(user_cache_folder(), [&](const std::string&, const std::string& name, const fs::path& path) {
    if (family.empty() || name == family) files.push_back(path);
  });
  return static_cast<uint64_t>(std::count_if(files.begin(), files.end(), [](const fs::path& path) {
    std::error_code error;
    return fs::remove(path, error);
  }));
}

}  // namespace forge
