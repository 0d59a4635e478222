#include "forge/infer/onnx/operators.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>

#include "forge/array/fuse/reductions.hpp"
#include "forge/array/ops/gather.hpp"
#include "forge/array/ops/reduce.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/trace.hpp"

namespace forge::infer::onnx {

// -- the table --

std::vector<OperatorRow> operator_rows() {
  std::vector<OperatorRow> rows;
  for (const auto family :
       {activation_ops(), attention_ops(),    control_ops(),   convolution_ops(),   elementwise_ops(),
        indexing_ops(),   making_ops(),       movement_ops(),  normalization_ops(), pooling_ops(),
        product_ops(),    quantization_ops(), random_ops(),    recurrent_ops(),     reduction_ops(),
        resize_ops(),     sampling_ops(),     selection_ops(), signal_ops(),        sorting_ops()})
    rows.insert(rows.end(), family.begin(), family.end());
  return rows;
}

const OperatorRow* find_operator(std::string_view domain, std::string_view name, int64_t opset) {
  static const auto* const table = [] {
    auto* made = new std::multimap<std::pair<std::string_view, std::string_view>, OperatorRow>;
    for (const OperatorRow& row : operator_rows()) made->emplace(std::pair(row.domain, row.name), row);
    return made;
  }();
  const OperatorRow* best = nullptr;
  const auto [first, end] = table->equal_range({domain == "ai.onnx" ? "" : domain, name});
  for (auto row = first; row != end; ++row)
    if (row->second.since <= opset && (!best || row->second.since > best->since)) best = &row->second;
  return best;
}

// -- one call --

Call::Call(Trace& trace, const Node& node, int64_t opset, std::vector<std::optional<Tensor>> inputs)
    : trace_(trace), node_(node), opset_(opset), inputs_(std::move(inputs)), known_(Known::always) {
  for (const auto& input : inputs_)
    if (input) known_ = std::min(known_, input->known);
}

const std::shared_ptr<vk::Device>& Call::device() const { return trace_.now().device(); }

void Call::refuse(const std::string& failed, const std::string& expected, const std::string& got) const {
  throw Error(ErrorCode::INVALID_ARGUMENT, node_.text() + ": " + failed, expected, got)
      .with("node", node_.name)
      .with("operator", node_.op);
}

void Call::unsupported(const std::string& what, const std::string& mend) const {
  throw Error(ErrorCode::MISSING_FEATURE, node_.text() + ": " + what + " is not supported", {},
              "opset " + std::to_string(opset_), mend)
      .with("node", node_.name)
      .with("operator", node_.op);
}

const Tensor& Call::tensor(size_t i) const {
  if (!has(i)) refuse("an input is missing", "input " + std::to_string(i), std::to_string(inputs_.size()) + " inputs");
  return *inputs_[i];
}

const Stream& Call::stream_of(Known known) const { return known == Known::no ? trace_.later() : trace_.now(); }
Array Call::array(size_t i) const { return stream_of(tensor(i).known).array(tensor(i).value); }
Array Call::dense(size_t i) const { return stream_of(tensor(i).known).dense(tensor(i).value); }

Lazy Call::folded(const Lazy& value, std::initializer_list<size_t> inputs) const {
  for (const size_t i : inputs)
    if (has(i) && inputs_[i]->known == Known::no) return value;
  return trace_.now().array(value);
}

namespace {

template <class T>
std::vector<T> values_of(const Array& dense) {
  std::vector<T> values(static_cast<size_t>(dense.size()));
  dense.copy_to(values.data());
  return values;
}

template <class To>
std::vector<To> read(const Call& call, const Array& dense) {
  const auto as = [&](auto zero) {
    const auto values = values_of<decltype(zero)>(dense);
    return std::vector<To>(values.begin(), values.end());
  };
  switch (dense.dtype()) {
    case DType::bool_: return as(uint8_t{});
    case DType::int8: return as(int8_t{});
    case DType::int16: return as(int16_t{});
    case DType::int32: return as(int32_t{});
    case DType::int64: return as(int64_t{});
    case DType::uint8: return as(uint8_t{});
    case DType::uint16: return as(uint16_t{});
    case DType::uint32: return as(uint32_t{});
    case DType::uint64: return as(uint64_t{});
    case DType::float32: return as(float{});
    case DType::float64: return as(double{});
    default: call.unsupported("reading " + std::string(name_of(dense.dtype())), "cast it to float32");
  }
}

// The host may look at what is known, or, where nothing is recorded, wait for the rest.
Array visible(const Call& call, size_t i) {
  if (call.tensor(i).known == Known::no && call.trace().later().records()) throw NeedsValues{call.node().text()};
  return call.dense(i);
}

}  // namespace

Ints Call::ints(size_t i) const { return read<int64_t>(*this, visible(*this, i)); }

int64_t Call::whole(size_t i) const {
  const Ints values = ints(i);
  if (values.size() != 1) refuse("input " + std::to_string(i) + " is one number", "one element", to_string(shape(i)));
  return values[0];
}

Reals Call::reals(size_t i) const {
  if (!has(i) || element_count(shape(i)) == 0) return {};
  Array values = visible(*this, i);
  if (is_short_float(values.dtype())) values = trace_.now().array(array::cast(values, DType::float32));
  return read<double>(*this, values);
}

double Call::number(size_t i) const {
  const Reals values = reals(i);
  if (values.size() != 1) refuse("input " + std::to_string(i) + " is one number", "one element", to_string(shape(i)));
  return values[0];
}

template <class T>
const T* Call::find(const std::string& name) const {
  const auto found = node_.attributes.find(name);
  if (found == node_.attributes.end()) return nullptr;
  if (const T* value = std::get_if<T>(&found->second)) return value;
  if (const auto* whole = std::get_if<Ints>(&found->second); whole && whole->empty()) return nullptr;  // an empty list
  refuse("the attribute \"" + name + "\" has another type", "what the operator's definition says", "another kind");
}

int64_t Call::whole(const std::string& name, int64_t otherwise) const {
  const auto* value = find<int64_t>(name);
  return value ? *value : otherwise;
}
double Call::real(const std::string& name, double otherwise) const {
  const auto* value = find<double>(name);
  return value ? *value : otherwise;
}
std::string Call::text(const std::string& name, const std::string& otherwise) const {
  const auto* value = find<std::string>(name);
  return value ? *value : otherwise;
}
Ints Call::ints(const std::string& name, const Ints& otherwise) const {
  const auto* value = find<Ints>(name);
  return value ? *value : otherwise;
}
Reals Call::reals(const std::string& name, const Reals& otherwise) const {
  const auto* value = find<Reals>(name);
  return value ? *value : otherwise;
}
Texts Call::texts(const std::string& name, const Texts& otherwise) const {
  const auto* value = find<Texts>(name);
  return value ? *value : otherwise;
}
const HostTensor& Call::host_tensor(const std::string& name) const {
  if (const auto* value = find<HostTensor>(name)) return *value;
  refuse("an attribute is missing", "\"" + name + "\"", "none");
}
const Graph& Call::graph(const std::string& name) const {
  if (const auto* value = find<std::shared_ptr<const Graph>>(name)) return **value;
  refuse("an attribute is missing", "a graph \"" + name + "\"", "none");
}

size_t Call::axis(int64_t number, size_t axes) const {
  const auto count = static_cast<int64_t>(axes);
  if (number < -count || number >= count)
    refuse("there is no such axis", std::to_string(-count) + " to " + std::to_string(count - 1),
           std::to_string(number));
  return static_cast<size_t>(number < 0 ? number + count : number);
}

// -- what operators are written with --

Array reshaped(const Array& values, const Dims& shape) {
  return values.view(0, shape, contiguous_strides(shape, size_of(values.dtype())));
}

Array permuted(const Array& values, const Ints& order) {
  Dims shape, strides;
  for (const int64_t axis : order) {
    shape.push_back(values.shape()[static_cast<size_t>(axis)]);
    strides.push_back(values.strides()[static_cast<size_t>(axis)]);
  }
  return values.view(0, shape, strides);
}

Array strided(const Array& values, size_t axis, int64_t first, int64_t count, int64_t step) {
  Dims shape = values.shape(), strides = values.strides();
  const int64_t start = count == 0 ? 0 : first * strides[axis];
  shape[axis] = count, strides[axis] *= step;
  return values.view(start, shape, strides);
}

Array fresh(const Call& call, DType dtype, const Dims& shape) { return Array::empty(call.device(), dtype, shape); }

void check_count(const Call& call, double count) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (!(count >= 0 && count <= static_cast<double>(kMost)))
    call.refuse("too many values", "0 to " + std::to_string(kMost), std::to_string(count));
}

