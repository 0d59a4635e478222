#include "forge/array/ops/fft.hpp"

#include <pybind11/stl.h>

#include <functional>
#include <optional>
#include <vector>

#include "bind/array/ops/operands.hpp"
#include "bind/ndarray.hpp"
#include "bind/whole.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using array::FftAxis;
using array::FftKind;
using array::FftNorm;

FftNorm to_norm(py::handle norm) {
  if (norm.is_none()) return FftNorm::backward;
  const std::string name = py::isinstance<py::str>(norm) ? norm.cast<std::string>() : describe_value(norm);
  if (name == "backward") return FftNorm::backward;
  if (name == "ortho") return FftNorm::ortho;
  if (name == "forward") return FftNorm::forward;
  throw Error(ErrorCode::INVALID_ARGUMENT, "norm is not known", "None, \"backward\", \"ortho\" or \"forward\"", name);
}

size_t to_axis(int64_t axis, size_t dims) {
  const auto count = static_cast<int64_t>(dims);
  if (axis < -count || axis >= count)
    throw Error(ErrorCode::BAD_SHAPE, "no such axis", std::to_string(-count) + " to " + std::to_string(count - 1),
                std::to_string(axis));
  return static_cast<size_t>(axis < 0 ? axis + count : axis);
}

// None among them: the axis' own.
std::vector<int64_t> to_lengths(py::handle s) {
  if (!py::isinstance<py::list>(s) && !py::isinstance<py::tuple>(s)) return to_wholes(s, "s");
  py::list whole;
  for (const py::handle value : s)
    whole.append(value.is_none() ? py::int_(-1) : py::reinterpret_borrow<py::object>(value));
  return to_wholes(whole, "s");
}

// As NumPy: neither given means all axes; s alone the last ones; a length of -1 the axis' own, which is that of what is given,
// whatever transforms make of it on the way. Only the way back to reals has a length that follows from its values.
std::vector<FftAxis> to_axes(py::handle s, py::handle axes, const Dims& shape, FftKind kind) {
  const size_t dims = shape.size();
  std::vector<int64_t> lengths, names;
  if (!s.is_none()) lengths = to_lengths(s);
  if (!axes.is_none())
    names = to_wholes(axes, "axes");
  else
    for (size_t i = s.is_none() ? dims : std::min(lengths.size(), dims); i > 0; --i)
      names.push_back(-static_cast<int64_t>(i));
  if (!s.is_none() && lengths.size() != names.size())
    throw Error(ErrorCode::BAD_SHAPE, "s and axes of different lengths", std::to_string(names.size()) + " lengths",
                std::to_string(lengths.size()));
  if (names.empty())
    throw Error(ErrorCode::BAD_SHAPE, "a Fourier transform over no axes", "1 or more", "0", "name axes of an array");
  std::vector<FftAxis> list;
  for (size_t i = 0; i < names.size(); ++i) {
    FftAxis axis{to_axis(names[i], dims), std::nullopt};
    if (!s.is_none())
      axis.length = lengths[i] == -1 ? shape[axis.axis] : lengths[i];
    else if (kind == FftKind::to_complex)
      axis.length = shape[axis.axis];
    list.push_back(axis);
  }
  return list;
}

std::unique_ptr<PyArray> transform(py::handle a, const std::function<std::vector<FftAxis>(const Dims&)>& axes_of,
                                   py::handle norm, FftKind kind, bool inverse) {
  Operands operands({a});
  const array::Array in = operands.take(a, "a");
  const std::vector<FftAxis> axes = axes_of(in.shape());
  const FftNorm place = to_norm(norm);
  return std::make_unique<PyArray>(
      operands.run([&](vk::Commands& c) { return array::fft(c, in, axes, kind, inverse, place); }));
}

/// One of fft, ifft, rfft, irfft.
void bind_line(py::module_& module, const char* name, FftKind kind, bool inverse, const char* text) {
  module.def(
      name,
      [kind, inverse](py::handle a, std::optional<int64_t> n, int64_t axis, py::handle norm) {
        const auto axes = [&](const Dims& shape) { return std::vector<FftAxis>{{to_axis(axis, shape.size()), n}}; };
        return transform(a, axes, norm, kind, inverse);
      },
      py::arg("a"), py::arg("n") = py::none(), py::arg("axis") = -1, py::arg("norm") = py::none(), text);
}

/// One of those over several axes; `axes` is what they are where the caller says nothing.
void bind_volume(py::module_& module, const char* name, FftKind kind, bool inverse, py::object axes, const char* text) {
  module.def(
      name,
      [kind, inverse](py::handle a, py::handle s, py::handle axes, py::handle norm) {
        return transform(a, [&](const Dims& shape) { return to_axes(s, axes, shape, kind); }, norm, kind, inverse);
      },
      py::arg("a"), py::arg("s") = py::none(), py::arg("axes") = std::move(axes), py::arg("norm") = py::none(), text);
}

}  // namespace

