#include "forge/array/array.hpp"

#include "bind/array/array.hpp"
#include "bind/array/terms.hpp"
#include "bind/array/view.hpp"
#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/vk/event.hpp"
#include "forge/array/fuse/lazy.hpp"
#include "forge/vk/commands.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using array::Array;

// `with x.map() as view:` - the writable view, and the way back for devices whose memory the host does not see.
class Mapping {
 public:
  explicit Mapping(std::shared_ptr<const Array> share) : share_(std::move(share)) {}

  py::array enter() {
    if (!share_->writable())
      throw Error(ErrorCode::READ_ONLY, "the array is read-only", "an array over writable memory",
                  "one over read-only memory", "copy it with vf.asarray");
    view_ = share_->in_place() ? view_of(share_, true) : copy_of(*share_);
    return *view_;
  }

  void exit() {
    if (!view_) return;
    // The caller may hold it or not: what is written later is no longer sent, and until now it is the only copy.
    const py::array view = *std::exchange(view_, std::nullopt);
    const void* values = view.data();
    const GilRelease nogil;
    if (share_->in_place())
      share_->storage()->flush(0, share_->storage()->size());
    else if (share_->contiguous())
      share_->copy_from(share_->strides(), values);
    else
      send_back(values);
  }

 private:
  // Between the elements of a view lie others, which only the device can leave alone.
  void send_back(const void* values) const {
    const Dims rows = contiguous_strides(share_->shape(), size_of(share_->dtype()));
    const Array sent =
        Array::from_values(share_->storage()->device_ptr(), share_->dtype(), share_->shape(), rows, values);
    array::assign(*share_, array::Lazy(sent));
  }

  std::shared_ptr<const Array> share_;
  std::optional<py::array> view_;
};

std::shared_ptr<void> keepalive_of(py::handle value) { return keep_python(py::reinterpret_borrow<py::object>(value)); }

PyArray from_host(py::handle value, py::handle device, const std::string& label) {
  const HostArray host = check_ndarray(value, "the argument of from_host");
  auto opened = device_or_default(device);
  auto keepalive = keepalive_of(value);
  const GilRelease nogil;
  return PyArray(Array::from_host(std::move(opened), host.dtype, host.shape, host.strides, host.data, host.writable,
                                  std::move(keepalive), label),
                 true)
      .known();
}

PyArray copy_in(py::handle value, py::handle device, const std::string& label) {
  const HostArray host = check_ndarray(value, "the argument of asarray");
  auto opened = device_or_default(device);
  const GilRelease nogil;
  return PyArray(Array::from_values(std::move(opened), host.dtype, host.shape, host.strides, host.data, label)).known();
}

py::object asarray(py::object value, py::object dtype, py::object device, py::object copy, const std::string& label) {
  const bool forbids = !copy.is_none() && !copy.cast<bool>();
  if (py::isinstance<PyArray>(value)) {
    const auto& held = value.cast<const PyArray&>();
    held.shape();  // of an open one
    const bool same = dtype.is_none() || to_dtype(dtype) == held.dtype();
    const bool here = device.is_none() || device_or_default(device) == held.device();
    const bool wants_copy = !copy.is_none() && copy.cast<bool>();
    if (same && here && !wants_copy) return value;
    if (forbids)
      throw Error(ErrorCode::INTEROP, "copy=False, but another dtype or device needs a copy", {}, {}, "allow the copy");
    if (here) return to_array(same ? array::copy(held.lazy()) : cast(held.lazy(), to_dtype(dtype)));
    value = copy_of(*held.host_values());
  }
  const py::module_ numpy = py::module_::import("numpy");
  if (!py::isinstance<py::array>(value)) {
    if (forbids && !PyObject_CheckBuffer(value.ptr()))
      throw Error(ErrorCode::INTEROP, "copy=False, but Python values must be copied", "an ndarray",
                  describe_value(value),
                  py::hasattr(value, "__dlpack__") ? "share it with vf.from_dlpack" : "allow the copy");
    try {
      value = numpy.attr("asarray")(value);
    } catch (const py::error_already_set& error) {
      throw_as(ErrorCode::INVALID_ARGUMENT, error, "values that make no array", "numbers, in rows of equal length");
    }
  }
  if (!dtype.is_none()) {
    to_dtype(dtype);
    if (forbids && !py::dtype::from_args(dtype).equal(value.attr("dtype")))
      throw Error(ErrorCode::INTEROP, "copy=False, but another dtype needs a copy", describe_value(value),
                  py::str(dtype).cast<std::string>(), "allow the copy");
    value = value.attr("astype")(dtype, py::arg("copy") = false);
  }
  return py::cast(forbids ? from_host(value, device, label) : copy_in(value, device, label));
}

