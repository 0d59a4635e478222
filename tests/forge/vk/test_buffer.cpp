#include <algorithm>
#include <cstring>

#include "forge/support/device.hpp"
#include "forge/support/kernels.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

constexpr Memory kIntents[] = {Memory::device, Memory::upload, Memory::readback, Memory::shared};

class BufferTest : public DeviceTest {};

std::vector<std::byte> bytes_of(size_t count) {
  std::vector<std::byte> bytes(count);
  const auto words = noise(count / 4 + 1);
  std::memcpy(bytes.data(), words.data(), count);
  return bytes;
}

TEST_F(BufferTest, EveryIntentAndSizeKeepsItsBytes) {
  for (const Memory intent : kIntents)
    for (const size_t size : {size_t{1}, size_t{255}, size_t{256}, size_t{257}, size_t{4095}, size_t{4096},
                              size_t{4097}, size_t{1} << 20}) {
      const auto buffer = Buffer::create(device_, size, intent);
      EXPECT_EQ(buffer->size(), size);
      EXPECT_EQ(buffer->intent(), intent);
      EXPECT_NE(buffer->address(), 0u);
      EXPECT_TRUE(intent == Memory::device || buffer->mapped()) << name_of(intent);
      const auto in = bytes_of(size);
      std::vector<std::byte> out(size);
      upload(BufferRef(buffer), in.data());
      download(out.data(), BufferRef(buffer));
      ASSERT_EQ(in, out) << name_of(intent) << " " << size;
    }
}

TEST_F(BufferTest, OfNothing) {
  for (const Memory intent : kIntents) {
    const auto buffer = Buffer::create(device_, 0, intent);
    EXPECT_EQ(buffer->size(), 0u);
    EXPECT_NE(buffer->handle(), VkBuffer{VK_NULL_HANDLE});
    upload(BufferRef(buffer), nullptr);
    download(nullptr, BufferRef(buffer));
    Commands commands(device_);
    commands.copy(buffer, buffer);
    commands.fill(buffer, 1);
    EXPECT_EQ(commands.submit(), 0u);
  }
}

TEST_F(BufferTest, IdsAndPlacesDiffer) {
  const auto a = Buffer::create(device_, 100, Memory::device), b = Buffer::create(device_, 100, Memory::device);
  EXPECT_NE(a->id(), b->id());
  EXPECT_NE(a->handle(), b->handle());
  EXPECT_TRUE(a->address() + 100 <= b->address() || b->address() + 100 <= a->address());
}

TEST_F(BufferTest, PartsAreCheckedAndMoveTheAddress) {
  const auto buffer = Buffer::create(device_, 100, Memory::device);
  const BufferRef whole(buffer);
  const BufferRef part = whole.part(10, 20);
  EXPECT_EQ(part.address(), buffer->address() + 10);
  EXPECT_EQ(part.part(20, 0).offset, 30u);
  for (const auto& [from, size] :
       {std::pair{uint64_t{81}, uint64_t{20}}, {101, 0}, {0, 101}, {1, ~0ULL}, {~0ULL, 1}, {~0ULL, ~0ULL}})
    EXPECT_CODE(OUT_OF_RANGE, whole.part(from, size));
  EXPECT_CODE(OUT_OF_RANGE, part.part(1, 20));
}

TEST_F(BufferTest, ADroppedBufferIsTheNextOfItsSize) {
  device_->wait_idle();
  const uint64_t odd = 77777;  // a class that no other test leaves behind
  VkBuffer handle = VK_NULL_HANDLE;
  {
    const auto first = Buffer::create(device_, odd, Memory::device);
    handle = first->handle();
  }
  EXPECT_EQ(Buffer::create(device_, odd - 100, Memory::device)->handle(), handle) << "same class, same buffer";
  EXPECT_NE(Buffer::create(device_, odd, Memory::readback)->handle(), handle);
  device_->trim();
  EXPECT_EQ(device_->counts().pooled_bytes, 0u);
}

