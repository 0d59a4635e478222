#include "forge/vk/passes.hpp"

#include <algorithm>
#include <unordered_map>

#include "forge/vk/same_memory.hpp"

namespace forge::vk {

namespace {

constexpr size_t kMostDraws = 1024;  // of a pass that grows

bool is_attachment(Usage usage) {
  switch (usage) {
    case Usage::color_attachment:
    case Usage::resolve_target:
    case Usage::depth_attachment:
    case Usage::depth_read:
    case Usage::depth_resolve: return true;
    default: return false;
  }
}

bool same_place(const Attachment& a, const Attachment& b) {
  return a.image == b.image && a.resolve == b.resolve && a.read_only == b.read_only;
}

bool same_attachments(const RenderPass& a, const RenderPass& b) {
  return a.width == b.width && a.height == b.height && a.depth.has_value() == b.depth.has_value() &&
         (!a.depth || same_place(*a.depth, *b.depth)) &&
         std::equal(a.colors.begin(), a.colors.end(), b.colors.begin(), b.colors.end(), same_place);
}

bool keeps_all(const RenderPass& pass) {
  return !(pass.depth && pass.depth->clear) &&
         std::none_of(pass.colors.begin(), pass.colors.end(), [](const Attachment& one) { return one.clear; });
}

const RenderPass* pass_of(const Capture::Item& item) { return std::get_if<RenderPass>(&item.work); }

/// What shaders and fixed functions of a command touch, attachments left out.
template <class OnTouch>
void visit_inputs(const Work& work, const OnTouch& on_touch) {
  visit_touches(
      work,
      [&](const BufferRef& ref, Usage usage) {
        const Extent extent = extent_of(ref);
        on_touch(Touch{extent.resource, extent.begin, extent.end, usage});
      },
      [&](const std::shared_ptr<Image>& image, Usage usage) {
        if (!is_attachment(usage)) on_touch(Touch{image->id(), 0, ~0ULL, usage});
      });
}

/// The pass that draws may go on with: no barrier may stand inside of it.
class OpenPass {
 public:
  bool takes(const Capture::Item& item) const {
    const RenderPass* next = pass_of(item);
    if (!first_ || !next || draws_ + next->draws.size() > kMostDraws || !keeps_all(*next) ||
        !same_attachments(*first_, *next))
      return false;
    bool fits = true;
    visit_inputs(item.work, [&](const Touch& touch) {
      const auto found = past_.find(touch.resource);
      fits = fits && (found == past_.end() || std::none_of(found->second.begin(), found->second.end(),
                                                           [&](const Touch& one) { return conflict(one, touch); }));
    });
    return fits;
  }
  void begin(const Capture::Item& item) {
    first_ = pass_of(item);
    draws_ = 0;
    past_.clear();
    if (first_) add(item);
  }
  void add(const Capture::Item& item) {
    draws_ += pass_of(item)->draws.size();
    visit_inputs(item.work, [&](const Touch& touch) {
      std::vector<Touch>& past = past_[touch.resource];
      const auto same = [&](const Touch& one) {
        return one.begin == touch.begin && one.end == touch.end && one.usage == touch.usage;
      };
      if (std::none_of(past.begin(), past.end(), same)) past.push_back(touch);
    });
  }

 private:
  // Of one resource.
  static bool conflict(const Touch& a, const Touch& b) {
    const auto &first = usage_row(a.usage), &second = usage_row(b.usage);
    return first.layout != second.layout || ((first.writes || second.writes) && a.begin < b.end && b.begin < a.end);
  }
  const RenderPass* first_ = nullptr;
  size_t draws_ = 0;
  std::unordered_map<uint64_t, std::vector<Touch>> past_;  // of all draws in it, by resource
};

/// Commands that are ordered as one: `firsts` are their first ones, and the end.
class Groups {
 public:
  Groups(std::span<const Capture::Item> items, Passes passes) : items_(items) {
    OpenPass open;
    for (uint32_t i = 0; i < items.size(); ++i) {
      if (passes == Passes::joined && open.takes(items[i])) {
        open.add(items[i]);
        visit_inputs(items[i].work, [&](const Touch& touch) { touches_.add(touch); });
        continue;
      }
      if (i) touches_.end_command();
      firsts_.push_back(i);
      open.begin(items[i]);
      add_all(items[i].work);
    }
    if (!items.empty()) touches_.end_command();
    firsts_.push_back(static_cast<uint32_t>(items.size()));
  }

