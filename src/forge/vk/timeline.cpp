// Submission, waiting and what happens when a submission has passed.
#include <algorithm>
#include <chrono>
#include <limits>

#include "forge/vk/compiler_turn.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/instance.hpp"
#include "forge/vk/slot.hpp"

namespace forge::vk {

namespace {
constexpr size_t kTimesKept = 1024;
}

namespace {
void raise(std::atomic<uint64_t>& known, uint64_t value) {
  uint64_t held = known.load(std::memory_order_relaxed);
  while (held < value && !known.compare_exchange_weak(held, value, std::memory_order_acq_rel)) {
  }
}
}  // namespace

void Device::ask(Queue& queue) {
  uint64_t value = 0;
  const VkResult result = attempt("vkGetSemaphoreCounterValue",
                                  [&] { return vk_.vkGetSemaphoreCounterValue(handle_, queue.timeline, &value); });
  if (result == VK_ERROR_DEVICE_LOST) become_lost("vkGetSemaphoreCounterValue");
  if (result < 0) throw_result("vkGetSemaphoreCounterValue", result);
  raise(queue.completed, value);
}

bool Device::reached(uint64_t number) {
  if (lost_ || known_done(number)) return true;
  if (holds_back_) release_held(number);
  ask(queue(lane_of(number)));
  return known_done(number);
}

// Everything up to a number has passed where each lane has passed it, or has nothing left.
void Device::learn() {
  uint64_t all = submitted_.load(std::memory_order_acquire);  // before the lanes': those are at least this far
  for (size_t lane = 0; lane < lanes_; ++lane) {
    Queue& queue = queues_[lane];
    const uint64_t last = queue.submitted.load(std::memory_order_acquire);
    if (!lost_ && queue.completed.load(std::memory_order_acquire) < last) ask(queue);
    const uint64_t done = queue.completed.load(std::memory_order_acquire);
    if (done < last) all = std::min(all, done);
  }
  raise(passed_, all);
}

bool Device::passed(uint64_t number) {
  if (known_done(number)) return true;
  check_usable();
  const bool there = reached(number);
  if (!known_done(number)) check_usable();  // lost meanwhile
  return there;
}

Error still_running(uint64_t number, double timeout_s) {
  return {ErrorCode::WAIT_TIMEOUT, "the work was not done in time", std::to_string(timeout_s) + " s at most",
          "submission " + std::to_string(number) + " still runs", "wait again: nothing was cancelled or forgotten"};
}

void Device::wait(uint64_t number, double timeout_s) {
  if (!wait_for(number, timeout_s)) throw still_running(number, timeout_s);
  check_results();
}

void Device::set_results_check(std::function<void()> check) {
  results_check_ = std::move(check);
  has_results_check_ = true;
}

void Device::check_results() const {
  if (has_results_check_) results_check_();
}

void Device::wait_idle() {
  for (size_t lane = 0; lane < lanes_; ++lane) wait(submitted(static_cast<Lane>(lane)));
}

bool Device::wait_for(uint64_t number, double timeout_s) {
  if (number == 0 || known_done(number)) return true;
  check_usable();
  if (!reached(number)) {
    VkSemaphoreWaitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
    info.semaphoreCount = 1;
    info.pSemaphores = &queue(lane_of(number)).timeline;
    info.pValues = &number;
    const uint64_t nanoseconds = timeout_s < 0 || timeout_s > 1e9 ? std::numeric_limits<uint64_t>::max()
                                                                  : static_cast<uint64_t>(timeout_s * 1e9);
    const VkResult result =
        attempt("vkWaitSemaphores", [&] { return vk_.vkWaitSemaphores(handle_, &info, nanoseconds); });
    if (result == VK_ERROR_DEVICE_LOST) become_lost("vkWaitSemaphores");
    if (result == VK_TIMEOUT) return false;
    if (result < 0) throw_result("vkWaitSemaphores", result);
    reached(number);
  }
  collect();
  return true;
}

void Device::become_lost(const char* call) {
  // The handles stay valid; what they name may be freed once the driver has let go of the queue.
  if (!lost_.exchange(true)) vk_.vkDeviceWaitIdle(handle_);
  throw_result(call, VK_ERROR_DEVICE_LOST);
}

void Device::send(VkCommandBuffer commands, Lane lane, uint64_t number, uint64_t needed) {
  const Queue& to = queue(lane);
  const Queue& other = queue(lane == Lane::main ? Lane::transfer : Lane::main);
  VkTimelineSemaphoreSubmitInfo values{};
  values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
  values.signalSemaphoreValueCount = 1;
  values.pSignalSemaphoreValues = &number;
  VkSubmitInfo info{};
  info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
  info.pNext = &values;
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands;
  info.signalSemaphoreCount = 1;
  info.pSignalSemaphores = &to.timeline;
  constexpr VkPipelineStageFlags all = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  if (needed > 0) {
    values.waitSemaphoreValueCount = info.waitSemaphoreCount = 1;
    values.pWaitSemaphoreValues = &needed;
    info.pWaitSemaphores = &other.timeline;
    info.pWaitDstStageMask = &all;
  }
  const CompilerTurn turn = CompilerTurn::to_send(*this);
  const VkResult result =
      attempt("vkQueueSubmit", [&] { return vk_.vkQueueSubmit(to.handle, 1, &info, VK_NULL_HANDLE); });
  if (result == VK_ERROR_DEVICE_LOST) become_lost("vkQueueSubmit");
  if (result < 0) throw_result("vkQueueSubmit", result);
}

uint64_t Device::submit_locked(VkCommandBuffer commands, Lane lane, const Uses& uses) {
  const uint64_t sequence = sequence_ + 1;
  const uint64_t number = lanes_ == 1 ? sequence : sequence * 2 + static_cast<uint64_t>(lane);
  uint64_t needed = 0;
  if (lanes_ == 2) {
    const Lane other = lane == Lane::main ? Lane::transfer : Lane::main;
    needed = uses.needed ? uses.needed(other) : submitted(other);
    if (known_done(needed)) needed = 0;
  }
  if (holds_back_ && lane == Lane::transfer) {
    held_.push_back({commands, number, needed});
  } else {
    if (holds_back_ && needed > 0) send_held(needed);
    send(commands, lane, number, needed);
  }
  sequence_ = sequence;
  queue(lane).submitted.store(number, std::memory_order_release);
  submitted_.store(number, std::memory_order_release);
  uses.note(number);
  return number;
}

void Device::send_held(uint64_t up_to) {
  while (!held_.empty() && held_.front().number <= up_to) {
    const Held& held = held_.front();
    send(held.commands, Lane::transfer, held.number, held.needed);
    held_.pop_front();
  }
}

void Device::release_held(uint64_t number) {
  if (lane_of(number) != Lane::transfer) return;
  const std::lock_guard lock(queue_mutex_);
  send_held(number);
}

uint64_t Device::submit(std::unique_ptr<CommandSlot> slot, const Uses& uses) {
  check_usable();
  const auto lane = static_cast<Lane>(slot->lane);
  if (slot->watched) slot->note.host_ns = host_now_ns();  // before: nothing begins earlier
  uint64_t number = 0;
  try {
    const std::lock_guard lock(queue_mutex_);
    number = submit_locked(slot->commands, lane, uses);
  } catch (...) {
    give_slot(std::move(slot));
    throw;
  }
  if (slot->watched) {
    slot->note.number = number;
    note_submission(slot->note, slot->profile);
  }
  const std::lock_guard lock(retire_mutex_);
  in_flight_[static_cast<size_t>(lane)].push_back({number, std::move(slot)});
  return number;
}

uint64_t Device::submit_prepared(VkCommandBuffer commands, const Uses& uses) {
  check_usable();
  uint64_t number = 0;
  {
    const std::lock_guard lock(queue_mutex_);
    number = submit_locked(commands, Lane::main, uses);
  }
  if (tracing()) {
    SubmissionNote note{.number = number, .why = Why::replay};
    note_submission(note, nullptr);
  }
  return number;
}

// A recording that starts while somebody watches is watched to its end.
void Device::watch(CommandSlot& slot) {
  slot.watched = true;
  const std::lock_guard lock(retire_mutex_);
  slot.profile = profile_;
}

void Device::note_submission(SubmissionNote& note, const std::shared_ptr<Profile>& profile) const {
  if (profile) profile->add(note);
  if (tracing()) trace(info_.name, note);
}

std::unique_ptr<CommandSlot> Device::take_slot(Lane lane) {
  check_usable();
  collect();
  {
    const std::lock_guard lock(retire_mutex_);
    auto& slots = slots_[static_cast<size_t>(lane)];
    if (!slots.empty()) {
      auto slot = std::move(slots.back());
      slots.pop_back();
      if (profiling() || tracing()) {
        slot->watched = true;
        slot->profile = profile_;
      }
      return slot;
    }
  }
  auto slot = std::make_unique<CommandSlot>();
  slot->lane = static_cast<unsigned char>(lane);
  VkCommandPoolCreateInfo pool{};
  pool.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO;
  pool.queueFamilyIndex = queue(lane).family;
  FORGE_VK(vk_, vkCreateCommandPool, handle_, &pool, nullptr, &slot->pool);
  VkCommandBufferAllocateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO;
  info.commandPool = slot->pool;
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  const VkResult result = attempt("vkAllocateCommandBuffers",
                                  [&] { return vk_.vkAllocateCommandBuffers(handle_, &info, &slot->commands); });
  if (result < 0) {
    vk_.vkDestroyCommandPool(handle_, slot->pool, nullptr);
    throw_result("vkAllocateCommandBuffers", result);
  }
  if (profiling() || tracing()) watch(*slot);
  return slot;
}

void Device::give_slot(std::unique_ptr<CommandSlot> slot) {
  slot->timed.clear();
  recycle(std::move(slot));
}

// Makes a slot ready for its next recording.
void Device::recycle(std::unique_ptr<CommandSlot> slot) {
  vk_.vkResetCommandPool(handle_, slot->pool, 0);
  while (slot->descriptor_pools.size() > 1) {
    vk_.vkDestroyDescriptorPool(handle_, slot->descriptor_pools.back(), nullptr);
    slot->descriptor_pools.pop_back();
  }
  for (VkDescriptorPool pool : slot->descriptor_pools) vk_.vkResetDescriptorPool(handle_, pool, 0);
  slot->timed.clear();
  slot->sets.clear();
  if (slot->watched) {
    slot->watched = false;
    slot->note = {};
    slot->profile.reset();
  }
  const std::lock_guard lock(retire_mutex_);
  slots_[slot->lane].push_back(std::move(slot));
}

namespace {
// Ticks of each pair, of all pools in turn; fewer where the driver has not kept them.
std::vector<uint64_t> read_ticks(const Device& device, const CommandSlot& slot) {
  std::vector<uint64_t> ticks(slot.timed.size() * 2);
  for (size_t first = 0; first < slot.timed.size(); first += kTimedInPool) {
    const size_t count = std::min<size_t>(kTimedInPool, slot.timed.size() - first);
    const VkResult result = device.vk().vkGetQueryPoolResults(
        device.handle(), slot.query_pools[first / kTimedInPool], 0, static_cast<uint32_t>(count * 2),
        count * 2 * sizeof(uint64_t), ticks.data() + first * 2, sizeof(uint64_t), VK_QUERY_RESULT_64_BIT);
    if (result != VK_SUCCESS) return {};
  }
  return ticks;
}
}  // namespace

void Device::deliver_times(uint64_t number, const CommandSlot& slot) {
  const std::vector<uint64_t> ticks = read_ticks(*this, slot);
  if (ticks.empty()) return;
  std::vector<ScopeTime> scopes;
  std::vector<CommandTime> commands;
  const double period = limits().timestamp_period_ns;
  for (size_t i = 0; i < slot.timed.size(); ++i) {
    const Timed& timed = slot.timed[i];
    const double begin = static_cast<double>(ticks[2 * i]) * period;
    const double end = static_cast<double>(ticks[2 * i + 1]) * period;
    if (timed.command)
      commands.push_back({number, timed.name, begin, end, timed.bytes, timed.flops});
    else
      scopes.push_back({timed.name, begin, end});
  }
  if (slot.profile) slot.profile->add(std::move(commands));
  if (scopes.empty()) return;
  const std::lock_guard lock(retire_mutex_);
  times_[number] = std::move(scopes);
  if (times_.size() > kTimesKept) times_.erase(times_.begin());
}

void Device::collect() {
  if (pid_ != process_id()) return;
  std::vector<InFlight> passed;
  std::vector<Retired> ready;
  {
    const std::lock_guard lock(retire_mutex_);
    if (in_flight_[0].empty() && in_flight_[1].empty() && retired_.empty()) return;
  }
  learn();
  const uint64_t done = lost_ ? std::numeric_limits<uint64_t>::max() : all_passed();
  {
    const std::lock_guard lock(retire_mutex_);
    for (auto& flights : in_flight_)
      while (!flights.empty() && (lost_ || known_done(flights.front().number))) {
        passed.push_back(std::move(flights.front()));
        flights.pop_front();
      }
    const auto kept =
        std::stable_partition(retired_.begin(), retired_.end(), [done](const Retired& r) { return r.after > done; });
    std::move(kept, retired_.end(), std::back_inserter(ready));
    retired_.erase(kept, retired_.end());
  }
  // Outside the lock: dropping a keepalive may run Python, and Python may come back here.
  for (InFlight& flight : passed) {
    if (!flight.slot->timed.empty() && !lost_) deliver_times(flight.number, *flight.slot);
    recycle(std::move(flight.slot));
  }
  for (Retired& item : ready) destroy(item);
}

std::optional<double> Device::clock_offset_ns() const {
  if (!vk_.vkGetCalibratedTimestampsEXT || !vkGetPhysicalDeviceCalibrateableTimeDomainsEXT ||
      limits().timestamp_period_ns == 0)
    return std::nullopt;
  uint32_t count = 0;
  vkGetPhysicalDeviceCalibrateableTimeDomainsEXT(physical_, &count, nullptr);
  std::vector<VkTimeDomainEXT> known(count);
  vkGetPhysicalDeviceCalibrateableTimeDomainsEXT(physical_, &count, known.data());
  VkCalibratedTimestampInfoEXT clocks[2]{};
  clocks[0].sType = clocks[1].sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT;
  clocks[0].timeDomain = VK_TIME_DOMAIN_DEVICE_EXT;
  clocks[1].timeDomain = VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT;  // what steady_clock reads
  for (const auto& clock : clocks)
    if (std::find(known.begin(), known.end(), clock.timeDomain) == known.end()) return std::nullopt;
  uint64_t now[2]{}, deviation = 0;
  if (vk_.vkGetCalibratedTimestampsEXT(handle_, 2, clocks, now, &deviation) != VK_SUCCESS) return std::nullopt;
  return static_cast<double>(now[1]) - static_cast<double>(now[0]) * limits().timestamp_period_ns;
}

std::vector<ScopeTime> Device::scope_times(uint64_t number) {
  wait(number);
  collect();
  const std::lock_guard lock(retire_mutex_);
  const auto found = times_.find(number);
  return found == times_.end() ? std::vector<ScopeTime>{} : found->second;
}

}  // namespace forge::vk
