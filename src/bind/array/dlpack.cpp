// DLPack both ways, for memory that the host sees. The structures are the protocol's ABI (dmlc/dlpack, versions 0.x and
// 1.x), written down here because no distribution package carries them.
#include <cstring>

#include "bind/array/array.hpp"
#include "bind/array/view.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using array::Array;

struct DlDevice {
  int32_t type;
  int32_t id;
  bool operator==(const DlDevice&) const = default;
};
constexpr int32_t kCpu = 1, kCudaHost = 3;  // kDLCPU, kDLCUDAHost
struct DlDtype {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};
struct DlTensor {
  void* data;
  DlDevice device;
  int32_t ndim;
  DlDtype dtype;
  int64_t* shape;
  int64_t* strides;  // elements; null: C order
  uint64_t byte_offset;
};
struct Managed {
  DlTensor tensor;
  void* context;
  void (*deleter)(Managed*);
};
struct ManagedVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(ManagedVersioned*);
  uint64_t flags;
  DlTensor tensor;
};
constexpr uint8_t kBfloat = 4;
constexpr uint64_t kReadOnly = 1, kIsCopied = 2;

// Where a consumer finds an Array's values, on which DLPack device. What is said of it here, __dlpack_device__ and
// every capsule follow: memory exported as itself (CUDA, dma-buf) is another answer of these two functions.
constexpr DlDevice kPlace{kCpu, 0};

void* address_in(const Array& array) {
  const GilRelease nogil;
  return array.host(true);
}

struct Held {
  std::shared_ptr<const Array> share;
  std::array<int64_t, kMaxDims> shape{}, strides{};
};

uint8_t code_of(const DTypeRow& row) {
  if (row.dtype == DType::bfloat16) return kBfloat;
  switch (row.kind) {
    case 'i': return 0;
    case 'u': return 1;
    case 'f': return 2;
    case 'c': return 5;
    default: return 6;  // bool
  }
}

DlTensor tensor_of(Held& held) {
  const Array& array = *held.share;
  const DTypeRow& row = dtype_row(array.dtype());
  const auto size = static_cast<int64_t>(row.size);
  for (size_t i = 0; i < array.shape().size(); ++i) {
    held.shape[i] = array.shape()[i];
    if (array.strides()[i] % size != 0)
      throw py::buffer_error("DLPack counts strides in elements; these lie between elements");
    if (array.strides()[i] < 0 && array.shape()[i] > 1)  // torch's importer ends the process at one
      throw py::buffer_error(
          "an axis runs backwards, which DLPack's consumers do not take; share a copy: vf.asarray(x)");
    held.strides[i] = array.strides()[i] / size;
  }
  return {address_in(array),
          kPlace,
          static_cast<int32_t>(array.shape().size()),
          {code_of(row), static_cast<uint8_t>(row.size * 8), 1},
          held.shape.data(),
          held.strides.data(),
          0};
}

template <class T>
void drop(T* managed) {
  delete static_cast<Held*>(managed->context);
  delete managed;
}

template <class T>
void drop_unused(PyObject* capsule) {
  for (const char* name : {"dltensor", "dltensor_versioned"})
    if (PyCapsule_IsValid(capsule, name)) {
      auto* managed = static_cast<T*>(PyCapsule_GetPointer(capsule, name));
      managed->deleter(managed);
    }
}

DlDevice to_device(py::handle pair) {
  const auto [type, id] = pair.cast<std::pair<int32_t, int32_t>>();
  return {type, id};
}

