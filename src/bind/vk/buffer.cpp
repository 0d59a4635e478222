#include "forge/vk/buffer.hpp"

#include "bind/array/view.hpp"
#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/vk/vk.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

vk::Memory to_intent(const std::string& word) {
  for (const vk::Memory intent : {vk::Memory::device, vk::Memory::upload, vk::Memory::readback, vk::Memory::shared})
    if (vk::name_of(intent) == word) return intent;
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown memory intent", "device, upload, readback or shared", word);
}

// The raw bytes of a bytes-like object.
struct Bytes {
  Py_buffer view{};
  explicit Bytes(py::handle source) {
    if (PyObject_GetBuffer(source.ptr(), &view, PyBUF_C_CONTIGUOUS) == 0) return;
    const py::error_already_set error;
    throw_as(PyObject_CheckBuffer(source.ptr()) ? ErrorCode::NOT_CONTIGUOUS : ErrorCode::BAD_TYPE, error,
             "the data for a Buffer", "a C-contiguous bytes-like object or ndarray");
  }
  ~Bytes() { PyBuffer_Release(&view); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
};

// NumPy's integers are bytes-like too, but mean a size.
bool holds_contents(py::handle value) {
  if (!py::isinstance<py::array>(value)) return PyObject_CheckBuffer(value.ptr()) && !PyIndex_Check(value.ptr());
  const auto array = py::reinterpret_borrow<py::array>(value);
  return array.ndim() > 0 || (array.dtype().kind() != 'i' && array.dtype().kind() != 'u');
}

std::unique_ptr<PyBuffer> buffer_of(py::handle source, const std::string& intent, py::handle device,
                                    const std::string& label) {
  const vk::Memory memory = to_intent(intent);
  const Bytes bytes(source);
  auto opened = device_or_default(device);
  const GilRelease nogil;
  auto buffer = vk::Buffer::create(std::move(opened), static_cast<uint64_t>(bytes.view.len), memory, label);
  if (bytes.view.len > 0) vk::upload(vk::BufferRef(buffer), bytes.view.buf);
  return std::make_unique<PyBuffer>(std::move(buffer));
}

std::unique_ptr<PyBuffer> make_buffer(py::handle size, const std::string& intent, py::handle device,
                                      const std::string& label) {
  if (holds_contents(size)) return buffer_of(size, intent, device, label);
  if (!PyIndex_Check(size.ptr()) || py::isinstance<py::bool_>(size))
    throw Error(ErrorCode::BAD_TYPE, "the size of a Buffer", "a number of bytes (int), or a bytes-like object to hold",
                Py_TYPE(size.ptr())->tp_name);
  const Py_ssize_t bytes = PyNumber_AsSsize_t(size.ptr(), nullptr);
  if (bytes == -1 && PyErr_Occurred())
    throw_as(ErrorCode::BAD_TYPE, py::error_already_set(), "the size of a Buffer", "a number of bytes (int)");
  if (bytes < 0) throw Error(ErrorCode::INVALID_ARGUMENT, "the size of a Buffer", ">= 0 bytes", std::to_string(bytes));
  const vk::Memory memory = to_intent(intent);
  auto opened = device_or_default(device);
  const GilRelease nogil;
  return std::make_unique<PyBuffer>(vk::Buffer::create(std::move(opened), static_cast<uint64_t>(bytes), memory, label));
}

void write(const PyBuffer& self, py::handle source, uint64_t offset) {
  const auto buffer = self.buffer();
  const Bytes bytes(source);
  const vk::BufferRef to = vk::BufferRef(buffer).part(offset, static_cast<uint64_t>(bytes.view.len));
  const GilRelease nogil;
  vk::upload(to, bytes.view.buf);
}

// An ndarray for this many bytes; any dtype of plain memory, structured ones too.
py::object array_of(uint64_t bytes, py::handle wanted) {
  py::dtype dtype;
  try {
    dtype = py::dtype::from_args(py::reinterpret_borrow<py::object>(wanted));
  } catch (const py::error_already_set& error) {
    throw_as(ErrorCode::BAD_DTYPE, error, "the dtype of a read", "what numpy.dtype() takes");
  }
  const auto item = static_cast<uint64_t>(dtype.itemsize());
  if (dtype.attr("hasobject").cast<bool>() || item == 0)
    throw Error(ErrorCode::BAD_DTYPE, "the dtype of a read", "one of plain memory",
                py::str(static_cast<const py::object&>(dtype)).cast<std::string>());
  if (bytes % item != 0)
    throw Error(ErrorCode::BAD_SHAPE, "the bytes to read are no whole elements",
                "a multiple of " + std::to_string(item) + " bytes", std::to_string(bytes), "give size=");
  return py::module_::import("numpy").attr("empty")(bytes / item, dtype);
}

py::object read(const PyBuffer& self, uint64_t offset, py::object size, py::handle dtype) {
  const auto buffer = self.buffer();
  const uint64_t rest = offset <= buffer->size() ? buffer->size() - offset : 0;
  const vk::BufferRef from = vk::BufferRef(buffer).part(offset, size.is_none() ? rest : size.cast<uint64_t>());
  py::object result;
  void* to = nullptr;
  if (dtype.is_none()) {
    result = py::bytes(nullptr, from.size);
    to = PyBytes_AS_STRING(result.ptr());
  } else {
    result = array_of(from.size, dtype);
    to = result.cast<py::array>().mutable_data();
  }
  const GilRelease nogil;
  vk::download(to, from);
  return result;
}

}  // namespace

