#pragma once

#include <memory>

#include "forge/array/fuse/fused.hpp"
#include "forge/array/ops/matmul.hpp"

// Matrix products as parts of expressions: what goes on from a product's elements is computed as they are stored.
namespace forge::array {

/// The product of two arrays as a value that is computed when it is asked for. Throws as matmul() does.
Lazy product(const Array& a, const Array& b, bool transpose_a = false, bool transpose_b = false);

/// The one product that a value goes on from, where nobody else needs it: a matrix of the value's shape, with few and cheap
/// operations behind it. Null where there is none.
std::shared_ptr<Node> product_below(const Node& value);

/// Computes a product into an array; and with it `rest`, an expression that goes on from it, where there is one.
void run_product(vk::Commands& commands, const Node& product, const Array& out, const Fused* rest = nullptr);

}  // namespace forge::array