  const TouchList& touches() const { return touches_; }

  /// The order of groups becomes one of commands.
  Schedule expand(Schedule order) const {
    if (firsts_.size() == items_.size() + 1) return order;
    std::vector<uint32_t> level_of(items_.size());
    for (size_t group = 0; group + 1 < firsts_.size(); ++group)
      for (uint32_t i = firsts_[group]; i < firsts_[group + 1]; ++i) level_of[i] = order.level_of[group];
    order.level_of = std::move(level_of);
    for (Level& level : order.levels) level.commands = members(level.commands);
    for (Dependency& edge : order.dependencies) {
      edge.from = last_toucher(edge.from, edge.resource);
      edge.to = first_toucher(edge.to, edge.resource);
    }
    return order;
  }

 private:
  void add_all(const Work& work) {
    visit_touches(
        work,
        [&](const BufferRef& ref, Usage usage) {
          const Extent extent = extent_of(ref);
          touches_.add({extent.resource, extent.begin, extent.end, usage});
        },
        [&](const std::shared_ptr<Image>& image, Usage usage) { touches_.add({image->id(), 0, ~0ULL, usage}); });
  }
  std::vector<uint32_t> members(std::span<const uint32_t> groups) const {
    std::vector<uint32_t> all;
    for (const uint32_t group : groups)
      for (uint32_t i = firsts_[group]; i < firsts_[group + 1]; ++i) all.push_back(i);
    return all;
  }
  bool touched(uint32_t item, uint64_t resource) const {
    bool found = false;
    visit_touches(
        items_[item].work, [&](const BufferRef& ref, Usage) { found |= extent_of(ref).resource == resource; },
        [&](const std::shared_ptr<Image>& image, Usage) { found |= image->id() == resource; });
    return found;
  }
  uint32_t first_toucher(uint32_t group, uint64_t resource) const {
    uint32_t item = firsts_[group];
    while (item + 1 < firsts_[group + 1] && !touched(item, resource)) ++item;
    return item;
  }
  uint32_t last_toucher(uint32_t group, uint64_t resource) const {
    uint32_t item = firsts_[group + 1] - 1;
    while (item > firsts_[group] && !touched(item, resource)) --item;
    return item;
  }

  std::span<const Capture::Item> items_;
  TouchList touches_;
  std::vector<uint32_t> firsts_;
};

}  // namespace

Schedule schedule(std::span<const Capture::Item> items, std::span<const ImageHome> images, Passes passes) {
  const Groups groups(items, passes);
  return groups.expand(schedule(groups.touches(), images));
}

size_t passes_together(std::span<const Capture::Item> items, std::span<const uint32_t> commands) {
  const RenderPass* first = pass_of(items[commands.front()]);
  size_t count = 1;
  // Commands of one level need nothing from each other: two passes into the same attachments are there together alone.
  while (first && count < commands.size()) {
    const RenderPass* next = pass_of(items[commands[count]]);
    if (!next || !same_attachments(*first, *next)) break;
    ++count;
  }
  return count;
}

RenderPass joined(std::span<const Capture::Item> items, std::span<const uint32_t> commands) {
  RenderPass pass = *pass_of(items[commands.front()]);
  for (const uint32_t command : commands.subspan(1)) {
    const auto& draws = pass_of(items[command])->draws;
    pass.draws.insert(pass.draws.end(), draws.begin(), draws.end());
  }
  return pass;
}

}  // namespace forge::vk
