#include "forge/graphics/lines.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>

#include "bind/gil.hpp"
#include "bind/graphics/geometry.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/scene_object.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::Cap;
using graphics::Join;
using graphics::LineParts;
using graphics::Lines;
using graphics::LineSegments;

constexpr std::array<float, 4> kInk{0.1f, 0.1f, 0.12f, 1};  // what nobody coloured

class PyLines : public PySceneObject {
 public:
  explicit PyLines(std::shared_ptr<Lines> lines) : PySceneObject(std::move(lines)) {}
};

Join to_join(const std::string& word) {
  if (word == "miter") return Join::miter;
  if (word == "round") return Join::round;
  if (word == "bevel") return Join::bevel;
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown joins", "\"miter\", \"round\" or \"bevel\"", "'" + word + "'");
}

Cap to_cap(const std::string& word) {
  if (word == "butt") return Cap::butt;
  if (word == "round") return Cap::round;
  if (word == "square") return Cap::square;
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown caps", "\"butt\", \"round\" or \"square\"", "'" + word + "'");
}

std::vector<double> to_dashes(const std::vector<double>& dash) {
  double total = 0;
  for (const double part : dash) total += to_number(part, "dash", 0, 1e6);
  if (dash.size() % 2 || dash.size() > Lines::kMostDashes || (!dash.empty() && !(total > 0)))
    throw Error(ErrorCode::INVALID_ARGUMENT, "dash is no pattern",
                "pixels of strokes and gaps in turn: an even number of them up to " +
                    std::to_string(Lines::kMostDashes) + ", not all 0",
                std::to_string(dash.size()) + " numbers, together " + std::to_string(total));
  return dash;
}

// Where lines begin: ascending places among the points. A last one that is their end is allowed, as contours have it.
std::vector<int64_t> to_starts(const std::shared_ptr<vk::Device>& device, py::handle value, uint64_t count) {
  if (value.is_none()) return {};
  py::object array = py::module_::import("numpy").attr("asarray")(value);
  array = py::module_::import("numpy").attr("ascontiguousarray")(array);
  const HostLook offsets = look(device, array, "offsets");
  if (offsets.shape.size() != 1) throw Error(ErrorCode::BAD_SHAPE, "offsets", "(K,)", to_string(offsets.shape));
  std::vector<int64_t> starts;
  if (offsets.dtype == DType::int64)
    for (const int64_t i : offsets.values<int64_t>()) starts.push_back(i);
  else if (offsets.dtype == DType::int32)
    for (const int32_t i : offsets.values<int32_t>()) starts.push_back(i);
  else if (offsets.dtype == DType::uint32)
    for (const uint32_t i : offsets.values<uint32_t>()) starts.push_back(i);
  else if (element_count(offsets.shape))
    throw Error(ErrorCode::BAD_DTYPE, "offsets", "integers of 32 or 64 bits", std::string(name_of(offsets.dtype)));
  for (size_t i = 0; i < starts.size(); ++i)
    if (starts[i] < 0 || static_cast<uint64_t>(starts[i]) > count || (i > 0 && starts[i] < starts[i - 1]))
      throw Error(ErrorCode::OUT_OF_RANGE, "offsets are no places of lines' first points",
                  "ascending, from 0 to " + std::to_string(count),
                  std::to_string(starts[i]) + " as number " + std::to_string(i));
  return starts;
}

LineSegments segments_of(const std::shared_ptr<vk::Device>& device, py::handle positions,
                         std::span<const int64_t> starts, bool closed) {
  const HostLook points = look(device, positions, "positions");
  const GilRelease nogil;
  if (points.dtype == DType::float64) return graphics::line_segments(points.values<double>(), starts, closed);
  return graphics::line_segments(points.values<float>(), starts, closed);
}

