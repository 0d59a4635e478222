#include "forge/graphics/raster/contour.hpp"

#include <algorithm>
#include <limits>

#include "forge/array/ops/groups.hpp"
#include "forge/array/ops/reduce.hpp"
#include "forge/array/ops/scan.hpp"
#include "forge/core/error.hpp"
#include "forge/graphics/raster/raster.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/raster/contour.hpp"

namespace forge::graphics {

namespace {

constexpr uint64_t kMostLevels = 16384;
constexpr uint32_t kMostRun = 32;          // cells of an invocation
constexpr uint64_t kLoopBudget = 24'000;   // rounds of an invocation; some CPU drivers end it at 65,535 in silence
constexpr uint64_t kSearchRounds = 15;     // of a cell, to find its first level

static_assert(sizeof(ContourSegment) == 20);

vk::BufferRef device_memory(vk::Commands& commands, uint64_t bytes) {
  return vk::Buffer::create(commands.device_ptr(), bytes, vk::Memory::device, "contours");
}

/// A level as shaders have it.
struct SplitLevel {
  float nearest, rest;
};

std::vector<SplitLevel> split_levels(std::span<const double> levels) {
  constexpr double most = std::numeric_limits<float>::max();
  std::vector<SplitLevel> split;
  split.reserve(levels.size());
  for (const double level : levels) {
    const auto nearest = static_cast<float>(std::clamp(level, -most, most));  // beyond lies no height
    const double rest = level - static_cast<double>(nearest);
    split.push_back({nearest, static_cast<float>(std::clamp(rest, -most, most))});
  }
  return split;
}

/// The kernel's arguments but for the segments.
k::contour arguments_of(vk::Commands& commands, const array::Array& heights, std::span<const double> levels,
                        float nodata) {
  const RasterSize size = raster_size(heights, "contours");
  const uint64_t rounds = levels.size() + kSearchRounds;
  const auto run = static_cast<uint32_t>(std::clamp<uint64_t>(kLoopBudget / rounds, 1, kMostRun));
  const uint32_t row_runs = (size.columns - 1 + run - 1) / run, runs = row_runs * (size.rows - 1);
  const std::vector<SplitLevel> split = split_levels(levels);
  auto values = vk::Buffer::create(commands.device_ptr(), split.size() * sizeof(SplitLevel), vk::Memory::upload,
                                   "contour levels");
  vk::upload(vk::BufferRef(values), split.data());
  const vk::BufferRef counts = device_memory(commands, uint64_t{runs} * sizeof(uint32_t));
  return {.heights = heights.bytes(),
          .levels = values,
          .counts = counts,
          .segments = counts,
          .columns = size.columns,
          .level_count = static_cast<uint32_t>(levels.size()),
          .runs = runs,
          .row_runs = row_runs,
          .run = run,
          .nodata = nodata};
}

/// Replaces how many segments each run has by how many come before it; returns how many there are.
uint32_t place(vk::Commands& commands, k::contour& kernel) {
  const array::Combining adding = array::counting(DType::uint32, true);
  const array::AxisView view{1, kernel.runs, 1};
  const vk::BufferRef before = device_memory(commands, kernel.counts.size);
  const vk::BufferRef total = device_memory(commands, sizeof(uint32_t));
  array::scan_into(commands, adding, kernel.counts, view, {.exclusive = true}, true, true, before);
  array::reduce_into(commands, adding, kernel.counts, view, true, total);
  commands.finish();
  uint32_t count = 0;
  vk::download(&count, total);
  kernel.counts = before;
  return count;
}

// ---------------------------------------------------------------- joining

constexpr uint32_t kNone = ~0u;

/// Which segment leaves an edge: open addressing, one table for the segments of a level.
class Leaving {
 public:
  Leaving(std::span<const ContourSegment> all, std::span<const uint32_t> level) : all_(all) {
    size_t size = 16;
    while (size < 2 * level.size()) size *= 2;
    slots_.assign(size, kNone);
    for (const uint32_t segment : level) slots_[slot_of(all[segment].from)] = segment;
  }
  uint32_t find(uint32_t edge) const { return slots_[slot_of(edge)]; }

