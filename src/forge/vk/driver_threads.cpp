#include "forge/vk/driver_threads.hpp"

#ifdef __linux__
#include <dirent.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "forge/core/environment.hpp"
#endif

namespace forge::vk {

#ifdef __linux__

namespace {

constexpr const char* kRasterizer = "llvmpipe-";  // those of lavapipe that name themselves

struct Started {
  std::vector<int> marked, named;  // in order
};

std::string name_of(int thread) {
  std::string name;
  std::getline(std::ifstream("/proc/self/task/" + std::to_string(thread) + "/comm"), name);
  return name;
}

Started threads_started(const std::string& mark, int but) {
  Started started;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
  if (!folder) return started;
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const auto thread = static_cast<int>(std::strtol(entry->d_name, nullptr, 10));
    if (thread <= 0 || thread == but) continue;
    const std::string name = name_of(thread);
    if (name == mark) started.marked.push_back(thread);
    if (name.starts_with(kRasterizer)) started.named.push_back(thread);
  }
  std::sort(started.marked.begin(), started.marked.end());
  std::sort(started.named.begin(), started.named.end());
  return started;
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

void spread_pool(const std::vector<int>& threads, const std::vector<int>& cores) {
  if (cores.size() < 2 || threads.size() < cores.size()) return;
  const size_t first = threads.size() > cores.size() ? 1 : 0;
  for (size_t i = first; i < threads.size(); ++i) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cores[(i - first) % cores.size()], &one);
    sched_setaffinity(threads[i], sizeof one, &one);  // a wish: where it is refused, nothing is lost
  }
}

bool is_allowed() { return environment_flag("VULKAN_FORGE_SPREAD_THREADS", true); }

// Of the threads that are started next; each device's are told apart.
std::string next_mark() {
  static std::atomic<unsigned> count{0};
  return "vf-device" + std::to_string(count++ % 100000);
}

}  // namespace

DriverThreads::DriverThreads(bool wanted) {
  if (!wanted || !is_allowed()) return;
  std::array<char, 17> name{};
  const std::string mark = next_mark();
  if (prctl(PR_GET_NAME, name.data()) != 0 || prctl(PR_SET_NAME, mark.c_str()) != 0) return;
  mark_ = mark;
  name_ = name.data();
}

DriverThreads::~DriverThreads() {
  if (!mark_.empty()) prctl(PR_SET_NAME, name_.c_str());
}

void DriverThreads::spread() const {
  if (mark_.empty()) return;
  const Started started = threads_started(mark_, gettid());
  const std::vector<int> cores = cores_allowed();
  spread_pool(started.marked, cores);
  spread_pool(started.named, cores);
}

#else

DriverThreads::DriverThreads(bool) {}
DriverThreads::~DriverThreads() = default;
void DriverThreads::spread() const {}

#endif

}  // namespace forge::vk
