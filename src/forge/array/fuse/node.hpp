#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <string_view>
#include <variant>

#include "forge/array/fuse/elementwise.hpp"
#include "forge/array/fuse/lazy.hpp"

namespace forge::array {

/// What becomes of each row of the last axis.
enum class RowReduction : unsigned char { none, sum, prod, min, max };
std::string_view name_of(RowReduction op);

struct ConvolveOptions;  // array/ops/convolve.hpp

/// How two values of an operation without a row are multiplied: array/ops/matmul, or array/ops/convolve.
struct Product {
  bool transpose_a = false, transpose_b = false;  // of the last two axes
  std::shared_ptr<const ConvolveOptions> convolution = nullptr;
};

/// A number as its dtype's GLSL value has it, in the low bytes.
using NumberBits = std::array<uint64_t, 2>;

/// One value of an expression. `dtype`, `shape` and `weight` never change; what stands behind `ready` is written by
/// evaluate() under its lock, which then lets go of the operands, and again where the memory is about to be overwritten.
struct Node : vk::BufferReader {
  struct Operation {
    const ElementwiseRow* row = nullptr;  // null: a cast, a broadcast, or what stands below
    DType computed = DType::float32;  // what operands are converted to, but the first of `choose`
    size_t count = 0;
    std::array<std::shared_ptr<Node>, 3> operands;
    RowReduction reduces = RowReduction::none;
    std::optional<Product> product = std::nullopt;  // of two operands that are ready
    bool gathers = false;  // elements of the first operand, a ready row of values, at the places that the second gives
    std::shared_ptr<const Dims> ahead =
        nullptr;  // element i is number i + ahead, modulo the extent, of a ready operand

    /// Whether an operand stands before it as well, as in z * z: what walks expressions goes below it once.
    bool again(size_t i) const {
      return (i > 0 && operands[i] == operands[0]) || (i > 1 && operands[i] == operands[1]);
    }
  };

  DType dtype;
  Dims shape;
  size_t weight = 0;  // operations below it when it was made
  std::shared_ptr<vk::Device> device = nullptr;  // of the arrays below; null: numbers alone
  std::variant<Operation, NumberBits, std::monostate> how = std::monostate{};
  std::optional<Array> array = std::nullopt;
  std::atomic<bool> ready{false};  // `array` may be read
  /// Handles outside that may still ask for the value: it is worth storing when it is computed a second time.
  std::atomic<int> handles{0};
  uint64_t recording = 0;  // that it was built for
  bool cut = false;  // a kernel ends here: what is built on it reads its array
  std::optional<Dims> rows = std::nullopt;  // it holds reductions of the last axis of this shape, or what comes of them
  int passes = 0;  // evaluations that computed it on their way; under evaluate()'s lock

  Node(DType d, const Dims& s);
  Node(DType d, NumberBits number);
  ~Node() override;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  bool is_ready() const { return ready.load(std::memory_order_acquire); }
  bool is_number() const { return std::holds_alternative<NumberBits>(how); }
  void settle(const std::shared_ptr<Node>& self, Array values);  // makes it ready
  void before_write(const vk::Buffer& memory, std::shared_ptr<void>& copies) override;
};

/// Whether a value that is not computed will be read from this memory.
bool reads_memory(const Lazy& value, const vk::Buffer& memory);

}  // namespace forge::array
