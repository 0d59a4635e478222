#include "bind/testing.hpp"

#include <pybind11/stl.h>

#include <chrono>
#include <new>
#include <thread>

#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/core/file_cache.hpp"
#include "forge/shader/compile.hpp"
#include "forge/vk/check.hpp"
#include "forge/vk/features.hpp"
#include "forge/vk/instance.hpp"
#include "forge/vk/pick.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

vk::AdapterInfo made_up(const py::dict& row) {
  vk::AdapterInfo info;
  info.api_version = 1u << 22 | 3u << 12;
  info.name = row["name"].cast<std::string>();
  const auto type = row["type"].cast<std::string>();
  for (const auto t : {vk::AdapterType::discrete, vk::AdapterType::integrated, vk::AdapterType::virtual_,
                       vk::AdapterType::cpu, vk::AdapterType::other})
    if (vk::name_of(t) == type) info.type = t;
  info.heaps.push_back({row["memory"].cast<uint64_t>(), 0, 0, true});
  info.queues.push_back({1, true, true, true, 64});
  for (const vk::FeatureRow& feature : vk::feature_rows()) info.features[std::string(feature.name)] = true;
  if (row.contains("uuid")) info.uuid = row["uuid"].cast<std::string>();
  if (row.contains("lacks")) info.features[row["lacks"].cast<std::string>()] = false;
  if (row.contains("api")) info.api_version = row["api"].cast<uint32_t>();
  if (row.contains("no_queue")) info.queues.clear();
  return info;
}

size_t choose(const py::list& rows, const std::string& text, bool prefer_software) {
  std::vector<vk::AdapterInfo> adapters;
  for (const auto row : rows) adapters.push_back(made_up(row.cast<py::dict>()));
  vk::DeviceWish wish;
  wish.text = text;
  wish.prefer_software = prefer_software;
  return vk::choose(adapters, wish);
}

}  // namespace

void bind_testing(py::module_& module) {
  py::module_ testing = module.def_submodule("_testing", "For the test suite: faults, made-up devices, counters.");
  testing.def(
      "inject_fault",
      [](const std::string& call, int result, uint32_t skip, uint32_t count) {
        vk::fault::inject(call, static_cast<VkResult>(result), skip, count);
      },
      py::arg("call"), py::arg("result"), py::arg("skip") = 0, py::arg("count") = 1);
  testing.def("clear_faults", &vk::fault::clear);
  testing.def("choose_device", &choose, py::arg("rows"), py::arg("text") = "", py::arg("prefer_software") = false);
  testing.def("validation_messages", &vk::validation_messages);
  testing.def(
      "open_device",
      [](bool force_staging, bool emulate_transfer) {
        const GilRelease nogil;
        vk::DeviceOptions options = vk::options_from_environment();
        options.force_staging = force_staging;
        options.emulate_transfer = emulate_transfer;
        return std::make_unique<PyDevice>(vk::Device::open(options));
      },
      py::arg("force_staging") = false, py::arg("emulate_transfer") = false);
  testing.def(
      "device_alone",
      [](bool alone, py::handle device) { array::compute_on_device_alone(*device_or_default(device), alone); },
      py::arg("alone"), py::arg("device") = py::none());
  testing.def("emulate_lanes", &array::emulate_lanes, py::arg("lanes"));
  testing.def("validate", [](const PyKernel& kernel) {
    const auto& device = *kernel.kernel().device();
    shader::validate(kernel.kernel().words(), std::min<uint32_t>(device.info().api_version >> 12 & 0x3FF, 3));
  });
  testing.def("noop", [](int x) { return x; });
  testing.def("raise_code", [](int index) {
    throw Error(error_rows().at(static_cast<size_t>(index)).code, "raised by a test", "nothing", "this")
        .with("key", "value");
  });
  testing.def("raise_bad_alloc", [] { throw std::bad_alloc(); });
  module.def(
      "release_default_device",
      [] {
        const GilRelease nogil;
        vk::release_default_device();
      },
      "Closes the shared default device; the next call that needs one opens it anew.");
  module.def(
      "cache_folder", [] { return user_cache_folder().string(); },
      "The folder of cached shaders and pipelines; empty where nothing is kept.");
  module.def(
      "cache_use",
      [] {
        std::vector<CacheUse> uses;
        {
          const GilRelease nogil;  // it walks folders
          uses = cache_use();
        }
        py::list rows;
        for (const CacheUse& use : uses) {
          py::dict row;
          row["version"] = use.version;
          row["family"] = use.family;
          row["files"] = use.files;
          row["bytes"] = use.bytes;
          rows.append(row);
        }
        return rows;
      },
      "What the caches hold: a dict with version, family, files and bytes for each.");
  module.def(
      "clear_cache", [](const std::string& family) { return clear_cache(family); }, py::arg("family") = "",
      py::call_guard<GilRelease>(), "Removes cached files of a family (empty: of all); returns how many.");
}

}  // namespace forge::bind
