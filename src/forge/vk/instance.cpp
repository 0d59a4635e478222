#include "forge/vk/instance.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>

#include "forge/core/environment.hpp"
#include "forge/vk/check.hpp"
#include "forge/vk/compiler_turn.hpp"
#include "forge/vk/vector_bits.hpp"

namespace forge::vk {

namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

struct Shared {
  std::mutex mutex;
  std::shared_ptr<Instance> instance;
  std::weak_ptr<Instance> watched;  // still alive through devices after release()
  long pid = 0;
  std::vector<std::string> messages;
};

// Leaked on purpose: drivers are unloaded before our statics would be destroyed.
Shared& shared() {
  static auto* state = new Shared;
  return *state;
}

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data, void*) {
  const std::string text = data->pMessage ? data->pMessage : "";
  std::fprintf(stderr, "vulkan_forge validation: %s\n", text.c_str());
  const std::lock_guard lock(shared().mutex);
  shared().messages.push_back(text);
  return VK_FALSE;
}

std::vector<std::string> instance_layers() {
  uint32_t count = 0;
  vkEnumerateInstanceLayerProperties(&count, nullptr);
  std::vector<VkLayerProperties> rows(count);
  vkEnumerateInstanceLayerProperties(&count, rows.data());
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.layerName);
  return names;
}

std::vector<std::string> instance_extensions() {
  uint32_t count = 0;
  vkEnumerateInstanceExtensionProperties(nullptr, &count, nullptr);
  std::vector<VkExtensionProperties> rows(count);
  vkEnumerateInstanceExtensionProperties(nullptr, &count, rows.data());
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.extensionName);
  return names;
}

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void load_loader() {
  static std::atomic<bool> loaded{false};
  if (loaded) return;
  choose_vector_bits();
  if (attempt("volkInitialize", [] { return volkInitialize(); }) != VK_SUCCESS)
    throw Error(ErrorCode::NO_DRIVER, "No suitable GPU adapter: the Vulkan loader is not installed", "libvulkan.so.1",
                "no such library",
                "install it with a driver (Debian, Ubuntu: `apt install libvulkan1 mesa-vulkan-drivers`), then run "
                "`vulkan-forge doctor`");
  loaded = true;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info() {
  VkDebugUtilsMessengerCreateInfoEXT info{};
  info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT;
  info.messageSeverity =
      VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
  info.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
  info.pfnUserCallback = on_message;
  return info;
}

}  // namespace

// Every call of a device asks, and the kernel takes as long to answer as a small array takes to add: only a fork changes it.
long process_id() {
  static std::atomic<long> known{0};
  static const int told =
      ::pthread_atfork(nullptr, nullptr, [] { known.store(::getpid(), std::memory_order_relaxed); });
  const long id = known.load(std::memory_order_relaxed);
  if (id != 0) return id;
  if (told == 0) known.store(::getpid(), std::memory_order_relaxed);
  return ::getpid();
}

void refuse_after_fork(long opened_by) {
  if (opened_by != process_id())
    throw Error(ErrorCode::FORKED, "a Vulkan device cannot be used in a forked process",
                "the process that opened it (pid " + std::to_string(opened_by) + ")",
                "its child (pid " + std::to_string(process_id()) + ")",
                "use multiprocessing with the \"spawn\" start method, or fork before the first device");
}

std::shared_ptr<Instance> Instance::get() {
  Shared& state = shared();
  {
    const std::lock_guard lock(state.mutex);
    auto alive = state.instance ? state.instance : state.watched.lock();
    if (alive && state.pid != process_id()) {
      if (alive.use_count() > 2) refuse_after_fork(state.pid);  // more than the two here: a device holds it
      // The parent only looked at its devices: the child starts afresh and leaves the parent's instance alone.
      new std::shared_ptr<Instance>(std::move(alive));
      state.instance.reset();
      state.watched.reset();
    }
    if (alive) return state.instance = alive;
  }
  // Made outside the lock: layers may report through on_message while the instance comes up.
  std::shared_ptr<Instance> made(new Instance);
  const std::lock_guard lock(state.mutex);
  if (!state.instance) state.instance = made, state.watched = made, state.pid = process_id();
  return state.instance;
}

void Instance::release() {
  std::shared_ptr<Instance> dropped;
  const std::lock_guard lock(shared().mutex);
  dropped.swap(shared().instance);
}

