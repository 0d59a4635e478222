#include <algorithm>
#include <limits>
#include <numeric>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Shapes and movement of data: views where that can be, copies by lazy kernels else.
namespace forge::infer::onnx {

namespace {

Outputs reshape_to(Call& n, Ints wanted, bool zero_is_zero) {
  const Dims& from = n.shape(0);
  const int64_t size = element_count(from);
  int64_t known = 1, open = -1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 && !zero_is_zero) {
      if (i >= from.size()) n.refuse("0 stands for an axis that is not there", to_string(from), std::to_string(i));
      wanted[i] = from[i];
    }
    if (wanted[i] == -1 && open < 0)
      open = static_cast<int64_t>(i);
    else if (wanted[i] < 0)
      n.refuse("a shape has a negative extent", "one -1 at most", std::to_string(wanted[i]));
    else
      known *= wanted[i];
  }
  if (open >= 0) {
    if (known == 0 || size % known != 0)
      n.refuse("the elements do not fill this shape", std::to_string(size) + " elements", to_string(dims_of(wanted)));
    wanted[static_cast<size_t>(open)] = size / known;
  } else if (known != size) {
    n.refuse("the elements do not fill this shape", std::to_string(size) + " elements", to_string(dims_of(wanted)));
  }
  return reshaped(n.dense(0), dims_of(wanted));
}

Outputs reshape(Call& n) {
  return reshape_to(n, n.opset() < 5 ? n.ints("shape") : n.ints(1), n.whole("allowzero", 0) != 0);
}

Outputs flatten(Call& n) {
  const auto axes = static_cast<int64_t>(n.shape(0).size());
  const int64_t axis = n.whole("axis", 1), from = axis < 0 ? axis + axes : axis;
  if (from < 0 || from > axes) n.refuse("there is no such axis", "0 to " + std::to_string(axes), std::to_string(axis));
  Ints shape{1, 1};
  for (int64_t i = 0; i < axes; ++i) shape[i < from ? 0 : 1] *= n.shape(0)[static_cast<size_t>(i)];
  return reshaped(n.dense(0), dims_of(shape));
}

std::vector<bool> marked(Call& n, const Ints& axes, size_t count) {
  std::vector<bool> marks(count);
  for (const int64_t number : axes) {
    const size_t axis = n.axis(number, count);
    if (marks[axis]) n.refuse("an axis stands twice", "each axis once", std::to_string(number));
    marks[axis] = true;
  }
  return marks;
}

Ints axes_of(Call& n, int64_t inputs_from) {
  if (n.opset() < inputs_from) return n.ints("axes");
  return n.has(1) ? n.ints(1) : Ints{};
}

// Axes of one element come and go without a copy, whatever the strides.
Outputs squeeze(Call& n) {
  const Array in = n.array(0);
  const Ints axes = axes_of(n, 13);
  const std::vector<bool> gone = marked(n, axes, in.shape().size());
  Dims shape, strides;
  for (size_t i = 0; i < in.shape().size(); ++i) {
    const bool goes = axes.empty() ? in.shape()[i] == 1 : gone[i];
    if (goes && in.shape()[i] != 1) n.refuse("an axis cannot go", "an extent of 1", to_string(in.shape()));
    if (goes) continue;
    shape.push_back(in.shape()[i]), strides.push_back(in.strides()[i]);
  }
  return in.view(0, shape, strides);
}

Outputs unsqueeze(Call& n) {
  const Array in = n.array(0);
  const Ints axes = axes_of(n, 13);
  const size_t count = in.shape().size() + axes.size();
  const std::vector<bool> fresh_axes = marked(n, axes, count);
  Dims shape, strides;
  for (size_t i = 0, from = 0; i < count; ++i) {
    const int64_t behind =
        from < in.shape().size() ? in.shape()[from] * in.strides()[from] : static_cast<int64_t>(size_of(in.dtype()));
    shape.push_back(fresh_axes[i] ? 1 : in.shape()[from]);
    strides.push_back(fresh_axes[i] ? behind : in.strides()[from]);
    from += fresh_axes[i] ? 0 : 1;
  }
  return in.view(0, shape, strides);
}

Outputs transpose(Call& n) {
  const size_t axes = n.shape(0).size();
  Ints order = n.ints("perm");
  if (!n.has_attribute("perm"))
    for (size_t i = axes; i-- > 0;) order.push_back(static_cast<int64_t>(i));
  if (order.size() != axes)
    n.refuse("perm does not name each axis", std::to_string(axes), std::to_string(order.size()));
  marked(n, order, axes);
  return permuted(n.array(0), order);
}