py::object to_numpy_protocol(const PyArray& self, py::object dtype, py::object copy) {
  self.host_values();
  const auto share = self.share();
  const bool wants_copy = !copy.is_none() && copy.cast<bool>();
  const bool forbids = !copy.is_none() && !copy.cast<bool>();
  if (forbids && !share->in_place())
    throw Error(ErrorCode::INTEROP, "copy=False, but the host cannot see this device's memory",
                "a device that shares memory with the host", share->device().info().name, "allow the copy");
  py::object values = share->in_place() && !wants_copy ? view_of(share, false) : copy_of(*share);
  const py::object wanted = dtype.is_none() ? py::object(py::none()) : py::object(py::dtype::from_args(dtype));
  if (dtype.is_none() || wanted.equal(values.attr("dtype"))) return values;
  if (forbids)
    throw Error(ErrorCode::INTEROP, "copy=False, but another dtype needs a copy", std::string(name_of(share->dtype())),
                py::str(dtype).cast<std::string>(), "allow the copy");
  return values.attr("astype")(dtype);
}

py::object array_interface(PyArray& self) {
  self.host_values();
  const auto share = self.share();  // another thread may close the object meanwhile
  if (share->dtype() == DType::bfloat16)  // a type string cannot name it
    throw py::attribute_error("__array_interface__: it knows no bfloat16; __array__ gives ml_dtypes' dtype");
  if (!share->in_place()) throw py::attribute_error("__array_interface__: the host cannot see this device's memory");
  const std::byte* data = nullptr;
  {
    const GilRelease nogil;
    data = share->host(false);
  }
  self.pin();
  py::dict d;
  d["shape"] = to_tuple(share->shape());
  d["typestr"] = std::string(dtype_row(share->dtype()).numpy);
  d["data"] = py::make_tuple(reinterpret_cast<uintptr_t>(data), true);
  d["strides"] =
      share->contiguous() ? py::object(py::none()) : py::object(to_tuple(share->strides()));  // None: C order
  d["version"] = 3;
  return d;
}

// A copy on the device, whatever the memory: later writes do not show in it. The ndarray is over the copy itself.
PyHostFuture to_host_async(const PyArray& self, py::handle after) {
  self.host_values();
  const auto share = self.share();
  const std::shared_ptr<vk::Device> device = share->storage()->device_ptr();
  const std::vector<uint64_t> numbers = to_numbers(after, *device);
  if (share->nbytes() == 0) return {std::make_shared<vk::Event>(device, 0), copy_of(*share)};
  std::shared_ptr<const Array> copy;
  uint64_t number = 0;
  {
    const GilRelease nogil;
    vk::Commands commands(device, vk::Commands::Sending::early, share->storage()->copy_lane());
    commands.after(numbers);
    commands.because(vk::Why::readback);
    copy = std::make_shared<const Array>(share->snapshot(commands));
    number = commands.submit();
  }
  auto event =
      std::make_shared<vk::Event>(device, number, [copy] { copy->storage()->invalidate(0, copy->storage()->size()); });
  return {std::move(event), view_without_waiting(copy)};
}

std::string repr(const PyArray& self) {
  if (self.closed()) return "Array(closed)";
  if (self.recorded())
    return "Array(recorded, shape=" + to_string(self.shape()) + ", dtype=" + std::string(name_of(self.dtype())) + ")";
  const auto share = self.values();
  const py::object values = share->in_place() ? view_of(share, false) : copy_of(*share);
  constexpr int64_t kMostShown = 100;
  const py::object text = py::module_::import("numpy").attr("array2string")(
      values, py::arg("separator") = ", ", py::arg("prefix") = "Array(", py::arg("threshold") = kMostShown);
  const Dims& shape = share->shape();  // said where the numbers do not, as NumPy does
  const bool hides_shape = share->size() > kMostShown || (share->size() == 0 && shape != Dims{0});
  return "Array(" + text.cast<std::string>() + (hides_shape ? ", shape=" + to_string(shape) : "") +
         ", dtype=" + std::string(name_of(share->dtype())) + ")";
}