void bind_fft(py::module_& module) {
  const py::tuple plane = py::make_tuple(-2, -1);
  bind_line(module, "fft", FftKind::complex, false, R"(The discrete Fourier transform along one axis, as numpy.fft.fft.

Any length is transformed in O(n log n): those whose prime factors are 2, 3, 5, 7, 11 and 13 directly, the others by
Bluestein's method over a longer one. The relative error of complex64 is about 1e-7 (root mean square).

Args:
    a: `Array` or C-contiguous ndarray: complex64, float32, or, on a device with float64, complex128, float64.
    n: Values that take part: fewer than there are are cropped, beyond them zeros follow. None: all.
    axis: Which axis.
    norm: "backward" (None): the inverse divides by n; "forward": this one does; "ortho": both by its root.

Returns:
    An `Array`, complex64 or complex128.

Raises:
    InputError: n is below 1, or norm is not known.
    DtypeError: a has another dtype; nothing is cast.
    LimitError: n is beyond 2^27, or the lines along the axis span more than 3.75 GiB.
    UnsupportedError: a needs float64, which the device lacks.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.fft(np.array([1, 0, 0, 0], np.complex64)).numpy().real.tolist()
    [1.0, 1.0, 1.0, 1.0]
)");
  bind_line(module, "ifft", FftKind::complex, true, R"(The inverse of `fft`, as numpy.fft.ifft. Arguments as there.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.ifft(np.array([4, 0, 0, 0], np.complex64)).numpy().real.tolist()
    [1.0, 1.0, 1.0, 1.0]
)");
  bind_line(module, "rfft", FftKind::to_complex, false, R"(The first n // 2 + 1 values of the transform of reals.

As numpy.fft.rfft. An even length costs half of a complex transform.

Args:
    a: `Array` or C-contiguous ndarray, float32 or, on a device with float64, float64.
    n, axis, norm: As in `fft`.

Returns:
    An `Array`, complex64 or complex128.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.rfft(np.array([1, 0, 0, 0], np.float32)).numpy().real.tolist()
    [1.0, 1.0, 1.0]
)");
  bind_line(module, "irfft", FftKind::to_real, true, R"(The inverse of `rfft`, as numpy.fft.irfft.

Args:
    a: `Array` or C-contiguous ndarray, complex64 or complex128: m values, the first half of a spectrum.
    n: Values of the result; None for 2 (m - 1).
    axis, norm: As in `fft`.

Returns:
    An `Array`, float32 or float64.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.irfft(np.array([4, 0, 0], np.complex64)).tolist()
    [1.0, 1.0, 1.0, 1.0]
)");
  bind_volume(module, "fft2", FftKind::complex, false, plane,
              "The transform over two axes, as numpy.fft.fft2; see `fftn`.");
  bind_volume(module, "ifft2", FftKind::complex, true, plane, "The inverse of `fft2`, as numpy.fft.ifft2; see `fftn`.");
  bind_volume(module, "rfft2", FftKind::to_complex, false, plane,
              "The transform of reals over two axes, as numpy.fft.rfft2; see `rfftn`.");
  bind_volume(module, "irfft2", FftKind::to_real, true, plane,
              "The inverse of `rfft2`, as numpy.fft.irfft2; see `irfftn`.");
  bind_volume(module, "fftn", FftKind::complex, false, py::none(),
              R"(The transform over several axes, as numpy.fft.fftn.

Args:
    a: As in `fft`.
    s: A length for each of the axes, -1 for its own; None for their own.
    axes: Which axes; None for the last len(s), or for all.
    norm: As in `fft`.

Returns:
    An `Array`, complex64 or complex128.

Raises:
    ShapeError: An axis is not there, or s and axes differ in length.
    InputError, DtypeError, LimitError, UnsupportedError: As in `fft`.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import compute
    >>> compute.fftn(np.ones((2, 2), np.float32)).numpy().real.tolist()
    [[4.0, 0.0], [0.0, 0.0]]
)");
  bind_volume(module, "ifftn", FftKind::complex, true, py::none(), "The inverse of `fftn`, as numpy.fft.ifftn.");
  bind_volume(
      module, "rfftn", FftKind::to_complex, false, py::none(),
      "The transform of reals over several axes, as numpy.fft.rfftn: `rfft` along the last of them, `fft` along the "
      "others. Arguments as in `fftn`.");
  bind_volume(
      module, "irfftn", FftKind::to_real, true, py::none(),
      "The inverse of `rfftn`, as numpy.fft.irfftn. Arguments as in `fftn`; the last length is 2 (m - 1) where s "
      "says nothing.");
}

}  // namespace forge::bind
