#include <algorithm>
#include <cmath>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Resampling, axis by axis: the host works out places and weights of each result, the device gathers and adds.
namespace forge::infer::onnx {

namespace {

struct Axis {
  int64_t in, out;
  double scale;
  double roi_start = 0, roi_end = 1;
};

struct Rules {
  std::string mode, coordinates, nearest;
  double cubic;
  bool excludes, antialias;
  double outside;
};

// Where a place of the result lies along the input.
double source_of(const Rules& rules, const Axis& axis, int64_t place) {
  const auto x = static_cast<double>(place), out = axis.scale * static_cast<double>(axis.in);
  const auto in = static_cast<double>(axis.in), length = static_cast<double>(axis.out);
  if (rules.coordinates == "asymmetric") return x / axis.scale;
  if (rules.coordinates == "align_corners") return out == 1 ? 0 : x * (in - 1) / (out - 1);
  if (rules.coordinates == "pytorch_half_pixel") return length == 1 ? 0 : (x + 0.5) / axis.scale - 0.5;
  if (rules.coordinates == "half_pixel_symmetric") {
    const double adjusted = length / out, centre = in / 2;
    return centre * (1 - adjusted) + (x + 0.5) / axis.scale - 0.5;
  }
  if (rules.coordinates == "tf_crop_and_resize")
    return length > 1 ? axis.roi_start * (in - 1) + x * (axis.roi_end - axis.roi_start) * (in - 1) / (length - 1)
                      : 0.5 * (axis.roi_start + axis.roi_end) * (in - 1);
  return (x + 0.5) / axis.scale - 0.5;
}

int64_t nearest(const Rules& rules, double at) {
  const double below = std::floor(at);
  if (rules.nearest == "floor") return static_cast<int64_t>(below);
  if (rules.nearest == "ceil") return static_cast<int64_t>(std::ceil(at));
  if (rules.nearest == "round_prefer_ceil") return static_cast<int64_t>(std::floor(at + 0.5));
  return static_cast<int64_t>(at - below == 0.5 ? below : std::round(at));
}

double cubic(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((x - 5) * x + 8) * x * a - 4 * a;
  return 0;
}

// For each place of the result: taps of the input, and their weights.
struct Taps {
  std::vector<Ints> places;   // [tap][place]
  std::vector<Reals> weights;
  Reals outside;              // 1 where the result is the extrapolation value
};

Taps taps_of(const Rules& rules, const Axis& axis) {
  const bool linear = rules.mode == "linear";
  const double stretch = rules.antialias ? std::max(1.0, 1 / axis.scale) : 1;
  const int64_t reach =
      linear ? static_cast<int64_t>(std::ceil(stretch)) : static_cast<int64_t>(std::ceil(2 * stretch));
  const int64_t count = rules.mode == "nearest" ? 1 : 2 * reach;
  Taps taps;
  taps.places.assign(static_cast<size_t>(count), Ints(static_cast<size_t>(axis.out)));
  taps.weights.assign(static_cast<size_t>(count), Reals(static_cast<size_t>(axis.out), 1));
  taps.outside.assign(static_cast<size_t>(axis.out), 0);
  for (int64_t place = 0; place < axis.out; ++place) {
    const auto p = static_cast<size_t>(place);
    const double at = source_of(rules, axis, place);
    if (rules.coordinates == "tf_crop_and_resize" && (at < 0 || at > static_cast<double>(axis.in - 1)))
      taps.outside[p] = 1;
    if (rules.mode == "nearest") {
      taps.places[0][p] = std::clamp<int64_t>(nearest(rules, at), 0, axis.in - 1);
      continue;
    }
    const auto base = static_cast<int64_t>(std::floor(at)) - reach + 1;
    double sum = 0;
    for (int64_t k = 0; k < count; ++k) {
      const auto tap = static_cast<size_t>(k);
      const double distance = (static_cast<double>(base + k) - at) / stretch;
      double weight = linear ? std::max(0.0, 1 - std::abs(distance)) : cubic(distance, rules.cubic);
      const bool inside = base + k >= 0 && base + k < axis.in;
      if (rules.excludes && !inside) weight = 0;
      taps.places[tap][p] = std::clamp<int64_t>(base + k, 0, axis.in - 1);
      taps.weights[tap][p] = weight;
      sum += weight;
    }
    if (rules.excludes || rules.antialias)
      for (Reals& weights : taps.weights) weights[p] /= sum == 0 ? 1 : sum;
  }
  return taps;
}

Lazy resampled(Call& n, const Lazy& x, const Rules& rules, const Axis& axis, size_t number) {
  const Taps taps = taps_of(rules, axis);
  const size_t axes = x.shape().size();
  Dims along;
  for (size_t i = 0; i < axes; ++i) along.push_back(i == number ? axis.out : 1);
  const DType wide = x.dtype() == DType::float64 ? DType::float64 : DType::float32;
  std::optional<Lazy> sum;
  for (size_t k = 0; k < taps.places.size(); ++k) {
    const Reals& weights = taps.weights[k];
    if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0; })) continue;
    const Lazy part = picked(n, x, taps.places[k], number);
    if (rules.mode == "nearest") {
      sum = part;
      break;
    }
    const Lazy weighted = array::cast(part, wide) * Lazy(host_array(n, weights, along, wide));
    sum = sum ? *sum + weighted : weighted;
  }
  Lazy value = sum ? *sum : array::cast(array::broadcast_to(like(x, 0), along), wide);
  if (std::any_of(taps.outside.begin(), taps.outside.end(), [](double o) { return o != 0; })) {
    const Lazy outside = host_array(n, taps.outside, along, DType::float32);
    value = where(op(Elementwise::not_equal, outside, like(outside, 0)), like(value, rules.outside), value);
  }
  return value;
}