Outputs identity(Call& n) { return n[0]; }

Outputs shape_of(Call& n) {
  const auto axes = static_cast<int64_t>(n.shape(0).size());
  const auto within = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + axes : at, 0, axes); };
  const int64_t start = within(n.whole("start", 0)), end = within(n.whole("end", axes));
  Ints values;
  for (int64_t i = start; i < end; ++i) values.push_back(n.shape(0)[static_cast<size_t>(i)]);
  return Tensor{host_array(n, values, {static_cast<int64_t>(values.size())}), Known::shapes};
}

Outputs size_of_all(Call& n) { return Tensor{host_array(n, Ints{element_count(n.shape(0))}, {}), Known::shapes}; }

Outputs concat(Call& n) {
  if (n.size() == 0) n.refuse("nothing to put together", "one input or more", "none");
  std::vector<Lazy> parts;
  for (size_t i = 0; i < n.size(); ++i) parts.push_back(n[i]);
  return joined(n, parts, n.axis("axis", 1, n.shape(0).size()));
}

Outputs split(Call& n) {
  const Array in = n.array(0);
  const size_t axis = n.axis("axis", 0, in.shape().size()), count = n.node().outputs.size();
  Ints parts = n.opset() < 13 ? n.ints("split") : n.has(1) ? n.ints(1) : Ints{};
  const int64_t extent = in.shape()[axis];
  if (count == 0) n.refuse("a split has outputs", "one or more", "none");
  if (parts.empty()) {
    const auto pieces = static_cast<int64_t>(count), each = (extent + pieces - 1) / pieces;
    for (int64_t at = 0; parts.size() < count; at += each) parts.push_back(std::clamp<int64_t>(extent - at, 0, each));
  }
  if (parts.size() != count || std::accumulate(parts.begin(), parts.end(), int64_t{0}) != extent ||
      std::any_of(parts.begin(), parts.end(), [](int64_t p) { return p < 0; }))
    n.refuse("the parts do not make up the axis", std::to_string(count) + " that add up to " + std::to_string(extent),
             to_string(dims_of(
                 Ints(parts.begin(), parts.begin() + static_cast<int64_t>(std::min<size_t>(parts.size(), 8))))));
  Outputs outputs = Outputs::none();
  int64_t at = 0;
  for (const int64_t part : parts) {
    outputs.add(strided(in, axis, at, part));
    at += part;
  }
  return outputs;
}

struct Range {
  int64_t first, count, step;
};
Range clipped(int64_t start, int64_t end, int64_t step, int64_t extent) {
  const auto from_end = [&](int64_t at) { return at < 0 ? std::max<int64_t>(at, -extent - 1) + extent : at; };
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
  start = std::clamp(from_end(start), step > 0 ? low : int64_t{0} - (extent == 0), high);
  end = std::clamp(from_end(end), low, high);
  const int64_t way = step > 0 ? end - start : start - end, size = std::abs(step);
  return {start, way <= 0 ? 0 : (way + size - 1) / size, step};
}

Outputs slice_by(Call& n, const Ints& starts, const Ints& ends, Ints axes, Ints steps) {
  Array out = n.array(0);
  if (axes.empty())
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    n.refuse("starts, ends, axes and steps differ in number", std::to_string(starts.size()), "others");
  marked(n, axes, out.shape().size());
  for (size_t i = 0; i < starts.size(); ++i) {
    if (steps[i] == 0) n.refuse("a step of 0 goes nowhere", "another step", "0");
    const size_t axis = n.axis(axes[i], out.shape().size());
    const int64_t extent = out.shape()[axis], step = std::clamp<int64_t>(steps[i], -extent - 1, extent + 1);
    const Range range = clipped(starts[i], ends[i], step, extent);
    out = strided(out, axis, range.first, range.count, range.step);
  }
  return out;
}
Outputs slice_by_attributes(Call& n) { return slice_by(n, n.ints("starts"), n.ints("ends"), n.ints("axes"), {}); }
Outputs slice(Call& n) {
  return slice_by(n, n.ints(1), n.ints(2), n.has(3) ? n.ints(3) : Ints{}, n.has(4) ? n.ints(4) : Ints{});
}

Outputs expand(Call& n) { return array::broadcast_to(n[0], array::broadcast(n.shape(0), dims_of(n.ints(1)))); }

