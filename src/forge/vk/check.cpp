#include "forge/vk/check.hpp"

#include <mutex>
#include <vector>

namespace forge::vk {

std::string_view result_name(VkResult result) {
  switch (result) {
#define ROW(value) \
  case value: return #value
    ROW(VK_SUCCESS);
    ROW(VK_NOT_READY);
    ROW(VK_TIMEOUT);
    ROW(VK_INCOMPLETE);
    ROW(VK_ERROR_OUT_OF_HOST_MEMORY);
    ROW(VK_ERROR_OUT_OF_DEVICE_MEMORY);
    ROW(VK_ERROR_INITIALIZATION_FAILED);
    ROW(VK_ERROR_DEVICE_LOST);
    ROW(VK_ERROR_MEMORY_MAP_FAILED);
    ROW(VK_ERROR_LAYER_NOT_PRESENT);
    ROW(VK_ERROR_EXTENSION_NOT_PRESENT);
    ROW(VK_ERROR_FEATURE_NOT_PRESENT);
    ROW(VK_ERROR_INCOMPATIBLE_DRIVER);
    ROW(VK_ERROR_TOO_MANY_OBJECTS);
    ROW(VK_ERROR_FORMAT_NOT_SUPPORTED);
    ROW(VK_ERROR_FRAGMENTED_POOL);
    ROW(VK_ERROR_UNKNOWN);
    ROW(VK_ERROR_OUT_OF_POOL_MEMORY);
    ROW(VK_ERROR_INVALID_EXTERNAL_HANDLE);
    ROW(VK_ERROR_FRAGMENTATION);
    ROW(VK_ERROR_INVALID_OPAQUE_CAPTURE_ADDRESS);
#undef ROW
    default: return "VkResult outside the known set";
  }
}

namespace {
ErrorCode code_of(VkResult result) {
  switch (result) {
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTATION:
    case VK_ERROR_TOO_MANY_OBJECTS: return ErrorCode::OUT_OF_DEVICE_MEMORY;
    case VK_ERROR_OUT_OF_HOST_MEMORY: return ErrorCode::OUT_OF_HOST_MEMORY;
    case VK_ERROR_DEVICE_LOST: return ErrorCode::DEVICE_LOST;
    case VK_ERROR_EXTENSION_NOT_PRESENT:
    case VK_ERROR_FEATURE_NOT_PRESENT:
    case VK_ERROR_FORMAT_NOT_SUPPORTED: return ErrorCode::MISSING_FEATURE;
    case VK_ERROR_INCOMPATIBLE_DRIVER: return ErrorCode::NO_DRIVER;
    default: return ErrorCode::DEVICE_ERROR;
  }
}

std::string mend_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::OUT_OF_DEVICE_MEMORY: return "close arrays that are no longer needed, or work in smaller pieces";
    case ErrorCode::OUT_OF_HOST_MEMORY: return "free host memory, or work in smaller pieces";
    case ErrorCode::DEVICE_LOST:
      return "close this device and open a new one; a kernel that runs for seconds or reads out of bounds is the usual "
             "cause";
    default: return "run `vulkan-forge doctor` and check the driver";
  }
}
}  // namespace

void throw_result(const char* call, VkResult result) {
  const ErrorCode code = code_of(result);
  throw Error(code, std::string(call) + " failed", "VK_SUCCESS", std::string(result_name(result)), mend_of(code))
      .with_result(result, result_name(result));
}

namespace fault {

std::atomic<bool> armed{false};

namespace {
struct Plan {
  std::string call;
  VkResult result;
  uint32_t skip, count;
};
thread_local bool is_spared = false;
std::mutex plan_mutex;
std::vector<Plan>& plans() {
  static std::vector<Plan> list;
  return list;
}
}  // namespace

void inject(std::string call, VkResult result, uint32_t skip, uint32_t count) {
  const std::lock_guard lock(plan_mutex);
  plans().push_back({std::move(call), result, skip, count});
  armed = true;
}

void clear() {
  const std::lock_guard lock(plan_mutex);
  plans().clear();
  armed = false;
}

void spare_this_thread() { is_spared = true; }

VkResult next(const char* call) {
  if (is_spared) return VK_SUCCESS;
  const std::lock_guard lock(plan_mutex);
  for (Plan& plan : plans()) {
    if (plan.call != call || plan.count == 0) continue;
    if (plan.skip > 0) {
      --plan.skip;
      continue;
    }
    --plan.count;
    return plan.result;
  }
  return VK_SUCCESS;
}

}  // namespace fault
}  // namespace forge::vk