TEST_F(BufferTest, ThePoolStaysWithinItsRoom) {
  const auto device = own_device();
  const uint64_t most = std::min<uint64_t>(256ULL << 20, device->info().device_memory() / 8);
  for (int round = 0; round < 3; ++round) {
    std::vector<std::shared_ptr<Buffer>> many;
    for (uint64_t i = 0; i < 40; ++i) many.push_back(Buffer::create(device, (10 + i) << 20, Memory::device));
    many.clear();
    const ObjectCounts counts = device->counts();
    EXPECT_EQ(counts.buffers, 0u);
    EXPECT_EQ(counts.buffer_bytes, 0u);
    EXPECT_LE(counts.pooled_bytes, most);
    EXPECT_GT(counts.pooled_bytes, 0u);
  }
}

TEST_F(BufferTest, ABufferDroppedInFlightStaysTillTheWorkIsDone) {
  auto slow = kernel_of(device_, kSlow);
  const uint32_t count = 64 * 200;
  const auto out = Buffer::create(device_, count * 4, Memory::readback);
  auto middle = Buffer::create(device_, count * 4, Memory::device);
  Commands commands(device_);
  record(commands, *slow, {raw("c", middle), value("turns", 20000)}, threads(count));
  commands.copy(middle, out);
  const uint64_t number = commands.submit();
  EXPECT_EQ(middle->last_use(), number);
  const VkBuffer handle = middle->handle();
  middle.reset();
  for (int i = 0; i < 8; ++i) {  // would take its place and overwrite it, were it free
    const auto greedy = Buffer::create(device_, count * 4, Memory::device);
    EXPECT_TRUE(device_->reached(number) || greedy->handle() != handle);
    const std::vector<uint32_t> junk(count, 0xDEAD);
    upload(BufferRef(greedy), junk.data());
  }
  const auto words = words_of(BufferRef(out));
  for (const uint32_t i : {0u, 1u, count / 2, count - 1}) EXPECT_EQ(words[i], slow_result(i, 20000)) << i;
}

TEST_F(BufferTest, HostAccessWaitsForTheDevice) {
  auto slow = kernel_of(device_, kSlow);
  const uint32_t count = 64 * 200;
  const auto out = buffer_of(device_, std::vector<uint32_t>(count));
  Commands commands(device_);
  record(commands, *slow, {raw("c", out), value("turns", 20000)}, threads(count));
  commands.submit();
  EXPECT_EQ(words_of(out)[5], slow_result(5, 20000)) << "no wait was called";
  // A host write waits for the device's reads.
  const auto copy = Buffer::create(device_, count * 4, Memory::device);
  Commands second(device_);
  record(second, *slow, {raw("c", copy), value("turns", 20000)}, threads(count));
  second.copy(out, copy);
  second.submit();
  const std::vector<uint32_t> zeros(count);
  upload(BufferRef(out), zeros.data());
  EXPECT_EQ(words_of(copy)[5], slow_result(5, 20000));
}

TEST_F(BufferTest, BeyondTheLimitIsRefusedWithTheLimit) {
  const uint64_t most = device_->limits().max_buffer_bytes;
  if (most == ~0ULL) GTEST_SKIP() << "the device names no limit";
  const Error error = error_of([&] { Buffer::create(device_, most + 1, Memory::device); });
  EXPECT_EQ(error.code(), ErrorCode::LIMIT_EXCEEDED);
  EXPECT_CONTAINS(error.what(), std::to_string(most));
  EXPECT_CONTAINS(error.what(), std::to_string(most + 1));
  EXPECT_CODE(LIMIT_EXCEEDED, Buffer::create(device_, ~0ULL, Memory::device));
}

