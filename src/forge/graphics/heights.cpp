#include "forge/graphics/heights.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <string>

#include "forge/core/error.hpp"
#include "forge/graphics/text.hpp"

namespace forge::graphics {

namespace {

constexpr size_t kSumBlock = 4096;        // sums of sums: rounding grows with blocks, not with elements
constexpr float kLeastRange = 1e-5f;

[[noreturn]] void refuse(const char* failed, std::string got, std::string expected = {}) {
  throw Error(ErrorCode::INVALID_ARGUMENT, failed, std::move(expected), std::move(got));
}

/// Sum of `term` over all heights that are not holes.
template <class T, class Term>
double sum(std::span<const T> heights, const Term& term) {
  double total = 0;
  for (size_t start = 0; start < heights.size(); start += kSumBlock) {
    double part = 0;
    for (T height : heights.subspan(start, std::min(kSumBlock, heights.size() - start)))
      part += std::isfinite(height) ? term(static_cast<double>(height)) : 0.0;
    total += part;
  }
  return total;
}

template <class T>
HeightStats statistics_of(std::span<const T> heights) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  HeightStats stats{infinity, -infinity, 0, 0};
  const double count = sum(heights, [&](double height) {
    stats.min = std::min(stats.min, height);
    stats.max = std::max(stats.max, height);
    return 1.0;
  });
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (count == 0) return {nan, nan, nan, nan};
  if (stats.min == stats.max) return {stats.min, stats.max, stats.min, 0};  // exact, however many there are
  stats.mean = sum(heights, [&](double height) { return height / count; });
  stats.std =
      std::sqrt(sum(heights, [&](double height) { return (height - stats.mean) * (height - stats.mean) / count; }));
  return stats;
}

void check_eps(double eps) {
  if (!(std::isfinite(eps) && eps >= 0)) refuse("eps must be finite and >= 0", text(eps));
}

}  // namespace

HeightStats height_statistics(std::span<const float> heights) { return statistics_of(heights); }
HeightStats height_statistics(std::span<const double> heights) { return statistics_of(heights); }

HeightRange percentile_range(std::span<const float> heights) {
  std::vector<float> sorted;
  sorted.reserve(heights.size());
  std::copy_if(heights.begin(), heights.end(), std::back_inserter(sorted), [](float h) { return std::isfinite(h); });
  if (sorted.empty()) return {};
  const auto at = [&](double share) {
    return sorted.begin() + static_cast<ptrdiff_t>(static_cast<double>(sorted.size()) * share);
  };
  const auto low = at(0.01), high = at(0.99);
  std::nth_element(sorted.begin(), low, sorted.end());
  const float lowest = *low;  // the next call moves it
  std::nth_element(low, high, sorted.end());
  HeightRange range{lowest, *high};
  if (range.high - range.low < kLeastRange) range.high = range.low + kLeastRange;
  // far from zero a float's steps are wider than that
  while (range.high - range.low < kLeastRange)
    range.high = std::nextafter(range.high, std::numeric_limits<float>::infinity());
  return range;
}

HeightRange checked_range(double min, double max) {
  const HeightRange range{static_cast<float>(min), static_cast<float>(max)};
  const std::string got = tuple_text(min, max);
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) refuse("min/max must be finite floats", got);
  if (!(range.low < range.high)) refuse("min must be < max", got, "a range that float32 can tell from nothing");
  return range;
}

void check_spacing(double dx, double dz) {
  for (double spacing : {dx, dz})
    if (!(std::isfinite(spacing) && spacing > 0))
      refuse("spacing components must be > 0", tuple_text(dx, dz), "finite numbers");
}

void check_exaggeration(double exaggeration) {
  const auto stored = static_cast<float>(exaggeration);
  if (!(std::isfinite(stored) && stored > 0))
    refuse("exaggeration must be > 0", text(exaggeration), "a finite float32");
}

void check_patch(const Patch& patch, size_t rows, size_t columns) {
  const auto [x, y, w, h] = patch;
  const auto bad = [](std::string failed, std::string got) {
    return Error(ErrorCode::OUT_OF_RANGE, std::move(failed), {}, std::move(got));
  };
  if (w <= 0 || h <= 0) throw bad("patch dimensions must be > 0", std::to_string(w) + " x " + std::to_string(h));
  if (x < 0 || y < 0) throw bad("patch origin must be >= 0", tuple_text(x, y));
  const auto check = [&](const char* axis, const char* extent_name, int64_t start, int64_t extent, size_t bound,
                         const char* end_name) {
    const uint64_t end = static_cast<uint64_t>(start) + static_cast<uint64_t>(extent);
    if (end > bound)
      throw bad(std::string("requested patch exceeds texture bounds in ") + axis + ": " + end_name + " (" +
                    std::to_string(end) + ") > " + extent_name + " (" + std::to_string(bound) + ")",
                {});
  };
  check("x", "width", x, w, columns, "x+w");
  check("y", "height", y, h, rows, "y+h");
}

void check_extent(size_t rows, size_t columns) {
  constexpr size_t most = std::numeric_limits<int32_t>::max();  // shaders index heights with 32 bits
  if (rows == 0 || columns == 0)
    throw Error(ErrorCode::BAD_SHAPE, "heightmap cannot be empty", {}, tuple_text(rows, columns));
  if (rows > most / columns)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "heightmap is too large", "at most 2**31 - 1 heights",
                tuple_text(rows, columns), "add it in tiles")
        .with("limit", std::to_string(most));
}

HeightField::HeightField(std::span<const float> heights, size_t rows, size_t columns, double exaggeration)
    : rows_(rows), columns_(columns) {
  store(heights, exaggeration);
}

HeightField::HeightField(std::span<const double> heights, size_t rows, size_t columns, double exaggeration)
    : rows_(rows), columns_(columns) {
  store(heights, exaggeration);
}

template <class T>
void HeightField::store(std::span<const T> heights, double exaggeration) {
  check_exaggeration(exaggeration);
  check_extent(rows_, columns_);
  FORGE_ASSERT(heights.size() == rows_ * columns_);
  const auto factor = static_cast<float>(exaggeration);
  values_.resize(heights.size());
  std::transform(heights.begin(), heights.end(), values_.begin(),
                 [factor](T height) { return static_cast<float>(height) * factor; });
}

void HeightField::normalize(std::string_view mode, double low, double high, double eps) {
  std::string lower(mode);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "minmax")
    normalize_minmax(low, high, eps);
  else if (lower == "zscore")
    normalize_zscore(eps);
  else
    refuse("mode must be 'minmax' or 'zscore'", std::string(mode));
}

void HeightField::normalize_minmax(double low, double high, double eps) {
  check_eps(eps);
  if (!std::isfinite(static_cast<float>(low)) || !std::isfinite(static_cast<float>(high)))
    refuse("range must be finite", tuple_text(low, high));
  const HeightStats stats = statistics();
  const bool flat = !(stats.max > stats.min);
  const double scale = flat ? 0 : (high - low) / std::max(stats.max - stats.min, eps);
  for (float& value : values_)
    if (std::isfinite(value)) value = static_cast<float>((value - stats.min) * scale + low);
}

void HeightField::normalize_zscore(double eps) {
  check_eps(eps);
  const HeightStats stats = statistics();
  const double scale = stats.std > 0 ? 1 / std::max(stats.std, eps) : 0;
  for (float& value : values_)
    if (std::isfinite(value)) value = static_cast<float>((value - stats.mean) * scale);
}

}  // namespace forge::graphics
