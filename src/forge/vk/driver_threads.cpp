#include "forge/vk/driver_threads.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#ifdef __linux__
#include <dirent.h>
#include <sched.h>

#include <fstream>
#include <memory>
#include <string>
#endif

namespace forge::vk {

#ifdef __linux__

namespace {

std::vector<int> threads_now() {
  std::vector<int> threads;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
  if (!folder) return threads;
  while (const dirent* entry = readdir(folder.get()))  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (const long thread = std::strtol(entry->d_name, nullptr, 10); thread > 0)
      threads.push_back(static_cast<int>(thread));
  std::sort(threads.begin(), threads.end());
  return threads;
}

// "python:disk$0": a thread that Mesa has for its cache.
bool has_a_task_of_its_own(int thread) {
  std::string name;
  std::getline(std::ifstream("/proc/self/task/" + std::to_string(thread) + "/comm"), name);
  return name.find(':') != std::string::npos;
}

std::vector<int> cores_allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  return cores;
}

bool is_allowed() {
  const char* value = std::getenv("VULKAN_FORGE_SPREAD_THREADS");  // NOLINT(concurrency-mt-unsafe)
  return !value || std::strcmp(value, "0") != 0;
}

}  // namespace

DriverThreads::DriverThreads(bool wanted) : wanted_(wanted && is_allowed()) {
  if (wanted_) before_ = threads_now();
}

void DriverThreads::spread() const {
  if (!wanted_) return;
  std::vector<int> started;
  for (const int thread : threads_now())
    if (!std::binary_search(before_.begin(), before_.end(), thread) && !has_a_task_of_its_own(thread))
      started.push_back(thread);
  const std::vector<int> cores = cores_allowed();
  if (cores.size() < 2 || started.size() < cores.size()) return;
  const size_t pools = std::max<size_t>((started.size() - 1) / cores.size(), 1);
  const size_t first = started.size() - pools * cores.size();
  for (size_t i = first; i < started.size(); ++i) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cores[(i - first) % cores.size()], &one);
    sched_setaffinity(started[i], sizeof one, &one);  // a wish: where it is refused, nothing is lost
  }
}

#else

DriverThreads::DriverThreads(bool wanted) : wanted_(wanted) {}
void DriverThreads::spread() const {}

#endif

}  // namespace forge::vk
