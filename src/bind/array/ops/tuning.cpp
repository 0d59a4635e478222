#include "forge/array/ops/tuning.hpp"

#include <pybind11/stl.h>

#include "bind/array/ops/operands.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

array::TuningKey key_of(const std::tuple<std::string, std::string, std::string>& key) {
  return {std::get<0>(key), std::get<1>(key), std::get<2>(key)};
}

py::dict rows(const py::object& device) {
  const std::shared_ptr<vk::Device> opened = device_or_default(device);
  py::dict table;
  for (const array::TuningKey& key : array::tuning_keys(*opened)) {
    py::list choices;
    for (const array::Choice& choice : array::candidates(*opened, key)) choices.append(choice.text());
    if (!choices.empty()) table[py::make_tuple(key.operation, key.kind, key.size)] = choices;
  }
  return table;
}

}  // namespace

void bind_tuning(py::module_& module) {
  py::module_ tuning = module.def_submodule("_tuning", "The tuning table as vulkan_forge.tuning uses it.");
  tuning.def("rows", &rows, py::arg("device") = py::none(),
             "Candidates by (operation, kind, size), in the table's order.");
  tuning.def(
      "every",
      [](const std::string& operation) {
        py::list choices;
        for (const array::Choice& choice : array::every_choice(operation)) choices.append(choice.text());
        return choices;
      },
      py::arg("operation"), "Every row of an operation, for any device.");
  tuning.def(
      "device_class",
      [](const py::object& device) {
        return std::string(name_of(array::device_class(device_or_default(device)->info())));
      },
      py::arg("device") = py::none(), "What the table tells apart: cpu, wide, narrow, gpu or unknown.");
  tuning.def(
      "current",
      [](const std::tuple<std::string, std::string, std::string>& key, const py::object& device) {
        return array::tuned(*device_or_default(device), key_of(key)).text();
      },
      py::arg("key"), py::arg("device") = py::none(), "The choice in use.");
  tuning.def(
      "choose",
      [](const std::tuple<std::string, std::string, std::string>& key, const std::string& choice,
         const py::object& device) { array::choose(*device_or_default(device), key_of(key), choice); },
      py::arg("key"), py::arg("choice"), py::arg("device") = py::none(),
      "Takes a candidate from now on; an empty text goes back to the table.");
  tuning.def(
      "save", [](const py::object& device) { return array::save_tuning(*device_or_default(device)); },
      py::arg("device") = py::none(), "Keeps the choices on disk; False where nothing can be kept.");
}

}  // namespace forge::bind
