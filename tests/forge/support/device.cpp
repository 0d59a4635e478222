#include "forge/support/device.hpp"

#include <cstdlib>
#include <cstring>

namespace forge::test {

namespace {

struct Shared {
  bool tried = false;
  std::shared_ptr<vk::Device> device;
  std::string reason;
};
Shared& shared() {
  static Shared state;
  return state;
}

bool expected() {
  const char* value = std::getenv("VULKAN_FORGE_EXPECT_DEVICE");
  return value && std::string(value) == "1";
}

}  // namespace

const std::shared_ptr<vk::Device>& shared_device() {
  Shared& state = shared();
  if (state.tried) return state.device;
  state.tried = true;
  try {
    state.device = own_device();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::NO_DEVICE && error.code() != ErrorCode::NO_DRIVER) throw;
    state.reason = error.what();
  }
  return state.device;
}

const std::string& no_device_reason() { return shared().reason; }

void drop_shared_device() { shared() = {}; }

std::shared_ptr<vk::Device> own_device(bool force_staging) {
  vk::DeviceOptions options = vk::options_from_environment();
  options.force_staging |= force_staging;
  return vk::Device::open(options);
}

void DeviceTest::SetUp() {
  vk::fault::clear();
  device_ = shared_device();
  if (device_) return;
  if (expected()) FAIL() << no_device_reason();
  GTEST_SKIP() << no_device_reason();
}

void DeviceTest::TearDown() {
  vk::fault::clear();
  if (device_ && !device_->lost()) {
    device_->wait_idle();
    device_->collect();
  }
}

std::shared_ptr<vk::Buffer> buffer_of(const std::shared_ptr<vk::Device>& device, const std::vector<uint32_t>& words,
                                      vk::Memory intent) {
  auto buffer = vk::Buffer::create(device, words.size() * 4, intent);
  vk::upload(vk::BufferRef(buffer), words.data());
  return buffer;
}

std::vector<uint32_t> words_of(const vk::BufferRef& ref) {
  std::vector<uint32_t> words(ref.size / 4);
  vk::download(words.data(), ref.part(0, words.size() * 4));
  return words;
}

std::vector<uint32_t> noise(size_t count, uint32_t seed) {
  std::vector<uint32_t> words(count);
  uint64_t state = seed * 0x9E3779B97F4A7C15ull;
  for (uint32_t& word : words) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    word = static_cast<uint32_t>(state >> 32);
  }
  return words;
}

std::string live(vk::Device& device) {
  if (!device.lost()) device.wait_idle();
  device.collect();
  const vk::ObjectCounts counts = device.counts();
  return std::to_string(counts.buffers) + " buffers, " + std::to_string(counts.imports) + " imports, " +
         std::to_string(counts.images) + " images, " + std::to_string(counts.pipelines) + " pipelines, " +
         std::to_string(counts.other) + " others, " + std::to_string(counts.buffer_bytes) + " bytes";
}

}  // namespace forge::test
