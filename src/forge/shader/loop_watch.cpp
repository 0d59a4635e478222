#include "forge/shader/loop_watch.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <vector>

#include "forge/core/file_cache.hpp"
#include "forge/shader/compile.hpp"
#include "forge/shader/program.hpp"
#include "forge/vk/commands.hpp"

namespace forge::shader {

/// All watched words of one device.
class LoopWatches {
 public:
  void add(std::weak_ptr<const LoopWatch> watch) {
    const std::lock_guard lock(mutex_);
    std::erase_if(watches_, [](const auto& known) { return known.expired(); });
    watches_.push_back(std::move(watch));
  }

  // After each wait of the device. The word is read and cleared by whoever comes first.
  void check(uint32_t budget) {
    std::shared_ptr<const LoopWatch> found;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& known : watches_) {
        auto watch = known.lock();
        if (watch && word_of(*watch).exchange(0) != 0) found = std::move(watch);
      }
    }
    if (found)
      throw Error(ErrorCode::MISSING_FEATURE,
                  "the loops of " + found->name_ + " were ended early: its results are wrong",
                  "a driver that runs loops to their end",
                  std::to_string(budget) +
                      " passes for all loops of an invocation together, which this driver ends without a word",
                  "give the work to more invocations or calls, or use a newer driver")
          .with("feature", "loops of more than " + std::to_string(budget) + " passes");
  }

 private:
  static std::atomic_ref<uint32_t> word_of(const LoopWatch& watch) {
    return std::atomic_ref(*reinterpret_cast<uint32_t*>(watch.word_.buffer->mapped()));
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<const LoopWatch>> watches_;
};

namespace {

constexpr char kWatches{}, kBudget{};
constexpr uint32_t kTried = 100'000;
constexpr const char* kProbe = R"(#version 450
layout(local_size_x = 1) in;
layout(binding = 0) buffer X { uint x[]; };
void main() {
  uint sum = 0u, most = x[0];
  for (uint i = 0u; i < most; ++i) sum += (i ^ sum) & 1u | 1u;
  x[0] = sum;
}
)";

// 0: all of them.
uint32_t passes_of_a_long_loop(const std::shared_ptr<vk::Device>& device) {
  const vk::BufferRef x(vk::Buffer::create(device, sizeof(uint32_t), vk::Memory::shared));
  auto* word = reinterpret_cast<uint32_t*>(x.buffer->mapped());
  *word = kTried;
  x.buffer->flush(0, sizeof(uint32_t));
  CompileOptions options;
  options.name = "loop probe";
  Words words = compile_cached(kProbe, options);
  Reflection reflection = reflect(words);
  std::vector<Program::Source> stage;
  stage.push_back({std::move(words), std::move(reflection)});
  Program program(*device, std::move(stage), "loop probe");
  const vk::DescriptorWrite descriptor{.set = 0, .binding = 0, .resource = x};
  const vk::BufferTouch touch{x, vk::Usage::compute_read_write};
  vk::Commands commands(device);
  commands.dispatch({.pipeline = program.compute(),
                     .push = {},
                     .descriptors = {&descriptor, 1},
                     .buffers = {&touch, 1},
                     .images = {}},
                    {1, 1, 1});
  device->wait(commands.submit());
  x.buffer->invalidate(0, sizeof(uint32_t));
  return *word == kTried ? 0 : *word;
}

uint32_t find_budget(const std::shared_ptr<vk::Device>& device) {
  const vk::AdapterInfo& info = device->info();
  if (info.type != vk::AdapterType::cpu) return 0;  // no GPU driver counts loops
  const FileCache cache = FileCache::open("loops");
  const std::string key = info.driver_uuid + " " + std::to_string(info.driver_version) + " " + info.driver;
  if (const auto known = cache.load(key); known && known->size() == sizeof(uint32_t)) {
    uint32_t budget = 0;
    std::memcpy(&budget, known->data(), sizeof budget);
    return budget;
  }
  const uint32_t budget = passes_of_a_long_loop(device);
  cache.store(key, std::string_view(reinterpret_cast<const char*>(&budget), sizeof budget));
  return budget;
}

}  // namespace

uint32_t loop_budget(const std::shared_ptr<vk::Device>& device) {
  // Found outside the lock of shared_object: the trial itself uses the device.
  auto& known =
      device->shared_object<std::atomic<int64_t>>(&kBudget, [] { return std::make_shared<std::atomic<int64_t>>(-1); });
  if (known < 0) known = find_budget(device);
  return static_cast<uint32_t>(known);
}

LoopWatch::~LoopWatch() { word_.buffer->used(word_.buffer->device().submitted(), true); }

std::shared_ptr<const LoopWatch> LoopWatch::attach(const std::shared_ptr<vk::Device>& device, Words& words,
                                                   const Reflection& shader, const std::string& name) {
  if (!has_loops(words)) return nullptr;
  const uint32_t budget = loop_budget(device);
  constexpr uint32_t kArithmetic = 4;  // VK_SUBGROUP_FEATURE_ARITHMETIC_BIT
  const vk::Limits& limits = device->limits();
  uint64_t buffers = 0;
  for (const Binding& binding : shader.bindings)
    if (binding.kind == BindingKind::storage_buffer) buffers += std::max(binding.count, 1u);
  const bool room = buffers < limits.max_stage_storage_buffers;
  auto counting =
      budget && room ? count_loops(words, shader, budget, limits.subgroup_operations & kArithmetic) : std::nullopt;
  if (!counting) return nullptr;
  const vk::BufferRef word(vk::Buffer::create(device, sizeof(uint32_t), vk::Memory::shared));
  std::memset(word.buffer->mapped(), 0, sizeof(uint32_t));
  std::shared_ptr<const LoopWatch> watch(new LoopWatch(word, name, counting->set, counting->binding));
  auto& watches = device->shared_object<LoopWatches>(&kWatches, [&] {
    auto made = std::make_shared<LoopWatches>();
    device->set_results_check([watches = made.get(), budget] { watches->check(budget); });
    return made;
  });
  watches.add(watch);
  words = std::move(counting->words);
  return watch;
}

}  // namespace forge::shader
