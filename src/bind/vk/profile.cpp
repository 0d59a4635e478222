#include "forge/vk/profile.hpp"

#include <pybind11/stl.h>

#include <deque>

#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/vk/vk.hpp"
#include "forge/core/log.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

// A device's profile from start to stop. What it collected stays readable.
class DeviceProfile {
 public:
  explicit DeviceProfile(std::shared_ptr<vk::Device> device) : device_(std::move(device)) {}
  ~DeviceProfile() {
    if (running_) device_->stop_profile();
  }
  DeviceProfile(const DeviceProfile&) = delete;
  DeviceProfile& operator=(const DeviceProfile&) = delete;

  void start() {
    device_->start_profile(profile_);
    running_ = true;
  }

  // Waits: a command's time is known once it has run.
  void stop() {
    if (!std::exchange(running_, false)) return;
    device_->stop_profile();
    device_->wait_idle();
    device_->collect();
    offset_ = device_->clock_offset_ns();
  }

  py::list submissions() const {
    py::list rows;
    for (const vk::SubmissionNote& note : profile_->submissions())
      rows.append(py::make_tuple(note.number, std::string(name_of(note.why)), note.commands, note.barriers, note.bytes,
                                 note.host_ns));
    return rows;
  }

  // On the host's clock.
  py::list commands() const {
    const std::vector<vk::CommandTime> commands = profile_->commands();
    const double offset = offset_ ? *offset_ : vk::guess_offset(profile_->submissions(), commands);
    py::list rows;
    for (const vk::CommandTime& time : commands)
      rows.append(
          py::make_tuple(time.number, time.name, time.begin_ns + offset, time.end_ns + offset, time.bytes, time.flops));
    return rows;
  }

  bool calibrated() const { return offset_.has_value(); }

 private:
  std::shared_ptr<vk::Device> device_;
  std::shared_ptr<vk::Profile> profile_ = std::make_shared<vk::Profile>();
  bool running_ = false;
  std::optional<double> offset_;
};

// Lines come from any thread and under any lock, where Python must not be entered: the main thread passes them on at
// its next step, and the end of the process what is left.
struct Lines {
  std::mutex mutex;
  std::deque<std::pair<LogLevel, std::string>> waiting;
  bool called = false;
};
Lines& lines() {
  static auto* all = new Lines;
  return *all;
}

void pass_on() {
  std::deque<std::pair<LogLevel, std::string>> ready;
  {
    const std::lock_guard lock(lines().mutex);
    ready.swap(lines().waiting);
    lines().called = false;
  }
  if (ready.empty()) return;
  const py::object logger = py::module_::import("logging").attr("getLogger")("vulkan_forge");
  for (const auto& [level, line] : ready) logger.attr("log")(static_cast<int>(level), "%s", line);
}

void keep_line(LogLevel level, std::string line) {
  const std::lock_guard lock(lines().mutex);
  lines().waiting.emplace_back(level, std::move(line));
  if (lines().called || python_is_ending()) return;
  lines().called = Py_AddPendingCall(
                       [](void*) {
                         try {
                           pass_on();
                         } catch (py::error_already_set& error) {
                           error.discard_as_unraisable("logging");
                         }
                         return 0;
                       },
                       nullptr) == 0;
}

}  // namespace

void bind_profile(py::module_& module) {
  py::class_<DeviceProfile>(module, "_Profile")
      .def(py::init([](py::handle device) { return std::make_unique<DeviceProfile>(device_or_default(device)); }))
      .def("start", &DeviceProfile::start)
      .def("stop", &DeviceProfile::stop, py::call_guard<GilRelease>())
      .def("submissions", &DeviceProfile::submissions)
      .def("commands", &DeviceProfile::commands)
      .def_property_readonly("calibrated", &DeviceProfile::calibrated);
  module.def("_trace", &vk::set_tracing, py::arg("on"));
  module.def("_pass_log_on", &pass_on);
  set_log_sink(&keep_line);
  py::module_::import("atexit").attr("register")(module.attr("_pass_log_on"));
}

}  // namespace forge::bind
