#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forge/array/fuse/elementwise.hpp"
#include "forge/array/fuse/lazy.hpp"
#include "forge/infer/onnx/model.hpp"
#include "forge/infer/onnx/stream.hpp"

// What an operator's function sees, and the table of them. A family of operators is a file ops_<family>.cpp.
namespace forge::infer::onnx {

using array::Array;
using array::Elementwise;
using array::Lazy;

/// Whether the host may ask for a value before the model runs.
enum class Known : unsigned char {
  no,      // it depends on what the model is run with
  shapes,  // it depends on shapes of inputs alone
  always,  // it is the same in every run
};

struct Tensor {
  Lazy value;
  Known known = Known::no;
};

/// Thrown where an operator must know a value that only a run gives: the model is then run node by node.
struct NeedsValues {
  std::string node;
};

class Trace;
class Call;

/// What a node gives; nothing stands for an output that is not asked for.
class Outputs {
 public:
  Outputs(const Lazy& value) : values_{Tensor{value}} {}          // NOLINT(google-explicit-constructor): one value
  Outputs(const Array& value) : values_{Tensor{Lazy(value)}} {}   // NOLINT(google-explicit-constructor): the same
  Outputs(const Tensor& value) : values_{value} {}                // NOLINT(google-explicit-constructor): the same
  // NOLINTNEXTLINE(google-explicit-constructor): what functions put together
  Outputs(std::vector<std::optional<Tensor>> values) : values_(std::move(values)) {}
  Outputs(std::initializer_list<Lazy> values) {
    for (const Lazy& value : values) values_.emplace_back(Tensor{value});
  }
  void add(const Lazy& value) { values_.emplace_back(Tensor{value}); }
  std::vector<std::optional<Tensor>>& values() { return values_; }
  static Outputs none() { return Outputs(std::vector<std::optional<Tensor>>{}); }

 private:
  std::vector<std::optional<Tensor>> values_;
};

/// One node with its inputs.
class Call {
 public:
  Call(Trace& trace, const Node& node, int64_t opset, std::vector<std::optional<Tensor>> inputs);

  const Node& node() const { return node_; }
  int64_t opset() const { return opset_; }
  Trace& trace() const { return trace_; }
  const std::shared_ptr<vk::Device>& device() const;

  size_t size() const { return inputs_.size(); }
  bool has(size_t i) const { return i < inputs_.size() && inputs_[i]; }
  const Tensor& tensor(size_t i) const;  // throws INVALID_ARGUMENT where it is left out
  const Lazy& operator[](size_t i) const { return tensor(i).value; }
  const Dims& shape(size_t i) const { return tensor(i).value.shape(); }
  Array array(size_t i) const;
  Array dense(size_t i) const;

  /// Whole numbers that the operator must know now. Throws NeedsValues.
  Ints ints(size_t i) const;
  int64_t whole(size_t i) const;
  double number(size_t i) const;  // of any real dtype
  Reals reals(size_t i) const;    // the same of all elements; none where the input is left out