void bind_buffer(py::module_& module) {
  py::class_<PyBuffer> cls(module, "Buffer", R"(Raw bytes on a device.

Args:
    size: Bytes; or a bytes-like object, as a C-contiguous ndarray of any dtype, whose contents it then holds.
    intent: What the memory is for: "device" (kernels work here), "upload" (the host writes, the device reads),
        "readback" (the device writes, the host reads) or "shared" (both, always visible to the host).
    device: A `Device`; None for the default one.
    label: What `Device.memory_report` calls the memory; left empty, "buffer".

Raises:
    LimitError: The device does not allow one buffer of this size; the message names the limit.
    OutOfMemoryError: The device has no room.

Example:
    >>> import vulkan_forge as vf
    >>> buffer = vf.Buffer(16)
    >>> buffer.write(b"abcd", offset=4)
    >>> buffer.read(4, 4)
    b'abcd'
    >>> import numpy as np
    >>> vf.Buffer(np.array([(1, 2.5)], [("id", "u4"), ("x", "f4")])).read(dtype="f4").tolist()[1]
    2.5
)");
  cls.def(py::init(&make_buffer), py::arg("size"), py::kw_only(), py::arg("intent") = "device",
          py::arg("device") = py::none(), py::arg("label") = "");
  bind_lifecycle(cls, "Buffer");
  cls.def_property_readonly("size", [](const PyBuffer& self) { return self.buffer()->size(); }, "Bytes.");
  cls.def("__len__", [](const PyBuffer& self) { return self.buffer()->size(); });
  cls.def_property_readonly(
      "intent", [](const PyBuffer& self) { return std::string(vk::name_of(self.buffer()->intent())); },
      "What the memory is for.");
  cls.def_property_readonly(
      "label", [](const PyBuffer& self) { return self.buffer()->label(); }, "What memory reports call it.");
  cls.def_property_readonly(
      "device", [](const PyBuffer& self) { return PyDevice(self.buffer()->device_ptr()); },
      "The device that holds it.");
  cls.def("write", &write, py::arg("data"), py::arg("offset") = 0,
          "Copies a bytes-like object in, after all work that uses the buffer.");
  cls.def("read", &read, py::arg("offset") = 0, py::arg("size") = py::none(), py::kw_only(),
          py::arg("dtype") = py::none(),
          "Copies bytes out, after all work that writes the buffer. `size` None: to the end. Returns bytes, or a 1-D\n"
          "ndarray where a dtype is given, which may be a structured one.");
  cls.def(
      "array",
      [](const PyBuffer& self, py::handle dtype, py::handle shape, uint64_t offset) {
        const auto buffer = self.buffer();
        const uint64_t rest = offset <= buffer->size() ? buffer->size() - offset : 0;
        const DType type = to_dtype(dtype);
        const Dims dims = shape.is_none() ? Dims{static_cast<int64_t>(rest / size_of(type))} : to_dims(shape, "shape");
        return PyArray(array::Array::over(vk::BufferRef(buffer).part(offset, rest), type, dims), true);
      },
      py::arg("dtype"), py::arg("shape") = py::none(), py::arg("offset") = 0,
      "These bytes as an `Array` of a dtype; shares the memory.");
  cls.def("__repr__", [](const PyBuffer& self) {
    if (self.closed()) return std::string("Buffer(closed)");
    return "Buffer(" + std::to_string(self.buffer()->size()) + " bytes, " +
           std::string(vk::name_of(self.buffer()->intent())) + ")";
  });
}

}  // namespace forge::bind
