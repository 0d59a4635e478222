#include "forge/vk/watcher.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "forge/vk/device.hpp"
#include "forge/vk/instance.hpp"

namespace forge::vk {

namespace {

struct Watch {
  std::shared_ptr<Device> device;
  uint64_t number;
  Watcher::Told told;
};

// Waiting for any of several semaphores keeps a core busy on some drivers, so the thread waits for the lowest number
// alone, in slices: a lower one that comes meanwhile, or the end, is seen after a fraction of the time waited so far.
double slice_after(double waited_s) { return std::clamp(waited_s / 4, 0.0005, 0.008); }

}  // namespace

struct Watcher::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::multimap<uint64_t, Watch> waiting;  // by number
  bool running = false, stopping = false;
  std::thread::id thread;
  long pid = process_id();

  /// Gives back what was not told, to be dropped without the lock.
  std::multimap<uint64_t, Watch> end() {
    std::unique_lock lock(mutex);
    stopping = true;
    changed.notify_all();
    // A forked child has no such thread; and the thread itself may be the one that drops the device.
    if (pid == process_id() && thread != std::this_thread::get_id()) changed.wait(lock, [this] { return !running; });
    return std::exchange(waiting, {});
  }
};

namespace {
// Leaked on purpose, as in instance.cpp: a thread may outlive static destructors.
std::mutex& all_mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}
std::vector<Watcher*>& all() {
  static auto* list = new std::vector<Watcher*>;
  return *list;
}
}  // namespace

Watcher::Watcher() : state_(std::make_shared<State>()) {
  const std::lock_guard lock(all_mutex());
  all().push_back(this);
}

Watcher::~Watcher() {
  {
    const std::lock_guard lock(all_mutex());
    std::erase(all(), this);
  }
  stop();
}

void Watcher::add(std::shared_ptr<Device> device, uint64_t number, Told told) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopping) return;
  state_->waiting.emplace(number, Watch{std::move(device), number, std::move(told)});
  if (!state_->running) {
    std::thread(&Watcher::run, state_).detach();  // not joined by a destructor: a forked child has no such thread
    state_->running = true;
  }
  state_->changed.notify_all();
}

void Watcher::stop() { static_cast<void>(state_->end()); }

void Watcher::stop_all() {
  std::vector<std::shared_ptr<State>> states;
  {
    const std::lock_guard lock(all_mutex());
    for (const Watcher* watcher : all()) states.push_back(watcher->state_);
  }
  for (const auto& state : states) static_cast<void>(state->end());
}

void Watcher::run(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  state->thread = std::this_thread::get_id();
  auto since = std::chrono::steady_clock::now();
  while (true) {
    if (state->waiting.empty() && !state->stopping) {
      state->changed.wait(lock, [&] { return state->stopping || !state->waiting.empty(); });
      since = std::chrono::steady_clock::now();
    }
    if (state->stopping) break;
    const uint64_t number = state->waiting.begin()->first;
    std::shared_ptr<Device> device = state->waiting.begin()->second.device;
    lock.unlock();
    bool passed = false;
    std::exception_ptr failure;
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - since;
    try {
      passed = device->wait_for(number, slice_after(waited.count()));
    } catch (...) {
      failure = std::current_exception();
    }
    std::vector<Watch> ready;
    lock.lock();
    if (passed || failure) {
      for (auto at = state->waiting.begin(); at != state->waiting.end();) {
        const bool done = device->known_done(at->first);
        if (!done && !failure && device->lanes() == 1) break;  // in order
        if (done || failure) ready.push_back(std::move(at->second));
        at = done || failure ? state->waiting.erase(at) : std::next(at);
      }
      since = std::chrono::steady_clock::now();
    }
    lock.unlock();
    for (Watch& watch : ready) watch.told(device->known_done(watch.number) ? nullptr : failure);
    ready.clear();
    device.reset();  // perhaps the last share: its destructor then runs here and only sets `stopping`
    lock.lock();
  }
  state->running = false;
  state->changed.notify_all();
}

}  // namespace forge::vk
