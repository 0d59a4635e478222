#include "forge/vk/same_memory.hpp"

#include <vector>

#include "forge/support/device.hpp"
#include "forge/vk/staging.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

class SameMemoryTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && device_->limits().host_import_alignment == 0) GTEST_SKIP() << "the device imports no host memory";
  }
  std::shared_ptr<Buffer> import(size_t first, size_t count) {
    return Buffer::import_host(device_, values_.data() + first, count * sizeof(uint32_t), nullptr);
  }

  std::vector<uint32_t> values_ = std::vector<uint32_t>(10000, 7);
};

TEST_F(SameMemoryTest, BuffersAreMemoriesOfTheirOwn) {
  const auto a = Buffer::create(device_, 400, Memory::device), b = Buffer::create(device_, 400, Memory::device);
  EXPECT_NE(extent_of(a).resource, extent_of(b).resource);
  EXPECT_FALSE(overlap(a, b));
  EXPECT_FALSE(share_memory(*a, *b));
  EXPECT_TRUE(share_memory(*a, *a));
  EXPECT_TRUE(overlap(BufferRef(a).part(0, 100), BufferRef(a).part(96, 100)));
  EXPECT_FALSE(overlap(BufferRef(a).part(0, 100), BufferRef(a).part(100, 100)));
}

TEST_F(SameMemoryTest, ImportsMeetWhereTheirBytesDo) {
  const auto a = import(0, 5000), b = import(4999, 1000), c = import(5999, 1000);
  EXPECT_TRUE(overlap(a, b));
  EXPECT_TRUE(share_memory(*b, *a));
  EXPECT_FALSE(overlap(b, c));  // neighbours, on one page or not
  EXPECT_FALSE(overlap(BufferRef(a).part(0, 4999 * 4), b));
  EXPECT_TRUE(overlap(BufferRef(a).part(4999 * 4, 4), BufferRef(b).part(0, 4)));
  EXPECT_FALSE(overlap(a, Buffer::create(device_, 400, Memory::device)));
}

TEST_F(SameMemoryTest, UsesOfOneAreUsesOfTheOther) {
  const auto a = import(0, 5000), b = import(1000, 1000), apart = import(6000, 1000);
  Commands commands(device_);
  commands.fill(a, 3);
  const uint64_t number = commands.submit();
  EXPECT_EQ(b->last_write(), number);
  EXPECT_EQ(apart->last_write(), 0u);
  EXPECT_EQ(import(2000, 10)->last_write(), number);  // made later
  b->wait_readable();
  EXPECT_EQ(values_[1500], 3u);
}

TEST_F(SameMemoryTest, UsesOutliveTheImport) {
  auto gone = import(0, 10000);
  Commands commands(device_);
  commands.fill(gone, 9);
  const uint64_t number = commands.submit();
  gone.reset();
  const auto next = import(5000, 100);
  next->wait_readable();
  EXPECT_TRUE(device_->reached(number));
  EXPECT_EQ(values_[5050], 9u);
}

struct Reader : BufferReader {
  void before_write(const Buffer&, std::shared_ptr<void>&) override { ++told; }
  int told = 0;
};

TEST_F(SameMemoryTest, ReadersHearOfWritesByOtherImports) {
  const auto early = import(0, 100), read = import(50, 100), apart = import(5000, 100);
  const auto reader = std::make_shared<Reader>();
  read->add_reader(reader);
  const auto late = import(149, 10);
  apart->before_write();
  EXPECT_EQ(reader->told, 0);
  early->before_write();
  EXPECT_EQ(reader->told, 1);
  late->before_write();  // once is enough
  EXPECT_EQ(reader->told, 1);
  read->add_reader(reader);
  late->before_write();
  EXPECT_EQ(reader->told, 2);
}

struct Again : BufferReader {
  explicit Again(Buffer& buffer) : memory(buffer) {}
  void before_write(const Buffer&, std::shared_ptr<void>&) override {
    if (++told == 1) memory.before_write();  // as another thread may meanwhile
  }
  Buffer& memory;
  int told = 0;
};

TEST_F(SameMemoryTest, ReadersHearOfEachWriteUntilTheyWereTold) {
  const auto buffer = Buffer::create(device_, 100, Memory::device);
  const auto reader = std::make_shared<Again>(*buffer);
  buffer->add_reader(reader);
  buffer->before_write();
  EXPECT_EQ(reader->told, 2);
  buffer->before_write();
  EXPECT_EQ(reader->told, 2);
}

}  // namespace
}  // namespace forge::vk
