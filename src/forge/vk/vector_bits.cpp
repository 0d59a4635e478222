#include "forge/vk/vector_bits.hpp"

#include <cstdlib>
#include <filesystem>

#include "forge/core/error.hpp"
#include "forge/core/file_cache.hpp"

namespace forge::vk {

namespace {

namespace fs = std::filesystem;

constexpr const char* kWish = "VULKAN_FORGE_CPU_VECTOR_BITS";
constexpr const char* kMesaWidth = "LP_NATIVE_VECTOR_WIDTH";
constexpr const char* kMesaCache = "MESA_SHADER_CACHE_DIR";
constexpr const char* kUsual = "256";
constexpr const char* kWide = "512";
constexpr const char* kOwnFolder = "mesa-vectors-";
constexpr uint32_t kMostPixels = 8;  // that one fragment shader of llvmpipe can take at once

std::string value_of(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value ? value : "";
}

bool has_avx512() {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

void set(const char* name, const std::string& value) {
#if defined(_WIN32)
  _putenv_s(name, value.c_str());
#else
  setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
#endif
}

// A process that chose hands its folder to its children.
fs::path without_own_folder(const fs::path& cache) {
  return cache.filename().string().starts_with(kOwnFolder) ? cache.parent_path() : cache;
}

void choose_cache(const std::string& bits) {
  const fs::path given = value_of(kMesaCache), base = without_own_folder(given);
  if (bits == kUsual) {
    if (given != base) set(kMesaCache, base.string());
    return;
  }
  const fs::path folder = base.empty() ? user_cache_folder() : base;
  if (folder.empty())
    set("MESA_SHADER_CACHE_DISABLE", "true");
  else
    set(kMesaCache, (folder / (kOwnFolder + bits)).string());
}

}  // namespace

void choose_vector_bits() {
  const std::string bits = value_of(kWish);
  if (bits.empty()) return;
  if (bits != kUsual && bits != kWide)
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string("the environment variable ") + kWish, "256 or 512",
                "'" + bits + "'", "set one of them, or unset the variable");
  if (bits == kWide && !has_avx512()) return;
  set(kMesaWidth, bits);
  choose_cache(bits);
}

bool fails_at_drawing(const AdapterInfo& info) {
  return info.driver.starts_with("llvmpipe") && info.limits.subgroup_size > kMostPixels;
}

}  // namespace forge::vk
