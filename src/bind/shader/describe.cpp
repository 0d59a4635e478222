#include "bind/shader/describe.hpp"

#include <algorithm>

#include "bind/shader/dtypes.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// What stands at the end of a dotted path below an argument: "lights.color".
shader::HostType member_type(const shader::HostType& whole, const std::string& path) {
  shader::HostType type = whole;
  for (size_t at = 0; at < path.size();) {
    const size_t dot = std::min(path.find('.', at), path.size());
    const std::string name = path.substr(at, dot - at);
    std::string known;
    const shader::HostField* found = nullptr;
    for (const shader::HostField& field : type.fields) {
      known += (known.empty() ? "" : ", ") + field.name;
      if (field.name == name) found = &field;
    }
    if (!found) throw Error(ErrorCode::ARGUMENT_NAMES, "unknown member", known.empty() ? "none" : known, name);
    type = shader::HostType(found->type);
    at = dot + 1;
    if (type.is_record() && !type.shape.empty()) type.shape.clear();
  }
  return type;
}

}  // namespace

py::list parameters_of(const shader::Callable& kernel) {
  py::list rows;
  for (const auto& parameter : kernel.parameters()) {
    constexpr const char* access[] = {"value", "read", "write", "read_write"};
    py::dict row;
    row["name"] = parameter.name;
    row["type"] = kernel.type_text(parameter);
    row["access"] = access[static_cast<size_t>(kernel.access(parameter))];
    row["kind"] = parameter.kind == shader::Callable::Parameter::Kind::value     ? "value"
                  : parameter.kind == shader::Callable::Parameter::Kind::pointer ? "address"
                                                                                 : "binding";
    row["count"] = kernel.is_list(parameter) ? py::object(py::int_(kernel.list_count(parameter))) : py::none();
    rows.append(row);
  }
  return rows;
}

py::dtype dtype_of(const shader::Callable& kernel, const std::string& name, py::handle length) {
  const size_t dot = std::min(name.find('.'), name.size());
  const auto* parameter = kernel.find(name.substr(0, dot));
  if (!parameter) {
    std::string known;
    for (const auto& row : kernel.parameters()) known += (known.empty() ? "" : ", ") + row.name;
    throw Error(ErrorCode::ARGUMENT_NAMES, "unknown argument of " + kernel.name(), known.empty() ? "none" : known,
                name.substr(0, dot));
  }
  shader::HostType type = kernel.host_type(*parameter);
  if (dot < name.size()) type = member_type(type, name.substr(dot + 1));
  // Only the last member of a block can be runtime-sized.
  shader::HostField* last = type.is_record() && type.shape.empty() ? &type.fields.back() : nullptr;
  const bool runtime = last && !last->type.shape.empty() && last->type.shape.front() == 0;
  if (!length.is_none()) {
    if (!runtime)
      throw Error(ErrorCode::INVALID_ARGUMENT, "length= of " + name, "a block that ends in a runtime-sized array",
                  "another one", "leave it out");
    const Dims extent = to_dims(length, "length");
    if (extent.size() != 1) throw Error(ErrorCode::BAD_SHAPE, "length= of " + name, "one number");
    last->type.shape.front() = extent[0];
    type.size = std::max(type.size, last->offset + last->type.bytes());
  }
  return to_numpy(type);
}

}  // namespace forge::bind
