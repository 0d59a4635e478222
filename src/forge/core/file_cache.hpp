#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Results kept between processes: SPIR-V, pipelines, tuning, repacked weights.
namespace forge {

/// VULKAN_FORGE_CACHE_DIR, else the system's place for caches. Empty: nothing is kept (the variable is "" or "off", or
/// there is no home).
std::filesystem::path user_cache_folder();

/// Makes a folder and those around it, for the owner alone: others must not be able to plant code for the device there.
void make_private_folder(const std::filesystem::path& folder);

/// Values of one family by key. A key is a full text and is compared on load, so a file that is damaged, foreign or of
/// another key with the same hash is a miss. Safe with several processes: files appear whole, by rename.
class FileCache {
 public:
  /// The family's folder for this version of the library; it is made at the first store.
  static FileCache open(std::string_view family);

  std::optional<std::string> load(std::string_view key) const noexcept;

  /// False where the value could not be kept (full disk, read-only folder, no home): a cache is no reason to fail.
  /// Now and then it trims the family.
  bool store(std::string_view key, std::string_view bytes) const noexcept;

  /// Removes what was not read for the longest time, of every version, until the family takes `most` bytes at most; and
  /// what interrupted processes left half written. Returns how many files went.
  uint64_t trim(uint64_t most = kMostBytes) const noexcept;

  static constexpr uint64_t kMostBytes = 256 << 20;  // some 20,000 kernels

  std::filesystem::path folder() const { return folder_; }  // empty: nothing is kept

 private:
  explicit FileCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path file_of(std::string_view key) const;

  std::filesystem::path folder_;
};

/// A number for bytes, eight at a step: it tells contents apart where a mistake costs little, and is no proof.
uint64_t checksum(std::string_view bytes);

/// What one family of one version takes on disk.
struct CacheUse {
  std::string version;
  std::string family;
  uint64_t files = 0;
  uint64_t bytes = 0;
};

/// Every family of every version, sorted.
std::vector<CacheUse> cache_use();

/// Removes the files of a family (empty: of all) of every version; returns how many. Files that are not the cache's stay.
uint64_t clear_cache(std::string_view family = {});

}  // namespace forge
