#include "bind/shader/arguments.hpp"

#include <algorithm>
#include <cstring>

#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/shader/dtypes.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using shader::Access;
using shader::Callable;

constexpr int64_t kMostNumbers = 1 << 14;  // no block of values holds more; each becomes a Python object on its way

// Drivers pin pages, or touch each one, in their own time.
template <class Action>
auto without_gil(Action&& action) {
  const GilRelease nogil;
  return action();
}

bool is_list(py::handle value) { return py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value); }

std::string element_name(const std::string& name, size_t i) { return name + "[" + std::to_string(i) + "]"; }

// Number by number: in one array of NumPy's, integers from 2^63 on beside smaller ones would be floats.
void flatten(py::handle value, std::vector<shader::Number>& out, const std::string& name) {
  if (is_list(value)) {
    for (const auto item : value) flatten(item, out, name);
  } else if (py::hasattr(value, "__array__") && py::len(value.attr("shape")) > 0) {
    flatten(py::module_::import("numpy").attr("asarray")(value).attr("ravel")().attr("tolist")(), out, name);
  } else {
    out.push_back(to_number(value, name));
  }
}

// Lists of rows as an array, for its shape.
py::array rows_of(py::handle value, const std::string& name) {
  try {
    return py::module_::import("numpy").attr("array")(value).cast<py::array>();
  } catch (const py::error_already_set& error) {
    throw_as(ErrorCode::BAD_SHAPE, error, "argument " + name, "rows of equal length");
  }
}

void refuse_many(const Dims& shape, py::handle value, const std::string& name) {
  if (element_count(shape) > kMostNumbers)
    throw Error(ErrorCode::BAD_SHAPE, "argument " + name + " is a value, not a buffer", "a number or a few",
                describe_value(value));
}

}  // namespace

bool has(Access access, Access bit) { return (static_cast<int>(access) & static_cast<int>(bit)) != 0; }

shader::NumbersArgument to_numbers_argument(py::handle value, const std::string& name) {
  shader::NumbersArgument numbers;
  const bool nested = is_list(value) && std::any_of(value.begin(), value.end(), [](py::handle item) {
                        return is_list(item) || py::isinstance<py::array>(item);
                      });
  if (nested) {
    const py::array rows = rows_of(value, name);
    numbers.shape = to_dims(py::object(rows.attr("shape")), ("argument " + name).c_str());
    refuse_many(numbers.shape, rows, name);
  } else if (py::isinstance<py::array>(value)) {
    numbers.shape = check_ndarray(value, ("argument " + name).c_str()).shape;
    refuse_many(numbers.shape, value, name);
  } else if (is_list(value)) {
    numbers.shape = {static_cast<int64_t>(py::len(value))};
  }
  flatten(value, numbers.values, name);
  return numbers;
}

shader::Number to_number(py::handle value, const std::string& name) {
  py::object plain = py::reinterpret_borrow<py::object>(value);
  if (py::hasattr(value, "__dlpack__") && py::hasattr(value, "shape") && !py::isinstance<py::array>(value) &&
      py::len(value.attr("shape")) > 0)
    throw Error(ErrorCode::BAD_TYPE, "argument " + name, "an ndarray, Array or Buffer", describe_value(value),
                "give vf.from_dlpack(tensor), which shares its memory");
  if (!PyBool_Check(value.ptr()) && !PyLong_Check(value.ptr()) && !PyFloat_Check(value.ptr()) &&
      py::hasattr(value, "item") && py::hasattr(value, "dtype") &&
      (!py::isinstance<py::array>(value) || py::reinterpret_borrow<py::array>(value).size() == 1))
    plain = value.attr("item")();  // NumPy scalars
  if (PyBool_Check(plain.ptr())) return plain.ptr() == Py_True;
  if (PyFloat_Check(plain.ptr())) return PyFloat_AS_DOUBLE(plain.ptr());
  const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(plain.ptr()));
  if (!integer) PyErr_Clear();
  if (integer) {
    int overflow = 0;
    const long long small = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
    if (overflow == 0) return static_cast<int64_t>(small);
    const unsigned long long large = PyLong_AsUnsignedLongLong(integer.ptr());
    if (PyErr_Occurred()) {
      PyErr_Clear();
      throw Error(ErrorCode::INVALID_ARGUMENT, "value of " + name + " does not fit", "at most 64 bits",
                  py::str(integer).cast<std::string>());
    }
    return static_cast<uint64_t>(large);
  }
  throw Error(ErrorCode::BAD_TYPE, "argument " + name, "a number, a sequence of numbers, an ndarray, Array or Buffer",
              describe_value(value));
}

namespace {

shader::ArrayArgument to_groups(py::handle value) {
  if (py::isinstance<PyArray>(value)) {
    const array::Array& array = value.cast<const PyArray&>().array();
    return {array.bytes(), array.dtype(), array.shape(), array.writable()};
  }
  if (py::isinstance<PyBuffer>(value)) return {vk::BufferRef(value.cast<const PyBuffer&>().buffer()), {}, {}, true};
  throw Error(ErrorCode::BAD_TYPE, "groups_from", "an Array of 3 uint32, or a Buffer that begins with them",
              describe_value(value), "use groups= for numbers that are known here");
}

}  // namespace

