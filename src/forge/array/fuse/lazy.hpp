#pragma once

#include <memory>
#include <span>
#include <vector>

#include "forge/array/array.hpp"
#include "forge/array/fuse/elementwise.hpp"
#include "forge/vk/profile.hpp"

namespace forge::array {

struct Node;

/// Values that may not have been computed: an array, a number, or what an elementwise operation makes of others.
/// Copying a Lazy copies a reference to the same values. Building costs no device work; any thread may build and evaluate.
/// Memory that an unevaluated expression reads must not be written before it is evaluated.
class Lazy {
 public:
  Lazy(Array array);  // NOLINT(google-explicit-constructor): an array is values
  /// One number, of shape ().
  static Lazy number(double value, DType dtype);
  static Lazy number(int64_t value, DType dtype);

  DType dtype() const;
  const Dims& shape() const;
  /// The array, where the values are computed already.
  const Array* computed() const;
  /// Operations to be computed, those that several parts share counted each time.
  size_t pending() const;

  explicit Lazy(std::shared_ptr<Node> node) : node_(std::move(node)) {}
  const std::shared_ptr<Node>& node() const { return node_; }

 private:
  std::shared_ptr<Node> node_;
};

/// An operation on values that broadcast. Throws BAD_DTYPE or BAD_SHAPE; evaluates operands that have grown too long.
Lazy elementwise(Elementwise op, std::span<const Lazy> operands);
Lazy cast(const Lazy& value, DType dtype);

/// Computes these values, with equal parts once, in one kernel for each shape among them, and returns when it is submitted.
/// Each is remembered: what is built on a value afterwards reads its array. Throws MISSING_FEATURE where the device lacks a dtype.
std::vector<Array> evaluate(const std::shared_ptr<vk::Device>& device, std::span<const Lazy> values,
                            vk::Why why = vk::Why::values);
inline Array evaluate(const std::shared_ptr<vk::Device>& device, const Lazy& value) {
  return evaluate(device, std::span(&value, 1)).front();
}

/// The shape that all broadcast to; throws BAD_SHAPE.
Dims broadcast(const Dims& a, const Dims& b);

}  // namespace forge::array