std::unique_ptr<PyLines> make(py::handle positions, py::handle offsets, py::handle colors, double width,
                              const std::string& joins, const std::string& caps, const std::vector<double>& dash,
                              bool closed, double opacity, double nudge, py::handle device) {
  const Join join = to_join(joins);
  const Cap cap = to_cap(caps);
  const auto opened = device_of({positions, colors}, device);
  graphics::Places places = to_places(opened, positions, "positions");
  const vk::BufferRef none = places.values;
  LineParts parts{std::move(places), none, none};
  parts.join = join;
  parts.cap = cap;
  parts.width = to_number(width, "width", 0, 1000);
  parts.nudge = to_number(nudge, "nudge", 0, 1000);
  parts.dashes = to_dashes(dash);
  const std::vector<int64_t> starts = to_starts(opened, offsets, parts.places.count);
  const LineSegments segments = segments_of(opened, positions, starts, closed);
  if (segments.points.size() > UINT32_MAX / 6)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many segments in one object",
                "at most " + std::to_string(UINT32_MAX / 6), std::to_string(segments.points.size()),
                "split them into several objects");
  parts.count = static_cast<uint32_t>(segments.points.size());
  const Colors found = to_colors(opened, colors, kInk);
  if (found.of_each && found.count != parts.places.count)
    throw Error(ErrorCode::BAD_SHAPE, "colors", "one, or one a point: " + std::to_string(parts.places.count),
                std::to_string(found.count));
  parts.color = found.one;
  parts.color[3] *= static_cast<float>(to_number(opacity, "opacity", 0, 1));
  parts.is_transparent = found.is_transparent || opacity < 1;
  const GilRelease nogil;
  parts.colors = found.on_device(opened);
  parts.segments = put_on_device(opened, segments.points.data(), 16 * segments.points.size(), "line segments");
  parts.firsts = put_on_device(opened, segments.firsts.data(), 4 * segments.firsts.size(), "line segments");
  return std::make_unique<PyLines>(std::make_shared<Lines>(opened, std::move(parts)));
}

}  // namespace

void bind_lines(py::module_& module) {
  py::class_<PyLines, PySceneObject> cls(module, "Lines", R"(Lines of a width in pixels, with joins, caps and dashes.

They are drawn a little nearer than they are, by about their width on the ground, so that they lie on a surface whose points
they share without sinking into it. Where they are seen through, a line that crosses itself is no darker there.

Args:
    positions: (N, 3) float64 or float32 ndarray, or float32 `Array`, which is used in place. World units, at any distance
        from zero. A point that is not finite (NaN) ends a line; the next one begins another.
    offsets: Places of lines' first points among the positions, ascending; None: one line.
    colors: A colour as `Figure` takes it, or (N, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha,
        mixed between points. None: black.
    width: Pixels (default 1.5); none is drawn narrower than a sample.
    joins: "miter" (pointed, but no longer than 4 half widths), "round" or "bevel".
    caps: Of ends and of dashes: "butt", "round" or "square". A line of one point is a dot, but with "butt" nothing.
    dash: Pixels of strokes and gaps in turn, up to 16 numbers; (): drawn through.
    closed: Each line's last point is joined with its first one.
    opacity: 0 to 1 (default 1.0), times the colours' alpha.
    nudge: Pixels that lines come nearer, beside half their width; more on ground that is seen at a grazing angle
        (default 1.0).
    device: A `Device`; None: that of the first `Array` given, else the default one.

Raises:
    InputError: A wrong dtype, shape, number, word or order (subclasses say which).
    LimitError: More points than one object may have.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import graphics
    >>> t = np.linspace(0, 6 * np.pi, 300)
    >>> helix = np.stack([np.cos(t), np.sin(t), t / 10], axis=1)
    >>> figure = graphics.Figure(64, 64).add(graphics.Lines(helix, width=3, colors="teal", dash=(8, 4)))
)");
  cls.def(py::init(&make), "positions"_a, "offsets"_a = py::none(), py::kw_only(), "colors"_a = py::none(),
          "width"_a = 1.5, "joins"_a = "round", "caps"_a = "butt", "dash"_a = py::tuple(), "closed"_a = false,
          "opacity"_a = 1.0, "nudge"_a = 1.0, "device"_a = py::none());
  bind_lifecycle(cls, "Lines");
}

}  // namespace forge::bind
