#include "forge/vk/device.hpp"

#include <pybind11/stl.h>

#include <algorithm>

#include "bind/errors.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/vk/vk.hpp"
#include "forge/core/file_cache.hpp"
#include "forge/shader/compile.hpp"
#include "forge/vk/compile_ahead.hpp"
#include "forge/vk/instance.hpp"
#include "forge/vk/staging.hpp"
#include "forge/vk/watcher.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

py::dict limits_dict(const vk::Limits& limits) {
  py::dict d;
  d["max_buffer_bytes"] = limits.max_buffer_bytes;
  d["max_allocation_bytes"] = limits.max_allocation_bytes;
  d["max_storage_range"] = limits.max_storage_range;
  d["max_uniform_range"] = limits.max_uniform_range;
  d["storage_offset_alignment"] = limits.storage_offset_alignment;
  d["uniform_offset_alignment"] = limits.uniform_offset_alignment;
  d["host_import_alignment"] = limits.host_import_alignment;
  d["max_push_bytes"] = limits.max_push_bytes;
  d["max_shared_bytes"] = limits.max_shared_bytes;
  d["max_groups"] = py::make_tuple(limits.max_groups[0], limits.max_groups[1], limits.max_groups[2]);
  d["max_workgroup"] = py::make_tuple(limits.max_workgroup[0], limits.max_workgroup[1], limits.max_workgroup[2]);
  d["max_invocations"] = limits.max_invocations;
  d["subgroup_size"] = limits.subgroup_size;
  d["min_subgroup_size"] = limits.min_subgroup_size;
  d["max_subgroup_size"] = limits.max_subgroup_size;
  d["max_image_1d"] = limits.max_image_1d;
  d["max_image_2d"] = limits.max_image_2d;
  d["max_image_3d"] = limits.max_image_3d;
  d["max_target"] = limits.max_target;
  d["max_color_attachments"] = limits.max_color_attachments;
  d["max_stage_storage_buffers"] = limits.max_stage_storage_buffers;
  d["max_stage_uniform_buffers"] = limits.max_stage_uniform_buffers;
  d["max_stage_samplers"] = limits.max_stage_samplers;
  d["max_stage_sampled_images"] = limits.max_stage_sampled_images;
  d["max_stage_storage_images"] = limits.max_stage_storage_images;
  d["max_stage_resources"] = limits.max_stage_resources;
  d["timestamp_period_ns"] = limits.timestamp_period_ns;
  return d;
}

py::list heaps_list(const std::vector<vk::MemoryHeap>& heaps) {
  py::list rows;
  for (const vk::MemoryHeap& heap : heaps) {
    py::dict row;
    row["bytes"] = heap.size;
    row["budget_bytes"] = heap.budget;
    row["used_bytes"] = heap.used;
    row["device_local"] = heap.device_local;
    rows.append(row);
  }
  return rows;
}

py::dict adapter_dict(const vk::AdapterInfo& info) {
  const vk::Judgement verdict = vk::judge(info);
  py::dict d;
  d["index"] = info.index;
  d["name"] = info.name;
  d["device_type"] = std::string(vk::name_of(info.type));
  d["uuid"] = info.uuid;
  d["driver"] = info.driver;
  d["driver_version"] = info.driver_version;
  d["api_version"] = vk::version_text(info.api_version);
  d["vendor_id"] = info.vendor_id;
  d["device_id"] = info.device_id;
  d["usable"] = verdict.usable;
  d["reasons_for"] = verdict.reasons_for;
  d["reasons_against"] = verdict.reasons_against;
  d["limits"] = limits_dict(info.limits);
  d["features"] = info.features;
  d["extensions"] = std::vector<std::string>(info.extensions.begin(), info.extensions.end());
  d["heaps"] = heaps_list(info.heaps);
  d["shares_memory_with_host"] = info.unified_cached_memory();
  return d;
}

std::vector<vk::AdapterInfo> all_adapters() {
  const GilRelease nogil;
  return vk::Instance::get()->adapters();
}

