#include "forge/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace forge {

namespace {

constexpr size_t kMostThreads = 16;

}  // namespace

size_t cores() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMostThreads); }

void in_parallel(size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto run = [&] {
    try {
      for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) work(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::jthread> others;
  const size_t threads = std::min(cores(), count);
  others.reserve(threads);
  try {
    for (size_t i = 1; i < threads; ++i) others.emplace_back(run);
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): no more threads, so those there are do it
  }
  run();
  others.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace forge
