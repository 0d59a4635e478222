#include "forge/vk/device.hpp"

#include <algorithm>

#include "forge/core/environment.hpp"
#include "forge/core/file_cache.hpp"
#include "forge/vk/compile_ahead.hpp"
#include "forge/vk/compiler_turn.hpp"
#include "forge/vk/driver_threads.hpp"
#include "forge/vk/features.hpp"
#include "forge/vk/instance.hpp"
#include "forge/vk/large_pages.hpp"
#include "forge/vk/slot.hpp"
#include "forge/vk/staging.hpp"
#include "forge/vk/vector_bits.hpp"
#include "forge/vk/vma.hpp"
#include "forge/vk/watcher.hpp"

namespace forge::vk {

namespace {

// The layer settles for the cache folder of the device: two drivers never read each other's blobs.
std::string pipeline_cache_key(const AdapterInfo& info) {
  return "pipeline " + info.uuid + " " + info.driver_uuid + " " + std::to_string(info.driver_version);
}

// What a CPU driver allocates is the host's memory, which its kernels fill page by page.
void VKAPI_PTR ask_for_large_pages(VmaAllocator allocator, uint32_t type, VkDeviceMemory memory, VkDeviceSize bytes,
                                   void* user) {
  constexpr VkDeviceSize kLeast = 4 << 20;
  VkMemoryPropertyFlags flags = 0;
  vmaGetMemoryTypeProperties(allocator, type, &flags);
  if (bytes < kLeast || (flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) == 0) return;
  const Device& device = *static_cast<const Device*>(user);
  void* mapped = nullptr;
  if (device.vk().vkMapMemory(device.handle(), memory, 0, VK_WHOLE_SIZE, 0, &mapped) != VK_SUCCESS) return;
  prefer_large_pages(mapped, bytes);
  device.vk().vkUnmapMemory(device.handle(), memory);  // it stays where it is
}

}  // namespace

std::shared_ptr<Device> Device::open(const DeviceOptions& options) {
  std::shared_ptr<Device> device(new Device(Instance::get()));
  device->create(options);
  return device;
}

Device::Device(std::shared_ptr<Instance> instance) : instance_(std::move(instance)), pid_(process_id()) {}

void Device::create(const DeviceOptions& options) {
  const std::vector<AdapterInfo> adapters = instance_->adapters();
  const size_t chosen = choose(adapters, options.wish);
  info_ = adapters[chosen];
  physical_ = instance_->physical_devices().at(chosen);
  const QueueChoice choice = choose_queues(info_);
  compiles_alone_ = forge::vk::compiles_alone(info_);
  unified_ = info_.unified_cached_memory() && !options.force_staging;

  FeatureChain features(info_.api_version, info_.extensions);
  vkGetPhysicalDeviceFeatures2(physical_, features.head());
  features.keep_known();
  const std::vector<const char*> extensions = wanted_extensions(info_.api_version, info_.extensions);
  const float priorities[] = {1, 1};
  std::vector<VkDeviceQueueCreateInfo> queues;
  const auto add_queue = [&](uint32_t family, uint32_t count) {
    VkDeviceQueueCreateInfo queue{};
    queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO;
    queue.queueFamilyIndex = family;
    queue.queueCount = count;
    queue.pQueuePriorities = priorities;
    queues.push_back(queue);
  };
  const bool same_family = choice.transfer && choice.transfer->family == choice.family;
  add_queue(choice.family, same_family ? 2 : 1);
  if (choice.transfer && !same_family) add_queue(choice.transfer->family, 1);
  VkDeviceCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO;
  info.pNext = features.head();
  info.queueCreateInfoCount = static_cast<uint32_t>(queues.size());
  info.pQueueCreateInfos = queues.data();
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  // A device that compiles ahead leaves the threads, which are the driver's for all devices, as the first one put them.
  const DriverThreads threads(info_.type == AdapterType::cpu && options.compile_ahead);
  checked("vkCreateDevice", [&] {
    const CompilerTurn turn = CompilerTurn::to_make(*this);
    return vkCreateDevice(physical_, &info, nullptr, &handle_);
  });
  threads.spread();
  volkLoadDeviceTable(&vk_, handle_);
  if (!vk_.vkCmdBeginRendering) {  // Vulkan 1.2 with the extension
    vk_.vkCmdBeginRendering = vk_.vkCmdBeginRenderingKHR;
    vk_.vkCmdEndRendering = vk_.vkCmdEndRenderingKHR;
  }
  create_queues(choice, options.emulate_transfer);
  create_allocator();
  create_pipeline_cache();
  watcher_ = std::make_unique<Watcher>();
  if (options.compile_ahead && !compiles_alone_) ahead_ = CompileAhead::create(info_);
  pool_ = BufferPool(std::min<uint64_t>(256ULL << 20, info_.device_memory() / 8));
}

void Device::create_queues(const QueueChoice& choice, bool emulate) {
  holds_back_ = emulate && !choice.transfer;
  lanes_ = choice.transfer || emulate ? 2 : 1;
  const QueueChoice::Transfer second = choice.transfer.value_or(QueueChoice::Transfer{choice.family, 0});
  for (size_t lane = 0; lane < lanes_; ++lane) {
    Queue& queue = queues_[lane];
    queue.family = lane == 0 ? choice.family : second.family;
    if (std::find(families_.begin(), families_.end(), queue.family) == families_.end())
      families_.push_back(queue.family);
    queue.timestamp_bits = info_.queues.at(queue.family).timestamp_bits;
    vk_.vkGetDeviceQueue(handle_, queue.family, lane == 0 ? 0 : second.index, &queue.handle);
    VkSemaphoreTypeCreateInfo type{};
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo semaphore{};
    semaphore.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
    semaphore.pNext = &type;
    FORGE_VK(vk_, vkCreateSemaphore, handle_, &semaphore, nullptr, &queue.timeline);
  }
}

void Device::create_allocator() {
  VmaVulkanFunctions functions{};
  functions.vkGetInstanceProcAddr = vkGetInstanceProcAddr;
  functions.vkGetDeviceProcAddr = vkGetDeviceProcAddr;
  VmaAllocatorCreateInfo info{};
  info.flags = VMA_ALLOCATOR_CREATE_BUFFER_DEVICE_ADDRESS_BIT;
  if (info_.extensions.contains(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME))
    info.flags |= VMA_ALLOCATOR_CREATE_EXT_MEMORY_BUDGET_BIT;
  info.physicalDevice = physical_;
  info.device = handle_;
  info.instance = instance_->handle();
  info.vulkanApiVersion = VK_API_VERSION_1_2;
  info.pVulkanFunctions = &functions;
  VmaDeviceMemoryCallbacks callbacks{};
  callbacks.pfnAllocate = ask_for_large_pages;
  callbacks.pUserData = this;
  if (info_.type == AdapterType::cpu) info.pDeviceMemoryCallbacks = &callbacks;
  checked("vmaCreateAllocator", [&] { return vmaCreateAllocator(&info, &allocator_); });
}

void Device::create_pipeline_cache() {
  const auto blob = FileCache::open("pipelines").load(pipeline_cache_key(info_));
  VkPipelineCacheCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO;
  if (blob) info.initialDataSize = blob->size(), info.pInitialData = blob->data();
  if (attempt("vkCreatePipelineCache",
              [&] { return vk_.vkCreatePipelineCache(handle_, &info, nullptr, &pipeline_cache_); }) == VK_SUCCESS)
    return;
  info.initialDataSize = 0;  // a driver may refuse a blob of its former self
  FORGE_VK(vk_, vkCreatePipelineCache, handle_, &info, nullptr, &pipeline_cache_);
}

void Device::save_pipeline_cache() noexcept {
  if (!pipeline_cache_ || lost_) return;
  size_t size = 0;
  if (vk_.vkGetPipelineCacheData(handle_, pipeline_cache_, &size, nullptr) != VK_SUCCESS || size <= 32) return;
  std::string blob(size, '\0');
  if (vk_.vkGetPipelineCacheData(handle_, pipeline_cache_, &size, blob.data()) != VK_SUCCESS) return;
  blob.resize(size);
  const FileCache cache = FileCache::open("pipelines");
  const std::string key = pipeline_cache_key(info_);
  if (cache.load(key) != blob) cache.store(key, blob);
}

Device::~Device() {
  if (!handle_) return;
  if (pid_ != process_id()) {  // a forked child owns none of this, and has no watcher's thread to end
    static_cast<void>(watcher_.release());  // NOLINT(bugprone-unused-return-value): leaked on purpose
    static_cast<void>(ahead_.release());  // NOLINT(bugprone-unused-return-value): likewise
    return;
  }
  ahead_.reset();
  watcher_.reset();
  CompilerTurn::forget(*this);
  vk_.vkDeviceWaitIdle(handle_);
  save_pipeline_cache();
  lost_ = true;  // from here on everything counts as passed
  staging_.reset();
  shared_.clear();
  collect();
  trim();
  for (auto& slots : slots_)
    for (auto& slot : slots) {
      for (VkQueryPool queries : slot->query_pools) vk_.vkDestroyQueryPool(handle_, queries, nullptr);
      for (VkDescriptorPool pool : slot->descriptor_pools) vk_.vkDestroyDescriptorPool(handle_, pool, nullptr);
      vk_.vkDestroyCommandPool(handle_, slot->pool, nullptr);
    }
  for (auto& [kind, sampler] : samplers_) vk_.vkDestroySampler(handle_, sampler, nullptr);
  if (pipeline_cache_) vk_.vkDestroyPipelineCache(handle_, pipeline_cache_, nullptr);
  if (allocator_) vmaDestroyAllocator(allocator_);
  for (Queue& queue : queues_) vk_.vkDestroySemaphore(handle_, queue.timeline, nullptr);
  vk_.vkDestroyDevice(handle_, nullptr);
}

void Device::check_process() const {
  if (pid_ != process_id()) refuse_after_fork(pid_);
}

void Device::check_usable() const {
  check_process();
  if (lost_)
    throw Error(ErrorCode::DEVICE_LOST, "the device was lost earlier", {}, info_.name, "close it and open a new one")
        .with_result(VK_ERROR_DEVICE_LOST, "VK_ERROR_DEVICE_LOST");
}

void Device::require(const std::string& feature, const std::string& for_what) const {
  if (has(feature)) return;
  const bool too_wide = feature == "dynamicRendering" && fails_at_drawing(info_);
  throw Error(ErrorCode::MISSING_FEATURE, for_what + " needs a feature that this device lacks", feature, info_.name,
              too_wide
                  ? "draw in a process with VULKAN_FORGE_CPU_VECTOR_BITS=256: this driver cannot with wider vectors"
                  : "choose another device (`vulkan-forge info` lists what each has)")
      .with("feature", feature);
}

VkSampler Device::sampler(SamplerKind kind) {
  const std::lock_guard lock(shared_mutex_);
  VkSampler& held = samplers_[kind];
  if (held) return held;
  const bool linear = static_cast<unsigned>(kind) % 2 == 1;
  const bool pixels = kind == SamplerKind::nearest_pixels || kind == SamplerKind::linear_pixels;
  const bool repeat = kind == SamplerKind::nearest_repeat || kind == SamplerKind::linear_repeat;
  const bool mirror = kind == SamplerKind::nearest_mirror || kind == SamplerKind::linear_mirror;
  VkSamplerCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO;
  info.magFilter = info.minFilter = linear ? VK_FILTER_LINEAR : VK_FILTER_NEAREST;
  info.mipmapMode = linear && !pixels ? VK_SAMPLER_MIPMAP_MODE_LINEAR : VK_SAMPLER_MIPMAP_MODE_NEAREST;
  info.addressModeU = info.addressModeV = info.addressModeW = repeat   ? VK_SAMPLER_ADDRESS_MODE_REPEAT
                                                              : mirror ? VK_SAMPLER_ADDRESS_MODE_MIRRORED_REPEAT
                                                                       : VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
  info.unnormalizedCoordinates = pixels;
  info.maxLod = pixels ? 0.0f : VK_LOD_CLAMP_NONE;
  const CompilerTurn turn = CompilerTurn::to_make(*this);
  FORGE_VK(vk_, vkCreateSampler, handle_, &info, nullptr, &held);
  return held;
}

StagingRing& Device::staging() {
  const std::lock_guard lock(shared_mutex_);
  if (!staging_) staging_ = std::make_unique<StagingRing>(*this);
  return *staging_;
}

void Device::start_profile(std::shared_ptr<Profile> profile) {
  const std::lock_guard lock(retire_mutex_);
  if (profile_)
    throw Error(ErrorCode::WRONG_STATE, "a profile of this device is running", "one at a time", "a second one",
                "end the first");
  profile_ = std::move(profile);
  profiling_ = true;
}

void Device::stop_profile() {
  const std::lock_guard lock(retire_mutex_);
  profiling_ = false;
  profile_.reset();
}

bool Device::labels() const { return instance_->labels(); }

void Device::name_object(VkObjectType type, uint64_t handle, const std::string& label) const {
  if (!instance_->labels() || label.empty()) return;
  VkDebugUtilsObjectNameInfoEXT info{};
  info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT;
  info.objectType = type;
  info.objectHandle = handle;
  info.pObjectName = label.c_str();
  vkSetDebugUtilsObjectNameEXT(handle_, &info);
}

std::vector<MemoryHeap> Device::heaps() const { return describe_adapter(physical_, info_.index).heaps; }

DeviceOptions options_from_environment() {
  // Scripts written for an older implementation name a backend here; a wish for another one is not answered by Vulkan.
  for (const char* name : {"WGPU_BACKEND", "WGPU_BACKENDS"}) {
    const std::string given = environment(name);
    std::string backends = given;
    std::transform(backends.begin(), backends.end(), backends.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool names_some = backends.find_first_not_of(" ,") != std::string::npos;
    if (names_some && backends.find("vulkan") == std::string::npos)
      throw Error(ErrorCode::NO_DEVICE, "No suitable GPU adapter", "a backend list that names vulkan",
                  std::string(name) + "=" + given, "unset the variable, or add vulkan to it");
  }
  DeviceOptions options;
  options.wish.text = environment("VULKAN_FORGE_DEVICE");
  options.wish.prefer_software = environment_flag("VULKAN_FORGE_PREFER_SOFTWARE");
  options.force_staging = environment_flag("VULKAN_FORGE_FORCE_STAGING");
  options.emulate_transfer = environment_flag("VULKAN_FORGE_EMULATE_TRANSFER_QUEUE");
  return options;
}

namespace {
struct Default {
  std::mutex mutex;
  std::shared_ptr<Device> device;
};
Default& the_default() {
  static auto* state = new Default;  // leaked on purpose, as in instance.cpp
  return *state;
}
}  // namespace

std::shared_ptr<Device> default_device() {
  const std::lock_guard lock(the_default().mutex);
  auto& device = the_default().device;
  if (device && device->lost()) device.reset();  // the next call after a loss gets a fresh device
  if (!device) device = Device::open(options_from_environment());
  device->check_usable();
  return device;
}

void release_default_device() {
  std::shared_ptr<Device> dropped;
  const std::lock_guard lock(the_default().mutex);
  dropped.swap(the_default().device);
}

}  // namespace forge::vk
