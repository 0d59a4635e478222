#include "forge/vk/staging.hpp"

#include <algorithm>
#include <thread>

#include "forge/array/array.hpp"
#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

// A device whose memory the host cannot see, as on a discrete card.
namespace forge::vk {
namespace {

using namespace forge::test;

class Staging : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_) device_ = own_device(true);
  }
};

TEST_F(Staging, EverySizeRoundThePiecesComesBack) {
  constexpr uint64_t piece = StagingRing::kPiece;
  for (const uint64_t size : {uint64_t{4}, uint64_t{4096}, piece - 4, piece, piece + 4, 2 * piece, 4 * piece - 4,
                              4 * piece, 4 * piece + 4, 9 * piece + 12}) {
    const auto in = noise(size / 4, static_cast<uint32_t>(size));
    const auto buffer = Buffer::create(device_, size, Memory::device);
    ASSERT_EQ(buffer->mapped(), nullptr);
    upload(BufferRef(buffer), in.data());
    ASSERT_TRUE(words_of(BufferRef(buffer)) == in) << size;
  }
}

TEST_F(Staging, OddBytesAndPartsTouchNothingElse) {
  const auto buffer = Buffer::create(device_, 1000, Memory::device);
  const std::string dots(1000, '.');
  upload(BufferRef(buffer), dots.data());
  upload(BufferRef(buffer).part(13, 5), "hello");
  std::string out(1000, '\0');
  download(out.data(), BufferRef(buffer));
  EXPECT_EQ(out, std::string(13, '.') + "hello" + std::string(982, '.'));
  std::string part(5, '\0');
  download(part.data(), BufferRef(buffer).part(13, 5));
  EXPECT_EQ(part, "hello");
}

TEST_F(Staging, TheSourceMayBeReusedAtOnce) {
  const uint64_t count = 3 * StagingRing::kPiece / 4 + 5;
  auto in = noise(count);
  const auto kept = in;
  const auto buffer = Buffer::create(device_, count * 4, Memory::device);
  upload(BufferRef(buffer), in.data());
  std::fill(in.begin(), in.end(), 0);
  EXPECT_TRUE(words_of(BufferRef(buffer)) == kept);
}

TEST_F(Staging, KernelsAndArraysWorkOnIt) {
  auto kernel = kernel_of(device_, kAdd);
  const std::vector<uint32_t> ones(10000, 1);
  auto values = array::Array::from_values(device_, DType::uint32, {100, 100}, {400, 4}, ones.data());
  EXPECT_FALSE(values.in_place());
  run(*kernel, {test::array("c", values.bytes(), DType::uint32, {100, 100}), value("n", 10000), value("add", 41)},
      threads(10000));
  std::vector<uint32_t> out(10000);
  values.copy_to(out.data());
  EXPECT_EQ(out, std::vector<uint32_t>(10000, 42));
  // Turned round on the way up.
  std::vector<uint32_t> table(6);
  for (uint32_t i = 0; i < 6; ++i) table[i] = i;
  auto turned = array::Array::from_values(device_, DType::uint32, {3, 2}, {4, 12}, table.data());
  turned.copy_to(table.data());
  EXPECT_EQ(table, (std::vector<uint32_t>{0, 3, 1, 4, 2, 5}));
}

TEST_F(Staging, ManyThreadsMoveBytesAtOnce) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> working;
  for (uint32_t t = 0; t < 4; ++t)
    working.emplace_back([&, t] {
      const auto in = noise(StagingRing::kPiece / 4 + 100 * t, t + 1);
      const auto buffer = Buffer::create(device_, in.size() * 4, Memory::device);
      for (int i = 0; i < 4; ++i) {
        upload(BufferRef(buffer), in.data());
        if (words_of(BufferRef(buffer)) != in) ++wrong;
      }
    });
  for (std::thread& thread : working) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Staging, AFailureInTheMiddleLeavesTheRingUsable) {
  const auto in = noise(6 * StagingRing::kPiece / 4);
  const auto buffer = Buffer::create(device_, in.size() * 4, Memory::device);
  std::vector<uint32_t> out(in.size());
  fault::inject("vkQueueSubmit", VK_ERROR_OUT_OF_HOST_MEMORY, 3);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, upload(BufferRef(buffer), in.data()));
  upload(BufferRef(buffer), in.data());
  fault::inject("vkQueueSubmit", VK_ERROR_OUT_OF_HOST_MEMORY, 4);
  EXPECT_CODE(OUT_OF_HOST_MEMORY, download(out.data(), BufferRef(buffer)));
  download(out.data(), BufferRef(buffer));
  EXPECT_TRUE(out == in);
  fault::inject("vmaCreateBuffer", VK_ERROR_OUT_OF_DEVICE_MEMORY, 0, 2);
  const auto fresh = own_device(true);
  EXPECT_CODE(OUT_OF_DEVICE_MEMORY, buffer_of(fresh, in));
  EXPECT_TRUE(words_of(buffer_of(fresh, in)) == in);
}

TEST_F(Staging, TheRingDoesNotKeepItsDevice) {
  std::weak_ptr<Device> watched = device_;
  words_of(buffer_of(device_, {1, 2, 3}));
  device_.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(Staging, BytesAreCounted) {
  const auto buffer = Buffer::create(device_, 4000, Memory::device);
  const TransferCounters before = transfer_counters();
  const auto in = noise(1000);
  upload(BufferRef(buffer), in.data());
  words_of(BufferRef(buffer).part(0, 400));
  EXPECT_EQ(transfer_counters().uploaded - before.uploaded, 4000u);
  EXPECT_EQ(transfer_counters().downloaded - before.downloaded, 400u);
}

}  // namespace
}  // namespace forge::vk
