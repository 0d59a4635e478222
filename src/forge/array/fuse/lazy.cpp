#include "forge/array/fuse/lazy.hpp"

#include <array>
#include <bit>

#include "forge/array/fuse/node.hpp"
#include "forge/core/error.hpp"

namespace forge::array {

namespace {

// Operations in a kernel: with more, drivers compile for longer than a pass over memory takes.
constexpr size_t kLongest = 64;

// Evaluates what would make the expression too long.
void bound(std::span<const Lazy> operands) {
  size_t weight = 1;
  for (const Lazy& operand : operands) weight += operand.pending();
  if (weight <= kLongest) return;
  for (const Lazy& operand : operands)
    if (operand.pending() > 0 && operand.node()->device)
      evaluate(operand.node()->device, std::span(&operand, 1), vk::Why::chain);
}

uint64_t bits_of(double value, DType dtype) {
  if (dtype == DType::float64) return std::bit_cast<uint64_t>(value);
  return std::bit_cast<uint32_t>(static_cast<float>(value));
}

void check_device(const Node& node, const std::shared_ptr<vk::Device>& device) {
  if (!node.device || !device || node.device == device) return;
  throw Error(ErrorCode::INVALID_ARGUMENT, "operands lie on different devices", node.device->info().name,
              device->info().name, "copy one of them to the other's device");
}

}  // namespace

Lazy::Lazy(Array array) : node_(std::make_shared<Node>(array.dtype(), array.shape())) {
  node_->device = array.storage()->device_ptr();
  node_->array = std::move(array);
  node_->ready.store(true, std::memory_order_release);
}

Lazy Lazy::number(double value, DType dtype) {
  if (dtype_row(dtype).kind != 'f') return number(static_cast<int64_t>(value), dtype);
  auto node = std::make_shared<Node>(dtype, Dims{});
  node->how = Node::Number{bits_of(value, dtype)};
  return Lazy(std::move(node));
}

Lazy Lazy::number(int64_t value, DType dtype) {
  if (dtype_row(dtype).kind == 'f') return number(static_cast<double>(value), dtype);
  if (dtype_row(dtype).kind == 'c') promote(dtype, dtype);  // refuses
  auto node = std::make_shared<Node>(dtype, Dims{});
  node->how = Node::Number{static_cast<uint64_t>(value)};
  return Lazy(std::move(node));
}

DType Lazy::dtype() const { return node_->dtype; }
const Dims& Lazy::shape() const { return node_->shape; }
size_t Lazy::pending() const { return node_->is_ready() ? 0 : node_->weight; }
const Array* Lazy::computed() const { return node_->is_ready() ? &*node_->array : nullptr; }

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

Lazy make(const ElementwiseRow* row, const ElementwiseTypes& types, std::span<const Lazy> operands) {
  Dims shape = operands[0].shape();
  for (const Lazy& operand : operands.subspan(1)) shape = broadcast(shape, operand.shape());
  auto node = std::make_shared<Node>(types.result, shape);
  Node::Operation operation{row, types.computed, {}};
  operation.operands.reserve(operands.size());
  node->weight = 1;
  for (const Lazy& operand : operands) {
    check_device(*operand.node(), node->device);
    if (!node->device) node->device = operand.node()->device;
    node->weight += operand.pending();
    operation.operands.push_back(operand.node());
  }
  node->how = std::move(operation);
  return Lazy(std::move(node));
}

}  // namespace

Lazy elementwise(Elementwise op, std::span<const Lazy> operands) {
  const ElementwiseRow& row = row_of(op);
  if (operands.size() != row.operands)
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string(row.name) + " has another number of operands",
                std::to_string(row.operands), std::to_string(operands.size()));
  std::array<DType, 3> dtypes{};
  for (size_t i = 0; i < operands.size(); ++i) dtypes[i] = operands[i].dtype();
  const ElementwiseTypes types = types_of(row, std::span(dtypes).first(operands.size()));
  bound(operands);
  return make(&row, types, operands);
}

Lazy cast(const Lazy& value, DType dtype) {
  if (value.dtype() == dtype) return value;
  promote(dtype, value.dtype());  // refuses complex
  bound(std::span(&value, 1));
  return make(nullptr, {dtype, dtype}, std::span(&value, 1));
}

}  // namespace forge::array
