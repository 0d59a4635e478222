#include "forge/vk/memory.hpp"

#include <gtest/gtest.h>

// The pool is plain data: handles here are numbers.
namespace forge::vk {
namespace {

RawBuffer raw(uint64_t number, uint64_t capacity, Memory intent = Memory::device) {
  RawBuffer r;
  r.buffer = reinterpret_cast<VkBuffer>(number);
  r.capacity = capacity;
  r.intent = intent;
  return r;
}

TEST(BufferPool, ClassesHoldWhatIsAskedAndWasteLittle) {
  uint64_t last = 0;
  for (uint64_t bytes = 0; bytes < 70000; bytes += 7) {
    const uint64_t held = BufferPool::size_class(bytes);
    ASSERT_GE(held, bytes);
    ASSERT_GE(held, last) << "classes grow with sizes";
    ASSERT_EQ(BufferPool::size_class(held), held) << "a class is of its own class";
    ASSERT_TRUE(bytes <= 4096 || 8 * (held - bytes) <= bytes) << bytes;
    last = held;
  }
  EXPECT_EQ(BufferPool::size_class(0), 256u);
  EXPECT_EQ(BufferPool::size_class(257), 512u);
  EXPECT_EQ(BufferPool::size_class(4097), 4608u);
  EXPECT_GE(BufferPool::size_class((1ULL << 40) + 1), (1ULL << 40) + 1);
}

TEST(BufferPool, GivesBackTheSameBufferOfTheSameKindOnly) {
  BufferPool pool(1 << 20);
  ASSERT_TRUE(pool.give(raw(7, 512)));
  EXPECT_EQ(pool.bytes(), 512u);
  RawBuffer out;
  EXPECT_FALSE(pool.take(Memory::upload, 512, out));
  EXPECT_FALSE(pool.take(Memory::device, 1024, out));
  EXPECT_FALSE(pool.take(Memory::device, 256, out));
  ASSERT_TRUE(pool.take(Memory::device, 512, out));
  EXPECT_EQ(out.buffer, raw(7, 512).buffer);
  EXPECT_EQ(pool.bytes(), 0u);
  EXPECT_FALSE(pool.take(Memory::device, 512, out)) << "given out twice";
}

TEST(BufferPool, RefusesWhatIsBeyondItsRoom) {
  BufferPool pool(1000);
  EXPECT_TRUE(pool.give(raw(1, 512)));
  EXPECT_FALSE(pool.give(raw(2, 512)));
  EXPECT_TRUE(pool.give(raw(3, 488)));
  EXPECT_EQ(pool.bytes(), 1000u);
  EXPECT_FALSE(BufferPool(0).give(raw(1, 256)));
}

TEST(BufferPool, DrainsEverything) {
  BufferPool pool(1 << 20);
  for (uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(pool.give(raw(i, 256 * i, i % 2 ? Memory::device : Memory::shared)));
  EXPECT_EQ(pool.drain().size(), 5u);
  EXPECT_EQ(pool.bytes(), 0u);
  EXPECT_TRUE(pool.drain().empty());
}

TEST(Memory, IntentsHaveTheirNames) {
  EXPECT_EQ(name_of(Memory::device), "device");
  EXPECT_EQ(name_of(Memory::upload), "upload");
  EXPECT_EQ(name_of(Memory::readback), "readback");
  EXPECT_EQ(name_of(Memory::shared), "shared");
}

}  // namespace
}  // namespace forge::vk