// A name part, an index, a uuid, or None.
vk::DeviceOptions to_options(py::handle selector, py::object prefer_software) {
  vk::DeviceOptions options = vk::options_from_environment();
  if (!prefer_software.is_none()) options.wish.prefer_software = prefer_software.cast<bool>();
  if (selector.is_none()) return options;
  options.wish.text.clear();
  if (py::isinstance<py::str>(selector)) {
    options.wish.text = selector.cast<std::string>();
    if (options.wish.text.empty())
      throw Error(ErrorCode::INVALID_ARGUMENT, "the device's name is empty", "part of a name, an index or a uuid",
                  "\"\"", "leave it out for the best device");
  } else if (PyIndex_Check(selector.ptr()) && !py::isinstance<py::bool_>(selector)) {
    const Py_ssize_t index = PyNumber_AsSsize_t(selector.ptr(), nullptr);
    if (index == -1 && PyErr_Occurred())
      throw_as(ErrorCode::BAD_TYPE, py::error_already_set(), "a device is named by",
               "part of its name, its index or its uuid");
    if (index < 0) throw Error(ErrorCode::INVALID_ARGUMENT, "a device's index", ">= 0", std::to_string(index));
    options.wish.index = static_cast<uint32_t>(std::min<Py_ssize_t>(index, 0xFFFFFFFF));
  } else {
    throw Error(ErrorCode::BAD_TYPE, "a device is named by", "part of its name, its index or its uuid",
                Py_TYPE(selector.ptr())->tp_name);
  }
  return options;
}

py::dict counts_dict(const PyDevice& self) {
  const auto device = self.device();  // a share: another thread may close the object meanwhile
  vk::ObjectCounts counts;
  {
    const GilRelease nogil;
    counts = device->counts();
  }
  py::dict d;
  d["buffers"] = counts.buffers;
  d["imports"] = counts.imports;
  d["images"] = counts.images;
  d["pipelines"] = counts.pipelines;
  d["waiting"] = counts.other;
  d["buffer_bytes"] = counts.buffer_bytes;
  d["pooled_bytes"] = counts.pooled_bytes;
  return d;
}

py::object memory_report(const PyDevice& self) {
  const auto device = self.device();
  vk::ObjectCounts counts;
  {
    const GilRelease nogil;
    counts = device->counts();
  }
  const py::module_ reports = py::module_::import("vulkan_forge.reports");
  py::list rows;
  for (const vk::Ledger::Row& row : device->ledger().rows())
    rows.append(reports.attr("MemoryRow")(row.label, row.bytes, row.peak, row.count, row.on_device));
  return reports.attr("MemoryReport")(py::tuple(rows), device->ledger().bytes(), device->ledger().peak(),
                                      counts.pooled_bytes);
}

}  // namespace

std::shared_ptr<vk::Device> device_or_default(py::handle device) {
  if (!device.is_none()) {
    if (!py::isinstance<PyDevice>(device))
      throw Error(ErrorCode::BAD_TYPE, "device", "vf.Device or None", Py_TYPE(device.ptr())->tp_name,
                  "open one: vf.Device(\"name\")");
    const auto& held = device.cast<PyDevice&>().device();
    held->check_usable();
    return held;
  }
  const GilRelease nogil;
  return vk::default_device();
}

