#include "forge/array/fuse/host_replay.hpp"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include "bind/array/array.hpp"
#include "bind/array/terms.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/shader/graph.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

using Arrays = py::typing::List<PyArray>;

std::vector<const PyArray*> held_by(const Arrays& arrays) {
  std::vector<const PyArray*> held;
  for (const py::handle array : arrays) held.push_back(&array.cast<const PyArray&>());
  return held;
}

// Before the results are computed as part of the recording: nothing else may be part of it.
std::optional<std::shared_ptr<array::HostReplay>> make(const Arrays& inputs, const Arrays& results) {
  const shader::GraphRecording* open = recording();
  if (!open || !open->empty()) return std::nullopt;
  std::vector<array::Array> given;
  for (const PyArray* input : held_by(inputs)) given.push_back(*input->values());
  std::vector<array::Lazy> wanted;
  for (const PyArray* result : held_by(results)) wanted.push_back(result->lazy());
  const GilRelease nogil;
  compute_earlier(given.front().storage()->device_ptr(), wanted);
  std::shared_ptr<array::HostReplay> made = array::HostReplay::of(given, wanted);
  return made ? std::optional(std::move(made)) : std::nullopt;
}

std::optional<std::vector<ArrayObject>> run(const array::HostReplay& replay, const Arrays& inputs) {
  if (recording()) return std::nullopt;
  const std::vector<const PyArray*> held = held_by(inputs);
  evaluate_all(held);
  std::vector<array::Array> given;
  for (const PyArray* input : held) given.push_back(*input->values());
  const auto computed = replay.run(given);
  if (!computed) return std::nullopt;
  std::vector<ArrayObject> results;
  for (const array::Array& result : *computed) results.push_back(py::cast(PyArray(result)).cast<ArrayObject>());
  return results;
}

}  // namespace

void bind_host_replay(py::module_& module) {
  py::class_<array::HostReplay, std::shared_ptr<array::HostReplay>>(
      module, "HostReplay", "Expressions that the host computes again and again: see `compile`.")
      .def("run", &run, py::arg("inputs"), "Fresh arrays; None where the device has to.");
  module.def("host_replay", &make, py::arg("inputs"), py::arg("results"),
             "What is being recorded, where it is small and elementwise; else None.");
}

}  // namespace forge::bind
