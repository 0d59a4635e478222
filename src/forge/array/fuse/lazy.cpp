#include "forge/array/fuse/lazy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_set>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/fuse/elementwise.hpp"
#include "forge/array/fuse/host_form.hpp"
#include "forge/array/fuse/host_rows.hpp"
#include "forge/array/fuse/node.hpp"
#include "forge/core/error.hpp"

namespace forge::array {

namespace {

// Operations in a kernel: with more, drivers compile for longer than a pass over memory takes.
constexpr size_t kLongest = 64;

thread_local uint64_t recording_now = 0;

// Operations below an operand; those of one that stands twice, as in z * z, once.
size_t counted(std::span<const Lazy> operands, size_t i) {
  for (size_t k = 0; k < i; ++k)
    if (operands[k].node() == operands[i].node()) return 0;
  return operands[i].pending();
}

// Evaluates what would make the expression too long; in a recording, marks it as a kernel of its own.
void bound(std::span<const Lazy> operands) {
  size_t weight = 1;
  for (size_t i = 0; i < operands.size(); ++i) weight += counted(operands, i);
  if (weight <= kLongest) return;
  std::vector<Lazy> long_ones;
  for (const Lazy& operand : operands) {
    if (operand.pending() == 0 || !operand.node()->device) continue;
    if (recording_now != 0)
      operand.node()->cut = true;
    else
      long_ones.push_back(operand);
  }
  if (!long_ones.empty()) evaluate(long_ones.front().device(), long_ones, vk::Why::chain);  // what they share once
}

double short_float(double value, DType dtype) {
  float rounded = 0;
  const void* const operand = &value;
  host_conversion_to_short(dtype)(&rounded, &operand, 1);
  return double{rounded};
}

uint64_t bits_of(double value, size_t bytes) {
  if (bytes == 8) return std::bit_cast<uint64_t>(value);
  return std::bit_cast<uint32_t>(static_cast<float>(value));
}

NumberBits bits_of(std::complex<double> value, DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  if (row.kind != 'c') return {bits_of(value.real(), row.size), 0};
  if (row.size == 16) return {bits_of(value.real(), 8), bits_of(value.imag(), 8)};
  return {bits_of(value.real(), 4) | bits_of(value.imag(), 4) << 32, 0};
}

void check_device(const Node& node, const std::shared_ptr<vk::Device>& device) {
  if (!node.device || !device || node.device == device) return;
  throw Error(ErrorCode::INVALID_ARGUMENT, "operands lie on different devices", node.device->info().name,
              device->info().name, "copy one of them to the other's device");
}

}  // namespace

Node::Node(DType d, const Dims& s) : dtype(d), shape(s), recording(recording_now) {}
Node::Node(DType d, NumberBits number) : dtype(d), how(number), recording(recording_now) {}

namespace {
// Operands that nobody else holds.
void take_operands(Node& node, std::vector<std::shared_ptr<Node>>& taken) {
  auto* how = std::get_if<Node::Operation>(&node.how);
  for (size_t i = 0; how && i < how->count; ++i)
    if (how->operands[i].use_count() == 1) taken.push_back(std::move(how->operands[i]));
}
}  // namespace

// One after another: a long chain inside of each other would need a stack as long.
Node::~Node() {
  std::vector<std::shared_ptr<Node>> last;
  take_operands(*this, last);
  while (!last.empty()) {
    const std::shared_ptr<Node> node = std::move(last.back());
    last.pop_back();
    take_operands(*node, last);
  }
}

void build_for_recording(uint64_t number) { recording_now = number; }
uint64_t recording_number() { return recording_now; }

// Each node once: in a recording nothing bounds how often an expression uses its parts, and how deep they lie.
void collect_unrecorded(const Lazy& value, std::vector<Lazy>& parts) {
  if (!value.device()) return;
  Fuser::of(*value.device()).locked([&] {
    std::unordered_set<const Node*> seen;
    std::vector<std::shared_ptr<Node>> open{value.node()};
    while (!open.empty()) {
      const std::shared_ptr<Node> node = std::move(open.back());
      open.pop_back();
      const auto* how = std::get_if<Node::Operation>(&node->how);
      if (node->is_ready() || !how || !seen.insert(node.get()).second) continue;
      if (node->recording != recording_now) {
        parts.emplace_back(node);
        continue;
      }
      for (size_t i = how->count; i-- > 0;)
        if (!how->again(i)) open.push_back(how->operands[i]);
    }
  });
}

Lazy::Lazy(Array array) : node_(std::make_shared<Node>(array.dtype(), array.shape())) {
  node_->device = array.storage()->device_ptr();
  node_->settle(node_, std::move(array));
}

Lazy Lazy::number(double value, DType dtype) { return number(std::complex<double>(value), dtype); }

Lazy Lazy::number(std::complex<double> value, DType dtype) {
  const char kind = dtype_row(dtype).kind;
  if (kind != 'f' && kind != 'c') return number(static_cast<int64_t>(value.real()), dtype);
  if (is_short_float(dtype)) value = short_float(value.real(), dtype);
  return Lazy(std::make_shared<Node>(dtype, bits_of(value, dtype)));
}

Lazy Lazy::number(int64_t value, DType dtype) {
  const char kind = dtype_row(dtype).kind;
  if (kind == 'f' || kind == 'c') return number(static_cast<double>(value), dtype);
  return Lazy(std::make_shared<Node>(dtype, NumberBits{static_cast<uint64_t>(kind == 'b' ? value != 0 : value), 0}));
}

DType Lazy::dtype() const { return node_->dtype; }
const Dims& Lazy::shape() const { return node_->shape; }
size_t Lazy::pending() const { return node_->is_ready() || node_->cut ? 0 : node_->weight; }
const std::shared_ptr<vk::Device>& Lazy::device() const { return node_->device; }

// Under the lock: an evaluation marks values as ready before it sends what computes them.
std::optional<Array> Lazy::computed() const {
  if (!node_->is_ready()) return std::nullopt;
  if (!node_->device) return node_->array;
  return Fuser::of(*node_->device).locked([&]() -> std::optional<Array> {
    if (!node_->is_ready()) return std::nullopt;
    return node_->array;
  });
}

Dims broadcast(const Dims& a, const Dims& b) {
  const Dims &longer = a.size() >= b.size() ? a : b, &shorter = a.size() >= b.size() ? b : a;
  Dims out = longer;
  const size_t lead = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    const int64_t x = longer[lead + i], y = shorter[i];
    if (x != y && x != 1 && y != 1)
      throw Error(ErrorCode::BAD_SHAPE, "shapes do not broadcast", "equal extents from the last axis on, or 1",
                  to_string(a) + " and " + to_string(b));
    out[lead + i] = x == 1 ? y : x;
  }
  return out;
}