py::object to_capsule(const PyArray& self, py::object stream, py::object max_version, py::object dl_device,
                      py::object copy) {
  if (!stream.is_none())
    throw Error(ErrorCode::INTEROP, "DLPack streams are for devices with queues of their own", "stream=None",
                "a stream");
  if (!dl_device.is_none() && to_device(dl_device) != kPlace)
    throw py::buffer_error("an Array exports host memory, DLPack device (1, 0), only");
  self.host_values();
  std::shared_ptr<const Array> share = self.share();
  const bool forbids = !copy.is_none() && !copy.cast<bool>(), wants = !copy.is_none() && copy.cast<bool>();
  bool copied = false;
  if (!share->in_place() || wants) {
    if (forbids) throw py::buffer_error("copy=False, but the host cannot see this device's memory");
    if (!wants)
      throw py::buffer_error("the host cannot see this device's memory; ask for a copy: from_dlpack(x, copy=True)");
    const GilRelease nogil;
    auto memory = vk::Buffer::create(share->storage()->device_ptr(), share->nbytes(), vk::Memory::readback);
    auto target = Array::over(vk::BufferRef(memory), share->dtype(), share->shape());
    share->copy_to(target.host(true));
    share = std::make_shared<const Array>(target);
    copied = true;
  }
  auto held = std::make_unique<Held>();
  held->share = share;
  const DlTensor tensor = tensor_of(*held);
  const bool versioned = !max_version.is_none() && max_version.cast<std::pair<int, int>>().first >= 1;
  if (!versioned && !share->writable())
    throw py::buffer_error("the array is read-only, which DLPack before 1.0 cannot say; share a copy: vf.asarray(x)");
  if (versioned) {
    auto* managed = new ManagedVersioned{1,
                                         0,
                                         held.release(),
                                         &drop<ManagedVersioned>,
                                         (share->writable() ? 0 : kReadOnly) | (copied ? kIsCopied : 0),
                                         tensor};
    return py::reinterpret_steal<py::object>(
        PyCapsule_New(managed, "dltensor_versioned", &drop_unused<ManagedVersioned>));
  }
  auto* managed = new Managed{tensor, held.release(), &drop<Managed>};
  return py::reinterpret_steal<py::object>(PyCapsule_New(managed, "dltensor", &drop_unused<Managed>));
}

// -- import ------------------------------------------------------------------------------------------------------------

constexpr const char* kTypeNames[] = {"int", "uint", "float", "opaque handle", "bfloat", "complex", "bool"};

std::string to_string(const DlDtype& dtype) {
  std::string text = dtype.code < std::size(kTypeNames) ? kTypeNames[dtype.code] : "float of format ";
  if (dtype.code >= std::size(kTypeNames)) text += std::to_string(dtype.code) + ", bits: ";
  text += std::to_string(dtype.bits);
  return dtype.lanes == 1 ? text : text + " in " + std::to_string(dtype.lanes) + " lanes";
}

DType dtype_from(const DlDtype& dtype) {
  constexpr char kinds[] = {'i', 'u', 'f', 0, 0, 'c', 'b'};
  const char kind = dtype.code < sizeof kinds ? kinds[dtype.code] : 0;
  if (dtype.code == kBfloat && dtype.bits == 16 && dtype.lanes == 1) return DType::bfloat16;
  const auto found = kind && dtype.lanes == 1 && dtype.bits % 8 == 0 ? find_dtype(kind, dtype.bits / 8) : std::nullopt;
  if (!found)
    throw Error(ErrorCode::BAD_DTYPE, "a DLPack tensor of a dtype that devices do not know",
                "NumPy's real and complex dtypes, or bfloat16", to_string(dtype), "convert it to one of them first");
  return *found;
}

struct Incoming {
  const DlTensor* tensor;
  bool writable;
  std::shared_ptr<void> keepalive;
};

template <class T>
Incoming take(py::handle capsule, const char* name, const char* used, bool writable) {
  auto* managed = static_cast<T*>(PyCapsule_GetPointer(capsule.ptr(), name));
  PyCapsule_SetName(capsule.ptr(), used);
  // Deleters of other libraries may touch Python objects.
  std::shared_ptr<void> keepalive(managed, [](void* raw) {
    if (!Py_IsInitialized()) return;
    const py::gil_scoped_acquire gil;
    auto* mine = static_cast<T*>(raw);
    if (mine->deleter) mine->deleter(mine);
  });
  return {&managed->tensor, writable, std::move(keepalive)};
}

// Before 1.0 a capsule could not say that its memory must not be written; the buffer protocol always could. JAX's arrays,
// which never change, come as writable capsules and read-only buffers.
bool gives_read_only_buffers(py::handle source) {
  if (py::isinstance<PyArray>(source) || !PyObject_CheckBuffer(source.ptr())) return false;  // ours: map() writes
  Py_buffer view{};
  if (PyObject_GetBuffer(source.ptr(), &view, PyBUF_STRIDED_RO) != 0) {
    PyErr_Clear();
    return false;
  }
  const bool read_only = view.readonly != 0;
  PyBuffer_Release(&view);
  return read_only;
}

py::object request_capsule(py::handle source) {
  try {
    return source.attr("__dlpack__")(py::arg("max_version") = py::make_tuple(1, 0));
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_TypeError)) throw;  // producers of before 2024 know no max_version
    return source.attr("__dlpack__")();
  }
}

