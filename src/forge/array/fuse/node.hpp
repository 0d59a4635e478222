#pragma once

#include <atomic>
#include <optional>
#include <variant>

#include "forge/array/fuse/lazy.hpp"

namespace forge::array {

/// One value of an expression. `dtype`, `shape` and `weight` never change; what stands behind `ready` is written once, by
/// evaluate() under its lock, which then lets go of the operands.
struct Node {
  struct Operation {
    const ElementwiseRow* row;  // null: a cast
    DType computed;  // what operands are converted to, but the first of `choose`
    std::vector<std::shared_ptr<Node>> operands;
  };
  struct Number {
    uint64_t bits;  // as the dtype's GLSL value has them, in the low bytes
  };

  DType dtype;
  Dims shape;
  size_t weight = 0;  // operations below it when it was made
  std::shared_ptr<vk::Device> device = nullptr;  // of the arrays below; null: numbers alone
  std::variant<Operation, Number, std::monostate> how = std::monostate{};
  std::optional<Array> array = std::nullopt;
  std::atomic<bool> ready{false};  // `array` may be read

  Node(DType d, const Dims& s) : dtype(d), shape(s) {}
  bool is_ready() const { return ready.load(std::memory_order_acquire); }
  bool is_number() const { return std::holds_alternative<Number>(how); }
};

}  // namespace forge::array