Outputs tile(Call& n) {
  Ints repeats = n.ints(1);
  if (repeats.size() != n.shape(0).size())
    n.refuse("repeats do not fit", std::to_string(n.shape(0).size()) + " numbers", std::to_string(repeats.size()));
  Lazy value = n[0];
  for (size_t axis = 0; axis < repeats.size(); ++axis) {
    if (repeats[axis] == 1) continue;
    if (repeats[axis] < 0) n.refuse("an axis cannot be repeated so often", "0 or more", std::to_string(repeats[axis]));
    int64_t before = 1, behind = 1;
    Dims shape = value.shape();
    for (size_t i = 0; i < shape.size(); ++i) (i < axis ? before : behind) *= shape[i];
    const Array flat = reshaped(n.stream().dense(value), {before, 1, behind});
    shape[axis] *= repeats[axis];
    value = reshaped(n.stream().array(array::copy(array::broadcast_to(flat, {before, repeats[axis], behind}))), shape);
  }
  return value;
}

int64_t reflected(int64_t at, int64_t extent) {
  if (extent == 1) return 0;
  const int64_t turn = 2 * (extent - 1), place = ((at % turn) + turn) % turn;
  return place < extent ? place : turn - place;
}

Lazy padded_by_places(Call& n, const Lazy& in, size_t axis, int64_t before, int64_t after, const std::string& mode) {
  const int64_t extent = in.shape()[axis];
  if (extent == 0) n.refuse("an axis without elements cannot be continued", "1 element or more", to_string(in.shape()));
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (before > kMost || after > kMost || before + extent + after > kMost)
    n.refuse("an axis would be too long", std::to_string(kMost) + " at most",
             std::to_string(extent) + " with pads of " + std::to_string(before) + " and " + std::to_string(after));
  Ints places;
  for (int64_t at = -before; at < extent + after; ++at) {
    if (mode == "edge")
      places.push_back(std::clamp<int64_t>(at, 0, extent - 1));
    else if (mode == "wrap")
      places.push_back(((at % extent) + extent) % extent);
    else
      places.push_back(reflected(at, extent));
  }
  return picked(n, in, places, axis);
}

Outputs pad_by(Call& n, const Ints& pads, const Ints& axes, const Lazy& fill) {
  const size_t count = n.shape(0).size();
  const std::string mode = n.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")
    n.refuse("an unknown mode", "constant, edge, reflect or wrap", mode);
  const size_t given = axes.size();
  if (pads.size() != 2 * given)
    n.refuse("pads do not fit", std::to_string(2 * given) + " numbers", std::to_string(pads.size()));
  Ints before(count), after(count);
  for (size_t i = 0; i < given; ++i) {
    const size_t axis = n.axis(axes[i], count);
    before[axis] = pads[i], after[axis] = pads[i + given];
  }
  // Negative pads cut.
  Array in = n.array(0);
  Lazy value = n[0];
  for (size_t i = 0; i < count; ++i) {
    if (before[i] >= 0 && after[i] >= 0) continue;
    const int64_t first = std::max<int64_t>(-before[i], 0), last = std::max<int64_t>(-after[i], 0);
    if (first + last > in.shape()[i])
      n.refuse("pads cut more than there is", to_string(in.shape()), std::to_string(first + last));
    in = strided(in, i, first, in.shape()[i] - first - last);
    before[i] = std::max<int64_t>(before[i], 0), after[i] = std::max<int64_t>(after[i], 0);
    value = in;
  }
  if (mode != "constant") {
    for (size_t i = 0; i < count; ++i)
      if (before[i] != 0 || after[i] != 0) value = padded_by_places(n, value, i, before[i], after[i], mode);
    return value;
  }
  Dims shape = value.shape();
  for (size_t i = 0; i < count; ++i) shape[i] += before[i] + after[i];
  if (shape == value.shape()) return value;
  const Array out = fresh(n, value.dtype(), shape);
  Array rest = out;  // what is not filled yet: slabs before and behind, axis by axis
  const auto set = [&](const Array& slab) {
    if (slab.size() > 0) n.stream().assign(slab, fill);
  };
  for (size_t i = 0; i < count; ++i) {
    set(strided(rest, i, 0, before[i]));
    set(strided(rest, i, before[i] + value.shape()[i], after[i]));
    rest = strided(rest, i, before[i], value.shape()[i]);
  }
  if (rest.size() > 0) n.stream().assign(rest, value);
  return out;
}

Ints all_axes(const Call& n) {
  Ints axes;
  for (size_t i = 0; i < n.shape(0).size(); ++i) axes.push_back(static_cast<int64_t>(i));
  return axes;
}

