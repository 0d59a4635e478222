#include "forge/array/ops/strips.hpp"

#include <algorithm>

#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"

namespace forge::array {

namespace {

// What a lane takes in one pass. Enough that the second pass is small, and far below the loop budget of CPU drivers.
constexpr int64_t kWordsOfLane = 256;
constexpr int64_t kMostOfColumn = 4096, kLeastOfColumn = 64;
constexpr int64_t kLanesWanted = 8192;  // columns are cut until there are so many
constexpr int64_t kShortRow = 64;       // elements: shorter rows get a lane each

Strips row_strips(const Team& team, const AxisView& view, bool aligned, size_t in_bytes) {
  Strips s{.rows = true, .wide = false, .strip = kWordsOfLane * 4 * team.lanes, .parts = 0, .body = 0};
  const auto per = static_cast<int64_t>(in_bytes == 0 ? 1 : 16 / in_bytes);
  s.wide = aligned && in_bytes != 0 && (view.outer == 1 || view.n % per == 0);
  if (!s.wide) {
    s.parts = ceil_div(view.n, s.strip);
    return s;
  }
  s.strip = kWordsOfLane * team.lanes * per;
  s.body = view.n / per * per;
  s.parts = ceil_div(s.body, s.strip) + (s.body < view.n ? 1 : 0);
  return s;
}

}  // namespace

Strips strips_of(const vk::Commands& commands, const AxisView& view, const vk::BufferRef& memory, size_t in_bytes) {
  if (view.inner == 1 && view.n > kShortRow)
    return row_strips(team_of(commands.device()), view, (memory.buffer->origin() + memory.offset) % 16 == 0, in_bytes);
  const int64_t columns = std::max<int64_t>(view.outer * view.inner, 1);
  const int64_t wanted = std::min(ceil_div(kLanesWanted, columns), ceil_div(view.n, kLeastOfColumn));
  const int64_t most = std::min(ceil_div(view.n, std::max<int64_t>(wanted, 1)), kMostOfColumn);
  const int64_t fitting = static_cast<int64_t>(window_limit(commands.device())) / (view.inner * 16);
  Strips s{.rows = false, .wide = false, .strip = std::clamp(fitting, int64_t{1}, most), .parts = 0, .body = 0};
  s.parts = ceil_div(view.n, s.strip);
  return s;
}

std::vector<Cut> cuts_of(const AxisView& view, const Strips& s) {
  if (!s.wide) return {{view, s.strip, 0, view.n, 0, s.parts, s.rows, false}};
  std::vector<Cut> cuts{{view, s.strip, 0, s.body, 0, s.parts, s.rows, true}};
  if (s.body < view.n)
    cuts.push_back({view, s.strip, s.body, view.n - s.body, ceil_div(s.body, s.strip), s.parts, s.rows, false});
  return cuts;
}

std::vector<Piece> pieces_of(const vk::Device& device, const Cut& cut, size_t in_bytes, size_t out_bytes,
                             int64_t out_step) {
  const auto limit = static_cast<int64_t>(window_limit(device));
  const auto widest = [&](int64_t elements) {
    return std::max(elements * cut.view.inner * static_cast<int64_t>(in_bytes),
                    ceil_div(elements, out_step) * cut.view.inner * static_cast<int64_t>(out_bytes));
  };
  std::vector<Piece> pieces;
  if (const int64_t row = widest(cut.view.n); row <= limit) {
    const int64_t rows = limit / row;
    for (int64_t r = 0; r < cut.view.outer; r += rows)
      pieces.push_back({r, std::min(rows, cut.view.outer - r), cut.k, cut.extent});
    return pieces;
  }
  const int64_t one = widest(cut.strip);
  if (one > limit)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "an axis has too much memory behind each of its elements",
                "at most " + std::to_string(limit) + " bytes in one piece", std::to_string(one),
                "work on slices of the later axes");
  const int64_t stretch = limit / one * cut.strip;
  for (int64_t r = 0; r < cut.view.outer; ++r)
    for (int64_t k = 0; k < cut.extent; k += stretch)
      pieces.push_back({r, 1, cut.k + k, std::min(stretch, cut.extent - k)});
  return pieces;
}

vk::BufferRef scratch(vk::Commands& commands, uint64_t bytes) {
  return vk::Buffer::create(commands.device_ptr(), bytes, vk::Memory::device);
}

}  // namespace forge::array