shader::Grid take_grid(py::dict& arguments) {
  shader::Grid grid;
  const auto take = [&](const char* key) -> std::optional<std::array<uint64_t, 3>> {
    if (!arguments.contains(key)) return std::nullopt;
    const py::object value = arguments[key];
    arguments.attr("pop")(key);
    return to_grid(value, key);
  };
  grid.threads = take("threads");
  grid.groups = take("groups");
  if (arguments.contains("groups_from")) {
    const py::object value = arguments.attr("pop")("groups_from");
    if (!value.is_none()) grid.groups_from = to_groups(value);
  }
  return grid;
}

void refuse_ndarrays(const shader::Callable& kernel, const py::dict& arguments, const char* where) {
  const auto refuse = [&](const std::string& name, py::handle value) {
    if (py::isinstance<py::array>(value))
      throw Error(ErrorCode::BAD_TYPE, "argument " + name + " of " + where,
                  "an Array or Buffer, which stays where it is", "an ndarray", "use vf.asarray(a) or vf.from_host(a)");
  };
  for (const auto& [key, value] : arguments) {
    const auto name = key.cast<std::string>();
    const auto* parameter = kernel.find(name);
    if (!parameter || parameter->kind == Callable::Parameter::Kind::value) continue;
    refuse(name, value);
    if (!kernel.is_list(*parameter) || !is_list(value)) continue;
    size_t i = 0;
    for (const auto item : value) refuse(element_name(name, i++), item);
  }
}

std::optional<std::array<uint64_t, 3>> to_grid(py::handle value, const char* what) {
  if (value.is_none()) return std::nullopt;
  const Dims dims = to_dims(value, what);
  if (dims.empty() || dims.size() > 3)
    throw Error(ErrorCode::BAD_SHAPE, what, "an int or 1 to 3 of them (x, y, z)", std::to_string(dims.size()));
  std::array<uint64_t, 3> grid{1, 1, 1};
  for (size_t i = 0; i < dims.size(); ++i) grid[i] = static_cast<uint64_t>(dims[i]);
  return grid;
}

CallArguments::CallArguments(const shader::Callable& kernel, const py::dict& given, Lifetime lifetime)
    : lifetime_(lifetime) {
  for (const auto& [key, value] : given) add(kernel, key.cast<std::string>(), value);
}

std::optional<Resource> to_resource(py::handle value) {
  if (py::isinstance<PyArray>(value)) {
    const array::Array& array = value.cast<const PyArray&>().array();
    return shader::ArrayArgument{array.bytes(), array.dtype(), array.shape(), array.writable(), std::nullopt};
  }
  if (py::isinstance<PyBuffer>(value))
    return shader::ArrayArgument{
        vk::BufferRef(value.cast<const PyBuffer&>().buffer()), std::nullopt, {}, true, std::nullopt};
  if (py::isinstance<PyTexture>(value)) {
    const auto& texture = value.cast<const PyTexture&>().share();
    return shader::TextureArgument{texture, texture->spec().sampler};
  }
  if (py::isinstance<PySampler>(value)) return shader::TextureArgument{nullptr, value.cast<const PySampler&>().kind};
  return std::nullopt;
}

void CallArguments::add(const shader::Callable& kernel, const std::string& name, py::handle value) {
  const Callable::Parameter* parameter = kernel.find(name);
  if (parameter && kernel.is_list(*parameter)) return add_list(kernel, *parameter, value);
  if (auto resource = to_resource(value)) {
    std::visit([&](auto& one) { named_.push_back({name, std::move(one)}); }, *resource);
  } else if (!parameter) {
    named_.push_back({name, shader::NumbersArgument{}});  // bind() names what is unknown
  } else if (parameter->kind == Callable::Parameter::Kind::value) {
    add_value(*parameter, value);
  } else if (py::isinstance<py::array>(value) && !kernel.is_image(*parameter)) {
    named_.push_back({name, take_ndarray(kernel, *parameter, name, value)});
  } else {
    shader::NumbersArgument other;
    if (is_list(value) || py::isinstance<py::array>(value))
      other.shape = {1};  // how many does not matter here
    else
      to_number(value, name);  // raises for what no argument can be
    named_.push_back({name, other});
  }
}