Array host_array(const Call& call, const Ints& values, const Dims& shape, DType dtype) {
  const Array whole =
      Array::from_values(call.device(), DType::int64, shape, contiguous_strides(shape, 8), values.data());
  return dtype == DType::int64 ? whole : call.trace().now().array(array::cast(whole, dtype));
}

Array host_array(const Call& call, const Reals& values, const Dims& shape, DType dtype) {
  std::vector<float> floats(values.begin(), values.end());
  if (dtype == DType::float64)
    return Array::from_values(call.device(), DType::float64, shape, contiguous_strides(shape, 8), values.data());
  const Array whole =
      Array::from_values(call.device(), DType::float32, shape, contiguous_strides(shape, 4), floats.data());
  return dtype == DType::float32 ? whole : call.trace().now().array(array::cast(whole, dtype));
}

Array counting(const Call& call, int64_t count, size_t axis, size_t axes, DType dtype) {
  Ints values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int64_t>(i);
  Dims shape;
  for (size_t i = 0; i < axes; ++i) shape.push_back(i == axis ? count : 1);
  return host_array(call, values, shape, dtype);
}

Array joined(const Call& call, const std::vector<Lazy>& parts, size_t axis) {
  Dims shape = parts.front().shape();
  shape[axis] = 0;
  for (const Lazy& part : parts) {
    for (size_t i = 0; i < shape.size(); ++i)
      if (part.shape().size() != shape.size() || (i != axis && part.shape()[i] != shape[i]))
        call.refuse("parts do not fit together", "shapes alike but for axis " + std::to_string(axis),
                    to_string(parts.front().shape()) + " and " + to_string(part.shape()));
    shape[axis] += part.shape()[axis];
  }
  const Array out = fresh(call, parts.front().dtype(), shape);
  int64_t at = 0;
  for (const Lazy& part : parts) {
    const int64_t count = part.shape()[axis];
    if (element_count(part.shape()) > 0) call.stream().assign(strided(out, axis, at, count), part);
    at += count;
  }
  return out;
}