TEST_F(BufferTest, BeyondFourGibibytesIsRightOrRefused) {
  const uint64_t size = (4ULL << 30) + 4096;
  const std::string before = live(*device_);
  try {
    const auto buffer = Buffer::create(device_, size, Memory::device);
    const uint32_t low = 1, high = 2;
    upload(BufferRef(buffer).part(0, 4), &low);
    upload(BufferRef(buffer).part(4ULL << 30, 4), &high);
    EXPECT_EQ(words_of(BufferRef(buffer).part(0, 4))[0], 1u) << "the address wrapped";
    EXPECT_EQ(words_of(BufferRef(buffer).part(4ULL << 30, 4))[0], 2u);
  } catch (const Error& error) {
    EXPECT_TRUE(error.code() == ErrorCode::LIMIT_EXCEEDED || error.code() == ErrorCode::OUT_OF_DEVICE_MEMORY)
        << error.what();
    EXPECT_CONTAINS(error.what(), std::to_string(size));
  }
  device_->trim();
  EXPECT_EQ(live(*device_), before);
}

TEST_F(BufferTest, UsesAreRemembered) {
  const auto buffer = Buffer::create(device_, 64, Memory::device);
  buffer->used(5, false);
  buffer->used(3, true);
  buffer->used(4, false);
  EXPECT_EQ(buffer->last_read(), 5u);
  EXPECT_EQ(buffer->last_write(), 3u);
  EXPECT_EQ(buffer->last_use(), 5u);
}

// -- host memory --

class ImportTest : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (device_ && device_->limits().host_import_alignment == 0) GTEST_SKIP() << "the device cannot import host memory";
  }
};

// Fills `to` with a pattern: by a kernel that writes bytes where the device has them, else by a copy.
void write_pattern(const std::shared_ptr<Device>& device, const std::shared_ptr<Buffer>& to) {
  const auto count = static_cast<uint32_t>(to->size());
  if (device->has("storageBuffer8BitAccess") && device->has("shaderInt8")) {
    static constexpr char bytes[] =
        "layout(local_size_x = 64) in;\n"
        "layout(buffer_reference, scalar, buffer_reference_align = 1) buffer C { uint8_t at[]; };\n"
        "layout(push_constant, scalar) uniform P { C c; uint n; };\n"
        "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) c.at[i] = uint8_t(i * 7u + 1u); }\n";
    run(*kernel_of(device, bytes), {raw("c", to), value("n", count)}, threads(count));
    return;
  }
  std::vector<unsigned char> pattern(count);
  for (uint32_t i = 0; i < count; ++i) pattern[i] = static_cast<unsigned char>(i * 7 + 1);
  const auto source = Buffer::create(device, count, Memory::device);
  upload(BufferRef(source), pattern.data());
  Commands commands(device);
  commands.copy(source, to);
  device->wait(commands.submit());
}

TEST_F(ImportTest, WorksInPlaceAtEveryAlignmentAndSparesTheNeighbours) {
  constexpr size_t kSize = 131;
  std::vector<unsigned char> memory(8192, 0xA5);
  for (size_t offset = 0; offset <= 64; ++offset) {
    unsigned char* at = memory.data() + 4096 + offset;
    {
      const auto buffer = Buffer::import_host(device_, at, kSize, nullptr);
      EXPECT_TRUE(buffer->imported());
      EXPECT_EQ(reinterpret_cast<unsigned char*>(buffer->mapped()), at);
      write_pattern(device_, buffer);
    }
    for (size_t i = 0; i < memory.size(); ++i) {
      const size_t place = i - 4096 - offset;
      const auto wanted = static_cast<unsigned char>(place < kSize ? place * 7 + 1 : 0xA5);
      ASSERT_EQ(memory[i], wanted) << "offset " << offset << ", byte " << i;
    }
    std::fill(memory.begin(), memory.end(), 0xA5);
  }
}

TEST_F(ImportTest, CopiesInAndOutAtOddOffsets) {
  std::vector<std::byte> host = bytes_of(5000);
  const std::vector<std::byte> before = host;
  const auto device_side = Buffer::create(device_, 999, Memory::device);
  {
    const auto imported = Buffer::import_host(device_, host.data() + 13, 999, nullptr);
    Commands commands(device_);
    commands.copy(imported, device_side);
    commands.copy(device_side, BufferRef(imported).part(0, 999));
    device_->wait(commands.submit());
  }
  std::vector<std::byte> out(999);
  download(out.data(), BufferRef(device_side));
  EXPECT_EQ(std::memcmp(out.data(), before.data() + 13, 999), 0);
  EXPECT_EQ(host, before);
}

