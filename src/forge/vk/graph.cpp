#include "forge/vk/graph.hpp"

#include <algorithm>
#include <unordered_map>

#include "forge/vk/passes.hpp"

namespace forge::vk {

namespace {
// Sets of arguments that are no longer given; beyond this many a recording begins with none.
constexpr size_t kMostStaleSets = 256;

template <class Images>
std::vector<ImageHome> homes_of(const Images& images) {
  std::vector<ImageHome> homes;
  for (const auto& use : images) homes.push_back({use.image->id(), use.image->spec().home});
  return homes;
}
}  // namespace

Graph::Graph(std::shared_ptr<Device> device, std::vector<Capture::Item> items)
    : device_(std::move(device)), items_(std::move(items)), images_(images()), schedule_(plan(images_)), uses_(uses()) {
  bring_home(images_);
}

Graph::Images Graph::images() const {
  Images found;
  for (const Capture::Item& item : items_)
    visit_touches(
        item.work, [](const BufferRef&, Usage) {},
        [&](const std::shared_ptr<Image>& image, Usage usage) {
          const bool writes = usage_row(usage).writes;
          const auto known =
              std::find_if(found.begin(), found.end(), [&](const auto& use) { return use.image == image; });
          if (known == found.end())
            found.push_back({image, writes});
          else
            known->written |= writes;
        });
  return found;
}

// A recording finds every image in its home layout: those that were never used are brought there first.
void Graph::bring_home(const Images& images) const {
  if (std::all_of(images.begin(), images.end(), [](const auto& use) { return use.image->begun(); })) return;
  Commands homing(device_);
  for (const auto& use : images) homing.bring_home(use.image);
  homing.submit();
}

Graph::~Graph() {
  for (const auto& recording : recordings_) retire(*recording);
  if (timed_) retire(*timed_);
}

void Graph::retire(Recording& recording) {
  const auto drop = [&](VkObjectType type, auto handle) {
    device_->retire(type, reinterpret_cast<uint64_t>(handle), recording.number);
  };
  drop(VK_OBJECT_TYPE_QUERY_POOL, recording.queries);
  if (!recording.slot) return;
  for (VkDescriptorPool pool : recording.slot->descriptor_pools) drop(VK_OBJECT_TYPE_DESCRIPTOR_POOL, pool);
  for (VkQueryPool pool : recording.slot->query_pools) drop(VK_OBJECT_TYPE_QUERY_POOL, pool);
  drop(VK_OBJECT_TYPE_COMMAND_POOL, recording.slot->pool);
}

Schedule Graph::plan(const Images& images, Passes passes) const { return schedule(items_, homes_of(images), passes); }

// The commands as one submission has them, and as captured again afterwards.
class Graph::Changed {
 public:
  Changed(std::vector<Capture::Item>& items, Changes& changes) : items_(items), changes_(changes) { swap(); }
  ~Changed() { swap(); }
  Changed(const Changed&) = delete;
  Changed& operator=(const Changed&) = delete;

