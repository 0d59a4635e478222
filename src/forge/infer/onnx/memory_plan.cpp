#include "forge/infer/onnx/memory_plan.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

namespace forge::infer::onnx {

namespace {

template <class OnBuffer>
void visit_buffers(const vk::Work& work, OnBuffer&& on_buffer) {
  vk::visit_touches(work, std::forward<OnBuffer>(on_buffer), [](const std::shared_ptr<vk::Image>&, vk::Usage) {});
}

bool writes(vk::Usage usage) { return vk::usage_row(usage).writes; }

// Who writes a buffer, and who else touches it.
struct Use {
  std::vector<size_t> writers;
  size_t last_write = 0, first_read = ~size_t{0};
};

using Uses = std::unordered_map<const vk::Buffer*, Use>;

Uses uses_of(const Items& items) {
  Uses uses;
  for (size_t i = 0; i < items.size(); ++i) {
    std::map<const vk::Buffer*, bool> touched;
    visit_buffers(items[i].work,
                  [&](const vk::BufferRef& ref, vk::Usage usage) { touched[ref.buffer.get()] |= writes(usage); });
    for (const auto& [buffer, written] : touched) {
      Use& use = uses[buffer];
      if (written)
        use.writers.push_back(i), use.last_write = i;
      else
        use.first_read = std::min(use.first_read, i);
    }
  }
  return uses;
}

}  // namespace

Items take_constant(Items& items, const Buffers& changing) {
  const Uses uses = uses_of(items);
  std::vector<bool> constant(items.size(), true);
  const auto settled = [&](const vk::Buffer* buffer) {
    if (changing.contains(buffer)) return false;
    const Use& use = uses.at(buffer);
    if (use.writers.empty()) return true;
    // What is written again after it was read holds several things in turn.
    return use.last_write < use.first_read &&
           std::all_of(use.writers.begin(), use.writers.end(), [&](size_t i) { return constant[i]; });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!constant[i]) continue;
      bool holds = true, writes_any = false;
      visit_buffers(items[i].work, [&](const vk::BufferRef& ref, vk::Usage usage) {
        holds = holds && settled(ref.buffer.get());
        writes_any = writes_any || writes(usage);
      });
      if (holds && writes_any) continue;
      constant[i] = false, changed = true;
    }
  }
  Items once, each;
  for (size_t i = 0; i < items.size(); ++i) (constant[i] ? once : each).push_back(std::move(items[i]));
  items = std::move(each);
  return once;
}

uint64_t lower_bound(std::span<const Lifetime> lifetimes) {
  uint64_t most = 0;
  for (const Lifetime& at : lifetimes) {  // the most is reached where one begins
    uint64_t sum = 0;
    for (const Lifetime& one : lifetimes)
      if (one.first <= at.first && at.first <= one.last) sum += one.bytes;
    most = std::max(most, sum);
  }
  return most;
}

namespace {

// In this order, each at the lowest place that is free while it is needed.
Placement place_in_order(std::span<const Lifetime> lifetimes, const std::vector<size_t>& order, uint64_t alignment) {
  Placement placement{std::vector<uint64_t>(lifetimes.size()), 0};
  std::vector<size_t> placed;  // by offset
  for (const size_t i : order) {
    const Lifetime& one = lifetimes[i];
    uint64_t offset = 0;
    for (const size_t k : placed) {
      const Lifetime& other = lifetimes[k];
      if (other.last < one.first || one.last < other.first) continue;
      if (placement.offsets[k] >= offset + one.bytes) break;
      const uint64_t end = placement.offsets[k] + other.bytes;
      offset = std::max(offset, (end + alignment - 1) / alignment * alignment);
    }
    placement.offsets[i] = offset;
    placement.bytes = std::max(placement.bytes, offset + one.bytes);
    const auto at = std::upper_bound(placed.begin(), placed.end(), offset,
                                     [&](uint64_t value, size_t k) { return value < placement.offsets[k]; });
    placed.insert(at, i);
  }
  return placement;
}

// Those that end at the top come first from now on. False where they do so already.
bool raise_top(std::span<const Lifetime> lifetimes, const Placement& placement, std::vector<size_t>& order) {
  const auto is_top = [&](size_t i) { return placement.offsets[i] + lifetimes[i].bytes == placement.bytes; };
  const auto end = std::stable_partition(order.begin(), order.end(), is_top);
  return end != order.end();
}

}  // namespace

Placement place(std::span<const Lifetime> lifetimes, uint64_t alignment) {
  constexpr size_t kMostTries = 64;
  std::vector<size_t> order(lifetimes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lifetimes[a].bytes > lifetimes[b].bytes; });
  const uint64_t least = lower_bound(lifetimes);
  Placement best = place_in_order(lifetimes, order, alignment), last = best;
  for (size_t i = 0; i < kMostTries && best.bytes > least && raise_top(lifetimes, last, order); ++i) {
    last = place_in_order(lifetimes, order, alignment);
    if (last.bytes < best.bytes) best = last;
  }
  return best;
}

