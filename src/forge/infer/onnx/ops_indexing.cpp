#include <algorithm>

#include "forge/array/ops/compact.hpp"
#include "forge/array/ops/gather.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/trace.hpp"

// Elements by index. What the host knows is checked; other indices are kept inside of their axis.
namespace forge::infer::onnx {

namespace {

// Counted from the start, and inside.
Lazy safe(const Lazy& indices, int64_t extent) {
  const Lazy wide = size_of(indices.dtype()) < 4 ? array::cast(indices, DType::int32) : indices;
  const Lazy counted = where(op(Elementwise::less, wide, like(wide, 0)), wide + static_cast<double>(extent), wide);
  const Lazy low = op(Elementwise::maximum, counted, like(wide, 0));
  return op(Elementwise::minimum, low, like(wide, static_cast<double>(std::max<int64_t>(extent - 1, 0))));
}

Ints known_places(Call& n, size_t input, int64_t extent) {
  Ints places = n.ints(input);
  for (int64_t& place : places) {
    if (place < -extent || place >= extent)
      n.refuse("an index lies outside of its axis", std::to_string(-extent) + " to " + std::to_string(extent - 1),
               std::to_string(place));
    place += place < 0 ? extent : 0;
  }
  return places;
}

Outputs gather(Call& n) {
  const size_t axis = n.axis("axis", 0, n.shape(0).size());
  const int64_t extent = n.shape(0)[axis];
  Dims shape;
  for (size_t i = 0; i < n.shape(0).size(); ++i) {
    if (i != axis)
      shape.push_back(n.shape(0)[i]);
    else
      for (const int64_t e : n.shape(1)) shape.push_back(e);
  }
  if (n.tensor(1).known != Known::no && element_count(n.shape(1)) > 0) {
    const Ints places = known_places(n, 1, extent);
    if (n.shape(1).empty()) {  // one entry: a view
      const Array one = strided(n.array(0), axis, places[0], 1);
      Dims left, strides;
      for (size_t i = 0; i < one.shape().size(); ++i)
        if (i != axis) left.push_back(one.shape()[i]), strides.push_back(one.strides()[i]);
      return one.view(0, left, strides);
    }
    return reshaped(n.stream().dense(picked(n, n[0], places, axis)), shape);
  }
  if (element_count(shape) == 0) return fresh(n, n[0].dtype(), shape);
  if (extent == 0) n.refuse("an axis without elements has none to give", "1 or more", "0");
  const Array values = n.dense(0), indices = n.stream().dense(safe(n[1], extent));
  return n.stream().run([&](vk::Commands& commands) {
    return array::gather(commands, values, indices, static_cast<int64_t>(axis), array::IndexMode::clip);
  });
}

int64_t stride_in(const Dims& shape, size_t axis) {
  int64_t stride = 1;
  for (size_t i = axis + 1; i < shape.size(); ++i) stride *= shape[i];
  return stride;
}

// Where elements of `shape` lie in memory of `whole`, with one axis' places given by indices.
Lazy flat_places(Call& n, const Dims& whole, const Dims& shape, size_t axis, const Lazy& indices) {
  const Lazy along = safe(indices, whole[axis]);
  Lazy place = along * static_cast<double>(stride_in(whole, axis));
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i == axis || shape[i] == 1) continue;
    place =
        place + Lazy(counting(n, shape[i], i, whole.size(), along.dtype())) * static_cast<double>(stride_in(whole, i));
  }
  return place;
}

void check_elements(Call& n, size_t axis, size_t indices) {
  const Dims &whole = n.shape(0), &part = n.shape(indices);
  bool fits = whole.size() == part.size();
  for (size_t i = 0; fits && i < whole.size(); ++i) fits = i == axis || part[i] <= whole[i];
  if (!fits) n.refuse("the indices do not fit", "as many axes, none longer: " + to_string(whole), to_string(part));
  if (n.tensor(indices).known != Known::no) known_places(n, indices, whole[axis]);
}

// An index that only the device knows must lead somewhere.
void check_table(Call& n) {
  if (element_count(n.shape(0)) == 0)
    n.refuse("a table without elements has none to give or to change", "one element or more", to_string(n.shape(0)));
}

Outputs gather_elements(Call& n) {
  const size_t axis = n.axis("axis", 0, n.shape(0).size());
  check_elements(n, axis, 1);
  if (element_count(n.shape(1)) == 0) return fresh(n, n[0].dtype(), n.shape(1));
  check_table(n);
  const Array table = n.dense(0);
  return array::gathered(reshaped(table, {table.size()}), flat_places(n, n.shape(0), n.shape(1), axis, n[1]));
}

array::Scatter scattering(Call& n) {
  const std::string how = n.text("reduction", "none");
  if (how == "none") return array::Scatter::set;
  if (how == "add") return array::Scatter::add;
  if (how == "max") return array::Scatter::max;
  if (how == "min") return array::Scatter::min;
  if (how == "mul") return array::Scatter::mul;
  n.refuse("an unknown reduction", "none, add, mul, max or min", how);
}