 private:
  void swap() {
    for (auto& [command, work] : changes_.works) std::swap(work, items_[command].work);
    for (const Changes::Push& change : changes_.pushes) {
      std::vector<std::byte>& push = std::get<DispatchWork>(items_[change.command].work).push;
      std::swap_ranges(push.begin(), push.end(), changes_.bytes.begin() + static_cast<ptrdiff_t>(change.at));
    }
  }
  std::vector<Capture::Item>& items_;
  Changes& changes_;
};

std::optional<uint64_t> Graph::submit_again(const std::string& key, std::span<const uint64_t> after) {
  if (items_.empty()) return 0;
  if (device_->profiling()) return std::nullopt;
  for (const auto& recording : recordings_)
    if (recording->valid && recording->key == key) return send(*recording, after);
  return std::nullopt;
}

uint64_t Graph::submit(Changes changes, const std::string& key, std::span<const uint64_t> after) {
  if (items_.empty()) return 0;
  if (device_->profiling()) return submit_profiled(changes, after);
  Recording& recording = free_recording();
  record(recording, changes, false);
  recording.key = key;
  return send(recording, after);
}

// A profile times each command, one after another: as a recording like any other.
uint64_t Graph::submit_profiled(Changes& changes, std::span<const uint64_t> after) {
  const Changed now(items_, changes);
  Commands commands(device_, Commands::Sending::whole);
  commands.after(after);
  commands.because(Why::replay);
  for (const Capture::Item& item : items_) vk::record(commands, item.work);
  return commands.submit();
}

uint64_t Graph::submit_timed(Changes changes, std::span<const uint64_t> after) {
  if (device_->limits().timestamp_period_ns == 0)
    throw Error(ErrorCode::MISSING_FEATURE, "times of a graph's commands", "a device with timestamps",
                device_->info().name, "run without timed=True");
  if (items_.empty()) return 0;
  if (!timed_) timed_ = std::make_unique<Recording>();
  device_->wait(timed_->number);
  record(*timed_, changes, true);
  return send(*timed_, after);
}

Graph::Recording& Graph::free_recording() {
  Recording* oldest = nullptr;
  for (const auto& recording : recordings_)
    if (!oldest || recording->number < oldest->number) oldest = recording.get();
  if (oldest && device_->reached(oldest->number)) return *oldest;
  if (!oldest || recordings_.size() < kMostInFlight) return *recordings_.emplace_back(std::make_unique<Recording>());
  device_->wait(oldest->number);
  return *oldest;
}

void Graph::record(Recording& recording, Changes& changes, bool timed) {
  recording.valid = false;
  const Changed now(items_, changes);
  const bool moved = !changes.works.empty();
  const Images images = moved ? this->images() : images_;
  const bool anew = moved || timed;
  const Schedule other = anew ? plan(images, timed ? Passes::apart : Passes::joined) : Schedule{};
  if (moved) bring_home(images);
  if (timed) make_queries(recording);
  reset(recording);
  Commands commands(device_, Commands::Sending::whole);
  commands.planned_ = true;
  commands.slot_ = std::move(recording.slot);
  record_into(commands, anew ? other : schedule_, images, recording, changes,
              timed ? recording.queries : VK_NULL_HANDLE);
  recording.slot = std::move(commands.slot_);
  recording.buffers = moved ? uses() : uses_;
  recording.images.clear();
  for (const auto& use : images) recording.images.push_back({use.image.get(), use.written});
  recording.valid = true;
}

// A slot of its own, emptied but for the descriptor sets, which the next recording will mostly want again.
void Graph::reset(Recording& recording) {
  if (!recording.slot) {  // a new one, or the last recording failed
    recording.slot = device_->take_slot();
    recording.sets.assign(items_.size(), {});
  }
  CommandSlot& slot = *recording.slot;
  const VolkDeviceTable& vk = device_->vk();
  checked("vkResetCommandPool", [&] { return vk.vkResetCommandPool(device_->handle(), slot.pool, 0); });
  if (slot.sets.size() <= items_.size() + kMostStaleSets) return;
  slot.sets.clear();
  recording.sets.assign(items_.size(), {});
  for (VkDescriptorPool pool : slot.descriptor_pools) vk.vkDestroyDescriptorPool(device_->handle(), pool, nullptr);
  slot.descriptor_pools.clear();
}

void Graph::make_queries(Recording& recording) {
  if (recording.queries) return;
  VkQueryPoolCreateInfo info{};
  info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO;
  info.queryType = VK_QUERY_TYPE_TIMESTAMP;
  info.queryCount = static_cast<uint32_t>(items_.size() * 2);
  FORGE_VK(device_->vk(), vkCreateQueryPool, device_->handle(), &info, nullptr, &recording.queries);
}

void Graph::record_into(Commands& commands, const Schedule& schedule, const Images& images, Recording& recording,
                        const Changes& changes, VkQueryPool queries) const {
  std::vector<bool> whole(items_.size());
  for (const auto& [command, work] : changes.works) whole[command] = true;
  const VolkDeviceTable& vk = device_->vk();
  commands.open(VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT);
  for (const auto& use : images) commands.images_.emplace(use.image->id(), Commands::UsedImage{use.image, use.written});
  if (queries) vk.vkCmdResetQueryPool(commands.buffer_, queries, 0, static_cast<uint32_t>(items_.size() * 2));
  for (const Level& level : schedule.levels) {
    commands.emit(level.before);
    for (size_t i = 0; i < level.commands.size(); ++i) {
      const uint32_t index = level.commands[i];
      const auto rest = std::span(level.commands).subspan(i);
      if (const size_t together = passes_together(items_, rest); together > 1) {
        commands.known_sets_ = nullptr;
        commands.render(joined(items_, rest.first(together)));
        i += together - 1;
        continue;
      }
      if (queries) commands.stamp_begin(queries, index * 2);
      const Work& work = items_[index].work;
      commands.known_sets_ =
          !whole[index] && std::holds_alternative<DispatchWork>(work) ? &recording.sets[index] : nullptr;
      vk::record(commands, work);
      if (queries) commands.stamp_end(queries, index * 2 + 1);
    }
  }
  commands.emit(schedule.last);
  commands.end();
}

std::vector<Graph::BufferUse> Graph::uses() const {
  std::unordered_map<Buffer*, std::pair<bool, bool>> found;  // read, written
  found.reserve(items_.size() * 2);
  for (const Capture::Item& item : items_)
    visit_touches(
        item.work,
        [&](const BufferRef& ref, Usage usage) {
          auto& use = found[ref.buffer.get()];
          (usage_row(usage).writes ? use.second : use.first) = true;
        },
        [](const std::shared_ptr<Image>&, Usage) {});
  std::vector<BufferUse> uses;
  // NOLINTNEXTLINE(bugprone-nondeterministic-pointer-iteration-order): their order says nothing
  for (const auto& [buffer, use] : found) {
    if (use.first) uses.push_back({buffer, false, !use.second});
    if (use.second) uses.push_back({buffer, true, false});
  }
  return uses;
}

// Waits on the device for other lanes only where they touch the same memory, or where the caller asks for it.
uint64_t Graph::send(Recording& recording, std::span<const uint64_t> after) {
  for (const BufferUse& use : recording.buffers) {
    if (use.needs_values) use.buffer->require_values();
    if (use.written) use.buffer->before_write();
  }
  const auto note = [&](uint64_t number) {
    for (const BufferUse& use : recording.buffers) use.buffer->used(number, use.written);
    for (const SentImage& use : recording.images) use.image->used(number, use.written);
  };
  const auto needed = [&](Lane lane) {
    uint64_t last = 0;
    for (const uint64_t number : after)
      if (device_->lane_of(number) == lane) last = std::max(last, number);
    for (const BufferUse& use : recording.buffers) last = std::max(last, use.buffer->needed(lane, use.written));
    return last;
  };
  recording.number = device_->submit_prepared(recording.slot->commands, Uses(note, needed));
  return recording.number;
}

std::vector<double> Graph::times() const {
  if (!timed_ || timed_->number == 0) return {};
  device_->wait(timed_->number);
  std::vector<uint64_t> ticks(items_.size() * 2);
  FORGE_VK(device_->vk(), vkGetQueryPoolResults, device_->handle(), timed_->queries, 0,
           static_cast<uint32_t>(ticks.size()), ticks.size() * sizeof(uint64_t), ticks.data(), sizeof(uint64_t),
           VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT);
  std::vector<double> times;
  for (size_t i = 0; i < items_.size(); ++i)
    times.push_back(static_cast<double>(ticks[2 * i + 1] - ticks[2 * i]) * device_->limits().timestamp_period_ns *
                    1e-6);
  return times;
}

}  // namespace forge::vk
