// What is freed lives until its last use has passed, and not longer: counts return after many rounds.
#include <fcntl.h>

#include <functional>

#include "forge/array/array.hpp"
#include "forge/graphics/renderer.hpp"
#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class Retire : public DeviceTest {
 protected:
  void expect_same_after_50(const char* what, const std::function<void()>& round) {
    round();  // caches fill
    const std::string before = live(*device_);
    for (int i = 0; i < 50; ++i) round();
    EXPECT_EQ(live(*device_), before) << what;
  }
  ImageSpec picture() const {
    ImageSpec spec;
    spec.width = spec.height = 16;
    return spec;
  }
};

TEST_F(Retire, FiftyRoundsOfEachClassLeaveNothing) {
  auto kernel = kernel_of(device_, kAdd);
  const auto counter = buffer_of(device_, std::vector<uint32_t>(8));
  const Arguments arguments = {raw("c", counter), value("n", 8), value("add", 1)};
  expect_same_after_50("Buffer", [&] { Buffer::create(device_, 5000, Memory::device); });
  expect_same_after_50("Image", [&] { Image::create(device_, picture()); });
  expect_same_after_50("Commands", [&] {
    Commands commands(device_);
    record(commands, *kernel, arguments, threads(8));
    commands.submit();
  });
  expect_same_after_50("Commands, dropped", [&] {
    Commands commands(device_);
    record(commands, *kernel, arguments, threads(8));
  });
  expect_same_after_50("Prepared", [&] {
    Commands commands(device_);
    record(commands, *kernel, arguments, threads(8));
    commands.prepare()->submit();
  });
  expect_same_after_50("Kernel", [&] { run(*kernel_of(device_, kAddAt), arguments, threads(8)); });
  expect_same_after_50("Array", [&] { array::Array::empty(device_, DType::float32, {3, 4}); });
  EXPECT_EQ(words_of(counter)[0], 51u * 3);
}

TEST_F(Retire, FiftyImportsLeaveNothing) {
  if (device_->limits().host_import_alignment == 0) GTEST_SKIP() << "the device cannot import host memory";
  std::vector<uint32_t> host(100);
  expect_same_after_50("import", [&] { Buffer::import_host(device_, host.data(), 400, nullptr); });
}

TEST_F(Retire, FiftyRenderersLeaveNothing) {
  if (!device_->has("dynamicRendering")) GTEST_SKIP() << "the device does not render";
  expect_same_after_50("Renderer", [&] {
    graphics::Renderer renderer(device_, 8, 8);
    std::vector<uint8_t> pixels(8 * 8 * 4);
    renderer.render_triangle(pixels.data());
  });
}

TEST_F(Retire, FiftyDevicesGiveBackTheirFiles) {
  const auto open_files = [] {
    int count = 0;
    for (int fd = 0; fd < 1024; ++fd) count += fcntl(fd, F_GETFD) != -1;
    return count;
  };
  own_device().reset();
  const int before = open_files();
  for (int i = 0; i < 50; ++i) {
    const auto device = own_device();
    const auto buffer = Buffer::create(device, 64, Memory::device);
  }
  EXPECT_EQ(open_files(), before);
}

TEST_F(Retire, EverythingInFlightGoesWithTheDevice) {
  auto device = own_device();
  auto slow = kernel_of(device, kSlow);
  {
    const auto out = Buffer::create(device, 64 * 100 * 4, Memory::device);
    Commands commands(device);
    record(commands, *slow, {raw("c", out), value("turns", 20000)}, threads(64 * 100));
    commands.submit();
  }
  slow.reset();
  EXPECT_GT(device->counts().other, 0u);
  device.reset();  // waits; the validation layers would name what is left
}

TEST_F(Retire, ABufferKeepsItsDevice) {
  auto device = own_device();
  auto buffer = buffer_of(device, {1, 2, 3});
  std::weak_ptr<Device> watched = device;
  device.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(words_of(buffer), (std::vector<uint32_t>{1, 2, 3}));
  buffer.reset();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace forge::vk