// Elements of a copy of input 0 are overwritten at flat places.
Lazy scattered(Call& n, const Array& places, const Array& updates, array::Scatter how) {
  const DType dtype = n[0].dtype();
  const bool narrow = how != array::Scatter::set && (size_of(dtype) < 4 || dtype == DType::bool_);
  const DType wide = !narrow ? dtype : is_float(dtype) ? DType::float32 : DType::int32;
  const Array out = n.stream().dense(array::copy(array::cast(n[0], wide)));
  const Array values = n.stream().dense(array::cast(updates, wide));
  if (places.size() > 0) check_table(n);
  if (places.size() > 0)
    n.stream().run([&](vk::Commands& commands) {
      array::scatter(commands, reshaped(out, {out.size()}), reshaped(places, {places.size()}),
                     reshaped(values, {values.size()}), 0, how, array::IndexMode::clip);
      return 0;
    });
  return array::cast(out, dtype);
}

Outputs scatter_elements(Call& n) {
  const size_t axis = n.axis("axis", 0, n.shape(0).size());
  check_elements(n, axis, 1);
  const Array places = n.stream().dense(flat_places(n, n.shape(0), n.shape(1), axis, n[1]));
  return scattered(n, places, n.dense(2), scattering(n));
}

// Places of the first of each run of elements that an index names; `batch` axes go in step.
struct Runs {
  Lazy first;    // (indices...,)
  Dims prefix;   // of the indices, without their last axis
  int64_t run;   // elements
};
Runs runs_of(Call& n, const Dims& whole, size_t batch) {
  const Dims& shape = n.shape(1);
  if (shape.empty() || whole.empty() || batch >= shape.size() || batch >= whole.size())
    n.refuse("indices have an axis of their own", "one axis or more", to_string(shape));
  const int64_t depth = shape[shape.size() - 1];
  if (depth < 0 || batch + static_cast<size_t>(depth) > whole.size())
    n.refuse("an index has too many parts", std::to_string(whole.size() - batch) + " at most", std::to_string(depth));
  Dims prefix;
  for (size_t i = 0; i + 1 < shape.size(); ++i) prefix.push_back(shape[i]);
  const Array indices = n.array(1);
  const DType dtype = size_of(indices.dtype()) < 4 ? DType::int32 : indices.dtype();
  Lazy place = Lazy::number(int64_t{0}, dtype);
  for (size_t i = 0; i < batch; ++i)
    place = place + Lazy(counting(n, prefix[i], i, prefix.size(), dtype)) * static_cast<double>(stride_in(whole, i));
  for (int64_t part = 0; part < depth; ++part) {
    const Array column = strided(indices, shape.size() - 1, part, 1);
    Dims left, strides;
    for (size_t i = 0; i + 1 < shape.size(); ++i) left.push_back(shape[i]), strides.push_back(column.strides()[i]);
    const size_t axis = batch + static_cast<size_t>(part);
    place = place + safe(column.view(0, left, strides), whole[axis]) * static_cast<double>(stride_in(whole, axis));
  }
  int64_t run = 1;
  for (size_t i = batch + static_cast<size_t>(depth); i < whole.size(); ++i) run *= whole[i];
  return {array::broadcast_to(place, prefix), prefix, run};
}

Array places_of(Call& n, const Runs& runs) {
  const Array first = n.stream().dense(runs.first);
  const Lazy column = reshaped(first, {first.size(), 1});
  return n.stream().dense(column + Lazy(counting(n, runs.run, 1, 2, first.dtype())));
}

Outputs gather_nd(Call& n) {
  const auto batch = static_cast<size_t>(n.whole("batch_dims", 0));
  const Runs runs = runs_of(n, n.shape(0), batch);
  Dims shape = runs.prefix;
  for (size_t i = batch + static_cast<size_t>(n.shape(1)[n.shape(1).size() - 1]); i < n.shape(0).size(); ++i)
    shape.push_back(n.shape(0)[i]);
  if (element_count(shape) == 0) return fresh(n, n[0].dtype(), shape);
  check_table(n);
  const Array table = n.dense(0), places = places_of(n, runs);
  return reshaped(n.stream().dense(array::gathered(reshaped(table, {table.size()}), places)), shape);
}

Outputs scatter_nd(Call& n) {
  const Runs runs = runs_of(n, n.shape(0), 0);
  return scattered(n, places_of(n, runs), n.dense(2), scattering(n));
}

