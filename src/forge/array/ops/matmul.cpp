#include "forge/array/ops/matmul.hpp"

#include <algorithm>
#include <vector>

#include "forge/array/ops/gemm.hpp"
#include "forge/core/error.hpp"

namespace forge::array {

namespace {

bool is_byte(DType dtype) { return dtype == DType::int8 || dtype == DType::uint8; }

[[noreturn]] void no_product(DType a, DType b) {
  throw Error(
      ErrorCode::BAD_DTYPE, "these dtypes have no matrix product",
      "two of float16, float32, float64; two of int8, uint8; or two of int32, uint32, int64, uint64 that are alike",
      std::string(name_of(a)) + " and " + std::string(name_of(b)), "convert one of them");
}

// Operands as matrices: a vector is a row on the left and a column on the right.
struct Operand {
  Matrix matrix;
  int64_t rows, columns;
  Dims batch, batch_strides;  // strides in elements
};

Operand operand(const Array& array, bool transposed, bool left) {
  const size_t dims = array.shape().size();
  const char* name = left ? "a" : "b";
  if (dims == 0 || (dims == 1 && transposed))
    throw Error(ErrorCode::BAD_SHAPE, std::string("matmul cannot take ") + name,
                dims == 0 ? "1 axis or more" : "2 axes or more, to be transposed", to_string(array.shape()));
  const auto size = static_cast<int64_t>(size_of(array.dtype()));
  const Array::Span span = array.span();
  const auto unaligned = [&](int64_t bytes) { return bytes % size != 0; };
  if (unaligned(static_cast<int64_t>(span.first)) || span.bytes.address() % static_cast<uint64_t>(size) != 0 ||
      std::any_of(array.strides().begin(), array.strides().end(), unaligned))
    throw Error(ErrorCode::NOT_CONTIGUOUS, std::string(name) + " is not aligned to its elements",
                "start and strides that are multiples of " + std::to_string(size) + " bytes",
                "strides " + to_string(array.strides()), "make a copy: vf.asarray(np.asarray(x))");
  Operand result{{span.bytes, array.dtype(), static_cast<int64_t>(span.first) / size}, 1, 1, {}, {}};
  const auto extent = [&](size_t from_end) { return array.shape()[dims - from_end]; };
  const auto stride = [&](size_t from_end) {
    return extent(from_end) == 1 ? 0 : array.strides()[dims - from_end] / size;
  };
  if (dims == 1) {
    (left ? result.columns : result.rows) = extent(1);
    (left ? result.matrix.column_stride : result.matrix.row_stride) = stride(1);
    return result;
  }
  result.rows = extent(2), result.columns = extent(1);
  result.matrix.row_stride = stride(2), result.matrix.column_stride = stride(1);
  if (transposed) std::swap(result.rows, result.columns), result.matrix = flipped(result.matrix);
  for (size_t i = 0; i + 2 < dims; ++i) {
    result.batch.push_back(array.shape()[i]);
    result.batch_strides.push_back(stride(dims - i));
  }
  return result;
}

// One leading axis of all three.
struct Axis {
  int64_t extent, a, b, product;  // strides in elements; 0 where an operand is repeated
};

std::vector<Axis> broadcast(const Operand& a, const Operand& b, const Array& left, const Array& right) {
  const size_t dims = std::max(a.batch.size(), b.batch.size());
  std::vector<Axis> axes;
  for (size_t i = 0; i < dims; ++i) {
    const auto at = [&](const Operand& one, bool wants_extent) -> int64_t {
      const size_t missing = dims - one.batch.size();
      if (i < missing) return wants_extent ? 1 : 0;
      return wants_extent ? one.batch[i - missing] : one.batch_strides[i - missing];
    };
    const int64_t x = at(a, true), y = at(b, true);
    if (x != y && x != 1 && y != 1)
      throw Error(ErrorCode::BAD_SHAPE, "the leading axes of a matrix product do not broadcast", "equal extents, or 1",
                  to_string(left.shape()) + " and " + to_string(right.shape()));
    axes.push_back({x == 1 ? y : x, at(a, false), at(b, false), 0});
  }
  return axes;
}

// Merges neighbouring axes that are one run in all three.
std::vector<Axis> collapsed(const std::vector<Axis>& axes) {
  std::vector<Axis> list;
  for (const Axis& axis : axes) {
    if (axis.extent == 1) continue;
    if (!list.empty()) {
      Axis& outer = list.back();
      if (outer.a == axis.a * axis.extent && outer.b == axis.b * axis.extent &&
          outer.product == axis.product * axis.extent) {
        outer = {outer.extent * axis.extent, axis.a, axis.b, axis.product};
        continue;
      }
    }
    list.push_back(axis);
  }
  return list;
}

// A stack times one matrix is one tall matrix times it.
void fold_rows(Gemm& product) {
  if (product.right.batch_stride != 0 || product.batches == 1) return;
  const auto tall = [&](const Matrix& m) { return m.batch_stride == m.row_stride * product.rows; };
  if (product.rows == 1) {
    product.left.row_stride = product.left.batch_stride, product.product.row_stride = product.product.batch_stride;
  } else if (!tall(product.left) || !tall(product.product)) {
    return;
  }
  product.rows *= product.batches, product.batches = 1;
  product.left.batch_stride = product.product.batch_stride = 0;
}

// The innermost leading axis is the product's batch; those outside of it are counted through here.
void run(vk::Commands& commands, Gemm product, const std::vector<Axis>& axes) {
  if (axes.empty()) return gemm(commands, product);
  const Axis& inner = axes.back();
  product.batches = inner.extent;
  product.left.batch_stride = inner.a, product.right.batch_stride = inner.b;
  product.product.batch_stride = inner.product;
  fold_rows(product);
  std::vector<int64_t> index(axes.size() - 1, 0);
  while (true) {
    gemm(commands, product);
    size_t i = index.size();
    while (i-- > 0) {
      const Axis& axis = axes[i];
      const int64_t step = ++index[i] < axis.extent ? 1 : 1 - axis.extent;
      product.left.first += step * axis.a, product.right.first += step * axis.b;
      product.product.first += step * axis.product;
      if (step == 1) break;
      index[i] = 0;
    }
    if (i == static_cast<size_t>(-1)) return;
  }
}

void check_out(DType out, DType sum) {
  const char kind = dtype_row(sum).kind;
  const bool suits = kind == 'f' ? dtype_row(out).kind == 'f' && size_of(out) <= size_of(sum) : out == sum;
  if (!suits)
    throw Error(
        ErrorCode::BAD_DTYPE, "a matrix product cannot be stored as out_dtype",
        kind == 'f' ? "a float dtype of no more bytes than " + std::string(name_of(sum)) : std::string(name_of(sum)),
        std::string(name_of(out)));
}

}  // namespace

DType sum_dtype(DType a, DType b) {
  if (is_byte(a) && is_byte(b)) return DType::int32;
  const char kind = dtype_row(a).kind;
  if (kind == 'f' && dtype_row(b).kind == 'f')
    return a == DType::float64 || b == DType::float64 ? DType::float64 : DType::float32;
  if (a != b || (kind != 'i' && kind != 'u') || size_of(a) < 4) no_product(a, b);
  return a;
}

DType product_dtype(DType a, DType b) {
  return a == DType::float16 && b == DType::float16 ? DType::float16 : sum_dtype(a, b);
}

namespace {

struct Plan {
  DType sum;
  Operand left, right;
  std::vector<Axis> axes;
  Dims shape;
};

Plan plan_of(const Array& a, const Array& b, const MatmulOptions& options) {
  Plan plan{sum_dtype(a.dtype(), b.dtype()),
            operand(a, options.transpose_a, true),
            operand(b, options.transpose_b, false),
            {},
            {}};
  if (plan.left.columns != plan.right.rows)
    throw Error(ErrorCode::BAD_SHAPE, "the shapes of a matrix product do not fit", "as many columns of a as rows of b",
                to_string(a.shape()) + " and " + to_string(b.shape()) + ": " + std::to_string(plan.left.columns) +
                    " and " + std::to_string(plan.right.rows));
  plan.axes = broadcast(plan.left, plan.right, a, b);
  for (const Axis& axis : plan.axes) plan.shape.push_back(axis.extent);
  if (a.shape().size() > 1) plan.shape.push_back(plan.left.rows);
  if (b.shape().size() > 1) plan.shape.push_back(plan.right.columns);
  return plan;
}

void multiply(vk::Commands& commands, Plan& plan, const Array& out, std::shared_ptr<const Epilogue> epilogue) {
  if (out.size() == 0) return;
  const Operand &left = plan.left, &right = plan.right;
  int64_t matrix = left.rows * right.columns;
  for (size_t i = plan.axes.size(); i-- > 0; matrix *= plan.axes[i].extent) plan.axes[i].product = matrix;
  Gemm gemm{left.matrix, right.matrix, {out.bytes(), out.dtype(), 0, right.columns, 1}};
  gemm.rows = left.rows, gemm.columns = right.columns, gemm.depth = left.columns, gemm.sum = plan.sum;
  gemm.epilogue = std::move(epilogue);
  run(commands, gemm, collapsed(plan.axes));
}

}  // namespace

Dims matmul_shape(const Array& a, const Array& b, const MatmulOptions& options) { return plan_of(a, b, options).shape; }

Array matmul(vk::Commands& commands, const Array& a, const Array& b, const MatmulOptions& options) {
  const DType out = options.out.value_or(product_dtype(a.dtype(), b.dtype()));
  check_out(out, sum_dtype(a.dtype(), b.dtype()));
  Plan plan = plan_of(a, b, options);
  Array product = Array::empty(commands.device_ptr(), out, plan.shape);
  multiply(commands, plan, product, nullptr);
  return product;
}

void matmul_into(vk::Commands& commands, const Array& a, const Array& b, const MatmulOptions& options, const Array& out,
                 std::shared_ptr<const Epilogue> epilogue) {
  Plan plan = plan_of(a, b, options);
  FORGE_ASSERT(plan.shape == out.shape() && (!epilogue || !epilogue->reads_arrays() || plan.shape.size() == 2));
  multiply(commands, plan, out, std::move(epilogue));
}

}  // namespace forge::array
