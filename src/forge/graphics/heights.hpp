#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace forge::graphics {

struct HeightStats {
  double min = 0;
  double max = 0;
  double mean = 0;
  double std = 0;  // of the population
};

struct HeightRange {
  float low = 0;
  float high = 1;
};

/// Sums in double. Holes (NaN and infinities) do not count; where nothing counts, all four are NaN.
HeightStats height_statistics(std::span<const float> heights);
HeightStats height_statistics(std::span<const double> heights);

/// 1st to 99th percentile, sorted[int(n * 0.01)] to sorted[int(n * 0.99)], holes left out, at least 1e-5 wide.
/// (0, 1) where nothing but holes is given.
HeightRange percentile_range(std::span<const float> heights);

/// Throws INVALID_ARGUMENT unless both are finite as float32 and min < max.
HeightRange checked_range(double min, double max);

/// Throws INVALID_ARGUMENT unless every component is finite and > 0, and likewise for the exaggeration.
void check_spacing(double dx, double dz);
void check_exaggeration(double exaggeration);
void check_extent(size_t rows, size_t columns);

/// A rectangle of a texture: positive extents inside (rows, columns), else OUT_OF_RANGE.
struct Patch {
  int64_t x, y, w, h;
};
void check_patch(const Patch& patch, size_t rows, size_t columns);

/// Heights as they are stored: float32, row-major, row 0 north. A hole stays a hole through every change.
class HeightField {
 public:
  /// Keeps float32(height) * float32(exaggeration). Throws for a bad exaggeration and for a side of 0.
  HeightField(std::span<const float> heights, size_t rows, size_t columns, double exaggeration = 1);
  HeightField(std::span<const double> heights, size_t rows, size_t columns, double exaggeration = 1);

  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  std::span<const float> values() const { return values_; }
  HeightStats statistics() const { return height_statistics(values_); }

  /// The range that set_range() gave, else the percentile range of the heights as they are now.
  HeightRange range() const { return range_ ? *range_ : percentile_range(values_); }
  void set_range(double min, double max) { range_ = checked_range(min, max); }

  /// mode "minmax" or "zscore", in any case; see the two below.
  void normalize(std::string_view mode, double low = 0, double high = 1, double eps = 1e-8);
  /// (v - min) * (high - low) / max(max - min, eps) + low; a flat field becomes low.
  void normalize_minmax(double low, double high, double eps);
  /// (v - mean) / max(std, eps).
  void normalize_zscore(double eps);

 private:
  template <class T>
  void store(std::span<const T> heights, double exaggeration);

  size_t rows_;
  size_t columns_;
  std::vector<float> values_;  // (rows, columns)
  std::optional<HeightRange> range_;
};

}  // namespace forge::graphics
