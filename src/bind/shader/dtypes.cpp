#include "bind/shader/dtypes.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

py::tuple to_shape(const std::vector<int64_t>& extents) {
  py::tuple shape(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) shape[i] = extents[i];
  return shape;
}

Dims shape_of(const py::array& array) {
  if (array.ndim() > static_cast<py::ssize_t>(kMaxDims))
    throw Error(ErrorCode::BAD_SHAPE, "an array has too many dimensions", "at most 8", std::to_string(array.ndim()));
  Dims shape;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) shape.push_back(array.shape(i));
  return shape;
}

void refuse_gaps(const std::string& what, const py::array& array) {
  throw Error(ErrorCode::NOT_CONTIGUOUS, what + " is not C-contiguous", "C order without gaps",
              "shape " + py::str(py::object(array.attr("shape"))).cast<std::string>() + ", strides " +
                  py::str(py::object(array.attr("strides"))).cast<std::string>(),
              "pass np.ascontiguousarray(a), or vf.asarray(a)");
}

HostElements structures(const py::array& array, const std::string& what) {
  if (!(array.flags() & py::array::c_style)) refuse_gaps(what, array);
  HostElements host;
  host.record = to_host_type(array.dtype(), what);
  host.shape = shape_of(array);
  host.data = const_cast<void*>(array.data());
  host.bytes = static_cast<uint64_t>(array.nbytes());
  host.writable = array.writeable();
  return host;
}

}  // namespace

bool is_structured(py::handle value) {
  if (!py::hasattr(value, "dtype")) return false;
  const py::object dtype = value.attr("dtype");
  return py::isinstance<py::dtype>(dtype) && !dtype.attr("names").is_none();
}

HostElements check_elements(py::handle value, const std::string& what) {
  if (is_structured(value)) {
    if (py::hasattr(value, "mask") && py::hasattr(value, "filled")) check_ndarray(value, what.c_str());  // refuses it
    const py::object array = py::module_::import("numpy").attr("asarray")(value);  // of a scalar: its one element
    return structures(array.cast<py::array>(), what);
  }
  const HostArray array = check_ndarray(value, what.c_str());
  if (!array.contiguous()) refuse_gaps(what, py::reinterpret_borrow<py::array>(value));
  const auto bytes = static_cast<uint64_t>(element_count(array.shape, size_of(array.dtype))) * size_of(array.dtype);
  return {array.dtype, std::nullopt, array.shape, array.data, bytes, array.writable};
}

shader::HostType to_host_type(const py::dtype& dtype, const std::string& what) {
  shader::HostType type;
  const py::object sub = dtype.attr("subdtype");
  if (!sub.is_none()) {
    type = to_host_type(sub[py::int_(0)].cast<py::dtype>(), what);
    std::vector<int64_t> shape;
    for (const auto extent : py::object(sub[py::int_(1)])) shape.push_back(extent.cast<int64_t>());
    type.shape.insert(type.shape.begin(), shape.begin(), shape.end());
    return type;
  }
  type.size = static_cast<uint64_t>(dtype.itemsize());
  const py::object names = dtype.attr("names");
  if (names.is_none()) {
    type.dtype = to_dtype(dtype, what.c_str());
    return type;
  }
  const py::object fields = dtype.attr("fields");
  for (const auto name : names) {
    const py::object row = fields[name];
    const auto text = name.cast<std::string>();
    const std::string where = std::string(what).append(", field ").append(text);
    type.fields.push_back(
        {text, row[py::int_(1)].cast<uint64_t>(), to_host_type(row[py::int_(0)].cast<py::dtype>(), where)});
  }
  if (type.fields.empty()) throw Error(ErrorCode::BAD_DTYPE, what + " has a structured dtype without fields");
  return type;
}

py::dtype to_numpy(const shader::HostType& type) {
  py::object item;
  if (type.is_record()) {
    py::list names, formats, offsets;
    for (const shader::HostField& field : type.fields) {
      names.append(field.name);
      formats.append(to_numpy(field.type));
      offsets.append(field.offset);
    }
    py::dict parts;
    parts["names"] = names;
    parts["formats"] = formats;
    parts["offsets"] = offsets;
    parts["itemsize"] = type.size;
    item = py::dtype::from_args(parts);
  } else {
    item = numpy_dtype(type.dtype);
  }
  if (type.shape.empty()) return item.cast<py::dtype>();
  return py::dtype::from_args(py::make_tuple(item, to_shape(type.shape)));
}

}  // namespace forge::bind
