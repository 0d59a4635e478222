#pragma once

#include <memory>

#include "forge/array/fuse/fused.hpp"
#include "forge/array/ops/convolve.hpp"
#include "forge/array/ops/matmul.hpp"

// Matrix products as parts of expressions: what goes on from a product's elements is computed as they are stored.
namespace forge::array {

/// The product of two arrays as a value that is computed when it is asked for. Throws as matmul() does.
Lazy product(const Array& a, const Array& b, bool transpose_a = false, bool transpose_b = false);

/// The same of convolve() without a bias, which an expression adds.
Lazy convolution(const Array& x, const Array& w, const ConvolveOptions& options);

/// The one product that a value goes on from, where nobody else needs it: a matrix of the value's shape, or what one image
/// is convolved to, with few and cheap operations behind it. Null where there is none.
std::shared_ptr<Node> product_below(const Node& value);

/// Whether what goes on from a product reads its arrays along the product's rows and columns.
bool goes_along(const Node& product, const Fused& rest);

/// Computes a product into an array; and with it `rest`, an expression that goes on from it, where there is one.
/// `shares_kernels`: with the kernels of those that have a rest, where others have none to speak of.
void run_product(vk::Commands& commands, const Node& product, const Array& out, const Fused* rest = nullptr,
                 bool shares_kernels = false);

/// evaluate(commands, values) and assign(commands, target, value) for recordings whose memory never changes places: what goes
/// on from products is computed with them.
std::vector<Array> evaluate_fixed(vk::Commands& commands, std::span<const Lazy> values);
void assign_fixed(vk::Commands& commands, const Array& target, const Lazy& value);

}  // namespace forge::array
