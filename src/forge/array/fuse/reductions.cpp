#include "forge/array/fuse/reductions.hpp"

#include <array>
#include <map>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/fuse/host_form.hpp"

namespace forge::array {

namespace {

// Shorter rows, and fewer, leave a device idle: array/ops/reduce has other ways for them.
constexpr int64_t kShortest = 64, kFewest = 16;

// What is added up, and what it becomes in the end.
DType added_in(RowReduction op, DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  if (is_short_float(dtype)) return DType::float32;
  const bool adds = op == RowReduction::sum || op == RowReduction::prod;
  if (!adds || row.kind == 'f') return dtype;
  return row.kind == 'u' ? DType::uint64 : DType::int64;
}

}  // namespace

std::string_view name_of(RowReduction op) {
  constexpr std::array<std::string_view, 5> names{"", "sum", "prod", "min", "max"};
  return names[static_cast<size_t>(op)];
}

std::optional<Lazy> reduce_rows(RowReduction op, const Lazy& value) {
  const Dims& shape = value.shape();
  const char kind = dtype_row(value.dtype()).kind;
  const bool adds = op == RowReduction::sum || op == RowReduction::prod;
  if (shape.empty() || kind == 'c' || (kind == 'b' && !adds) || !value.device()) return std::nullopt;
  const int64_t length = shape[shape.size() - 1], size = element_count(shape);
  if (length < kShortest || size < length * kFewest) return std::nullopt;
  const DType added = added_in(op, value.dtype());
  if (!device_has(*value.device(), added) || !device_has(*value.device(), value.dtype())) return std::nullopt;
  const Lazy operand = cast(value, added);
  if (operand.node()->rows && !(*operand.node()->rows == operand.shape())) operand.node()->cut = true;
  const bool held =
      Fuser::of(*value.device()).locked([&] { return device_has_all_of(*value.device(), *operand.node()); });
  if (!held) operand.node()->cut = true;
  Dims reduced = shape;
  reduced[reduced.size() - 1] = 1;
  auto node = std::make_shared<Node>(added, reduced);
  node->device = value.device();
  node->weight = 1 + operand.pending();
  node->rows = shape;
  node->how = Node::Operation{nullptr, added, 1, {operand.node()}, op};
  return is_short_float(value.dtype()) ? cast(Lazy(node), value.dtype()) : Lazy(node);
}

namespace {

// An expression whose arrays and values all have one shape, or a single element, taken as another shape of as many elements.
class Reshaped {
 public:
  Reshaped(const Dims& from, const Dims& to) : from_(from), to_(to) {}

  std::shared_ptr<Node> node(const std::shared_ptr<Node>& old) {
    if (const auto found = made_.find(old.get()); found != made_.end()) return found->second;
    auto fresh = element_count(old->shape) == 1 ? old : anew(*old);
    made_.emplace(old.get(), fresh);
    return fresh;
  }

 private:
  std::shared_ptr<Node> anew(const Node& old) {
    if (!(old.shape == from_) || old.rows || old.cut) return nullptr;
    if (old.is_ready()) {
      if (!old.array->contiguous()) return nullptr;
      return Lazy(old.array->view(0, to_, contiguous_strides(to_, size_of(old.dtype)))).node();
    }
    const auto* how = std::get_if<Node::Operation>(&old.how);
    if (!how) return nullptr;
    auto fresh = std::make_shared<Node>(old.dtype, to_);
    fresh->device = old.device;
    fresh->weight = old.weight;
    Node::Operation operation = *how;
    for (size_t i = 0; i < how->count; ++i) {
      operation.operands[i] = node(how->operands[i]);
      if (!operation.operands[i]) return nullptr;
    }
    fresh->how = std::move(operation);
    return fresh;
  }

  const Dims &from_, &to_;
  std::map<const Node*, std::shared_ptr<Node>> made_;
};

}  // namespace

std::optional<Lazy> reduce_in_rows(RowReduction op, const Lazy& value) {
  if (!value.device() || is_short_float(value.dtype()) || value.computed() ||
      value.node()->recording != recording_number())
    return std::nullopt;
  const int64_t size = element_count(value.shape());
  for (const int64_t length : {16384, 4096, 1024, 1000, 256}) {
    if (size % length != 0 || size / length < kFewest) continue;
    const Dims rows{size / length, length};
    const auto node =
        Fuser::of(*value.device()).locked([&] { return Reshaped(value.shape(), rows).node(value.node()); });
    return node ? reduce_rows(op, Lazy(node)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace forge::array
