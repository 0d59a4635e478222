#include "forge/vk/compile_ahead.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <set>

#include "forge/core/environment.hpp"
#include "forge/core/file_cache.hpp"
#include "forge/vk/buffer.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/instance.hpp"

namespace forge::vk {

namespace {

constexpr size_t kWorthwhile = 3;  // kernels that wait; a second device for fewer would only be in the way
constexpr auto kPatience = std::chrono::milliseconds(300);  // for more of them
constexpr uint64_t kSpareBytes = 1 << 16;  // of what stands for every buffer

std::mutex& all_mutex() {
  static auto* mutex = new std::mutex;  // leaked on purpose: the process may end while devices live
  return *mutex;
}
std::set<CompileAhead*>& all() {
  static auto* set = new std::set<CompileAhead*>;
  return *set;
}

// Of all that decides what the driver makes of a kernel. Two with one number only mean that one is not made ahead.
uint64_t number_of(const PipelineLayout& layout, const ShaderCode& code, std::span<const SpecValue> spec,
                   bool pin_subgroup) {
  std::string text(reinterpret_cast<const char*>(code.words.data()), code.words.size_bytes());
  const auto add = [&text](uint64_t word) { text.append(reinterpret_cast<const char*>(&word), sizeof word); };
  for (const SpecValue& value : spec) add(value.id), add(value.bits);
  for (const DescriptorSlot& slot : layout.slots())
    add(slot.set), add(slot.binding), add(slot.count), add(static_cast<uint64_t>(slot.type));
  add(layout.push_bytes() * 2ULL + (pin_subgroup ? 1 : 0));
  return checksum(text);
}

bool is_buffer(const DescriptorSlot& slot) {
  return slot.type == VK_DESCRIPTOR_TYPE_STORAGE_BUFFER || slot.type == VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER;
}

}  // namespace

std::unique_ptr<CompileAhead> CompileAhead::create(const AdapterInfo& info) {
  const bool compiles_late = info.type == AdapterType::cpu && info.driver.starts_with("llvmpipe");
  if (!compiles_late || std::thread::hardware_concurrency() < 2 ||
      !environment_flag("VULKAN_FORGE_COMPILE_AHEAD", true) || environment_flag("MESA_SHADER_CACHE_DISABLE") ||
      user_cache_folder().empty())
    return nullptr;
  std::unique_ptr<CompileAhead> made(new CompileAhead(info));
  made->load_known();
  const std::lock_guard lock(all_mutex());
  all().insert(made.get());
  return made;
}

CompileAhead::CompileAhead(const AdapterInfo& info)
    : index_(info.index),
      key_("kernels " + info.driver_uuid + " " + info.driver + " " + std::to_string(info.limits.subgroup_size)),
      pid_(process_id()) {}

CompileAhead::~CompileAhead() {
  {
    const std::lock_guard lock(all_mutex());
    all().erase(this);
  }
  stop();
}

void CompileAhead::stop_all() {
  const std::lock_guard lock(all_mutex());
  for (CompileAhead* ahead : all()) ahead->stop();
}

void CompileAhead::stop() {
  if (pid_ != process_id()) return;  // a forked child has neither the thread nor a use for what is known
  std::thread ended;
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) save_known();
    stopped_ = true;
    waiting_.clear();  // the device has made them, and mostly run them
    ended.swap(thread_);
  }
  changed_.notify_all();
  if (ended.joinable()) ended.join();
}

uint64_t CompileAhead::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

uint64_t CompileAhead::starts() const {
  const std::lock_guard lock(mutex_);
  return starts_;
}

// Another process may have more luck with what waits here.
void CompileAhead::give_up() {
  for (const Kernel& kernel : waiting_) known_.erase(kernel.number);
  waiting_.clear();
}

