#include "forge/vk/large_pages.hpp"

#include <algorithm>
#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "forge/core/parallel.hpp"

namespace forge::vk {

namespace {

#ifdef __linux__
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23  // since Linux 5.14; headers may be older
#endif

void advise(void* start, size_t bytes, int advice) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t from = (reinterpret_cast<uintptr_t>(start) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(start) + bytes) / page * page;
  if (end > from) madvise(reinterpret_cast<void*>(from), end - from, advice);
}
#endif

}  // namespace

#ifdef __linux__

void prefer_large_pages(void* start, size_t bytes) { advise(start, bytes, MADV_HUGEPAGE); }
void take_pages(void* start, size_t bytes) {
  constexpr size_t kPiece = 4 << 20;
  in_parallel((bytes + kPiece - 1) / kPiece, [&](size_t i) {
    advise(static_cast<std::byte*>(start) + i * kPiece, std::min(kPiece, bytes - i * kPiece), MADV_POPULATE_WRITE);
  });
}

#else

void prefer_large_pages(void*, size_t) {}
void take_pages(void*, size_t) {}

#endif

}  // namespace forge::vk