void CallArguments::add_list(const shader::Callable& kernel, const Callable::Parameter& parameter, py::handle value) {
  if (!is_list(value))
    throw Error(ErrorCode::BAD_TYPE, "argument " + parameter.name + " of " + kernel.name(),
                kernel.expected_text(parameter), describe_value(value), "give a list or tuple, even of one");
  const py::tuple items(py::reinterpret_borrow<py::object>(value));
  kernel.check_count(parameter, items.size());
  held_.push_back(keep_python(items));
  shader::ListArgument list;
  for (const auto item : items) {
    const std::string name = element_name(parameter.name, list.items.size());
    if (auto resource = to_resource(item))
      list.items.push_back(std::move(*resource));
    else if (py::isinstance<py::array>(item) && !kernel.is_image(parameter))
      list.items.emplace_back(take_ndarray(kernel, parameter, name, item));
    else
      throw Error(ErrorCode::BAD_TYPE, "argument " + name + " of " + kernel.name(), kernel.element_text(parameter),
                  describe_value(item),
                  kernel.is_image(parameter) ? "give a vf.Texture" : "give an ndarray, Array or Buffer");
  }
  named_.push_back({parameter.name, std::move(list)});
}

void CallArguments::add_value(const Callable::Parameter& parameter, py::handle value) {
  if (is_structured(value)) {
    const HostElements host = check_elements(value, "argument " + parameter.name);
    shader::RecordsArgument records{{*host.record, host.shape}, std::vector<std::byte>(host.bytes)};
    if (host.bytes) std::memcpy(records.bytes.data(), host.data, host.bytes);
    named_.push_back({parameter.name, std::move(records)});
    return;
  }
  named_.push_back({parameter.name, to_numbers_argument(value, parameter.name)});
}

// Shared in place where the device sees host memory as its own and the array starts where the kernel needs it; else a
// copy goes there and, where the kernel writes, comes back.
shader::ArrayArgument CallArguments::take_ndarray(const shader::Callable& kernel, const Callable::Parameter& parameter,
                                                  const std::string& name, py::handle value) {
  const std::string what = "argument " + name;
  const HostElements host = check_elements(value, what);
  const Access access = kernel.access(parameter);
  if (has(access, Access::write) && !host.writable)
    throw Error(ErrorCode::READ_ONLY, what + " is written by the shader", "a writable ndarray", "a read-only one",
                "pass a copy, or declare the block readonly");
  vk::Device& device = *kernel.device();
  const auto address = reinterpret_cast<uintptr_t>(host.data);
  const uint64_t page = device.limits().host_import_alignment;
  const uint64_t start = parameter.kind == Callable::Parameter::Kind::pointer || page == 0 ? address : address % page;
  const auto argument = [&](vk::BufferRef ref) {
    return shader::ArrayArgument{std::move(ref), host.dtype, host.shape, host.writable, host.record};
  };
  if (host.bytes > 0 && page != 0 && device.unified() && start % kernel.alignment(parameter) == 0) {
    try {
      auto kept = lifetime_ == Lifetime::kept ? keep_python(py::reinterpret_borrow<py::object>(value)) : nullptr;
      auto shared =
          without_gil([&] { return vk::Buffer::import_host(kernel.device(), host.data, host.bytes, std::move(kept)); });
      note(name, host, has(access, Access::write), false);
      shares_ = true;
      return argument(std::move(shared));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::INTEROP) throw;  // file mappings and the like: copied below
    }
  }
  note(name, host, has(access, Access::write), true);
  const auto known = std::find_if(copied_.begin(), copied_.end(), [&](const Copied& copy) {
    return copy.host == host.data && copy.buffer.size == host.bytes;
  });
  if (known != copied_.end()) {
    known->reads |= has(access, Access::read);
    known->writes |= has(access, Access::write);
    return argument(known->buffer);
  }
  vk::BufferRef ref(without_gil([&] { return vk::Buffer::create(kernel.device(), host.bytes, vk::Memory::device); }));
  copied_.push_back({ref, host.data, has(access, Access::read), has(access, Access::write)});
  return argument(std::move(ref));
}

// One memory given twice has one copy. What is written in two that overlap in part, or in a copy and in place, would be
// brought back over each other.
void CallArguments::note(const std::string& name, const HostElements& host, bool writes, bool copied) {
  if (!writes || host.bytes == 0) return;
  const auto begin = reinterpret_cast<uintptr_t>(host.data);
  const uintptr_t end = begin + host.bytes;
  for (const Written& other : written_) {
    const bool one_copy = copied && other.copied && begin == other.begin && end == other.end;
    if (begin >= other.end || other.begin >= end || one_copy || !(copied || other.copied)) continue;
    throw Error(ErrorCode::INVALID_ARGUMENT,
                "arguments " + other.name + " and " + name + " overlap, and both are written in copies",
                "the same ndarray, or ndarrays apart", "ndarrays that share a part of their memory",
                "give parts of one Array: device = vf.asarray(a), then device[...]");
  }
  written_.push_back({name, begin, end, copied});
}

bool CallArguments::brings_back() const {
  return std::any_of(copied_.begin(), copied_.end(), [](const Copied& copy) { return copy.writes; });
}

void CallArguments::send() const {
  // A written array is sent too: the kernel may leave some elements alone.
  for (const Copied& copy : copied_) vk::upload(copy.buffer, copy.host);
}

void CallArguments::fetch() const {
  for (const Copied& copy : copied_)
    if (copy.writes) vk::download(copy.host, copy.buffer);
}

}  // namespace forge::bind