  bool wants(size_t output) const { return output < node_.outputs.size() && !node_.outputs[output].empty(); }
  bool has_attribute(const std::string& name) const { return node_.attributes.contains(name); }
  int64_t whole(const std::string& name, int64_t otherwise) const;
  double real(const std::string& name, double otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  Ints ints(const std::string& name, const Ints& otherwise = {}) const;
  Reals reals(const std::string& name, const Reals& otherwise = {}) const;
  Texts texts(const std::string& name, const Texts& otherwise = {}) const;
  const HostTensor& host_tensor(const std::string& name) const;
  const Graph& graph(const std::string& name) const;
  /// An axis by number; negative ones count from the end. Throws INVALID_ARGUMENT.
  size_t axis(int64_t number, size_t axes) const;
  size_t axis(const std::string& name, int64_t otherwise, size_t axes) const {
    return axis(whole(name, otherwise), axes);
  }

  /// Where the node's own work goes: what all is known for is done now.
  const Stream& stream() const { return stream_of(known_); }
  const Stream& stream_of(Known known) const;
  Known known() const { return known_; }
  /// A value made of these inputs alone: computed now where they are known.
  Lazy folded(const Lazy& value, std::initializer_list<size_t> inputs) const;

  /// INVALID_ARGUMENT about this node.
  [[noreturn]] void refuse(const std::string& failed, const std::string& expected, const std::string& got) const;
  /// MISSING_FEATURE about this node.
  [[noreturn]] void unsupported(const std::string& what, const std::string& mend) const;

 private:
  template <class T>
  const T* find(const std::string& name) const;

  Trace& trace_;
  const Node& node_;
  int64_t opset_;
  std::vector<std::optional<Tensor>> inputs_;
  Known known_;
};

struct OperatorRow {
  std::string_view name;
  int64_t since;  // the first opset whose meaning this is
  Outputs (*compute)(Call&);
  std::string_view domain = {};
  bool draws = false;  // another result in each run
};

/// The row that is in force at an opset; null where there is none.
const OperatorRow* find_operator(std::string_view domain, std::string_view name, int64_t opset);
/// All rows, family by family.
std::vector<OperatorRow> operator_rows();

// The families.
std::span<const OperatorRow> activation_ops();
std::span<const OperatorRow> attention_ops();
std::span<const OperatorRow> control_ops();
std::span<const OperatorRow> convolution_ops();
std::span<const OperatorRow> elementwise_ops();
std::span<const OperatorRow> indexing_ops();
std::span<const OperatorRow> making_ops();
std::span<const OperatorRow> movement_ops();
std::span<const OperatorRow> normalization_ops();
std::span<const OperatorRow> pooling_ops();
std::span<const OperatorRow> product_ops();
std::span<const OperatorRow> quantization_ops();
std::span<const OperatorRow> random_ops();
std::span<const OperatorRow> recurrent_ops();
std::span<const OperatorRow> reduction_ops();
std::span<const OperatorRow> resize_ops();
std::span<const OperatorRow> sampling_ops();
std::span<const OperatorRow> selection_ops();
std::span<const OperatorRow> signal_ops();
std::span<const OperatorRow> sorting_ops();

// -- what operators are written with --

/// Refuses counts of values that the host writes one by one.
void check_count(const Call& call, double count);
/// What numbers of a dtype are computed in.
constexpr DType real_of(DType dtype) { return dtype == DType::float64 ? dtype : DType::float32; }
inline Lazy op(Elementwise row, const Lazy& a) { return array::elementwise(row, std::span(&a, 1)); }
inline Lazy op(Elementwise row, const Lazy& a, const Lazy& b) {
  const std::array<Lazy, 2> operands{a, b};
  return array::elementwise(row, operands);
}
inline Lazy where(const Lazy& condition, const Lazy& a, const Lazy& b) {
  const std::array<Lazy, 3> operands{condition, a, b};
  return array::elementwise(Elementwise::where, operands);
}
/// A number of a value's dtype.
inline Lazy like(const Lazy& value, double number) { return Lazy::number(number, value.dtype()); }

inline Lazy operator+(const Lazy& a, const Lazy& b) { return op(Elementwise::add, a, b); }
inline Lazy operator-(const Lazy& a, const Lazy& b) { return op(Elementwise::subtract, a, b); }
inline Lazy operator*(const Lazy& a, const Lazy& b) { return op(Elementwise::multiply, a, b); }
inline Lazy operator/(const Lazy& a, const Lazy& b) { return op(Elementwise::divide, a, b); }
inline Lazy operator+(const Lazy& a, double b) { return a + like(a, b); }
inline Lazy operator-(const Lazy& a, double b) { return a - like(a, b); }
inline Lazy operator*(const Lazy& a, double b) { return a * like(a, b); }
inline Lazy operator/(const Lazy& a, double b) { return a / like(a, b); }
inline Lazy operator-(double a, const Lazy& b) { return like(b, a) - b; }
inline Lazy operator/(double a, const Lazy& b) { return like(b, a) / b; }

inline bool is_float(DType dtype) { return dtype_row(dtype).kind == 'f'; }
inline Dims dims_of(const Ints& values) { return Dims(std::span<const int64_t>(values)); }
inline Ints ints_of(const Dims& dims) { return {dims.begin(), dims.end()}; }

/// The same elements in another shape; `values` are dense.
Array reshaped(const Array& values, const Dims& shape);
/// Axes in another order, without a copy.
Array permuted(const Array& values, const Ints& order);
/// Entries first, first + step, ... of an axis, without a copy.
Array strided(const Array& values, size_t axis, int64_t first, int64_t count, int64_t step = 1);
/// Contiguous memory for a node's results.
Array fresh(const Call& call, DType dtype, const Dims& shape);
/// Numbers that the host knows, as an array.
Array host_array(const Call& call, const Ints& values, const Dims& shape, DType dtype = DType::int64);
Array host_array(const Call& call, const Reals& values, const Dims& shape, DType dtype);
/// 0, 1, 2, ... along an axis of so many, all others 1.
Array counting(const Call& call, int64_t count, size_t axis, size_t axes, DType dtype);
/// Arrays one after another along an axis; dtypes are alike.
Array joined(const Call& call, const std::vector<Lazy>& parts, size_t axis);
/// Entries of an axis at places that the host knows.
Array picked(const Call& call, const Lazy& values, const Ints& places, size_t axis);
/// The dtype of a number of the ONNX enumeration. Throws MISSING_FEATURE.
DType dtype_of_number(const Call& call, int64_t number);

enum class Reduce : unsigned char { sum, prod, min, max };
/// A reduction along some axes, which stay with an extent of 1; the dtype stays too.
Lazy reduced(const Call& call, const Lazy& value, Reduce op, const Ints& axes);
Lazy mean(const Call& call, const Lazy& value, const Ints& axes);

/// a @ b, as a value that can go on. Whole numbers of 8 and 16 bits are summed in 32.
Lazy matrix_product(const Call& call, const Lazy& a, const Lazy& b);
Lazy sigmoid(const Lazy& x);
Lazy erf(const Lazy& x);
Lazy softmax(const Call& call, const Lazy& x, size_t axis, bool logarithm = false);

}  // namespace forge::infer::onnx
