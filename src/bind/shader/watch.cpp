#include "bind/shader/watch.hpp"

#include <pybind11/pybind11.h>

#include <optional>

#include "bind/lifecycle.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

void log(const shader::WatchReport& report, const std::string& kernel) {
  const py::gil_scoped_acquire gil;
  const py::object logger = py::module_::import("logging").attr("getLogger")("vulkan_forge.shader");
  py::dict extra;
  extra["kernel"] = kernel;
  for (const std::string& line : report.lines) {
    const py::str text(py::reinterpret_steal<py::object>(
        PyUnicode_DecodeUTF8(line.data(), static_cast<Py_ssize_t>(line.size()), "replace")));
    logger.attr("info")("%s", text, py::arg("extra") = extra);
  }
  if (report.lost)
    logger.attr("warning")("%d more lines of %s were lost: a call keeps 64 Ki words of text", report.lost, kernel,
                           py::arg("extra") = extra);
}

}  // namespace

void deliver(const std::shared_ptr<shader::Watch>& watch, const std::string& kernel) {
  if (!watch) return;
  const shader::WatchedCall call{watch, kernel};
  deliver(std::span(&call, 1));
}

void deliver(std::span<const shader::WatchedCall> calls) {
  std::optional<std::pair<shader::WatchReport, std::string>> found;
  std::string others;
  for (const auto& [watch, kernel] : calls) {
    shader::WatchReport report = watch->collect();
    if (!report.lines.empty() || report.lost) log(report, kernel);
    if (report.faults == 0) continue;
    if (found)
      others += "; " + kernel + " indexed out of range too: " + (report.first.empty() ? "" : report.first.front());
    else
      found.emplace(std::move(report), kernel);
  }
  if (!found) return;
  const auto& [report, kernel] = *found;
  std::string first;
  for (const std::string& one : report.first) first += (first.empty() ? "" : "; ") + one;
  throw Error(ErrorCode::OUT_OF_RANGE,
              "kernel " + kernel + " indexed out of range " + std::to_string(report.faults) +
                  (report.faults == 1 ? " time" : " times"),
              "indices below the size", first + others,
              "such reads gave 0 and such writes were dropped; guard the access")
      .with("kernel", kernel)
      .with("count", std::to_string(report.faults));
}

}  // namespace forge::bind