namespace {

// Expressions over reductions stay in their kernel as long as they have its rows' shape, or one value a row, and dtypes that
// the device has: rows are reduced by it alone.
void find_rows(Node& node, std::span<const Lazy> operands) {
  const auto holds = [](const Lazy& operand) {
    return operand.node()->rows && !operand.node()->cut && !operand.node()->is_ready();
  };
  if (std::none_of(operands.begin(), operands.end(), holds)) return;
  const bool on_device = Fuser::of(*node.device).locked([&] {
    const auto held = [&](const Lazy& one) { return device_has_all_of(*node.device, *one.node()); };
    return device_has(*node.device, node.dtype) && std::all_of(operands.begin(), operands.end(), held);
  });
  for (const Lazy& operand : operands) {
    if (!holds(operand)) continue;
    Dims row_values = *operand.node()->rows;
    if (!node.rows) node.rows = row_values;
    row_values[row_values.size() - 1] = 1;
    if (on_device && *node.rows == *operand.node()->rows && (node.shape == *node.rows || node.shape == row_values))
      continue;
    node.rows.reset();
    for (const Lazy& other : operands)
      if (holds(other)) other.node()->cut = true;
    return;
  }
}

Lazy make(const ElementwiseRow* row, const ElementwiseTypes& types, std::span<const Lazy> operands, const Dims& shape) {
  auto node = std::make_shared<Node>(types.result, shape);
  Node::Operation operation{row, types.computed, operands.size(), {}, RowReduction::none};
  node->weight = 1;
  for (size_t i = 0; i < operands.size(); ++i) {
    check_device(*operands[i].node(), node->device);
    if (!node->device) node->device = operands[i].node()->device;
    node->weight += counted(operands, i);
    operation.operands[i] = operands[i].node();
  }
  find_rows(*node, operands);
  node->how = std::move(operation);
  return Lazy(std::move(node));
}

DType real_of(std::span<const Lazy> operands) {
  for (const Lazy& operand : operands)
    if (operand.device()) return default_real(*operand.device());
  return DType::float64;
}

}  // namespace

