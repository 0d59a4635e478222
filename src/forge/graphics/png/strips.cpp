#include "forge/graphics/png/strips.hpp"

#include <algorithm>

#include "forge/core/parallel.hpp"
#include "forge/graphics/png/filter.hpp"
#include "forge/graphics/png/packed.hpp"

namespace forge::graphics::png {

namespace {

constexpr size_t kStripBytes = 256 << 10;  // rows, their differences and the codes of a strip stay in a core's cache
constexpr size_t kStripsOfThread = 16;     // at once, so that none waits long for the last

/// Rows as the file has them, one after the other.
class RowReader {
 public:
  explicit RowReader(const StripRules& rules) : rules_(rules), zeros_(rules.row_bytes, 0) {
    if (rules.sample_bytes == 2) swapped_[0].resize(rules.row_bytes), swapped_[1].resize(rules.row_bytes);
  }
  const uint8_t* read(const uint8_t* row) {
    if (!row) return zeros_.data();
    if (rules_.sample_bytes == 1) return row;
    std::vector<uint8_t>& to = swapped_[turn_ ^= 1];
    for (size_t i = 0; i + 1 < rules_.row_bytes; i += 2) to[i] = row[i + 1], to[i + 1] = row[i];
    return to.data();
  }

 private:
  const StripRules& rules_;
  std::vector<uint8_t> zeros_, swapped_[2];
  int turn_ = 0;
};

Filter filter_for(const uint8_t* row, const uint8_t* above, RowShape shape, int level) {
  return level == 1 ? Filter::up : smallest_filter(row, above, shape, level == 3);
}

PackedStrip pack_strip(const StripRules& rules, const Rows& rows, bool last) {
  std::vector<uint8_t> differences((rules.row_bytes + 1) * rows.count + 8);  // loads of whole words may pass the end
  const RowShape shape{rules.row_bytes, rules.unit};
  RowReader reader(rules);
  const uint8_t* above = reader.read(rows.above);
  for (size_t y = 0; y < rows.count; ++y) {
    const uint8_t* row = reader.read(rows.data + static_cast<ptrdiff_t>(y) * rows.stride);
    uint8_t* to = differences.data() + y * (rules.row_bytes + 1);
    const Filter filter = filter_for(row, above, shape, rules.level);
    *to = static_cast<uint8_t>(filter);
    filter_row(filter, row, above, shape, to + 1);
    above = row;
  }
  const FilteredRows filtered{differences.data(), rows.count, rules.row_bytes, rules.unit};
  PackedStrip strip{{}, adler32_of(1, {differences.data(), filtered.bytes()}), filtered.bytes()};
  constexpr Search kSearch[] = {Search::runs, Search::quick, Search::far};
  deflate(filtered, kSearch[rules.level - 1], last, strip.bytes);
  return strip;
}

}  // namespace

size_t rows_of_strip(size_t row_bytes) { return std::max<size_t>(kStripBytes / (row_bytes + 1), 1); }

size_t rows_at_once(const StripRules& rules) { return rows_of_strip(rules.row_bytes) * cores() * kStripsOfThread; }

std::vector<PackedStrip> pack_strips(const StripRules& rules, const Rows& rows, bool last) {
  const size_t each = rows_of_strip(rules.row_bytes), count = (rows.count + each - 1) / each;
  std::vector<PackedStrip> strips(count);
  in_parallel(count, [&](size_t i) {
    const size_t first = i * each;
    const uint8_t* data = rows.data + static_cast<ptrdiff_t>(first) * rows.stride;
    const Rows part{data, rows.stride, std::min(each, rows.count - first), i == 0 ? rows.above : data - rows.stride};
    strips[i] = pack_strip(rules, part, last && i + 1 == count);
  });
  return strips;
}

}  // namespace forge::graphics::png
