#include "forge/graphics/lines.hpp"

#include <algorithm>
#include <cmath>

#include "forge/array/ops/scan.hpp"
#include "forge/graphics/srgb.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/line.hpp"
#include "forge_shaders/graphics/line_layer.hpp"
#include "forge_shaders/graphics/strokes.hpp"

namespace forge::graphics {

namespace {

constexpr uint64_t kStrokeBytes = 48;
constexpr uint32_t kGroup = 64, kMostGroups = 65535;

// As shaders/include/lines.glsl reads it.
struct Style {
  std::array<float, 3> eye, eye_rest;
  std::array<float, 4> color;
  float half_width, nudge;
  uint32_t joins, caps, colored, dashes;
  std::array<float, Lines::kMostDashes> ends;
};
static_assert(sizeof(Style) == 4 * (6 + 4 + 2 + 4 + Lines::kMostDashes));

// Segments of one line: `run` are its points without repetitions.
void add_line(std::span<const uint32_t> run, bool ring, LineSegments& into) {
  const auto first = static_cast<uint32_t>(into.points.size());
  const size_t n = run.size(), segments = ring ? n : std::max<size_t>(n - 1, 1);
  for (size_t i = 0; i < segments; ++i) {
    const uint32_t a = run[i], b = run[std::min(i + 1, n - 1)], closing = run[(i + 1) % n];
    const uint32_t end = ring ? closing : b;
    const uint32_t before = i > 0 ? run[i - 1] : ring ? run[n - 1] : a;
    const uint32_t after = ring ? run[(i + 2) % n] : i + 2 < n ? run[i + 2] : end;
    into.points.push_back({before, a, end, after});
    into.firsts.push_back(first);
  }
}

template <class T>
LineSegments cut(std::span<const T> points, std::span<const int64_t> starts, bool closed) {
  LineSegments segments;
  std::vector<uint32_t> run;
  const auto same = [&](uint32_t i, uint32_t j) {
    return std::equal(&points[3 * size_t{i}], &points[3 * size_t{i}] + 3, &points[3 * size_t{j}]);
  };
  const auto finish = [&] {
    bool ring = closed && run.size() > 2;
    if (ring && same(run.front(), run.back())) run.pop_back();
    ring = ring && run.size() > 2;
    if (!run.empty()) add_line(run, ring, segments);
    run.clear();
  };
  const auto count = static_cast<uint32_t>(points.size() / 3);
  size_t next = 0;
  for (uint32_t i = 0; i < count; ++i) {
    for (; next < starts.size() && starts[next] <= i; ++next)
      if (starts[next] == i) finish();
    const T* p = &points[3 * size_t{i}];
    if (!std::isfinite(p[0]) || !std::isfinite(p[1]) || !std::isfinite(p[2]))
      finish();
    else if (run.empty() || !same(run.back(), i))
      run.push_back(i);
  }
  finish();
  return segments;
}

}  // namespace

LineSegments line_segments(std::span<const double> points, std::span<const int64_t> starts, bool closed) {
  return cut(points, starts, closed);
}

LineSegments line_segments(std::span<const float> points, std::span<const int64_t> starts, bool closed) {
  return cut(points, starts, closed);
}

vk::BufferRef Lines::style(const Frame& frame) const {
  const SplitEye eye = split_eye(frame.view, parts_.places.origin);
  const double samples = frame.supersample;  // a pixel
  Style style{.eye = eye.eye,
              .eye_rest = eye.rest,
              .color = linear(parts_.color),
              .half_width = static_cast<float>(std::max(0.5 * parts_.width * samples, 0.5)),
              .nudge = static_cast<float>((parts_.nudge + 0.5 * parts_.width) * samples),
              .joins = static_cast<uint32_t>(parts_.join),
              .caps = static_cast<uint32_t>(parts_.cap),
              .colored = parts_.colors ? 1u : 0u,
              .dashes = static_cast<uint32_t>(parts_.dashes.size()),
              .ends = {}};
  double end = 0;
  for (size_t i = 0; i < parts_.dashes.size(); ++i)
    style.ends[i] = static_cast<float>(end += parts_.dashes[i] * samples);
  vk::BufferRef buffer(vk::Buffer::create(device(), sizeof style, vk::Memory::device, "line style"));
  vk::upload(buffer, &style);
  return buffer;
}

Lines::Strokes Lines::stroke(vk::Commands& commands, const Frame& frame) const {
  const bool dashed = !parts_.dashes.empty();
  Strokes out{style(frame), vk::Buffer::create(device(), kStrokeBytes * parts_.count, vk::Memory::device, "strokes"),
              parts_.segments};  // not read without dashes
  if (dashed) out.lengths = lengths();
  const uint64_t groups = (uint64_t{parts_.count} + kGroup - 1) / kGroup,
                 rows = (groups + kMostGroups - 1) / kMostGroups;
  shader::dispatch(commands,
                   k::strokes{.places = parts_.places.values,
                              .segments = parts_.segments,
                              .strokes = out.strokes,
                              .lengths = out.lengths,
                              .count = parts_.count,
                              .frame = frame.globals,
                              .style = out.style},
                   {static_cast<uint32_t>((groups + rows - 1) / rows), static_cast<uint32_t>(rows), 1});
  if (!dashed) return out;
  const vk::BufferRef before = lengths();
  array::scan_into(commands, array::counting(DType::uint32, true), out.lengths, {1, parts_.count, 1},
                   {.exclusive = true, .reverse = false}, true, true, before);
  out.lengths = before;
  return out;
}

vk::BufferRef Lines::lengths() const {
  return vk::Buffer::create(device(), sizeof(uint32_t) * parts_.count, vk::Memory::device, "lengths of strokes");
}

template <class K, class... Rest>
K Lines::arguments(const Strokes& strokes, const Frame& frame, Rest... layers) const {
  return K{parts_.segments,
           strokes.strokes,
           parts_.colors.value_or(parts_.segments),  // not read where there are none
           strokes.lengths,
           parts_.firsts,
           frame.id,
           layers...,
           frame.globals,
           strokes.style};
}

FrameDraws Lines::record(vk::Commands& commands, const Frame& frame) {
  FrameDraws draws;
  if (parts_.count == 0) return draws;
  const vk::Scope scope(commands, "strokes of lines");
  const Strokes strokes = stroke(commands, frame);
  if (!parts_.is_transparent) {
    const auto drawn = arguments<k::line>(strokes, frame);
    draws.opaque.push_back(shader::draw_call(*device(), drawn, "line " + frame.target.key(), frame_state(frame)));
    draws.opaque.back().count = 6 * parts_.count;
    return draws;
  }
  const Layers::Refs layers = frame.layers.record(commands);
  const auto drawn = arguments<k::line_layer>(strokes, frame, layers.heads, layers.fragments, layers.capacity);
  draws.transparent.push_back(
      shader::draw_call(*device(), drawn, "line layer " + frame.target.key(), layer_state(frame)));
  draws.transparent.back().count = 6 * parts_.count;
  return draws;
}

}  // namespace forge::graphics