namespace {

// uint64 beside signed integers: no integer dtype holds both, and float64 rounds them.
bool compares_signs(const ElementwiseRow& row, std::span<const Lazy> operands) {
  if (row.rule != DtypeRule::compare) return false;
  const auto signs = [](DType a, DType b) { return a == DType::uint64 && dtype_row(b).kind == 'i'; };
  return signs(operands[0].dtype(), operands[1].dtype()) || signs(operands[1].dtype(), operands[0].dtype());
}

// Compared as uint64 where the signed one is not negative; else it is the smaller one.
Lazy compared_by_sign(Elementwise op, const Lazy& a, const Lazy& b) {
  const bool first = dtype_row(a.dtype()).kind == 'i';
  const Lazy& is_signed = first ? a : b;
  const auto of = [](Elementwise one, const Lazy& x, const Lazy& y) { return elementwise(one, std::array{x, y}); };
  const Lazy negative = of(Elementwise::less, is_signed, Lazy::number(int64_t{0}, is_signed.dtype()));
  const Lazy as_unsigned = of(op, cast(a, DType::uint64), cast(b, DType::uint64));
  const bool smaller = op == Elementwise::less || op == Elementwise::less_equal;
  const bool greater = op == Elementwise::greater || op == Elementwise::greater_equal;
  const bool outcome = op == Elementwise::not_equal || (smaller && first) || (greater && !first);
  if (outcome) return of(Elementwise::logical_or, negative, as_unsigned);
  const Lazy counts = elementwise(Elementwise::logical_not, std::span(&negative, 1));
  return of(Elementwise::logical_and, counts, as_unsigned);
}

}  // namespace

DType default_real(const vk::Device& device) { return device.has("shaderFloat64") ? DType::float64 : DType::float32; }

DType default_integer(const vk::Device& device) { return device.has("shaderInt64") ? DType::int64 : DType::int32; }

Lazy elementwise(Elementwise op, std::span<const Lazy> operands) {
  const ElementwiseRow& row = row_of(op);
  if (operands.size() != row.operands)
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string(row.name) + " has another number of operands",
                std::to_string(row.operands), std::to_string(operands.size()));
  if (compares_signs(row, operands)) return compared_by_sign(op, operands[0], operands[1]);
  std::array<DType, 3> dtypes{};
  for (size_t i = 0; i < operands.size(); ++i) dtypes[i] = operands[i].dtype();
  const ElementwiseTypes types = types_of(row, std::span(dtypes).first(operands.size()), real_of(operands));
  Dims shape = operands[0].shape();
  for (const Lazy& operand : operands.subspan(1))
    if (!(operand.shape() == shape)) shape = broadcast(shape, operand.shape());
  bound(operands);
  return make(&row, types, operands, shape);
}

Lazy cast(const Lazy& value, DType dtype) {
  if (value.dtype() == dtype) return value;
  if (dtype_row(value.dtype()).kind == 'c' && dtype_row(dtype).kind != 'c')
    throw Error(ErrorCode::BAD_DTYPE, "a cast of complex numbers to real ones would lose a part",
                "complex64 or complex128", std::string(name_of(dtype)), "take real(x), imag(x) or abs(x)");
  bound(std::span(&value, 1));
  return make(nullptr, {dtype, dtype}, std::span(&value, 1), value.shape());
}

Lazy gathered(const Array& table, const Lazy& places) {
  const char kind = dtype_row(places.dtype()).kind;
  if (table.shape().size() != 1 || !table.contiguous())
    throw Error(ErrorCode::BAD_SHAPE, "gathered() reads an array of one axis without gaps", "one axis",
                to_string(table.shape()));
  if (kind != 'i' && kind != 'u')
    throw Error(ErrorCode::BAD_DTYPE, "places are integers", "an integer dtype", std::string(name_of(places.dtype())));
  bound(std::span(&places, 1));
  const std::array<Lazy, 2> operands{Lazy(table), places};
  Lazy made = make(nullptr, {table.dtype(), table.dtype()}, operands, places.shape());
  std::get<Node::Operation>(made.node()->how).gathers = true;
  return made;
}

Lazy rolled(const Array& values, const Dims& by) {
  const Dims& shape = values.shape();
  if (by.size() != shape.size())
    throw Error(ErrorCode::BAD_SHAPE, "rolled() moves every axis", std::to_string(shape.size()) + " numbers",
                std::to_string(by.size()));
  Dims ahead = shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    const int64_t extent = std::max<int64_t>(shape[i], 1), forward = by[i] % extent;
    ahead[i] = forward > 0 ? extent - forward : -forward;
  }
  Lazy made = copy(values);
  std::get<Node::Operation>(made.node()->how).ahead = std::make_shared<const Dims>(ahead);
  return made;
}

Lazy copy(const Lazy& value) {
  return make(nullptr, {value.dtype(), value.dtype()}, std::span(&value, 1), value.shape());
}

Lazy broadcast_to(const Lazy& value, const Dims& shape) {
  if (value.shape() == shape) return value;
  if (value.shape().size() > shape.size() || !(broadcast(value.shape(), shape) == shape))
    throw Error(ErrorCode::BAD_SHAPE, "the values do not broadcast to this shape", to_string(shape),
                to_string(value.shape()));
  return make(nullptr, {value.dtype(), value.dtype()}, std::span(&value, 1), shape);
}

}  // namespace forge::array
