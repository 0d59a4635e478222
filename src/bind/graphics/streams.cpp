// Vertices, indices and counts from NumPy and from arrays on the device.
#include <algorithm>
#include <limits>

#include "bind/gil.hpp"
#include "bind/graphics/draw.hpp"
#include "bind/ndarray.hpp"
#include "bind/shader/graph.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using graphics::IndexData;
using graphics::IndirectData;
using graphics::VertexData;

// Memory in place where the device sees it and it is aligned; else, and in a graph, a copy on the device.
vk::BufferRef on_device(const std::shared_ptr<vk::Device>& device, void* data, uint64_t bytes) {
  const bool outlives = recording() != nullptr;  // a graph draws it again later
  const bool aligned = reinterpret_cast<uintptr_t>(data) % 4 == 0;
  const GilRelease nogil;
  if (bytes > 0 && aligned && !outlives && device->unified() && device->limits().host_import_alignment) {
    try {
      return vk::Buffer::import_host(device, data, bytes, nullptr);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::INTEROP) throw;
    }
  }
  vk::BufferRef copy(vk::Buffer::create(device, bytes, vk::Memory::device, "vertices"));
  vk::upload(copy, data);
  return copy;
}

// How one vertex lies in an array: rows without gaps inside, one after another forwards.
struct Rows {
  uint64_t count, bytes;  // bytes from the first to behind the last
  uint32_t components, stride;
};

Rows rows_of(const Dims& shape, const Dims& strides, DType dtype, const std::string& what) {
  if (shape.empty() || shape.size() > 3)
    throw Error(ErrorCode::BAD_SHAPE, what, "(N,), (N, components) or, for matrices, (N, columns, rows)",
                to_string(shape));
  Dims inner, inner_strides;
  for (size_t axis = 1; axis < shape.size(); ++axis) {
    inner.push_back(shape[axis]);
    inner_strides.push_back(strides[axis]);
  }
  const auto size = static_cast<int64_t>(size_of(dtype));
  const int64_t components = element_count(inner), width = components * size;
  if (shape[0] == 0) return {0, 0, static_cast<uint32_t>(components), static_cast<uint32_t>(width)};
  const bool tight = is_contiguous(inner, inner_strides, static_cast<size_t>(size));
  const int64_t stride = shape[0] == 1 ? width : strides[0];
  if (!tight || stride < width || stride > std::numeric_limits<int32_t>::max())
    throw Error(ErrorCode::NOT_CONTIGUOUS, what + " is not C-contiguous", "C order, with gaps between rows at most",
                "strides " + to_string(strides), "pass np.ascontiguousarray(a)");
  return {static_cast<uint64_t>(shape[0]), static_cast<uint64_t>((shape[0] - 1) * stride + width),
          static_cast<uint32_t>(components), static_cast<uint32_t>(stride)};
}

VertexData plain_stream(const std::shared_ptr<vk::Device>& device, const std::string& name, py::handle value) {
  const std::string what = "vertex input " + name;
  if (py::isinstance<PyArray>(value)) {
    const auto& array = value.cast<const PyArray&>().array();
    const Rows rows = rows_of(array.shape(), array.strides(), array.dtype(), what);
    return {name,      {array.storage(), array.offset(), rows.bytes}, array.dtype(), rows.components, 0, rows.stride,
            rows.count};
  }
  const HostArray host = check_numbers(value, what.c_str());
  const Rows rows = rows_of(host.shape, host.strides, host.dtype, what);
  return {name, on_device(device, host.data, rows.bytes), host.dtype, rows.components, 0, rows.stride, rows.count};
}

bool is_record(py::handle value) {
  return py::isinstance<py::array>(value) &&
         !py::object(py::reinterpret_borrow<py::array>(value).dtype().attr("fields")).is_none();
}