namespace {

constexpr uint64_t kAlignment = 256;           // the most that a binding may ask for
constexpr uint64_t kMostShared = 1ULL << 30;  // of one buffer, on any driver

using Held = std::unordered_map<const vk::Buffer*, std::vector<const array::HeldAddress*>>;

bool is_bound(const vk::DispatchWork& dispatch, const vk::BufferTouch& touch) {
  return std::any_of(dispatch.descriptors.begin(), dispatch.descriptors.end(), [&](const vk::DescriptorWrite& write) {
    const auto* ref = std::get_if<vk::BufferRef>(&write.resource);
    return ref && ref->buffer == touch.buffer.buffer && ref->offset == touch.buffer.offset;
  });
}

bool is_hidden(const vk::DispatchWork& dispatch, const vk::BufferTouch& touch) {
  return touch.address_at == vk::BufferTouch::kNoAddress && !is_bound(dispatch, touch);
}

// Memory that a command reaches by an address that stands in other memory stays where it is, unless we know where.
void add_hidden(const vk::Work& work, const Held& held, Buffers& kept) {
  const auto* dispatch = std::get_if<vk::DispatchWork>(&work);
  if (!dispatch) return;
  for (const vk::BufferTouch& touch : dispatch->buffers)
    if (is_hidden(*dispatch, touch) && !held.contains(touch.buffer.buffer.get()))
      kept.insert(touch.buffer.buffer.get());
}

using Exchanges = std::unordered_map<const vk::Buffer*, vk::Exchange>;

vk::BufferRef moved(const vk::BufferRef& ref, const vk::Exchange& exchange) {
  return {exchange.to.buffer, exchange.to.offset + ref.offset, ref.size};
}

void change_hidden_places(vk::Work& work, const Exchanges& exchanges) {
  auto* dispatch = std::get_if<vk::DispatchWork>(&work);
  if (!dispatch) return;
  for (vk::BufferTouch& touch : dispatch->buffers) {
    const auto found = exchanges.find(touch.buffer.buffer.get());
    if (found != exchanges.end() && is_hidden(*dispatch, touch)) touch.buffer = moved(touch.buffer, found->second);
  }
}

void change_places(vk::Work& work, const Exchanges& exchanges) {
  change_hidden_places(work, exchanges);
  std::vector<vk::Exchange> own;
  visit_buffers(work, [&](const vk::BufferRef& ref, vk::Usage) {
    const auto found = exchanges.find(ref.buffer.get());
    if (found == exchanges.end()) return;
    const bool there =
        std::any_of(own.begin(), own.end(), [&](const vk::Exchange& e) { return e.from.buffer == ref.buffer; });
    if (!there) own.push_back(found->second);
  });
  if (!own.empty()) FORGE_ASSERT(vk::substitute(work, own));
}

void write_address(const array::HeldAddress& held, const vk::Exchange& exchange) {
  const uint64_t address = moved(held.memory, exchange).address();
  std::memcpy(static_cast<std::byte*>(held.words->mapped()) + held.at, &address, sizeof address);
  held.words->flush(held.at, sizeof address);
}

struct Temporary {
  std::shared_ptr<vk::Buffer> buffer;
  Lifetime lifetime;
  bool written_first;
};

std::map<uint64_t, Temporary> temporaries_of(const Items& items) {
  std::map<uint64_t, Temporary> found;  // by the buffer's number
  for (size_t i = 0; i < items.size(); ++i)
    visit_buffers(items[i].work, [&](const vk::BufferRef& ref, vk::Usage usage) {
      const auto [at, fresh] =
          found.try_emplace(ref.buffer->id(), Temporary{ref.buffer, {ref.buffer->size(), i, i}, writes(usage)});
      at->second.lifetime.last = i;
    });
  return found;
}

}  // namespace

MemoryUse share_memory(const std::shared_ptr<vk::Device>& device, Items& items, const Buffers& kept_by_caller,
                       std::span<const array::HeldAddress> addresses) {
  Buffers kept = kept_by_caller;
  Held held;
  for (const array::HeldAddress& one : addresses) held[one.memory.buffer.get()].push_back(&one);
  for (const auto& item : items) add_hidden(item.work, held, kept);
  std::vector<Temporary> moving;
  MemoryUse use;
  for (auto& [id, temporary] : temporaries_of(items)) {
    const bool ours = !kept_by_caller.contains(temporary.buffer.get()) && temporary.written_first &&
                      temporary.buffer->intent() == vk::Memory::device;
    if (!ours || temporary.buffer->imported()) continue;
    if (kept.contains(temporary.buffer.get()))
      use.apart += temporary.lifetime.bytes;
    else
      moving.push_back(std::move(temporary));
  }
  std::vector<Lifetime> lifetimes;
  for (const Temporary& temporary : moving) lifetimes.push_back(temporary.lifetime);
  const Placement placement = place(lifetimes, kAlignment);
  use.least = lower_bound(lifetimes);
  if (placement.bytes > kMostShared)
    for (const Lifetime& lifetime : lifetimes) use.apart += lifetime.bytes;
  if (moving.empty() || placement.bytes > kMostShared) return use;
  use.bytes = placement.bytes;
  const auto shared = vk::Buffer::create(device, placement.bytes, vk::Memory::device, "onnx values");
  Exchanges exchanges;
  for (size_t i = 0; i < moving.size(); ++i)
    exchanges.emplace(moving[i].buffer.get(), vk::Exchange{vk::BufferRef(moving[i].buffer),
                                                           {shared, placement.offsets[i], moving[i].lifetime.bytes}});
  for (auto& item : items) change_places(item.work, exchanges);
  for (const auto& [buffer, places] : held)
    if (const auto found = exchanges.find(buffer); found != exchanges.end())
      for (const array::HeldAddress* one : places) write_address(*one, found->second);
  return use;
}

}  // namespace forge::infer::onnx