Array picked(const Call& call, const Lazy& values, const Ints& places, size_t axis) {
  const int64_t extent = values.shape()[axis];
  for (const int64_t place : places)
    if (place < 0 || place >= extent)
      call.refuse("an index lies outside of axis " + std::to_string(axis), "0 to " + std::to_string(extent - 1),
                  std::to_string(place));
  if (const auto ready = values.computed(); ready && places.size() == 1) return strided(*ready, axis, places[0], 1);
  const Array dense = call.stream().dense(values);
  const Array indices = host_array(call, places, {static_cast<int64_t>(places.size())}, DType::int32);
  return call.stream().run([&](vk::Commands& commands) {
    return array::gather(commands, dense, indices, static_cast<int64_t>(axis), array::IndexMode::trusted);
  });
}

DType dtype_of_number(const Call& call, int64_t number) {
  switch (number) {  // onnx.TensorProto.DataType
    case 1: return DType::float32;
    case 2: return DType::uint8;
    case 3: return DType::int8;
    case 4: return DType::uint16;
    case 5: return DType::int16;
    case 6: return DType::int32;
    case 7: return DType::int64;
    case 9: return DType::bool_;
    case 10: return DType::float16;
    case 11: return DType::float64;
    case 12: return DType::uint32;
    case 13: return DType::uint64;
    case 16: return DType::bfloat16;
    default: call.unsupported("the data type number " + std::to_string(number), "use a NumPy dtype");
  }
}

namespace {

array::RowReduction of_rows(Reduce op) {
  switch (op) {
    case Reduce::sum: return array::RowReduction::sum;
    case Reduce::prod: return array::RowReduction::prod;
    case Reduce::min: return array::RowReduction::min;
    default: return array::RowReduction::max;
  }
}

array::Operation of_blocks(Reduce op) {
  switch (op) {
    case Reduce::sum: return array::Operation::sum;
    case Reduce::prod: return array::Operation::prod;
    case Reduce::min: return array::Operation::min;
    default: return array::Operation::max;
  }
}

// What a reduction of nothing gives.
double identity(Reduce op, DType dtype) {
  const bool real = is_float(dtype);
  const double most = real ? std::numeric_limits<double>::infinity()
                           : std::ldexp(1.0, static_cast<int>(8 * size_of(dtype) - (dtype_row(dtype).kind == 'i')));
  switch (op) {
    case Reduce::sum: return 0;
    case Reduce::prod: return 1;
    case Reduce::min: return real ? most : most - 1;
    default: return real ? -most : dtype_row(dtype).kind == 'i' ? -most : 0;
  }
}

}  // namespace

