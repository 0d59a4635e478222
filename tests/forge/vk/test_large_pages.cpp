#include "forge/vk/large_pages.hpp"

#ifdef __linux__
#include <sys/mman.h>

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

#include "forge/support/device.hpp"

namespace forge::vk {
namespace {

using namespace forge::test;

// The flags of the mapping that an address lies in, as /proc/self/smaps has them: "hg" says that large pages were asked for.
std::string flags_at(const void* address) {
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    uintptr_t start = 0, end = 0;
    char dash = 0;
    if (words >> std::hex >> start >> dash >> end && dash == '-') inside = start <= wanted && wanted < end;
    if (inside && line.starts_with("VmFlags:")) return line;
  }
  return {};
}

bool system_has_large_pages() {
  std::string mode;
  std::getline(std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled"), mode);
  return !mode.empty();
}

TEST(LargePages, AreAskedForWholePagesInside) {
  if (!system_has_large_pages()) GTEST_SKIP() << "this system has no transparent huge pages";
  constexpr size_t kBytes = 8 << 20;
  void* const start = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(start, MAP_FAILED);
  auto* const bytes = static_cast<std::byte*>(start);
  EXPECT_EQ(flags_at(bytes + kBytes / 2).find(" hg"), std::string::npos);
  prefer_large_pages(bytes + 10, kBytes - 20);
  EXPECT_NE(flags_at(bytes + kBytes / 2).find(" hg"), std::string::npos);
  EXPECT_EQ(flags_at(bytes).find(" hg"), std::string::npos);  // the first page is not all within
  munmap(start, kBytes);
}

class LargePagesOfDevices : public DeviceTest {};

TEST_F(LargePagesOfDevices, AreWhatCpuDriversAllocate) {
  if (device_->info().type != AdapterType::cpu) GTEST_SKIP() << "the device has memory of its own";
  if (!system_has_large_pages()) GTEST_SKIP() << "this system has no transparent huge pages";
  const auto buffer = Buffer::create(device_, 64 << 20, Memory::device);
  ASSERT_NE(buffer->mapped(), nullptr);
  EXPECT_NE(flags_at(buffer->mapped() + (32 << 20)).find(" hg"), std::string::npos);
}

TEST(LargePages, NothingIsTooLittle) {
  int value = 0;
  prefer_large_pages(&value, sizeof value);
  prefer_large_pages(nullptr, 0);
}

}  // namespace
}  // namespace forge::vk

#endif