void CompileAhead::add(const PipelineLayout& layout, const ShaderCode& code, std::span<const SpecValue> spec,
                       bool pin_subgroup) noexcept {
  const auto& slots = layout.slots();
  const std::lock_guard lock(mutex_);
  // Of images and samplers the driver wants to know more than their types.
  if (stopped_ || !std::all_of(slots.begin(), slots.end(), is_buffer)) return;
  try {
    const uint64_t number = number_of(layout, code, spec, pin_subgroup);
    if (!known_.insert(number).second) return;
    waiting_.push_back({number,
                        {slots.begin(), slots.end()},
                        layout.push_bytes(),
                        {code.words.begin(), code.words.end()},
                        code.entry,
                        {spec.begin(), spec.end()},
                        pin_subgroup});
    changed_.notify_all();
    if (!working_ && waiting_.size() >= kWorthwhile) start();
  } catch (const std::exception&) {  // no memory, or no more threads for this process
    give_up();
  }
}

void CompileAhead::start() {
  static std::once_flag once;  // before the driver's own handlers, which were there first
  std::call_once(once, [] { static_cast<void>(std::atexit([] { stop_all(); })); });
  if (thread_.joinable()) thread_.join();  // it has said that it ends, and takes the lock no more
  thread_ = std::thread([this] { work(); });
  working_ = true;
  ++starts_;
}

void CompileAhead::work() {
  fault::spare_this_thread();
  try {
    DeviceOptions options;
    options.wish.index = index_;
    options.compile_ahead = false;
    const std::shared_ptr<Device> twin = Device::open(options);
    const std::shared_ptr<Buffer> spare = Buffer::create(twin, kSpareBytes, Memory::device, "compile ahead");
    while (const auto kernel = next()) {
      run(twin, spare, *kernel);
      const std::lock_guard lock(mutex_);
      ++count_;
    }
  } catch (const std::exception&) {  // the device itself will say it, if it was not our luck alone
    const std::lock_guard lock(mutex_);
    give_up();
    working_ = false;
  }
}

std::optional<CompileAhead::Kernel> CompileAhead::next() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [this] { return stopped_ || !waiting_.empty(); });
  if (stopped_ || waiting_.empty()) {
    working_ = false;
    return std::nullopt;
  }
  Kernel kernel = std::move(waiting_.back());
  waiting_.pop_back();
  return kernel;
}

void CompileAhead::run(const std::shared_ptr<Device>& twin, const std::shared_ptr<Buffer>& spare,
                       const Kernel& kernel) {
  const PipelineLayout layout(*twin, kernel.slots, kernel.push_bytes, VK_SHADER_STAGE_COMPUTE_BIT);
  const ShaderCode code{VK_SHADER_STAGE_COMPUTE_BIT, kernel.words, kernel.entry};
  const auto pipeline = Pipeline::compute(*twin, layout, code, kernel.spec, "compile ahead", kernel.pin_subgroup);
  std::vector<DescriptorWrite> writes;
  for (const DescriptorSlot& slot : kernel.slots)
    for (uint32_t element = 0; element < slot.count; ++element)
      writes.push_back({slot.set, slot.binding, element, slot.type, BufferRef(spare)});
  const std::vector<std::byte> push((size_t{kernel.push_bytes} + 3) / 4 * 4);
  const PipelineRef ref{pipeline.get(), layout.handle(), layout.sets(), layout.push_stages(), pipeline, {}};
  Commands commands(twin);
  commands.dispatch({ref, push, writes, {}, {}}, {0, 0, 0});
  twin->wait(commands.submit());
}

// One number of eight bytes for each kernel.
void CompileAhead::load_known() {
  const auto bytes = FileCache::open("kernels").load(key_);
  for (size_t at = 0; bytes && at + 8 <= bytes->size(); at += 8) {
    uint64_t value = 0;
    std::memcpy(&value, bytes->data() + at, 8);
    known_.insert(value);
  }
  loaded_ = known_.size();
}

void CompileAhead::save_known() {
  if (known_.size() == loaded_) return;
  load_known();  // what others have added meanwhile
  std::string bytes(known_.size() * 8, '\0');
  size_t at = 0;
  for (const uint64_t value : known_) {
    std::memcpy(bytes.data() + at, &value, 8);
    at += 8;
  }
  FileCache::open("kernels").store(key_, bytes);
  loaded_ = known_.size();
}

}  // namespace forge::vk