Instance::Instance() {
  load_loader();
  const uint32_t version = volkGetInstanceVersion();
  const std::vector<std::string> extensions = instance_extensions();
  std::vector<const char*> enabled, layers;
  if (environment_flag("VULKAN_FORGE_VALIDATION")) {
    if (!contains(instance_layers(), kValidationLayer))
      throw Error(ErrorCode::NO_DRIVER, "VULKAN_FORGE_VALIDATION is set but the validation layers are missing",
                  kValidationLayer, "no such layer", "install vulkan-validationlayers, or unset the variable");
    validating_ = true;
    layers.push_back(kValidationLayer);
  }
  labels_ = contains(extensions, VK_EXT_DEBUG_UTILS_EXTENSION_NAME) &&
            (validating_ || environment_flag("VULKAN_FORGE_LABELS"));
  if (labels_) enabled.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
  VkInstanceCreateFlags flags = 0;
  if (contains(extensions, VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME)) {
    enabled.push_back(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME);
    flags |= VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR;
  }

  VkApplicationInfo application{};
  application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO;
  application.pApplicationName = "vulkan_forge";
  application.pEngineName = "vulkan_forge";
  application.apiVersion = version >= VK_API_VERSION_1_3 ? VK_API_VERSION_1_3 : VK_API_VERSION_1_2;

  const VkValidationFeatureEnableEXT checks[] = {VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
  VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info();
  VkValidationFeaturesEXT validation{};
  validation.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT;
  validation.enabledValidationFeatureCount = 1;
  validation.pEnabledValidationFeatures = checks;
  validation.pNext = labels_ ? &messenger : nullptr;

  VkInstanceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO;
  info.flags = flags;
  info.pNext = validating_ ? &validation : nullptr;
  info.pApplicationInfo = &application;
  info.enabledLayerCount = static_cast<uint32_t>(layers.size());
  info.ppEnabledLayerNames = layers.data();
  info.enabledExtensionCount = static_cast<uint32_t>(enabled.size());
  info.ppEnabledExtensionNames = enabled.data();
  const VkResult result = attempt("vkCreateInstance", [&] { return vkCreateInstance(&info, nullptr, &handle_); });
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    throw Error(
        ErrorCode::NO_DRIVER, "No suitable GPU adapter: the Vulkan loader found no driver",
        "at least one installed Vulkan driver (ICD)", "none",
        "install one (Debian, Ubuntu: `apt install mesa-vulkan-drivers` serves most GPUs and the CPU), then run "
        "`vulkan-forge doctor`")
        .with_result(result, result_name(result));
  if (result < 0) throw_result("vkCreateInstance", result);
  volkLoadInstanceOnly(handle_);
  if (validating_ && labels_) vkCreateDebugUtilsMessengerEXT(handle_, &messenger, nullptr, &messenger_);
}

Instance::~Instance() {
  if (shared().pid != process_id()) return;  // a forked child must not touch the parent's driver state
  if (messenger_) vkDestroyDebugUtilsMessengerEXT(handle_, messenger_, nullptr);
  if (handle_) vkDestroyInstance(handle_, nullptr);
}

std::string loader_version() {
  load_loader();
  return version_text(volkGetInstanceVersion());
}

std::vector<VkPhysicalDevice> Instance::physical_devices() const {
  uint32_t count = 0;
  const VkResult result =
      attempt("vkEnumeratePhysicalDevices", [&] { return vkEnumeratePhysicalDevices(handle_, &count, nullptr); });
  if (result == VK_ERROR_INITIALIZATION_FAILED) return {};  // what loaders answer where no driver works
  if (result < 0) throw_result("vkEnumeratePhysicalDevices", result);
  std::vector<VkPhysicalDevice> devices(count);
  vkEnumeratePhysicalDevices(handle_, &count, devices.data());
  devices.resize(count);
  return devices;
}

std::vector<AdapterInfo> Instance::adapters() const {
  const CompilerTurn turn = CompilerTurn::to_open(has_other_width());
  std::vector<AdapterInfo> list;
  for (VkPhysicalDevice device : physical_devices())
    list.push_back(describe_adapter(device, static_cast<uint32_t>(list.size())));
  return list;
}

std::vector<std::string> validation_messages() {
  const std::lock_guard lock(shared().mutex);
  return shared().messages;
}

}  // namespace forge::vk
