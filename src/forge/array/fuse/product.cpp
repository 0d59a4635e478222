#include "forge/array/fuse/product.hpp"

#include "forge/array/fuse/host_form.hpp"
#include "forge/array/fuse/kernel_text.hpp"
#include "forge/array/ops/gemm.hpp"

namespace forge::array {

namespace {

// Operations behind a product, where one of our functions counts as ten: kernels for GPUs repeat them for each sum that a lane
// holds.
constexpr size_t kMostSteps = 40;

const Node::Operation* operation_of(const Node& node) {
  return node.is_ready() ? nullptr : std::get_if<Node::Operation>(&node.how);
}

// What stands behind the products below a value.
struct Search {
  std::shared_ptr<Node> product;
  size_t steps = 0;
  bool suits = true;

  void visit(const Node& node) {
    const Node::Operation* how = operation_of(node);
    if (!how || !suits) return;
    steps += !how->row ? 1 : how->row->is_costly(how->computed) ? 10 : 1;
    suits = how->reduces == RowReduction::none && !how->gathers && !node.cut && steps <= kMostSteps;
    for (size_t i = 0; suits && i < how->count; ++i) {
      const Node::Operation* below = operation_of(*how->operands[i]);
      if (below && below->product)
        take(how->operands[i]);
      else if (!how->again(i))
        visit(*how->operands[i]);
    }
  }

  void take(const std::shared_ptr<Node>& found) {
    suits = suits && (!product || product == found) && found->handles.load(std::memory_order_relaxed) == 0;
    product = found;
  }
};

// An array that broadcasts to (1, filters, places...) as one that broadcasts to (filters, places); none where its places do
// not lie evenly.
std::optional<Array> as_matrix(const Array& array, const Dims& shape) {
  const size_t dims = shape.size(), lead = dims - array.shape().size();
  const auto stride = [&](size_t axis) {
    return axis < lead || array.shape()[axis - lead] == 1 ? 0 : array.strides()[axis - lead];
  };
  int64_t places = 1, step = 0;
  for (size_t axis = dims; axis-- > 2;) {
    if (shape[axis] == 1) continue;
    if (places == 1)
      step = stride(axis);
    else if (stride(axis) != step * places)
      return std::nullopt;
    places *= shape[axis];
  }
  return array.view(0, {stride(1) == 0 ? 1 : shape[1], step == 0 ? 1 : places}, {stride(1), step});
}

// What an expression reads, as matrices; none where an array cannot be seen as one.
std::optional<std::vector<Array>> matrices_of(const Node& product, const Fused& rest) {
  std::vector<Array> matrices;
  const bool convolves = std::get<Node::Operation>(product.how).product->convolution != nullptr;
  for (const Array& input : rest.inputs()) {
    const std::optional<Array> matrix = convolves ? as_matrix(input, product.shape) : input;
    if (!matrix) return std::nullopt;
    matrices.push_back(*matrix);
  }
  return matrices;
}

// Strides of an array along the rows and the columns of a matrix that it broadcasts to.
uint32_t stride_along(const Array& array, size_t from_end) {
  if (!varies_along(array, from_end)) return 0;
  const size_t dims = array.shape().size();
  return static_cast<uint32_t>(array.strides()[dims - from_end] / static_cast<int64_t>(size_of(array.dtype())));
}

std::shared_ptr<const Epilogue> epilogue_of(const Fused& rest, const std::vector<Array>& inputs) {
  auto epilogue = std::make_shared<Epilogue>();
  for (const auto& [name, value] : uses_of(rest)) epilogue->defines[name] = value;
  epilogue->defines["EPILOGUE"] = epilogue_text(rest, inputs);
  for (const NumberBits& number : rest.numbers())
    for (const uint64_t part : number)
      for (const uint64_t word : {part, part >> 32}) epilogue->numbers.push_back(static_cast<uint32_t>(word));
  for (const Array& input : inputs) {
    const Array::Span span = input.span();
    const auto first = static_cast<uint32_t>(span.first / size_of(input.dtype()));
    epilogue->operands.push_back({span.bytes, first, stride_along(input, 2), stride_along(input, 1)});
  }
  return epilogue;
}

}  // namespace

namespace {

Lazy product_of(const Array& a, const Array& b, const Dims& shape, Product product) {
  const DType dtype = product_dtype(a.dtype(), b.dtype());
  auto node = std::make_shared<Node>(dtype, shape);
  node->device = a.storage()->device_ptr();
  node->weight = 1;
  node->cut = true;
  Node::Operation how{nullptr, dtype, 2, {Lazy(a).node(), Lazy(b).node()}, RowReduction::none};
  how.product = std::move(product);
  node->how = std::move(how);
  return Lazy(std::move(node));
}

// Whether a product can go on.
bool is_matrix(const Node& product) {
  const Node::Operation& how = std::get<Node::Operation>(product.how);
  if (!how.product->convolution) return product.shape.size() == 2;
  return convolution_goes_on(*how.operands[0]->array, *how.operands[1]->array, *how.product->convolution);
}

}  // namespace

Lazy product(const Array& a, const Array& b, bool transpose_a, bool transpose_b) {
  const DType dtype = product_dtype(a.dtype(), b.dtype());
  return product_of(a, b, matmul_shape(a, b, {transpose_a, transpose_b, dtype}), {transpose_a, transpose_b});
}

Lazy convolution(const Array& x, const Array& w, const ConvolveOptions& options) {
  return product_of(x, w, convolved_shape(x, w, options),
                    {.convolution = std::make_shared<const ConvolveOptions>(options)});
}

std::shared_ptr<Node> product_below(const Node& value) {
  if (value.shape.size() < 2 || value.cut || element_count(value.shape) == 0) return nullptr;
  Search search;
  search.visit(value);
  if (!search.suits || !search.product || !(search.product->shape == value.shape) || !is_matrix(*search.product))
    return nullptr;
  if (!device_has_all_of(*value.device, value) || !device_has(*value.device, search.product->dtype)) return nullptr;
  return search.product;
}

bool goes_along(const Node& product, const Fused& rest) { return matrices_of(product, rest).has_value(); }

void run_product(vk::Commands& commands, const Node& product, const Array& out, const Fused* rest) {
  const auto& how = std::get<Node::Operation>(product.how);
  const Array &a = *how.operands[0]->array, &b = *how.operands[1]->array;
  std::shared_ptr<const Epilogue> epilogue;
  if (rest) epilogue = epilogue_of(*rest, *matrices_of(product, *rest));
  if (how.product->convolution)
    return convolve_into(commands, a, b, std::nullopt, *how.product->convolution, out, std::move(epilogue));
  const MatmulOptions options{how.product->transpose_a, how.product->transpose_b, product.dtype};
  matmul_into(commands, a, b, options, out, std::move(epilogue));
}

}  // namespace forge::array