// cache, update, write_indices: entries of the cache's axis from an index on are replaced, one index of each image.
Outputs tensor_scatter(Call& n) {
  const Dims &cache = n.shape(0), &update = n.shape(1);
  const size_t axes = cache.size(), axis = n.axis("axis", -2, axes);
  bool fits = update.size() == axes && axis > 0;
  for (size_t i = 0; fits && i < axes; ++i) fits = i == axis ? update[i] <= cache[i] : update[i] == cache[i];
  if (!fits)
    n.refuse("the update does not fit", "the cache's shape, shorter along axis " + std::to_string(axis),
             to_string(update));
  if (n.has(2) && element_count(n.shape(2)) != cache[0])
    n.refuse("write_indices do not fit", std::to_string(cache[0]), to_string(n.shape(2)));
  if (element_count(update) == 0) return n[0];
  const Lazy at = counting(n, cache[axis], axis, axes, DType::int32);
  Lazy from = Lazy::number(int64_t{0}, DType::int32);
  if (n.has(2)) {
    Ints each(axes, 1);
    each[0] = cache[0];
    from = array::cast(reshaped(n.dense(2), dims_of(each)), DType::int32);
  }
  Lazy place = at - from;
  if (n.text("mode", "linear") == "circular")
    place = op(Elementwise::remainder, place, like(place, static_cast<double>(cache[axis])));
  const Lazy written = op(Elementwise::logical_and, op(Elementwise::greater_equal, place, like(place, 0)),
                          op(Elementwise::less, place, like(place, static_cast<double>(update[axis]))));
  const Array table = n.dense(1);
  const Lazy inside = op(Elementwise::minimum, op(Elementwise::maximum, place, like(place, 0)),
                         like(place, static_cast<double>(update[axis] - 1)));
  const Lazy values = array::gathered(reshaped(table, {table.size()}), flat_places(n, update, cache, axis, inside));
  return where(written, values, n[0]);
}

Outputs nonzero(Call& n) {
  if (n.known() == Known::no && n.trace().later().records()) throw NeedsValues{n.node().text()};
  const Dims& shape = n.shape(0);
  const bool is_bool = n[0].dtype() == DType::bool_;  // whose bytes not every device reads
  const Array in = n.stream().dense(is_bool ? array::cast(n[0], DType::int32) : n[0]);
  const auto axes = static_cast<int64_t>(shape.size());
  if (in.size() == 0) return fresh(n, DType::int64, {axes, 0});
  const Array flat = n.stream().run([&](vk::Commands& commands) { return array::nonzero(commands, in); });
  if (axes == 0) return reshaped(flat, {0, flat.size()});
  std::vector<Lazy> rows;
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto stride = static_cast<double>(stride_in(shape, i)), extent = static_cast<double>(shape[i]);
    const Lazy whole = op(Elementwise::floor_divide, Lazy(flat), like(flat, stride));
    rows.emplace_back(
        reshaped(n.stream().dense(op(Elementwise::remainder, whole, like(whole, extent))), {1, flat.size()}));
  }
  return joined(n, rows, 0);
}

Outputs compress(Call& n) {
  Ints places;
  const Ints marks = n.ints(1);
  for (size_t i = 0; i < marks.size(); ++i)
    if (marks[i] != 0) places.push_back(static_cast<int64_t>(i));
  if (n.has_attribute("axis")) {
    const size_t axis = n.axis("axis", 0, n.shape(0).size());
    if (places.empty())
      return fresh(n, n[0].dtype(), [&] {
        Dims s = n.shape(0);
        s[axis] = 0;
        return s;
      }());
    return picked(n, n[0], places, axis);
  }
  const Array in = n.dense(0);
  if (places.empty()) return fresh(n, n[0].dtype(), {0});
  return picked(n, reshaped(in, {in.size()}), places, 0);
}

Outputs reverse_sequence(Call& n) {
  const size_t axes = n.shape(0).size(), time = n.axis("time_axis", 0, axes), batch = n.axis("batch_axis", 1, axes);
  const Dims& shape = n.shape(0);
  Dims lengths;
  for (size_t i = 0; i < axes; ++i) lengths.push_back(i == batch ? shape[batch] : 1);
  const Lazy length = array::cast(reshaped(n.dense(1), lengths), DType::int32);
  const Lazy at = counting(n, shape[time], time, axes, DType::int32);
  const Lazy place = where(op(Elementwise::less, at, length), length - at - 1, at);
  const Array table = n.dense(0);
  const Lazy whole = array::broadcast_to(place, shape);
  return array::gathered(reshaped(table, {table.size()}), flat_places(n, shape, shape, time, whole));
}

constexpr OperatorRow kRows[] = {
    {"Compress", 9, compress},
    {"Gather", 1, gather},
    {"GatherElements", 11, gather_elements},
    {"GatherND", 11, gather_nd},
    {"NonZero", 9, nonzero},
    {"ReverseSequence", 10, reverse_sequence},
    {"Scatter", 9, scatter_elements},
    {"ScatterElements", 11, scatter_elements},
    {"ScatterND", 11, scatter_nd},
    {"TensorScatter", 24, tensor_scatter},
};

}  // namespace

std::span<const OperatorRow> indexing_ops() { return kRows; }

}  // namespace forge::infer::onnx
