#include "forge/graphics/view.hpp"

#include <array>
#include <numbers>
#include <string>

#include "forge/core/error.hpp"
#include "forge/graphics/text.hpp"
#include "forge/graphics/vector.hpp"

namespace forge::graphics {

namespace {

constexpr double kRadians = std::numbers::pi / 180;
constexpr double kNearShare = 1e-3;   // of the distance to the target
constexpr double kParallelReach = 32;  // parallel rays end so many times the picture's size behind the eye

std::string text_of(const Vec3& v) { return tuple_text(v[0], v[1], v[2]); }

[[noreturn]] void refuse(const char* failed, std::string expected, std::string got, std::string mend = {}) {
  throw Error(ErrorCode::INVALID_ARGUMENT, failed, std::move(expected), std::move(got), std::move(mend));
}

void check_lens(const ViewOptions& o) {
  if (o.width == 0 || o.height == 0) refuse("width and height must be > 0", ">= 1", tuple_text(o.width, o.height));
  if (!(o.fovy_deg >= 0 && o.fovy_deg < 180))
    refuse("the angle of view is out of range", "fovy in (0, 180) degrees, or 0 for parallel rays", text(o.fovy_deg));
  if (o.fovy_deg == 0 && !(o.parallel_height > 0 && std::isfinite(o.parallel_height)))
    refuse("parallel rays need the height of what they show", "finite world units > 0", text(o.parallel_height));
  if (!(o.near >= 0 && std::isfinite(o.near))) refuse("near must be finite and >= 0", ">= 0", text(o.near));
}

double distance_of(const ViewOptions& o) {
  const Vec3 way = minus(o.target, o.eye);
  return std::hypot(way[0], way[1], way[2]);
}

double tangent_of(const ViewOptions& o) { return std::tan(o.fovy_deg * kRadians / 2); }

// Rows: x to the right, y up, depth, and what they are divided by; of a point (right, up, forward) of the eye's frame.
Matrix4<double> lens_matrix(const View& view) {
  const ViewOptions& o = view.options;
  const double aspect = static_cast<double>(o.width) / o.height, near = view.near();
  Matrix4<double> m;
  if (!view.is_parallel()) {
    m(1, 1) = 1 / tangent_of(o);
    m(0, 0) = m(1, 1) / aspect;
    m(2, 3) = near;
    m(3, 2) = 1;
    return m;
  }
  m(1, 1) = 2 / o.parallel_height;
  m(0, 0) = m(1, 1) / aspect;
  const double range = view.far() - near;
  m(2, 2) = -1 / range;
  m(2, 3) = view.far() / range;
  m(3, 3) = 1;
  return m;
}

Mat4 clip_matrix(const View& view) {
  Matrix4<double> turn;
  for (size_t i = 0; i < 3; ++i) {
    turn(0, i) = view.right[i];
    turn(1, i) = view.up[i];
    turn(2, i) = view.forward[i];
  }
  turn(3, 3) = 1;
  const Matrix4<double> clip = lens_matrix(view) * turn;
  Mat4 rounded;
  for (size_t i = 0; i < 16; ++i) {
    rounded.rows[i] = static_cast<float>(clip.rows[i]);
    if (!std::isfinite(rounded.rows[i]))
      refuse("the camera's matrix is beyond float32", "a scene of a size between 1e-30 and 1e30", text(clip.rows[i]));
  }
  return rounded;
}

using Corners = std::array<Vec3, 8>;

// Corners as (right, up, towards the eye), from the box's middle.
Corners corners_in(const Box& box, const Vec3& centre, const Vec3& right, const Vec3& up, const Vec3& back) {
  Corners corners;
  for (size_t i = 0; i < 8; ++i) {
    const Vec3 corner{i & 1 ? box.high[0] : box.low[0], i & 2 ? box.high[1] : box.low[1],
                      i & 4 ? box.high[2] : box.low[2]};
    const Vec3 p = minus(corner, centre);
    corners[i] = {dot(p, right), dot(p, up), dot(p, back)};
  }
  return corners;
}

// The least distance at which all corners are within a tangent of an axis to either side; the axis's best place follows.
double least_distance(const Corners& corners, size_t axis, double tangent) {
  double ahead = -Box::kNone, behind = -Box::kNone;
  for (const Vec3& c : corners) {
    ahead = std::max(ahead, c[axis] / tangent + c[2]);
    behind = std::max(behind, -c[axis] / tangent + c[2]);
  }
  return (ahead + behind) / 2;
}

// Where the axis of view has to be for as much room on one side as on the other, seen from this distance.
double middle_at(const Corners& corners, size_t axis, double distance) {
  double low = Box::kNone, high = -Box::kNone;
  for (const Vec3& c : corners) {
    low = std::min(low, c[axis]);
    high = std::max(high, c[axis]);
  }
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    double more = -Box::kNone, less = -Box::kNone;
    for (const Vec3& c : corners) {
      more = std::max(more, (c[axis] - middle) / (distance - c[2]));
      less = std::max(less, (middle - c[axis]) / (distance - c[2]));
    }
    (more > less ? low : high) = middle;
  }
  return (low + high) / 2;
}

double extent_of(const Corners& corners, size_t axis) {
  double most = 0;
  for (const Vec3& c : corners) most = std::max(most, std::abs(c[axis]));
  return 2 * most;  // corners lie around the middle
}

// A point or a line gets a body, so that there is something to look at from somewhere.
Box with_body(Box box) {
  const double size = box.size();
  const Vec3 centre = box.centre();
  const double far = std::hypot(centre[0], centre[1], centre[2]);  // where doubles have no more digits
  const double least = size > 0 ? std::max(1e-3 * size, 1e-10 * far) : std::max(1e-3, 1e-6 * far);
  for (size_t i = 0; i < 3; ++i) {
    const double half = std::max((box.high[i] - box.low[i]) / 2, least);
    box.low[i] = centre[i] - half;
    box.high[i] = centre[i] + half;
  }
  return box;
}

}  // namespace

