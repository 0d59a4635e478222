#include "forge/array/fuse/product.hpp"

#include "forge/array/fuse/epilogue_text.hpp"
#include "forge/array/fuse/host_form.hpp"
#include "forge/array/fuse/standard_ending.hpp"
#include "forge/array/fuse/statement_text.hpp"
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
    suits = how->reduces == RowReduction::none && !how->gathers && !how->ahead && !node.cut && steps <= kMostSteps;
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

// Several axes of an array that broadcasts to a shape, as one axis: its extent and its step in bytes, 1 and 0 where nothing
// varies; none where elements do not lie evenly.
struct Run {
  int64_t extent, step;
};
std::optional<Run> run_of(const Array& array, const Dims& shape, size_t first, size_t end) {
  const size_t lead = shape.size() - array.shape().size();
  int64_t places = 1, step = 0;
  for (size_t axis = end; axis-- > first;) {
    if (shape[axis] == 1) continue;
    const bool varies = axis >= lead && array.shape()[axis - lead] != 1;
    const int64_t stride = varies ? array.strides()[axis - lead] : 0;
    if (places == 1)
      step = stride;
    else if (stride != step * places)
      return std::nullopt;
    places *= shape[axis];
  }
  return Run{step == 0 ? 1 : places, step};
}

// An array that broadcasts to what a product gives as one that broadcasts to its matrix: a convolution's axes are filters and
// places, behind one image; those of a stack times one matrix are rows and columns.
std::optional<Array> as_matrix(const Array& array, const Dims& shape, bool convolves) {
  const size_t columns = convolves ? 2 : shape.size() - 1;
  const auto across = run_of(array, shape, 0, columns), along = run_of(array, shape, columns, shape.size());
  if (!across || !along) return std::nullopt;
  return array.view(0, {across->extent, along->extent}, {across->step, along->step});
}

// What an expression reads, as matrices; none where an array cannot be seen as one.
std::optional<std::vector<Array>> matrices_of(const Node& product, const Fused& rest) {
  std::vector<Array> matrices;
  const bool convolves = std::get<Node::Operation>(product.how).product->convolution != nullptr;
  for (const Array& input : rest.inputs()) {
    const std::optional<Array> matrix = as_matrix(input, product.shape, convolves);
    if (!matrix) return std::nullopt;
    matrices.push_back(*matrix);
  }
  return matrices;
}

std::shared_ptr<const Epilogue> epilogue_of(const Fused& rest, const std::vector<Array>& inputs) {
  if (auto standard = standard_ending(rest, inputs)) return standard;
  auto epilogue = std::make_shared<Epilogue>();
  for (const auto& [name, value] : uses_of(rest)) epilogue->defines[name] = value;
  epilogue->defines["EPILOGUE"] = epilogue_text(rest, inputs);
  for (const NumberBits& number : rest.numbers())
    for (const uint64_t part : number)
      for (const uint64_t word : {part, part >> 32}) epilogue->numbers.push_back(static_cast<uint32_t>(word));
  for (const Array& input : inputs) epilogue->operands.push_back(operand_of(input));
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

// A stack times one matrix, as one tall matrix times it.
bool is_tall(const Node::Operation& how) {
  return how.operands[0]->array->contiguous() && !how.product->transpose_a && how.operands[0]->shape.size() > 2;
}

Array flat(const Array& array) {
  const int64_t columns = array.shape()[array.shape().size() - 1];
  const Dims shape{columns == 0 ? 0 : array.size() / columns, columns};
  return array.view(0, shape, contiguous_strides(shape, size_of(array.dtype())));
}

// Whether a product can go on.
bool is_matrix(const Node& product) {
  const Node::Operation& how = std::get<Node::Operation>(product.how);
  if (!how.product->convolution)
    return product.shape.size() == 2 || (how.operands[1]->shape.size() == 2 && is_tall(how));
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

void run_product(vk::Commands& commands, const Node& product, const Array& out, const Fused* rest,
                 bool shares_kernels) {
  const auto& how = std::get<Node::Operation>(product.how);
  const Array &a = *how.operands[0]->array, &b = *how.operands[1]->array;
  std::shared_ptr<const Epilogue> epilogue;
  if (rest) epilogue = epilogue_of(*rest, *matrices_of(product, *rest));
  if (!rest && shares_kernels && a.dtype() == DType::float32 && b.dtype() == DType::float32)
    epilogue = neutral_ending();
  if (how.product->convolution)
    return convolve_into(commands, a, b, std::nullopt, *how.product->convolution, out, std::move(epilogue));
  const MatmulOptions options{how.product->transpose_a, how.product->transpose_b, product.dtype};
  const bool tall = rest && product.shape.size() > 2;
  matmul_into(commands, tall ? flat(a) : a, b, options, tall ? flat(out) : out, std::move(epilogue));
}

}  // namespace forge::array
