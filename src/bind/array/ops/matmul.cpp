#include "forge/array/ops/matmul.hpp"

#include <string>

#include "bind/array/ops/operands.hpp"
#include "bind/ndarray.hpp"
#include "bind/whole.hpp"
#include "forge/array/ops/convolve.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

std::optional<DType> optional_dtype(const py::object& dtype) {
  if (dtype.is_none()) return std::nullopt;
  return to_dtype(dtype);
}

[[noreturn]] void bad_number(const char* name, const py::object& value, const char* expected) {
  throw Error(ErrorCode::INVALID_ARGUMENT, std::string("convolve cannot take this ") + name, expected,
              py::repr(value).cast<std::string>());
}

// Text is no list, and an ndarray without axes has no length though it claims to be a sequence.
bool is_list_of(const py::object& value, size_t count) {
  if (!py::isinstance<py::sequence>(value) || py::isinstance<py::str>(value)) return false;
  const Py_ssize_t size = PySequence_Size(value.ptr());
  if (size < 0) PyErr_Clear();
  return size == static_cast<Py_ssize_t>(count);
}

// One number for all axes, or one for each.
Dims numbers(const py::object& value, size_t axes, const char* name) {
  Dims dims;
  if (const auto one = to_whole(value)) {
    for (size_t i = 0; i < axes; ++i) dims.push_back(*one);
    return dims;
  }
  if (!is_list_of(value, axes)) bad_number(name, value, "a whole number, or one for each spatial axis");
  for (const py::handle item : value) {
    const auto one = to_whole(item);
    if (!one) bad_number(name, value, "whole numbers");
    dims.push_back(*one);
  }
  return dims;
}

void read_padding(const py::object& padding, const array::Array& x, const array::Array& w, size_t axes,
                  array::ConvolveOptions& options) {
  constexpr const char* kExpected = "\"same\", \"valid\", a number, or for each axis a number or (before, after)";
  if (py::isinstance<py::str>(padding)) {
    const auto word = padding.cast<std::string>();
    if (word == "same") return pad_same(x.shape(), w.shape(), options);
    if (word != "valid") bad_number("padding", padding, kExpected);
    options.before = options.after = numbers(py::int_(0), axes, "padding");
    return;
  }
  const bool pairs = axes > 0 && is_list_of(padding, axes) && py::isinstance<py::sequence>(padding[py::int_(0)]);
  if (!pairs) {
    options.before = options.after = numbers(padding, axes, "padding");
    return;
  }
  for (const py::handle item : padding) {
    const Dims pair = numbers(py::reinterpret_borrow<py::object>(item), 2, "padding");
    options.before.push_back(pair[0]), options.after.push_back(pair[1]);
  }
}

std::unique_ptr<PyArray> convolve(py::handle x, py::handle w, const py::object& stride, const py::object& padding,
                                  const py::object& dilation, int64_t groups, const py::object& bias) {
  Operands operands({x, w, bias});
  const array::Array image = operands.take(x, "x"), kernel = operands.take(w, "w");
  std::optional<array::Array> added;
  if (!bias.is_none()) added = operands.take(bias, "bias");
  const size_t dims = image.shape().size(), axes = dims < 3 ? 1 : dims - 2;  // other numbers are refused below
  array::ConvolveOptions options;
  options.stride = numbers(stride, axes, "stride");
  options.dilation = numbers(dilation, axes, "dilation");
  options.groups = groups;
  const bool suits = dims == kernel.shape().size() && dims >= 3;
  read_padding(suits ? padding : py::int_(0), image, kernel, axes, options);
  return std::make_unique<PyArray>(
      operands.run([&](vk::Commands& c) { return array::convolve(c, image, kernel, added, options); }));
}

}  // namespace

void bind_matmul(py::module_& module) {
  module.def(
      "matmul",
      [](py::handle a, py::handle b, bool transpose_a, bool transpose_b, const py::object& out_dtype) {
        Operands operands({a, b});
        const array::Array left = operands.take(a, "a", true), right = operands.take(b, "b", true);
        const array::MatmulOptions options{transpose_a, transpose_b, optional_dtype(out_dtype)};
        return std::make_unique<PyArray>(
            operands.run([&](vk::Commands& c) { return array::matmul(c, left, right, options); }));
      },
      py::arg("a"), py::arg("b"), py::kw_only(), py::arg("transpose_a") = false, py::arg("transpose_b") = false,
      py::arg("out_dtype") = py::none(), R"(The matrix product of NumPy's `a @ b`, on the device.

Args:
    a: `Array` or ndarray of shape (..., M, K) or (K,), of any strides. Leading axes are a stack and broadcast.
    b: The same, of shape (..., K, N) or (K,).
    transpose_a: Take a as (..., K, M).
    transpose_b: Take b as (..., N, K).
    out_dtype: The dtype to store; None for the default below. Products of floats may be stored as any float that is no
        wider than what they are summed in.

Returns:
    An `Array` of shape (..., M, N); a vector's axis is left out, as in NumPy.

Sums and defaults: float16 and float32, mixed too, are summed in float32 and give float32 (two float16 give float16);
float64 with any float gives float64; two of int8 and uint8 are summed in int32 and give int32; two int32, uint32, int64 or
uint64 that are alike give the same and wrap. Sums run in an order that is fixed for a device, a shape and a tuning.

Raises:
    ShapeError: The shapes do not fit or broadcast.
    DtypeError: These dtypes have no product, or cannot be stored as out_dtype.
    LayoutError: An array does not lie at a multiple of its element size.
    LimitError: A matrix has 2^31 elements or more.
    UnsupportedError: The device lacks float64, 64-bit integers, or (to store it) 16-bit storage.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> a = np.arange(6, dtype=np.float32).reshape(2, 3)
    >>> compute.matmul(a, a, transpose_b=True).tolist()
    [[5.0, 14.0], [14.0, 50.0]]
)");
  module.def("convolve", &convolve, py::arg("x"), py::arg("w"), py::kw_only(), py::arg("stride") = 1,
             py::arg("padding") = 0, py::arg("dilation") = 1, py::arg("groups") = 1, py::arg("bias") = py::none(),
             R"(Convolution over one, two or three axes as neural networks have it: the kernel is not turned over.

Args:
    x: `Array` or C-contiguous ndarray of float16, float32 or float64 and shape (N, C, spatial...).
    w: The same, of shape (O, C / groups, kernel...), with as many axes.
    stride: Places from one output to the next: a number, or one for each spatial axis.
    padding: Zeros around the input: a number, one for each axis, or (before, after) for each; "valid" for none; "same" for
        an output of ceil(input / stride) places, the odd zero behind.
    dilation: Places of the input from one of the kernel to the next, as stride.
    groups: Channels and filters fall into this many groups that have nothing to do with each other.
    bias: Shape (O,), added to each output; None for none.

Returns:
    An `Array` of shape (N, O, spatial...), of the wider dtype of x and w. Sums are float32, or float64 where one is.

Raises:
    ShapeError: Axes or channels do not fit, or the kernel is larger than the padded input.
    DtypeError: Not floats.
    InputError: A stride, dilation or padding that cannot work.
    LimitError: 2^31 elements or more in one image.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> x = np.array([[[1, 2, 4, 8]]], np.float32)
    >>> compute.convolve(x, np.ones((1, 1, 3), np.float32), padding="same").tolist()
    [[[3.0, 7.0, 14.0, 12.0]]]
)");
}

}  // namespace forge::bind
