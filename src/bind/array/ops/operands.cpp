#include "bind/array/ops/operands.hpp"

#include "bind/gil.hpp"
#include "bind/ndarray.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;

namespace forge::bind {

Operands::Operands(std::initializer_list<py::handle> values) {
  for (const py::handle value : values)
    if (value && py::isinstance<PyArray>(value)) {
      device_ = value.cast<const PyArray&>().device();
      return;
    }
  device_ = device_or_default(py::none());
}

array::Array Operands::take(py::handle value, const char* name, bool strided) {
  if (!py::isinstance<PyArray>(value)) return borrow(value, name, strided);
  const array::Array& array = value.cast<const PyArray&>().array();
  if (&array.device() != device_.get())
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string(name) + " lies on another device", device_->info().name,
                array.device().info().name, "copy it: vf.asarray(np.asarray(x), device=...)");
  return array;
}

array::Array Operands::borrow(py::handle value, const char* name, bool strided) {
  const HostArray host = check_ndarray(value, name);
  if (recording())
    throw Error(ErrorCode::BAD_TYPE, std::string(name) + " of a call in a graph", "an Array, which stays where it is",
                "an ndarray", "use vf.asarray(a) or vf.from_host(a)");
  if (!strided && !host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, std::string(name) + " is not C-contiguous", "C order without gaps",
                "shape " + to_string(host.shape) + ", strides " + to_string(host.strides),
                "pass np.ascontiguousarray(a), or vf.asarray(a)");
  const bool any = element_count(host.shape) > 0;
  if (any && device_->unified() && device_->limits().host_import_alignment != 0) {
    try {
      auto array =
          array::Array::from_host(device_, host.dtype, host.shape, host.strides, host.data, host.writable, nullptr);
      borrowed_ = true;
      return array;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::INTEROP) throw;  // file mappings and the like: copied below
    }
  }
  const GilRelease nogil;
  return array::Array::from_values(device_, host.dtype, host.shape, host.strides, host.data);
}

}  // namespace forge::bind
