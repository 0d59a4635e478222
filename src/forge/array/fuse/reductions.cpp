#include "forge/array/fuse/reductions.hpp"

#include <array>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/fuse/host_form.hpp"
#include "forge/array/fuse/views.hpp"

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

std::optional<Lazy> reduce_in_rows(RowReduction op, const Lazy& value) {
  if (!value.device() || is_short_float(value.dtype()) || value.computed() ||
      value.node()->recording != recording_number())
    return std::nullopt;
  const int64_t size = element_count(value.shape());
  for (const int64_t length : {16384, 4096, 1024, 1000, 256}) {
    if (size % length != 0 || size / length < kFewest) continue;
    const Dims rows{size / length, length};
    const std::optional<Lazy> in_rows = reshaped(value, rows);
    return in_rows ? reduce_rows(op, *in_rows) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace forge::array