Incoming receive(py::handle capsule) {
  if (PyCapsule_IsValid(capsule.ptr(), "dltensor_versioned")) {
    auto* managed = static_cast<ManagedVersioned*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"));
    if (managed->major > 1)
      throw Error(ErrorCode::INTEROP, "a DLPack tensor of an unknown version", "1.x", std::to_string(managed->major));
    return take<ManagedVersioned>(capsule, "dltensor_versioned", "used_dltensor_versioned",
                                  (managed->flags & kReadOnly) == 0);
  }
  if (PyCapsule_IsValid(capsule.ptr(), "dltensor")) return take<Managed>(capsule, "dltensor", "used_dltensor", true);
  throw Error(ErrorCode::INTEROP, "__dlpack__ gave no fresh tensor", "a capsule named dltensor", "something else");
}

PyArray from_dlpack(py::handle source, py::handle device, py::object copy) {
  if (!py::hasattr(source, "__dlpack__") || !py::hasattr(source, "__dlpack_device__"))
    throw Error(ErrorCode::BAD_TYPE, "from_dlpack", "an object with __dlpack__ and __dlpack_device__",
                describe_value(source));
  const auto where = source.attr("__dlpack_device__")().cast<std::pair<int32_t, int32_t>>();
  if (where.first != kCpu && where.first != kCudaHost)
    throw Error(ErrorCode::INTEROP, "the tensor is not in host memory", "DLPack device type 1 (CPU)",
                std::to_string(where.first), "move it to the CPU first");
  auto opened = device_or_default(device);
  const Incoming in = receive(request_capsule(source));
  const DlTensor& tensor = *in.tensor;
  const DType dtype = dtype_from(tensor.dtype);
  const auto ndim = static_cast<size_t>(tensor.ndim);
  const Dims shape(std::span<const int64_t>(tensor.shape, ndim));
  element_count(shape, size_of(dtype));  // refuses what would overflow
  Dims strides = contiguous_strides(shape, size_of(dtype));
  if (tensor.strides)
    for (size_t i = 0; i < ndim; ++i) strides[i] = tensor.strides[i] * static_cast<int64_t>(size_of(dtype));
  auto* data = static_cast<std::byte*>(tensor.data) + tensor.byte_offset;
  const bool can_share = opened->limits().host_import_alignment != 0;
  const bool writable = in.writable && !gives_read_only_buffers(source);
  const bool wants = !copy.is_none() && copy.cast<bool>(), forbids = !copy.is_none() && !copy.cast<bool>();
  if (forbids && !can_share)
    throw Error(ErrorCode::INTEROP, "copy=False, but this device cannot import host memory", {}, opened->info().name,
                "allow the copy");
  const GilRelease nogil;
  if (!wants && can_share) {
    try {
      return PyArray(Array::from_host(opened, dtype, shape, strides, data, writable, in.keepalive), true);
    } catch (const Error& error) {
      if (forbids || error.code() != ErrorCode::INTEROP) throw;  // pages that the driver refuses are copied
    }
  }
  return PyArray(Array::from_values(std::move(opened), dtype, shape, strides, data));
}

}  // namespace

void bind_dlpack(py::module_& module, py::object array_class) {
  auto cls = py::reinterpret_borrow<py::class_<PyArray>>(array_class);
  cls.def("__dlpack__", &to_capsule, py::kw_only(), py::arg("stream") = py::none(), py::arg("max_version") = py::none(),
          py::arg("dl_device") = py::none(), py::arg("copy") = py::none());
  cls.def("__dlpack_device__", [](const PyArray&) { return py::make_tuple(kPlace.type, kPlace.id); });
  module.def("from_dlpack", &from_dlpack, py::arg("tensor"), py::kw_only(), py::arg("device") = py::none(),
             py::arg("copy") = py::none(), R"(Another library's tensor in host memory as an `Array`.

Args:
    tensor: Anything with `__dlpack__` on the CPU: torch, JAX, NumPy, CuPy's pinned memory. Any strides; the dtypes
        that NumPy has too, and bfloat16 (no float8). What its owner must not see changed (JAX's arrays, read-only
        ndarrays) becomes an `Array` that kernels may not write.
    device: A `Device`; None for the default one.
    copy: None shares the memory where the device can import it, else copies; True copies; False shares or raises.

Raises:
    InteropError: The tensor is on another device, or copy=False cannot be met.
    DtypeError: Its dtype is none of those.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> vf.from_dlpack(np.arange(4.0)).shape
    (4,)
)");
}

}  // namespace forge::bind