TEST_F(ImportTest, ThePagesAreLetGoOnceAfterTheDeviceIsDone) {
  auto slow = kernel_of(device_, kSlow);
  const uint32_t count = 64 * 200;
  auto* host = new std::vector<uint32_t>(count + 64);
  const uint64_t step = device_->limits().storage_offset_alignment;  // at most 256
  const uintptr_t start = (reinterpret_cast<uintptr_t>(host->data()) + step - 1) / step * step;
  int dropped = 0;
  uint32_t seen = 0;
  uint64_t number = 0;
  bool done_when_dropped = false;
  {
    std::shared_ptr<void> keepalive(host, [&](void*) {
      ++dropped;
      done_when_dropped = device_->reached(number);
      seen = reinterpret_cast<uint32_t*>(start)[3];
      delete host;
    });
    auto buffer = Buffer::import_host(device_, reinterpret_cast<void*>(start), count * 4, std::move(keepalive));
    Commands commands(device_);
    record(commands, *slow, {raw("c", buffer), value("turns", 20000)}, threads(count));
    number = commands.submit();
    buffer.reset();
  }
  EXPECT_EQ(dropped, 0) << "the device still writes there";
  device_->wait(number);
  device_->collect();
  EXPECT_EQ(dropped, 1);
  EXPECT_TRUE(done_when_dropped);
  EXPECT_EQ(seen, slow_result(3, 20000));
  device_->collect();
  EXPECT_EQ(dropped, 1);
}

TEST_F(ImportTest, AnUnusedImportLetsGoAtOnce) {
  std::vector<uint32_t> host(100);
  int dropped = 0;
  Buffer::import_host(device_, host.data(), 400, std::shared_ptr<void>(host.data(), [&](void*) { ++dropped; })).reset();
  EXPECT_EQ(dropped, 1);
}

TEST_F(ImportTest, OnePageMayBeImportedTwice) {
  std::vector<uint32_t> host(64, 1);
  auto kernel = kernel_of(device_, kAddAt);
  const auto a = Buffer::import_host(device_, host.data(), 128, nullptr);
  const auto b = Buffer::import_host(device_, host.data() + 32, 128, nullptr);
  run(*kernel, {raw("c", a), value("n", 32), value("add", 1)}, threads(32));
  run(*kernel, {raw("c", b), value("n", 32), value("add", 2)}, threads(32));
  EXPECT_EQ(host[0], 2u);
  EXPECT_EQ(host[31], 2u);
  EXPECT_EQ(host[32], 3u);
}

TEST_F(ImportTest, EachCallMayFailAndNothingIsKept) {
  std::vector<uint32_t> host(4096, 7);
  const std::string before = live(*device_);
  for (const char* call :
       {"vkGetMemoryHostPointerPropertiesEXT", "vkCreateBuffer", "vkAllocateMemory", "vkBindBufferMemory"}) {
    int dropped = 0;
    fault::inject(call, VK_ERROR_OUT_OF_HOST_MEMORY);
    const Error error = error_of([&] {
      Buffer::import_host(device_, host.data(), 4096, std::shared_ptr<void>(host.data(), [&](void*) { ++dropped; }));
    });
    EXPECT_EQ(error.code(), ErrorCode::INTEROP) << call;
    EXPECT_EQ(error.vk_result(), VK_ERROR_OUT_OF_HOST_MEMORY) << call;
    EXPECT_EQ(dropped, 1) << call;
    EXPECT_EQ(live(*device_), before) << call;
    EXPECT_EQ(words_of(Buffer::import_host(device_, host.data(), 4096, nullptr))[9], 7u) << call;
  }
}

TEST_F(BufferTest, WithoutTheExtensionAnImportIsRefused) {
  if (device_->limits().host_import_alignment != 0) GTEST_SKIP() << "the device can import";
  uint32_t word = 0;
  EXPECT_CODE(MISSING_FEATURE, Buffer::import_host(device_, &word, 4, nullptr));
}

}  // namespace
}  // namespace forge::vk
