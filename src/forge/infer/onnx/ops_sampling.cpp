#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "forge/array/ops/matmul.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/windows.hpp"

// Values read between the places of an input: at positions that other values give.
namespace forge::infer::onnx {

namespace {

Lazy at_least(const Lazy& x, double bound) { return op(Elementwise::maximum, x, like(x, bound)); }
Lazy at_most(const Lazy& x, double bound) { return op(Elementwise::minimum, x, like(x, bound)); }
Lazy both(const Lazy& a, const Lazy& b) { return op(Elementwise::logical_and, a, b); }
Lazy lies_in(const Lazy& x, double low, double high) {
  return both(op(Elementwise::greater_equal, x, like(x, low)), op(Elementwise::less_equal, x, like(x, high)));
}

// Whole places of an axis as integers that surely lie in it, whatever the reals were.
Lazy index_of(const Lazy& place, int64_t extent, DType dtype) {
  const auto last = static_cast<double>(extent - 1);
  return at_most(at_least(array::cast(at_most(at_least(place, 0), last), dtype), 0), last);
}

DType index_dtype(const Dims& shape) {
  return element_count(shape) > std::numeric_limits<int32_t>::max() ? DType::int64 : DType::int32;
}

int64_t extent_behind(const Dims& shape, size_t axis) {
  int64_t extent = 1;
  for (size_t i = axis + 1; i < shape.size(); ++i) extent *= shape[i];
  return extent;
}

// What lies outside of an axis, and how its first and last places are meant.
struct Border {
  std::string padding;  // zeros, border, reflection
  bool aligned;         // ends are the middles of the outer places, else their edges
};

// Turned back at both ends as often as need be.
Lazy reflected(const Lazy& x, const Border& border, int64_t extent) {
  const double low = border.aligned ? 0 : -0.5, high = static_cast<double>(extent) - (border.aligned ? 1 : 0.5);
  const double range = high - low;
  if (range <= 0) return x * 0.0;
  const Lazy along = op(Elementwise::remainder, x - low, like(x, 2 * range));
  const Lazy turned = where(op(Elementwise::greater, along, like(x, range)), 2 * range - along, along) + low;
  return where(lies_in(x, low, high), x, turned);
}

// Cubic neighbours beyond the ends are the outer places themselves, as PyTorch and onnxruntime have it: a position just
// outside still has some inside. The onnx package's evaluator moves positions first, which makes a jump there.
Lazy moved_inside(const Lazy& x, const std::string& mode, const Border& border, int64_t extent) {
  const double room = mode == "cubic" ? 2 : 0;  // from there on all neighbours are the outer place
  if (border.padding == "border") return at_most(at_least(x, -room), static_cast<double>(extent - 1) + room);
  return border.padding == "reflection" ? reflected(x, border, extent) : x;
}

// One neighbour of a position along an axis.
struct Tap {
  Lazy index, weight, inside;
};

Lazy cubic_weight(const Lazy& distance) {
  constexpr double a = -0.75;
  const Lazy x = op(Elementwise::abs, distance);
  const Lazy near = (x * (a + 2) - (a + 3)) * x * x + 1;
  const Lazy far = ((x * a - 5 * a) * x + 8 * a) * x - 4 * a;
  return where(op(Elementwise::less_equal, x, like(x, 1)), near, far);
}

// The neighbours of positions: one, two, or four. They are computed once, for all channels.
std::vector<Tap> taps_of(Call& n, const Lazy& position, const std::string& mode, const Border& border, int64_t extent,
                         DType index) {
  const auto last = static_cast<double>(extent - 1);
  const Lazy rounded = mode == "nearest" ? op(Elementwise::round, position) : position;
  const Lazy x = Lazy(n.stream().array(moved_inside(rounded, mode, border, extent)));
  const int64_t reach = mode == "cubic" ? 2 : mode == "linear" ? 1 : 0;
  const Lazy base = reach == 0 ? op(Elementwise::round, x) : op(Elementwise::floor, x);
  std::vector<Tap> taps;
  for (int64_t k = std::min<int64_t>(1 - reach, 0); k <= reach; ++k) {
    const Lazy place = base + static_cast<double>(k);
    const Lazy distance = place - x;
    const Lazy weight = reach == 0   ? like(x, 1)
                        : reach == 1 ? 1 - op(Elementwise::abs, distance)
                                     : cubic_weight(distance);
    const Lazy kept = op(Elementwise::round, border.padding == "reflection" ? reflected(place, border, extent) : place);
    const std::array<Lazy, 3> parts{index_of(kept, extent, index), weight, lies_in(place, 0, last)};
    taps.push_back({Lazy(n.stream().array(parts[0])), reach == 0 ? weight : Lazy(n.stream().array(weight)),
                    Lazy(n.stream().array(parts[2]))});
  }
  return taps;
}

// Values of a table: first + places along its last axes, weighted.
Lazy interpolated(const Array& table, const Lazy& first, const std::vector<std::vector<Tap>>& axes, const Dims& extents,
                  const Border& border) {
  const Array flat = reshaped(table, {table.size()});
  std::optional<Lazy> sum;
  const std::function<void(size_t, Lazy, std::optional<Lazy>, std::optional<Lazy>)> add =
      [&](size_t axis, Lazy place, std::optional<Lazy> weight, std::optional<Lazy> inside) {
        if (axis == axes.size()) {
          Lazy value = array::cast(array::gathered(flat, place), weight->dtype());
          if (border.padding == "zeros") value = where(*inside, value, like(value, 0));
          sum = sum ? *sum + value * *weight : value * *weight;
          return;
        }
        for (const Tap& tap : axes[axis])
          add(axis + 1, place + tap.index * static_cast<double>(extent_behind(extents, axis)),
              weight ? *weight * tap.weight : tap.weight, inside ? both(*inside, tap.inside) : tap.inside);
      };
  add(0, first, std::nullopt, std::nullopt);
  return *sum;
}

// Where images and channels of a table (N, C, places...) begin, along the first axes of so many.
Lazy starts(Call& n, const Dims& shape, size_t axes, DType dtype) {
  const int64_t places = extent_behind(shape, 1);
  return Lazy(counting(n, shape[0], 0, axes, dtype)) * static_cast<double>(shape[1] * places) +
         Lazy(counting(n, shape[1], 1, axes, dtype)) * static_cast<double>(places);
}

Dims places_of(const Dims& shape) {
  Dims places;
  for (size_t i = 2; i < shape.size(); ++i) places.push_back(shape[i]);
  return places;
}

Outputs grid_sample(Call& n) {
  const Dims &shape = n.shape(0), &grid = n.shape(1);
  const size_t axes = shape.size();
  if (axes < 3 || grid.size() != axes || grid[0] != shape[0] || grid[axes - 1] != static_cast<int64_t>(axes) - 2)
    n.refuse("the grid does not fit", "(N, places..., " + std::to_string(axes - 2) + ") for " + to_string(shape),
             to_string(grid));
  std::string mode = n.text("mode", n.opset() < 20 ? "bilinear" : "linear");
  if (mode == "bilinear" || mode == "bicubic") mode = mode.substr(2);
  const Border border{n.text("padding_mode", "zeros"), n.whole("align_corners", 0) != 0};
  Dims made{shape[0], shape[1]}, flat{shape[0], 1};
  for (size_t i = 1; i + 1 < axes; ++i) made.push_back(grid[i]), flat.push_back(grid[i]);
  if (element_count(made) == 0) return fresh(n, n[0].dtype(), made);
  if (element_count(shape) == 0) n.refuse("an input without places has none to give", "one or more", to_string(shape));
  const DType wide = real_of(n[0].dtype()), index = index_dtype(shape);
  const Array table = n.dense(0), positions = n.stream().dense(array::cast(n[1], wide));
  std::vector<std::vector<Tap>> taps;
  for (size_t i = 0; i + 2 < axes; ++i) {  // the grid names the last axis first
    const int64_t extent = shape[i + 2];
    const Lazy at =
        reshaped(n.stream().dense(strided(positions, axes - 1, static_cast<int64_t>(axes - 3 - i), 1)), flat);
    const auto count = static_cast<double>(extent);
    const Lazy place = border.aligned ? (at + 1) * 0.5 * (count - 1) : ((at + 1) * count - 1) * 0.5;
    taps.push_back(taps_of(n, place, mode, border, extent, index));
  }
  const Lazy first = starts(n, shape, axes, index);
  return array::cast(interpolated(table, first, taps, places_of(shape), border), n[0].dtype());
}

// x, W, offset, bias, mask: a convolution whose windows are read between places.
Outputs deformable_convolution(Call& n) {
  const Dims &shape = n.shape(0), &weights = n.shape(1), &offset = n.shape(2);
  Dims kernel = places_of(weights);
  const size_t axes = kernel.size();
  const int64_t groups = n.whole("group", 1), parts = n.whole("offset_group", 1);
  if (axes == 0 || shape.size() != axes + 2 || groups < 1 || parts < 1 || shape[1] != weights[1] * groups ||
      weights[0] % groups != 0 || shape[1] % parts != 0)
    n.refuse("x and W do not fit", "(N, C, places...) and (M, C / group, kernel...)",
             to_string(shape) + " and " + to_string(weights));
  const Windows windows = windows_of(n, kernel);
  const int64_t taps = element_count(kernel), images = shape[0], channels = shape[1];
  Dims out{images, weights[0]};
  for (size_t i = 0; i < axes; ++i) out.push_back(windows.places(i, shape[i + 2]));
  const int64_t places = extent_behind(out, 1);
  if (element_count(offset) != images * parts * taps * static_cast<int64_t>(axes) * places)
    n.refuse("offset does not fit", "(N, offset_group * kernel * axes, places...)", to_string(offset));
  if ((n.has(3) && element_count(n.shape(3)) != weights[0]) ||
      (n.has(4) && element_count(n.shape(4)) != images * parts * taps * places))
    n.refuse("bias or mask do not fit", "(M) and (N, offset_group * kernel, places...)", "others");
  if (element_count(out) == 0 || element_count(shape) == 0) return fresh(n, n[0].dtype(), out);
  const DType wide = real_of(n[0].dtype()), index = index_dtype(shape);
  const Border border{"zeros", true};
  const Array moves =
      reshaped(n.stream().dense(array::cast(n[2], wide)), {images, parts, 1, taps, static_cast<int64_t>(axes), places});
  std::vector<std::vector<Tap>> found;
  for (size_t i = 0; i < axes; ++i) {
    Reals base(static_cast<size_t>(taps * places));
    for (int64_t k = 0; k < taps; ++k)
      for (int64_t p = 0; p < places; ++p) {
        const int64_t in_kernel = k / extent_behind(kernel, i) % kernel[i];
        const int64_t along = p / extent_behind(out, i + 2) % out[i + 2];
        base[static_cast<size_t>(k * places + p)] =
            static_cast<double>(along * windows.stride[i] - windows.before[i] + in_kernel * windows.dilation[i]);
      }
    const Lazy move =
        reshaped(n.stream().dense(strided(moves, 4, static_cast<int64_t>(i), 1)), {images, parts, 1, taps, places});
    found.push_back(taps_of(n, move + Lazy(host_array(n, base, {1, 1, 1, taps, places}, wide)), "linear", border,
                            shape[i + 2], index));
  }
  const Dims split{images, parts, channels / parts};
  const int64_t all = extent_behind(shape, 1);
  const Lazy first = Lazy(counting(n, images, 0, 5, index)) * static_cast<double>(channels * all) +
                     Lazy(counting(n, parts, 1, 5, index)) * static_cast<double>(split[2] * all) +
                     Lazy(counting(n, split[2], 2, 5, index)) * static_cast<double>(all);
  Lazy value = interpolated(n.dense(0), first, found, places_of(shape), border);
  if (n.has(4)) value = value * array::cast(reshaped(n.dense(4), {images, parts, 1, taps, places}), wide);
  const Array columns = reshaped(n.stream().dense(value), {images, groups, channels / groups * taps, places});
  const Array filters =
      reshaped(n.stream().dense(array::cast(n[1], wide)), {1, groups, weights[0] / groups, weights[1] * taps});
  const Array sums = n.stream().run([&](vk::Commands& commands) { return array::matmul(commands, filters, columns); });
  Lazy result = reshaped(sums, out);
  if (n.has(3)) {
    Dims each{weights[0]};
    for (size_t i = 0; i < axes; ++i) each.push_back(1);
    result = result + array::cast(reshaped(n.dense(3), each), wide);
  }
  return array::cast(result, n[0].dtype());
}

// -- regions --

// The same number for each region, or one of each: (R, 1, 1, 1, 1, 1).
Lazy of_regions(Call& n, const Reals& values, DType dtype) {
  return host_array(n, values, {static_cast<int64_t>(values.size()), 1, 1, 1, 1, 1}, dtype);
}

struct Side {
  Lazy start, size;  // of a region along an axis
  int64_t bins, most;  // results along it, and most samples of one
  std::optional<Lazy> own;  // samples of a region, where they differ
};

// Samples of each bin in the middle of equal parts: (R, 1, bins, samples, 1, 1), or two axes later.
Lazy sample_positions(Call& n, const Side& side, size_t axis) {
  const DType dtype = side.start.dtype();
  const Lazy bin = counting(n, side.bins, axis, 6, dtype), sample = counting(n, side.most, axis + 1, 6, dtype);
  const Lazy each = side.size / static_cast<double>(side.bins);
  const Lazy samples = side.own ? *side.own : like(each, static_cast<double>(side.most));
  return side.start + bin * each + (sample + 0.5) * each / samples;
}

// Up to one place outside counts as the outermost place; what is further away is nothing.
std::vector<Tap> region_taps(Call& n, const Lazy& position, int64_t extent, DType index) {
  const Lazy inside = lies_in(position, -1, static_cast<double>(extent));
  const Lazy x = at_most(at_least(position, 0), static_cast<double>(extent - 1));
  const Lazy low = op(Elementwise::floor, x), share = x - low;
  const auto made = [&](const Lazy& place, const Lazy& weight) {
    return Tap{Lazy(n.stream().array(index_of(place, extent, index))),
               Lazy(n.stream().array(where(inside, weight, like(weight, 0)))), inside};
  };
  return {made(low, 1 - share), made(low + 1, share)};
}

// How many samples a bin of each region has where the model does not say it: as many as it has places.
Side with_own_samples(Call& n, Side side, size_t from, size_t to, double least) {
  const Reals rois = n.reals(1);
  const auto columns = static_cast<size_t>(n.shape(1)[1]);
  const double scale = n.real("spatial_scale", 1);
  Reals counts;
  double most = 1;
  for (size_t at = 0; at + columns <= rois.size(); at += columns) {
    const double size = std::max((rois[at + to] - rois[at + from]) * scale, least);
    counts.push_back(std::max(std::ceil(static_cast<float>(size / static_cast<double>(side.bins))), 0.0F));
    most = std::max(most, counts.back());
  }
  if (!(most < 4096)) n.refuse("a region is too large", "fewer than 4096 samples of a bin", std::to_string(most));
  side.most = static_cast<int64_t>(most);
  side.own = of_regions(n, counts, side.start.dtype());
  return side;
}

struct Regions {
  Array values;  // (R, 5 or 4) as (R, 1, 1, 1, 1, columns)
  Lazy first;  // where a region's image and channel begin
  Dims shape;  // of the result
};

Regions regions_of(Call& n, const Lazy& images, int64_t height, int64_t width) {
  const Dims &shape = n.shape(0), &rois = n.shape(1);
  if (shape.size() != 4 || rois.size() != 2 || height < 1 || width < 1)
    n.refuse("the regions do not fit", "x of four axes, regions of two", to_string(shape) + " and " + to_string(rois));
  const DType index = index_dtype(shape);
  const int64_t places = shape[2] * shape[3], count = rois[0];
  const Array rows = n.stream().dense(array::cast(n[1], real_of(n[0].dtype())));
  const Lazy image = index_of(reshaped(n.stream().dense(array::cast(images, DType::float32)), {count, 1, 1, 1, 1, 1}),
                              std::max<int64_t>(shape[0], 1), index);
  const Lazy channel = counting(n, shape[1], 1, 6, index);
  return {reshaped(rows, {count, 1, 1, 1, 1, rois[1]}),
          image * static_cast<double>(shape[1] * places) + channel * static_cast<double>(places),
          {count, shape[1], height, width}};
}

// x, regions, their images
Outputs roi_align(Call& n) {
  const Dims& shape = n.shape(0);
  const Regions regions = regions_of(n, n[2], n.whole("output_height", 1), n.whole("output_width", 1));
  if (element_count(regions.shape) == 0) return fresh(n, n[0].dtype(), regions.shape);
  if (element_count(shape) == 0) n.refuse("an input without places has none to give", "one or more", to_string(shape));
  const bool half =
      n.text("coordinate_transformation_mode", n.opset() < 16 ? "output_half_pixel" : "half_pixel") == "half_pixel";
  const double scale = n.real("spatial_scale", 1);
  const auto corner = [&](int64_t i) {
    const Lazy value = strided(regions.values, 5, i, 1);
    return Lazy(n.stream().array(value * scale - (half ? 0.5 : 0.0)));
  };
  const auto size = [&](int64_t from, int64_t to) {
    const Lazy apart = corner(to) - corner(from);
    return half ? apart : at_least(apart, 1);
  };
  const int64_t ratio = n.whole("sampling_ratio", 0);
  const DType index = index_dtype(shape);
  if (n.shape(1)[1] != 4) n.refuse("the regions do not fit", "(R, 4)", to_string(n.shape(1)));
  const auto side = [&](size_t from, size_t to, int64_t bins) {
    const Side made{corner(static_cast<int64_t>(from)), size(static_cast<int64_t>(from), static_cast<int64_t>(to)),
                    bins, ratio, std::nullopt};
    return ratio > 0 ? made : with_own_samples(n, made, from, to, half ? -std::numeric_limits<double>::infinity() : 1);
  };
  const Side down = side(1, 3, regions.shape[2]), across = side(0, 2, regions.shape[3]);
  const std::vector<Tap> rows = region_taps(n, sample_positions(n, down, 2), shape[2], index);
  const std::vector<Tap> columns = region_taps(n, sample_positions(n, across, 4), shape[3], index);
  const Array flat = reshaped(n.dense(0), {element_count(shape)});
  const bool highest = n.text("mode", "avg") == "max";
  std::optional<Lazy> value;
  for (const Tap& row : rows)
    for (const Tap& column : columns) {
      const Lazy place = regions.first + row.index * static_cast<double>(shape[3]) + column.index;
      const Lazy part = array::cast(array::gathered(flat, place), row.weight.dtype()) * (row.weight * column.weight);
      value = !value ? part : highest ? op(Elementwise::maximum, *value, part) : *value + part;
    }
  Lazy count = like(*value, static_cast<double>(down.most * across.most));
  if (down.own) {  // samples that a region does not have
    const auto has = [&](const Side& side, size_t axis) {
      return op(Elementwise::less, Lazy(counting(n, side.most, axis, 6, value->dtype())), *side.own);
    };
    const double none = highest ? -std::numeric_limits<double>::infinity() : 0;
    value = where(both(has(down, 3), has(across, 5)), *value, like(*value, none));
    count = *down.own * *across.own;
  }
  const Lazy result = reduced(n, *value, highest ? Reduce::max : Reduce::sum, {3, 5});
  const Lazy filled =
      where(op(Elementwise::greater, count, like(count, 0)), highest ? result : result / count, like(result, 0));
  return array::cast(reshaped(n.stream().dense(filled), regions.shape), n[0].dtype());
}

// First place and end of each bin, as Caffe has them: rounded out, cut to the input.
struct Bins {
  Lazy first, end;
  int64_t most;
};
Bins bins_of(Call& n, const Lazy& from, const Lazy& to, int64_t bins, int64_t extent, size_t axis) {
  const Lazy each = at_least(to - from + 1, 1) / static_cast<double>(bins);
  const Lazy bin = counting(n, bins, axis, 6, from.dtype());
  const auto cut = [&](const Lazy& x) {
    return Lazy(n.stream().array(at_most(at_least(x + from, 0), static_cast<double>(extent))));
  };
  const Lazy first = cut(op(Elementwise::floor, bin * each)), end = cut(op(Elementwise::ceil, (bin + 1) * each));
  const Array sizes = n.stream().dense(array::cast(end - first, DType::float32));
  std::vector<float> values(static_cast<size_t>(sizes.size()));
  sizes.copy_to(values.data());
  const float most = values.empty() ? 1.0F : std::max(*std::max_element(values.begin(), values.end()), 1.0F);
  if (!(most <= static_cast<float>(extent))) n.refuse("a region is none", "numbers", std::to_string(most));
  return {first, end, static_cast<int64_t>(most)};
}

// x, regions (image, x1, y1, x2, y2)
Outputs max_roi_pool(Call& n) {
  const Ints pooled = n.ints("pooled_shape");
  if (pooled.size() != 2) n.refuse("pooled_shape does not fit", "two numbers", std::to_string(pooled.size()));
  if (n.known() == Known::no && n.stream().records()) throw NeedsValues{n.node().text()};
  const Dims& shape = n.shape(0);
  if (n.shape(1).size() != 2 || n.shape(1)[1] != 5) n.refuse("the regions do not fit", "(R, 5)", to_string(n.shape(1)));
  const Array rois = n.dense(1);
  const Regions regions = regions_of(n, strided(rois, 1, 0, 1), pooled[0], pooled[1]);
  if (element_count(regions.shape) == 0) return fresh(n, n[0].dtype(), regions.shape);
  if (element_count(shape) == 0) n.refuse("an input without places has none to give", "one or more", to_string(shape));
  const double scale = n.real("spatial_scale", 1);
  const auto corner = [&](int64_t i) {  // halves are rounded up
    return Lazy(n.stream().array(op(Elementwise::floor, Lazy(strided(regions.values, 5, i, 1)) * scale + 0.5)));
  };
  const Bins down = bins_of(n, corner(2), corner(4), pooled[0], shape[2], 2);
  const Bins across = bins_of(n, corner(1), corner(3), pooled[1], shape[3], 4);
  const DType index = index_dtype(shape);
  const auto places = [&](const Bins& bins, size_t axis) {
    return bins.first + Lazy(counting(n, bins.most, axis, 6, bins.first.dtype()));
  };
  const Lazy row = places(down, 3), column = places(across, 5);
  const Lazy place = regions.first + index_of(row, shape[2], index) * static_cast<double>(shape[3]) +
                     index_of(column, shape[3], index);
  const Lazy inside = both(op(Elementwise::less, row, down.end), op(Elementwise::less, column, across.end));
  const Lazy value = array::cast(array::gathered(reshaped(n.dense(0), {element_count(shape)}), place), row.dtype());
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  const Lazy result = reduced(n, where(inside, value, like(value, kNone)), Reduce::max, {3, 5});
  const Lazy filled = where(op(Elementwise::equal, result, like(result, kNone)), like(result, 0), result);
  return array::cast(reshaped(n.stream().dense(filled), regions.shape), n[0].dtype());
}

// Columns (N, C * kernel, windows) are added up where they came from.
Outputs columns_to_image(Call& n) {
  const Dims image = dims_of(n.ints(1)), kernel = dims_of(n.ints(2)), &shape = n.shape(0);
  const size_t axes = image.size();
  const int64_t taps = element_count(kernel);
  if (axes == 0 || kernel.size() != axes || shape.size() != 3 || taps < 1 || shape[1] % taps != 0)
    n.refuse("the columns do not fit", "(N, C * kernel, windows)", to_string(shape) + " for " + to_string(kernel));
  const Dims stride = numbers_of_axes(n, "strides", axes), dilation = numbers_of_axes(n, "dilations", axes);
  const Ints pads = n.ints("pads", Ints(2 * axes, 0));
  if (pads.size() != 2 * axes) n.refuse("pads do not fit", std::to_string(2 * axes) + " numbers", "others");
  Dims windows;
  for (size_t i = 0; i < axes; ++i)
    windows.push_back((image[i] + pads[i] + pads[i + axes] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1);
  if (element_count(windows) != shape[2])
    n.refuse("the windows do not fill the image", std::to_string(element_count(windows)), std::to_string(shape[2]));
  Dims made{shape[0], shape[1] / taps};
  for (const int64_t extent : image) made.push_back(extent);
  if (element_count(made) == 0 || shape[2] == 0) return fresh(n, n[0].dtype(), made);
  const DType index = index_dtype(shape);
  const Array flat = reshaped(n.dense(0), {element_count(shape)});
  const Lazy first = Lazy(counting(n, shape[0], 0, axes + 2, index)) * static_cast<double>(shape[1] * shape[2]) +
                     Lazy(counting(n, made[1], 1, axes + 2, index)) * static_cast<double>(taps * shape[2]);
  // Along an axis: which window's tap a place of the image is, and whether there is one.
  const auto along = [&](size_t axis, int64_t tap) {
    Ints window(static_cast<size_t>(image[axis])), there(window.size());
    for (int64_t place = 0; place < image[axis]; ++place) {
      const int64_t from = place + pads[axis] - tap * dilation[axis], at = from / stride[axis];
      const bool fits = from >= 0 && from % stride[axis] == 0 && at < windows[axis];
      window[static_cast<size_t>(place)] = fits ? at * extent_behind(windows, axis) : 0;
      there[static_cast<size_t>(place)] = fits ? 1 : 0;
    }
    Ints spread(axes + 2, 1);
    spread[axis + 2] = image[axis];
    return std::pair(host_array(n, window, dims_of(spread), index),
                     host_array(n, there, dims_of(spread), DType::bool_));
  };
  std::optional<Lazy> sum;
  for (int64_t tap = 0; tap < taps; ++tap) {
    Lazy place = first + static_cast<double>(tap * shape[2]);
    std::optional<Lazy> there;
    for (size_t i = 0; i < axes; ++i) {
      const auto [window, fits] = along(i, tap / extent_behind(kernel, i) % kernel[i]);
      place = place + Lazy(window);
      there = there ? both(*there, fits) : Lazy(fits);
    }
    const Lazy part = where(*there, array::gathered(flat, place), like(n[0], 0));
    sum = sum ? *sum + part : part;
  }
  return *sum;
}

constexpr OperatorRow kRows[] = {
    {"Col2Im", 18, columns_to_image}, {"DeformConv", 19, deformable_convolution},
    {"GridSample", 16, grid_sample},  {"MaxRoiPool", 1, max_roi_pool},
    {"RoiAlign", 10, roi_align},
};

}  // namespace

std::span<const OperatorRow> sampling_ops() { return kRows; }

}  // namespace forge::infer::onnx