void bind_device(py::module_& module) {
  py::class_<PyDevice> cls(module, "Device", R"(One Vulkan device, its memory and its queue.

Args:
    selector: Part of a name (any case), an index as `devices()` lists them, or a uuid. None takes what
        VULKAN_FORGE_DEVICE names, else the best: discrete, integrated, virtual, CPU; then memory.
    prefer_software: Take a CPU driver where there is one.

Raises:
    NoDeviceError: No loader, no driver, or no device fits; the message lists every device with its reasons.

Example:
    >>> import vulkan_forge as vf
    >>> with vf.Device() as dev:
    ...     dev.name != ""
    True
)");
  cls.def(py::init([](py::object selector, py::object prefer_software) {
            const vk::DeviceOptions options = to_options(selector, std::move(prefer_software));
            const GilRelease nogil;
            return std::make_unique<PyDevice>(vk::Device::open(options));
          }),
          py::arg("selector") = py::none(), py::kw_only(), py::arg("prefer_software") = py::none());
  bind_lifecycle(cls, "Device");
  cls.def_property_readonly(
      "name", [](const PyDevice& self) { return self.device()->info().name; }, "The driver's name for it.");
  cls.def_property_readonly(
      "type", [](const PyDevice& self) { return std::string(vk::name_of(self.device()->info().type)); },
      "DiscreteGpu, IntegratedGpu, VirtualGpu, Cpu or Other.");
  cls.def_property_readonly(
      "info", [](const PyDevice& self) { return adapter_dict(self.device()->info()); },
      "Everything the device says about itself, as `devices()` lists it.");
  cls.def_property_readonly(
      "limits", [](const PyDevice& self) { return limits_dict(self.device()->limits()); },
      "Limits by name; bytes, counts and nanoseconds.");
  cls.def(
      "has", [](const PyDevice& self, const std::string& feature) { return self.device()->has(feature); },
      py::arg("feature"), "True where the device has a feature, by Vulkan's name for it.");
  cls.def_property_readonly(
      "shares_memory_with_host", [](const PyDevice& self) { return self.device()->unified(); },
      "True where arrays live in memory that the host sees too: NumPy views cost nothing.");
  cls.def_property_readonly(
      "queues", [](const PyDevice& self) { return self.device()->lanes(); },
      "2 where copies run on a queue of their own beside kernels, else 1.");
  cls.def(
      "memory", [](const PyDevice& self) { return heaps_list(self.device()->heaps()); },
      "Memory heaps with this moment's budget and use, in bytes.");
  cls.def("counts", &counts_dict, "Native objects alive on this device.");
  cls.def("memory_report", &memory_report, R"(What the memory in use is for.

Returns:
    A `MemoryReport`: rows of label, bytes, most bytes so far, and count, the largest first; the totals of the device with
    their high-water mark; bytes kept for reuse. Labels are those of `label=`, else the kind. Printed, it is a table.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> with vf.Device() as device:
    ...     weights = vf.asarray(np.zeros(1000, np.float32), device=device, label="weights")
    ...     report = device.memory_report()
    >>> [(row.label, row.bytes) for row in report.rows]
    [('weights', 4000)]
)");
  // Each takes a share first: another thread may close the object meanwhile.
  cls.def(
      "wait_idle",
      [](const PyDevice& self) {
        const auto device = self.device();
        const GilRelease nogil;
        device->wait_idle();
      },
      "Waits until all submitted work is done.");
  cls.def(
      "trim",
      [](const PyDevice& self) {
        const auto device = self.device();
        const GilRelease nogil;
        device->trim();
      },
      "Gives memory that is kept for reuse back to the driver.");
  cls.def(
      "__eq__",
      [](const PyDevice& self, py::handle other) {
        return py::isinstance<PyDevice>(other) && self.device() == other.cast<const PyDevice&>().device();
      },
      py::arg("other"));
  cls.def("__hash__", [](const PyDevice& self) { return std::hash<const void*>()(self.device().get()); });
  cls.def("__repr__", [](const PyDevice& self) {
    if (self.closed()) return std::string("Device(closed)");
    const vk::AdapterInfo& info = self.device()->info();
    return "Device('" + info.name + "', " + std::string(vk::name_of(info.type)) + ")";
  });

  module.def(
      "default_device", [] { return PyDevice(device_or_default(py::none())); },
      "The device that calls without `device=` use. Opened at first need; one for the process.");
  module.def(
      "devices",
      [] {
        py::list rows;
        for (const vk::AdapterInfo& info : all_adapters()) rows.append(adapter_dict(info));
        return rows;
      },
      R"(Every Vulkan device with its limits, features, and the reasons for and against it.

Raises:
    NoDeviceError: No Vulkan loader or driver is installed.
)");
  module.def("loader_version", &vk::loader_version, py::call_guard<GilRelease>(),
             "Version of the Vulkan loader, such as '1.3.239'.");
  module.def("compiler_version", &shader::compiler_version, "Version of the GLSL compiler.");
  module.def(
      "transfer_counters",
      [] {
        const vk::TransferCounters counters = vk::transfer_counters();
        py::dict d;
        d["uploaded_bytes"] = counters.uploaded;
        d["downloaded_bytes"] = counters.downloaded;
        return d;
      },
      "Bytes that this process has copied between host and device memory so far.");
  // At exit: finish what runs, then let go while the driver is still loaded.
  module.def("_shutdown", [] {
    const GilRelease nogil;
    vk::Watcher::stop_all();
    vk::CompileAhead::stop_all();
    vk::release_default_device();
    vk::Instance::release();
  });
  py::module_::import("atexit").attr("register")(module.attr("_shutdown"));
}

}  // namespace forge::bind