void Box::add(const Vec3& point) { add(Box{point, point}); }

void Box::add(const Box& box) {
  for (size_t i = 0; i < 3; ++i) {
    low[i] = std::min(low[i], box.low[i]);
    high[i] = std::max(high[i], box.high[i]);
  }
}

Vec3 Box::centre() const { return {low[0] / 2 + high[0] / 2, low[1] / 2 + high[1] / 2, low[2] / 2 + high[2] / 2}; }

double Box::size() const { return empty() ? 0 : std::hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]); }

double View::near() const { return options.near > 0 ? options.near : kNearShare * distance_of(options); }

double View::far() const {
  if (!is_parallel()) return std::numeric_limits<double>::infinity();
  const double aspect = static_cast<double>(options.width) / options.height;
  return near() + kParallelReach * std::max({distance_of(options), options.parallel_height * std::max(aspect, 1.0)});
}

Vec3 View::project(const Vec3& world) const {
  const Vec3 p = minus(world, options.eye);
  const Matrix4<double> lens = lens_matrix(*this);
  const double along = dot(p, forward), w = lens(3, 2) * along + lens(3, 3);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (!(along > 0)) return {none, none, -1};
  const double x = lens(0, 0) * dot(p, right) / w, y = lens(1, 1) * dot(p, up) / w;
  return {(0.5 + 0.5 * x) * options.width, (0.5 - 0.5 * y) * options.height, (lens(2, 2) * along + lens(2, 3)) / w};
}

double View::pixel_size(const Vec3& world) const {
  if (is_parallel()) return options.parallel_height / options.height;
  return 2 * tangent_of(options) * std::max(dot(minus(world, options.eye), forward), near()) / options.height;
}

View make_view(const ViewOptions& options) {
  check_lens(options);
  for (const Vec3& v : {options.eye, options.target, options.up})
    if (!is_finite(v)) refuse("eye, target and up must be finite", "3 finite numbers", text_of(v));
  View view;
  view.options = options;
  view.forward = unit(minus(options.target, options.eye));
  if (dot(view.forward, view.forward) == 0)
    refuse("the eye is at its target", "two different points", text_of(options.eye));
  view.right = cross(view.forward, unit(options.up));
  if (dot(view.right, view.right) < 1e-12)
    refuse("up is along the direction of view", "a vector to the side of it", text_of(options.up),
           "looking straight down, north is up: up=(0, 1, 0)");
  view.right = unit(view.right);
  view.up = cross(view.right, view.forward);
  view.clip_from_eye = clip_matrix(view);
  return view;
}

Vec3 towards(const Direction& direction) {
  const double a = direction.azimuth_deg * kRadians, e = direction.elevation_deg * kRadians;
  return {std::cos(e) * std::sin(a), std::cos(e) * std::cos(a), std::sin(e)};
}

ViewOptions frame_box(const Box& box, const Direction& from, double fovy_deg, uint32_t width, uint32_t height,
                      double fill) {
  if (box.empty() || !is_finite(box.low) || !is_finite(box.high) || !std::isfinite(box.size()))
    refuse("there is nothing to frame", "objects with finite points", box.empty() ? "none" : "an infinite box",
           "add objects, or say where the camera stands: Camera(eye=, target=)");
  if (!(fill > 0 && fill <= 1)) refuse("fill is out of range", "in (0, 1]", text(fill));
  if (!std::isfinite(from.azimuth_deg) || !(from.elevation_deg >= -90 && from.elevation_deg <= 90))
    refuse("the camera's direction is out of range", "an azimuth, and an elevation of -90 to 90 degrees",
           tuple_text(from.azimuth_deg, from.elevation_deg));
  ViewOptions o;
  o.fovy_deg = fovy_deg;
  o.width = width;
  o.height = height;
  o.parallel_height = 1;
  check_lens(o);
  const double a = from.azimuth_deg * kRadians, e = from.elevation_deg * kRadians;
  const Vec3 back = towards(from), right{-std::cos(a), std::sin(a), 0};
  o.up = {-std::sin(e) * std::sin(a), -std::sin(e) * std::cos(a), std::cos(e)};
  const Box body = with_body(box);
  const Vec3 centre = body.centre();
  const Corners corners = corners_in(body, centre, right, o.up, back);
  const double aspect = static_cast<double>(width) / height, depth = extent_of(corners, 2);
  double across = 0, upwards = 0, distance = depth / 2;
  if (fovy_deg == 0) {
    o.parallel_height = std::max(extent_of(corners, 1), extent_of(corners, 0) / aspect) / fill;
    distance += o.parallel_height;
  } else {
    const double tangent = tangent_of(o) * fill;
    distance = std::max({least_distance(corners, 0, tangent * aspect), least_distance(corners, 1, tangent),
                         0.5 * depth + 0.05 * body.size()});
    across = middle_at(corners, 0, distance);
    upwards = middle_at(corners, 1, distance);
  }
  o.target = plus(plus(centre, right, across), o.up, upwards);
  o.eye = plus(o.target, back, distance);
  return o;
}

}  // namespace forge::graphics