void bind_makers(py::module_& module) {
  module.def("asarray", &asarray, py::arg("values"), py::kw_only(), py::arg("dtype") = py::none(),
             py::arg("device") = py::none(), py::arg("copy") = py::none(), py::arg("label") = "",
             R"(Values on a device, as an `Array`.

Args:
    values: An ndarray of any strides, an `Array` (returned as it is where nothing must change), or nested sequences.
    dtype: The dtype to have; None keeps the values' own. Nothing is cast unless asked for here.
    device: A `Device`; None for the default one (or the `Array`'s own).
    copy: None copies what is in host memory; False shares it instead (as `from_host`) or raises; True always copies.
    label: What `Device.memory_report` calls the memory; left empty, "array".

Returns:
    A C-contiguous `Array` (with copy=False: of the values' own strides).

Raises:
    DtypeError: object, string, datetime, long double or byte-swapped values.
    InteropError: copy=False where a copy is needed.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> x = vf.asarray(np.arange(3, dtype=np.float32))
    >>> np.asarray(x)
    array([0., 1., 2.], dtype=float32)
)");
  module.def("from_host", &from_host, py::arg("values"), py::kw_only(), py::arg("device") = py::none(),
             py::arg("label") = "",
             R"(A NumPy array's own memory as an `Array`: no copy, at any alignment and with any strides.

The device reads and writes the ndarray in place, so both see each other's changes; the ndarray is kept alive until the
device has finished with it. Read-only ndarrays give arrays that kernels may not write.

Args:
    values: An ndarray.
    device: A `Device`; None for the default one.
    label: What `Device.memory_report` calls the memory; left empty, "imported from the host".

Raises:
    UnsupportedError: The device cannot import host memory; `asarray` copies.
    InteropError: The driver refused these pages (some file mappings).

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> a = np.zeros(1000, np.float32)
    >>> x = vf.from_host(a)
    >>> np.shares_memory(np.asarray(x), a)
    True
)");
  module.def(
      "empty",
      [](py::handle shape, py::handle dtype, py::handle device, const std::string& label) {
        const Dims dims = to_dims(shape, "shape");
        const DType type = to_dtype(dtype);
        auto opened = device_or_default(device);
        const GilRelease nogil;
        return PyArray(Array::empty(std::move(opened), type, dims, label));
      },
      py::arg("shape"), py::kw_only(), py::arg("dtype") = "float32", py::arg("device") = py::none(),
      py::arg("label") = "",
      R"(An uninitialised C-contiguous `Array`.

Args:
    shape: Extents: an int or a sequence of up to 8.
    dtype: Any real or complex NumPy dtype that devices know; float32 by default.
    device: A `Device`; None for the default one.
    label: What `Device.memory_report` calls the memory; left empty, "array".

Example:
    >>> import vulkan_forge as vf
    >>> vf.empty((2, 3)).shape
    (2, 3)
)");
}

}  // namespace

void bind_array(py::module_& module) {
  py::class_<Mapping>(module, "_Mapping")
      .def("__enter__", &Mapping::enter)
      .def("__exit__", [](Mapping& self, const py::args&) { self.exit(); });
  py::class_<PyArray> cls(module, "Array", py::custom_type_setup(setup_buffer_protocol),
                          R"(Values of one dtype in device memory, with a shape and byte strides as in NumPy.

Made by `asarray` (copies), `from_host` (shares NumPy's memory), `from_dlpack` and `empty`. `np.asarray(x)` is a read-only
view where the device shares memory with the host, else a copy; `with x.map() as view:` is a writable one.
)");
  bind_lifecycle(cls, "Array");
  bind_description(cls);
  bind_operators(cls);
  bind_indexing(cls);
  bind_methods(cls);
  cls.def(
      "map",
      [](const PyArray& self) {
        self.host_values();
        return Mapping(self.share());
      },
      R"(A context manager whose value is a writable ndarray of the values.

Waits for all work that uses the array. Where the device shares memory with the host the ndarray is that memory; elsewhere
it is a copy that is sent back when the block ends.

Raises:
    ReadOnlyError: The array is over read-only memory.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> x = vf.asarray(np.zeros(3))
    >>> with x.map() as view:
    ...     view[:] = 7
    >>> np.asarray(x)
    array([7., 7., 7.])
)");
  cls.def(
      "numpy", [](const PyArray& self) { return copy_of(*self.host_values()); },
      "A fresh, writable ndarray with the values; `np.asarray(x)` is the view without a copy.");
  cls.def(
      "item", [](const PyArray& self, const py::args& at) { return copy_of(*self.host_values()).attr("item")(*at); },
      "The value of an array of one element, or of the element at these indices, as a Python number.");
  cls.def(
      "tobytes", [](const PyArray& self) { return copy_of(*self.host_values()).attr("tobytes")(); },
      "The values' bytes in C order.");
  cls.def(
      "tolist", [](const PyArray& self) { return copy_of(*self.host_values()).attr("tolist")(); },
      "The values as nested lists.");
  cls.def("to_host_async", &to_host_async, py::kw_only(), py::arg("after") = py::none(),
          R"(Starts a readback and returns a `HostFuture` at once.

The values are those that the array has when all work submitted before is done; what is submitted or written later does
not show. The device makes the copy, and the ndarray is that copy: writable, with the array's shape and strides.

Args:
    after: An `Event`, or a sequence of them, that must be done before.

Returns:
    A `HostFuture`: `future.result()` or `await future` gives the ndarray.

Raises:
    OutOfMemoryError: There is no room for the copy.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> x = vf.asarray(np.arange(3))
    >>> future = x.to_host_async()
    >>> with x.map() as view:
    ...     view[:] = 0
    >>> future.result(timeout_s=60)
    array([0, 1, 2])
)");
  cls.def_property_readonly(
      "event",
      [](const PyArray& self) {
        const auto& storage = self.array().storage();
        return PyEvent(storage->device_ptr(), storage->last_write());
      },
      "The work that wrote the values last, as an `Event`.");
  cls.def("__array__", &to_numpy_protocol, py::arg("dtype") = py::none(), py::kw_only(), py::arg("copy") = py::none());
  cls.def_property_readonly("__array_interface__", &array_interface);
  cls.def("__repr__", &repr);
  cls.def("__str__", [](const PyArray& self) -> py::object {
    if (self.closed() || self.recorded()) return py::str(repr(self));
    return py::str(py::object(copy_of(*self.host_values())));
  });
  bind_dlpack(module, cls);
  bind_makers(module);
}

}  // namespace forge::bind