// The fields of a structured array, interleaved as they are.
void add_fields(const std::shared_ptr<vk::Device>& device, const py::array& values, std::vector<VertexData>& into) {
  const auto stride = static_cast<uint32_t>(values.itemsize());
  if (values.ndim() != 1 || !(values.flags() & py::array::c_style))
    throw Error(ErrorCode::BAD_SHAPE, "vertices", "a 1-D C-contiguous structured array", describe_value(values));
  const auto count = static_cast<uint64_t>(values.shape(0));
  const vk::BufferRef buffer = on_device(device, const_cast<void*>(values.data()), count * stride);
  for (const auto& [key, entry] : values.dtype().attr("fields").cast<py::dict>()) {
    const auto field = entry[py::int_(0)].cast<py::dtype>();
    const py::object base = field.attr("subdtype");
    const bool several = !base.is_none();
    const DType dtype = to_dtype(several ? py::object(base[py::int_(0)]) : py::object(field));
    const auto parts = static_cast<uint32_t>(static_cast<size_t>(field.itemsize()) / size_of(dtype));
    into.push_back({key.cast<std::string>(), buffer, dtype, parts, entry[py::int_(1)].cast<uint32_t>(), stride, count});
  }
}

template <class T>
uint64_t highest(const HostArray& indices, bool restart) {
  const auto* first = static_cast<const T*>(indices.data);
  T most = 0;
  for (const T* index = first; index < first + element_count(indices.shape); ++index)
    if (!restart || *index != std::numeric_limits<T>::max()) most = std::max(most, *index);
  return most;
}

void check_index_dtype(DType dtype) {
  if (dtype != DType::uint32 && dtype != DType::uint16)
    throw Error(ErrorCode::BAD_DTYPE, "indices", "uint32 or uint16", std::string(name_of(dtype)),
                "convert them: .astype(np.uint32)");
}

}  // namespace

void add_vertices(const std::shared_ptr<vk::Device>& device, py::handle vertices, bool per_instance,
                  std::vector<VertexData>& into) {
  const size_t before = into.size();
  if (vertices.is_none()) return;
  if (is_record(vertices)) {
    add_fields(device, py::reinterpret_borrow<py::array>(vertices), into);
  } else if (py::isinstance<py::dict>(vertices)) {
    for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(vertices))
      into.push_back(plain_stream(device, py::str(key).cast<std::string>(), value));
  } else {
    throw Error(ErrorCode::BAD_TYPE, per_instance ? "per_instance" : "vertices",
                "a dict of arrays by input name, or a structured array", describe_value(vertices));
  }
  for (size_t i = before; i < into.size(); ++i) into[i].per_instance = per_instance;
}

IndexData to_indices(const std::shared_ptr<vk::Device>& device, py::handle value, std::optional<uint64_t> vertices,
                     bool restart) {
  if (py::isinstance<PyArray>(value)) {
    const auto& array = value.cast<const PyArray&>().array();
    check_index_dtype(array.dtype());
    return {array.bytes(), array.dtype(), static_cast<uint64_t>(array.size())};
  }
  const HostArray host = check_numbers(value, "indices");
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, "indices are not C-contiguous", "C order without gaps",
                "strides " + to_string(host.strides), "pass np.ascontiguousarray(a)");
  check_index_dtype(host.dtype);
  const auto count = static_cast<uint64_t>(element_count(host.shape));
  uint64_t most = 0;
  {
    const GilRelease nogil;
    most = host.dtype == DType::uint32 ? highest<uint32_t>(host, restart) : highest<uint16_t>(host, restart);
  }
  if (count && vertices && most >= *vertices)
    throw Error(ErrorCode::OUT_OF_RANGE, "an index names no vertex", "below " + std::to_string(*vertices),
                std::to_string(most));
  return {on_device(device, host.data, count * size_of(host.dtype)), host.dtype, count};
}

IndirectData to_indirect(py::handle value) {
  if (!py::isinstance<PyArray>(value))
    throw Error(ErrorCode::BAD_TYPE, "indirect", "an Array of uint32 counts on the device", describe_value(value),
                "give numbers that are known here as count= and instances=");
  const auto& array = value.cast<const PyArray&>().array();
  if (array.dtype() != DType::uint32)
    throw Error(ErrorCode::BAD_DTYPE, "indirect", "uint32", std::string(name_of(array.dtype())),
                "convert it: .astype(np.uint32)");
  const Dims& shape = array.shape();
  if (shape.empty() || shape.size() > 2)
    throw Error(ErrorCode::BAD_SHAPE, "indirect", "(4,) or (N, 4); with indices (5,) or (N, 5)", to_string(shape));
  return {array.bytes(), static_cast<uint32_t>(shape[shape.size() - 1]),
          static_cast<uint64_t>(shape.size() == 2 ? shape[0] : 1)};
}

}  // namespace forge::bind
