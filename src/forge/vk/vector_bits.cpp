#include "forge/vk/vector_bits.hpp"

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "forge/core/environment.hpp"
#include "forge/core/error.hpp"
#include "forge/core/file_cache.hpp"

namespace forge::vk {

namespace {

namespace fs = std::filesystem;

constexpr const char* kWish = "VULKAN_FORGE_CPU_VECTOR_BITS";
constexpr const char* kMesaWidth = "LP_NATIVE_VECTOR_WIDTH";
constexpr const char* kMesaCache = "MESA_SHADER_CACHE_DIR";
constexpr const char* kMesaOff = "MESA_SHADER_CACHE_DISABLE";
constexpr const char* kUsual = "256";
constexpr const char* kWide = "512";
constexpr const char* kOwnFolder = "mesa-512-bits";
constexpr std::pair kLastWide{25L, 0L};  // of Mesa: 25.2 and 26.1 smash their stack
constexpr uint32_t kMostPixels = 8;  // that one fragment shader of llvmpipe can take at once

bool has_avx512() {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

// Nothing is written that stands there already: other threads may be reading.
void set(const char* name, const std::string& value) {
  if (environment(name) == value) return;
#if defined(_WIN32)
  _putenv_s(name, value.c_str());
#else
  if (value.empty())
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  else
    setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
#endif
}

void go_wide() {
  set(kMesaWidth, kWide);
  const fs::path given = environment(kMesaCache), base = given.empty() ? user_cache_folder() : given;
  if (base.empty()) return set(kMesaOff, "true");
  if (base.filename() == kOwnFolder) return;  // a process that chose hands its folder to its children
  make_private_folder(base / kOwnFolder);  // Mesa makes one folder, older ones not those around it
  set(kMesaCache, (base / kOwnFolder).string());
}

// As if nobody had asked, in a child of a process that did.
void go_back() {
  set(kMesaWidth, {});
  const fs::path given = environment(kMesaCache);
  if (given.filename() == kOwnFolder)
    set(kMesaCache, given.parent_path() == user_cache_folder() ? std::string() : given.parent_path().string());
}

}  // namespace

void choose_vector_bits() {
  const std::string bits = environment(kWish);
  if (bits.empty()) return;
  if (bits != kUsual && bits != kWide)
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string("the environment variable ") + kWish, "256 or 512",
                "'" + bits + "'", "set one of them, or unset the variable");
  if (bits == kUsual) return go_back();
  if (has_avx512()) go_wide();
}

std::string fails_at_computing(const AdapterInfo& info) {
  constexpr std::string_view kMesa = "Mesa ";
  const size_t at = info.driver.find(kMesa);
  if (!fails_at_drawing(info) || at == std::string::npos) return {};
  char* end = nullptr;
  const long major = std::strtol(info.driver.c_str() + at + kMesa.size(), &end, 10);
  const long minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : 0;
  if (std::pair(major, minor) <= kLastWide) return {};
  return "Mesa " + std::to_string(major) + "." + std::to_string(minor) +
         " ends the process at some kernels with vectors of 512 bits (25.0 does not); unset " + kWish + " and " +
         kMesaWidth;
}

bool has_other_width() {
  const std::string bits = environment(kMesaWidth);
  return !bits.empty() && bits != kUsual;
}

bool compiles_alone(const AdapterInfo& info) { return info.driver.starts_with("llvmpipe") && has_other_width(); }

bool fails_at_drawing(const AdapterInfo& info) {
  return info.driver.starts_with("llvmpipe") && info.limits.subgroup_size > kMostPixels;
}

}  // namespace forge::vk
