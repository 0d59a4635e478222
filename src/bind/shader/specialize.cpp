#include "bind/shader/specialize.hpp"

#include "bind/shader/arguments.hpp"

namespace py = pybind11;

namespace forge::bind {

std::map<std::string, shader::Number> to_spec(const py::dict& given) {
  std::map<std::string, shader::Number> spec;
  for (const auto& [key, value] : given) spec[key.cast<std::string>()] = to_number(value, key.cast<std::string>());
  return spec;
}

}  // namespace forge::bind