Lazy reduced(const Call& call, const Lazy& value, Reduce op, const Ints& axes) {
  if (axes.empty()) return value;
  if (value.dtype() == DType::bfloat16)  // building blocks do not know it
    return array::cast(reduced(call, array::cast(value, DType::float32), op, axes), DType::bfloat16);
  const Dims& shape = value.shape();
  Dims kept = shape;
  for (const int64_t axis : axes) kept[static_cast<size_t>(axis)] = 1;
  if (element_count(shape) == 0) {
    if (element_count(kept) == 0) return fresh(call, value.dtype(), kept);
    return call.stream().array(array::broadcast_to(like(value, identity(op, value.dtype())), kept));
  }
  const bool last = axes.size() == 1 && static_cast<size_t>(axes[0]) + 1 == shape.size();
  if (last && call.known() == Known::no)
    if (const auto rows = array::reduce_rows(of_rows(op), value)) return array::cast(*rows, value.dtype());
  const Array dense = call.stream().dense(value);
  const Array made = call.stream().run(
      [&](vk::Commands& commands) { return array::reduce(commands, dense, of_blocks(op), dims_of(axes), true); });
  return array::cast(made, value.dtype());
}

Lazy mean(const Call& call, const Lazy& value, const Ints& axes) {
  double count = 1;
  for (const int64_t axis : axes) count *= static_cast<double>(value.shape()[static_cast<size_t>(axis)]);
  const Lazy wide = is_short_float(value.dtype()) ? array::cast(value, DType::float32) : value;
  const Lazy sum = reduced(call, wide, Reduce::sum, axes);
  if (!is_float(value.dtype())) {  // towards zero
    const Lazy up = where(op(Elementwise::less, sum, like(sum, 0)), like(sum, std::max(count - 1, 0.0)), like(sum, 0));
    return op(Elementwise::floor_divide, sum + up, like(sum, count));
  }
  return array::cast(sum * (1 / count), value.dtype());
}

Lazy sigmoid(const Lazy& x) { return op(Elementwise::reciprocal, op(Elementwise::exp, 0.0 - x) + 1); }

// Numerical Recipes' erfcc: a relative error of erfc of less than 1.2e-7 everywhere.
Lazy erf(const Lazy& x) {
  const Lazy wide = is_short_float(x.dtype()) ? array::cast(x, DType::float32) : x;
  const Lazy size = op(Elementwise::abs, wide), t = 1 / (size * 0.5 + 1);
  Lazy sum = like(wide, 0.17087277);
  for (const double c :
       {-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223})
    sum = t * sum + c;
  const Lazy far = 1 - t * op(Elementwise::exp, sum - size * size);
  // Near 0 the difference above has few digits left: there the series does.
  const Lazy square = wide * wide;
  Lazy series = like(wide, 1.0 / 1320);
  for (const double c : {1.0 / 216, 1.0 / 42, 1.0 / 10, 1.0 / 3}) series = c - square * series;
  const Lazy near = size * (1 - square * series) * 1.1283791670955126;
  const Lazy value = where(op(Elementwise::less, size, like(size, 0.5)), near, far);
  return array::cast(where(op(Elementwise::less, wide, like(wide, 0)), 0.0 - value, value), x.dtype());
}

Lazy softmax(const Call& call, const Lazy& x, size_t axis, bool logarithm) {
  const Ints axes{static_cast<int64_t>(axis)};
  const Lazy wide = is_short_float(x.dtype()) ? array::cast(x, DType::float32) : x;
  const Lazy shifted = wide - reduced(call, wide, Reduce::max, axes);
  const Lazy powers = op(Elementwise::exp, shifted);
  const Lazy sum = reduced(call, powers, Reduce::sum, axes);
  return array::cast(logarithm ? shifted - op(Elementwise::log, sum) : powers / sum, x.dtype());
}

}  // namespace forge::infer::onnx