Outputs resize_to(Call& n, Rules rules, Reals scales, Ints sizes, Ints axes, const Reals& roi) {
  const size_t count = n.shape(0).size();
  if (axes.empty())
    for (size_t i = 0; i < count; ++i) axes.push_back(static_cast<int64_t>(i));
  if ((scales.empty() ? sizes.size() : scales.size()) != axes.size())
    n.refuse("scales or sizes do not fit", std::to_string(axes.size()) + " numbers",
             std::to_string(std::max(scales.size(), sizes.size())));
  const std::string policy = n.text("keep_aspect_ratio_policy", "stretch");
  if (!sizes.empty() && policy != "stretch") {
    double least = 0, most = 0;
    for (size_t i = 0; i < axes.size(); ++i) {
      const double ratio = static_cast<double>(sizes[i]) / static_cast<double>(n.shape(0)[n.axis(axes[i], count)]);
      least = i == 0 ? ratio : std::min(least, ratio), most = std::max(most, ratio);
    }
    const double scale = policy == "not_larger" ? least : most;
    scales.assign(axes.size(), scale);
    for (size_t i = 0; i < axes.size(); ++i)
      sizes[i] =
          static_cast<int64_t>(std::floor(scale * static_cast<double>(n.shape(0)[n.axis(axes[i], count)]) + 0.5));
  }
  if (rules.mode == "bilinear" || rules.mode == "trilinear") rules.mode = "linear";
  Lazy value = n[0];
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t number = n.axis(axes[i], count);
    Axis axis{n.shape(0)[number], 0, 1};
    if (axis.in == 0) n.refuse("an axis without elements cannot be resized", "1 or more", to_string(n.shape(0)));
    if (!sizes.empty()) {
      axis.out = sizes[i];
      axis.scale = scales.empty() ? static_cast<double>(axis.out) / static_cast<double>(axis.in) : scales[i];
    } else {
      axis.scale = scales[i];
      axis.out = static_cast<int64_t>(std::floor(axis.scale * static_cast<double>(axis.in)));
    }
    if (!(axis.scale > 0) || axis.out < 1 || axis.out > (int64_t{1} << 31))
      n.refuse("an axis cannot be resized to this", "a scale above 0, one place or more", std::to_string(axis.scale));
    if (rules.coordinates == "tf_crop_and_resize") {
      if (roi.size() != 2 * axes.size())
        n.refuse("roi does not fit", std::to_string(2 * axes.size()) + " numbers", std::to_string(roi.size()));
      axis.roi_start = roi[i], axis.roi_end = roi[i + axes.size()];
    } else if (axis.out == axis.in && axis.scale == 1) {
      continue;
    }
    value = resampled(n, value, rules, axis, number);
  }
  return array::cast(value, n[0].dtype());
}

// As the definition has them: whole numbers would be bits of something else.
Reals scales_of(Call& n, size_t input) {
  if (n.has(input) && element_count(n.shape(input)) > 0 && dtype_row(n[input].dtype()).kind != 'f')
    n.refuse("scales are floats", "float32", std::string(name_of(n[input].dtype())));
  return n.reals(input);
}

Outputs resize(Call& n) {  // x, roi, scales, sizes
  const Rules rules{n.text("mode", "nearest"),
                    n.text("coordinate_transformation_mode", "half_pixel"),
                    n.text("nearest_mode", "round_prefer_floor"),
                    n.real("cubic_coeff_a", -0.75),
                    n.whole("exclude_outside", 0) != 0,
                    n.whole("antialias", 0) != 0,
                    n.real("extrapolation_value", 0)};
  const bool has_sizes = n.has(3) && element_count(n.shape(3)) > 0;
  return resize_to(n, rules, has_sizes ? Reals{} : scales_of(n, 2), has_sizes ? n.ints(3) : Ints{}, n.ints("axes"),
                   n.reals(1));
}

Outputs upsample(Call& n) {  // also Resize of opset 10
  const Reals scales = n.size() > 1 ? scales_of(n, 1) : n.reals("scales");
  return resize_to(n, {n.text("mode", "nearest"), "asymmetric", "floor", -0.75, false, false, 0}, scales, {}, {}, {});
}

constexpr OperatorRow kRows[] = {
    {"Resize", 10, upsample},
    {"Resize", 11, resize},
    {"Upsample", 7, upsample},
};

}  // namespace

std::span<const OperatorRow> resize_ops() { return kRows; }

}  // namespace forge::infer::onnx