Outputs pad_by_attributes(Call& n) {
  return pad_by(n, n.ints(n.opset() < 2 ? "paddings" : "pads"), all_axes(n), like(n[0], n.real("value", 0)));
}
Outputs pad(Call& n) {
  const Lazy fill = n.has(2) ? Lazy(reshaped(n.dense(2), {})) : like(n[0], 0);
  return pad_by(n, n.ints(1), n.has(3) ? n.ints(3) : all_axes(n), fill);
}

Outputs blocks_from(Call& n, const Dims& split, const Ints& order, const Dims& shape) {
  return reshaped(n.stream().dense(permuted(reshaped(n.dense(0), split), order)), shape);
}
Outputs depth_to_space(Call& n) {
  const Dims& s = n.shape(0);
  const int64_t b = n.whole("blocksize", 1);
  if (s.size() != 4 || b < 1 || b > std::numeric_limits<int32_t>::max() || s[1] % (b * b) != 0)
    n.refuse("the channels do not make blocks", "(N, C, H, W), C a multiple of blocksize squared", to_string(s));
  const int64_t c = s[1] / (b * b);
  const Dims shape{s[0], c, s[2] * b, s[3] * b};
  if (n.text("mode", "DCR") == "DCR") return blocks_from(n, {s[0], b, b, c, s[2], s[3]}, {0, 3, 4, 1, 5, 2}, shape);
  return blocks_from(n, {s[0], c, b, b, s[2], s[3]}, {0, 1, 4, 2, 5, 3}, shape);
}
Outputs space_to_depth(Call& n) {
  const Dims& s = n.shape(0);
  const int64_t b = n.whole("blocksize", 1);
  if (s.size() != 4 || b < 1 || b > std::numeric_limits<int32_t>::max() || s[2] % b != 0 || s[3] % b != 0)
    n.refuse("the places do not make blocks", "(N, C, H, W), H and W multiples of blocksize", to_string(s));
  const Ints order = n.text("mode", "DCR") == "DCR" ? Ints{0, 3, 5, 1, 2, 4} : Ints{0, 1, 3, 5, 2, 4};
  return blocks_from(n, {s[0], s[1], s[2] / b, b, s[3] / b, b}, order, {s[0], s[1] * b * b, s[2] / b, s[3] / b});
}

// Inference keeps everything.
Outputs dropout(Call& n) {
  if (n.has(2) && n.whole(2) != 0 && (!n.has(1) || n.number(1) != 0))
    n.unsupported("training", "export the model for inference");
  std::vector<std::optional<Tensor>> outputs{n.tensor(0)};
  if (n.wants(1))
    outputs.emplace_back(Tensor{array::broadcast_to(
        Lazy(host_array(n, Ints{1}, {}, n.opset() < 10 ? n[0].dtype() : DType::bool_)), n.shape(0))});
  return outputs;
}

// The same bits as another dtype of the same size.
Outputs bit_cast(Call& n) {
  const DType dtype = dtype_of_number(n, n.whole("to", 0));
  if (size_of(dtype) != size_of(n[0].dtype()))
    n.refuse("bits are of another size", std::to_string(size_of(n[0].dtype())) + " bytes an element",
             std::string(name_of(dtype)));
  if (element_count(n.shape(0)) == 0) return fresh(n, dtype, n.shape(0));
  return Array::over(n.dense(0).bytes(), dtype, n.shape(0));
}

constexpr OperatorRow kRows[] = {
    {"BitCast", 26, bit_cast},
    {"Concat", 1, concat},
    {"DepthToSpace", 1, depth_to_space},
    {"Dropout", 1, dropout},
    {"Expand", 8, expand},
    {"Flatten", 1, flatten},
    {"Identity", 1, identity},
    {"Pad", 1, pad_by_attributes},
    {"Pad", 11, pad},
    {"Reshape", 1, reshape},
    {"Shape", 1, shape_of},
    {"Size", 1, size_of_all},
    {"Slice", 1, slice_by_attributes},
    {"Slice", 10, slice},
    {"SpaceToDepth", 1, space_to_depth},
    {"Split", 2, split},
    {"Squeeze", 1, squeeze},
    {"Tile", 6, tile},
    {"Transpose", 1, transpose},
    {"Unsqueeze", 1, unsqueeze},
};

}  // namespace

std::span<const OperatorRow> movement_ops() { return kRows; }

}  // namespace forge::infer::onnx