 private:
  /// Where the edge's segment is, or would be.
  size_t slot_of(uint32_t edge) const {
    const size_t mask = slots_.size() - 1;
    const uint32_t mixed = edge * 2654435769U;
    size_t slot = mixed & mask;
    while (slots_[slot] != kNone && all_[slots_[slot]].from != edge) slot = (slot + 1) & mask;
    return slot;
  }
  std::span<const ContourSegment> all_;
  std::vector<uint32_t> slots_;
};

class Joiner {
 public:
  Joiner(std::span<const ContourSegment> segments, uint32_t columns)
      : segments_(segments), columns_(columns), next_(segments.size(), kNone), state_(segments.size(), 0) {}

  void join(std::span<const uint32_t> level, ContourLines& into) {
    const Leaving leaving(segments_, level);
    for (const uint32_t segment : level) {
      next_[segment] = leaving.find(segments_[segment].to);
      if (next_[segment] != kNone) state_[next_[segment]] |= kEntered;
    }
    for (const uint32_t segment : level)
      if (!(state_[segment] & kEntered)) walk(segment, into);
    for (const uint32_t segment : level)  // what is left are rings
      if (!(state_[segment] & kWalked)) walk(segment, into);
  }

 private:
  static constexpr uint8_t kEntered = 1, kWalked = 2;

  void add(uint32_t edge, float part, ContourLines& into) const {
    const uint32_t cell = edge / 2, column = cell % columns_, row = cell / columns_;
    const bool south = edge & 1;
    into.points.push_back(column + (south ? 0.0 : double{part}));
    into.points.push_back(row + (south ? double{part} : 0.0));
  }

  void walk(uint32_t first, ContourLines& into) {
    into.starts.push_back(static_cast<int64_t>(into.points.size() / 2));
    into.levels.push_back(segments_[first].level);
    add(segments_[first].from, segments_[first].from_part, into);
    for (uint32_t at = first; at != kNone && !(state_[at] & kWalked); at = next_[at]) {
      state_[at] |= kWalked;
      add(segments_[at].to, segments_[at].to_part, into);
    }
  }

  std::span<const ContourSegment> segments_;
  uint32_t columns_;
  std::vector<uint32_t> next_;
  std::vector<uint8_t> state_;
};

}  // namespace

std::vector<ContourSegment> contour_segments(vk::Commands& commands, const array::Array& heights,
                                             std::span<const double> levels, float nodata) {
  const RasterSize size = raster_size(heights, "contours");
  if (levels.size() > kMostLevels)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many levels of contours", "at most 16384",
                std::to_string(levels.size()), "ask for some at a time");
  if (size.rows < 2 || size.columns < 2 || levels.empty()) return {};
  k::contour kernel = arguments_of(commands, heights, levels, nodata);
  const auto groups = array::grid_of(kernel.runs, 64);
  shader::dispatch(commands, shader::program_of<k::contour>(commands.device(), {}), kernel, groups);
  const uint32_t count = place(commands, kernel);
  std::vector<ContourSegment> segments(count);
  if (count == 0) return segments;
  kernel.segments = device_memory(commands, uint64_t{count} * sizeof(ContourSegment));
  shader::dispatch(commands, shader::program_of<k::contour>(commands.device(), {{"WRITE", "1"}}), kernel, groups);
  commands.finish();
  vk::download(segments.data(), kernel.segments);
  return segments;
}

ContourLines join_segments(std::span<const ContourSegment> segments, size_t level_count, uint32_t columns) {
  std::vector<size_t> starts(level_count + 1, 0);
  for (const ContourSegment& segment : segments) ++starts[segment.level + 1];
  for (size_t level = 0; level < level_count; ++level) starts[level + 1] += starts[level];
  std::vector<uint32_t> order(segments.size());
  std::vector<size_t> fill(starts.begin(), starts.end() - 1);
  for (size_t i = 0; i < segments.size(); ++i) order[fill[segments[i].level]++] = static_cast<uint32_t>(i);
  ContourLines lines;
  Joiner joiner(segments, columns);
  for (size_t level = 0; level < level_count; ++level)
    joiner.join(std::span(order).subspan(starts[level], starts[level + 1] - starts[level]), lines);
  lines.starts.push_back(static_cast<int64_t>(lines.points.size() / 2));
  return lines;
}

}  // namespace forge::graphics
