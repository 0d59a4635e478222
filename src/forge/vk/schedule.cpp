#include "forge/vk/schedule.hpp"

#include <algorithm>
#include <unordered_map>

namespace forge::vk {

const char* name_of(Hazard hazard) {
  constexpr const char* names[] = {"read after write", "write after read", "write after write", "layout"};
  return names[static_cast<size_t>(hazard)];
}

namespace {

constexpr VkPipelineStageFlags kAll = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;

struct Past {
  uint32_t command;
  uint64_t begin, end;
  Usage usage;
};

// What happened so far to one buffer or image. Reads look at writers alone, so many readers cost nothing.
struct Resource {
  std::vector<Past> writers, readers;
  bool image = false;
  VkImageLayout layout = VK_IMAGE_LAYOUT_UNDEFINED;   // in program order
  VkImageLayout current = VK_IMAGE_LAYOUT_UNDEFINED;  // in the order of levels
};

// One dependency with what a barrier for it must say.
struct Edge {
  uint32_t from;
  const UsageRow* before;
  const UsageRow* after;
  bool before_writes;
  bool moves;  // a change of layout, which every time needs a barrier of its own
};

class Scheduler {
 public:
  Scheduler(const TouchList& commands, std::span<const ImageHome> images) : commands_(commands) {
    resources_.reserve(commands.size());
    for (const ImageHome& home : images) {
      Resource& resource = resources_[home.resource];
      resource.image = true;
      resource.layout = resource.current = home.layout;
    }
  }

  Schedule run(std::span<const ImageHome> images) {
    out_.level_of.resize(commands_.size());
    edge_ends_.reserve(commands_.size());
    for (uint32_t command = 0; command < commands_.size(); ++command) place(command);
    for (Level& level : out_.levels) plan(level);
    send_home(images);
    return std::move(out_);
  }

 private:
  void place(uint32_t command) {
    uint32_t level = 0;
    moving_.clear();
    for (const Touch& touch : commands_[command]) {
      Resource& resource = resources_[touch.resource];
      const UsageRow& row = usage_row(touch.usage);
      const bool moves = resource.image && (resource.layout != row.layout || is_moving(touch.resource));
      if (moves && resource.layout != row.layout) moving_.push_back(touch.resource);
      if (resource.image) resource.layout = row.layout;
      const size_t first = edges_.size();
      for (const Past& past : resource.writers) depend(command, touch, past, row, true, moves);
      if (row.writes || moves)
        for (const Past& past : resource.readers) depend(command, touch, past, row, false, moves);
      for (size_t i = first; i < edges_.size(); ++i) level = std::max(level, out_.level_of[edges_[i].from] + 1);
    }
    for (const Touch& touch : commands_[command]) note(command, touch);
    edge_ends_.push_back(edges_.size());
    out_.level_of[command] = level;
    if (level == out_.levels.size()) out_.levels.emplace_back();
    out_.levels[level].commands.push_back(command);
  }

  bool is_moving(uint64_t resource) const {
    return std::find(moving_.begin(), moving_.end(), resource) != moving_.end();
  }

  void depend(uint32_t command, const Touch& touch, const Past& past, const UsageRow& row, bool past_writes,
              bool moves) {
    if (past.command == command || past.end <= touch.begin || touch.end <= past.begin) return;
    edges_.push_back({past.command, &usage_row(past.usage), &row, past_writes, moves});
    const Hazard hazard = moves          ? Hazard::layout
                          : !past_writes ? Hazard::write_after_read
                          : row.writes   ? Hazard::write_after_write
                                         : Hazard::read_after_write;
    if (!out_.dependencies.empty()) {
      const Dependency& last = out_.dependencies.back();
      if (last.from == past.command && last.to == command && last.resource == touch.resource) return;
    }
    out_.dependencies.push_back({past.command, command, touch.resource, hazard});
  }

  // What a write covers is ordered before it: only the write itself has to be waited for from now on.
  void note(uint32_t command, const Touch& touch) {
    Resource& resource = resources_[touch.resource];
    const bool writes = usage_row(touch.usage).writes || is_moving(touch.resource);
    const Past now{command, touch.begin, touch.end, touch.usage};
    if (!writes) {
      resource.readers.push_back(now);
      return;
    }
    const auto covered = [&](const Past& past) {
      return past.command != command && touch.begin <= past.begin && past.end <= touch.end;
    };
    std::erase_if(resource.writers, covered);
    std::erase_if(resource.readers, covered);
    resource.writers.push_back(now);
  }

  // Earlier barriers that already stand between two commands serve them too.
  bool served(const Edge& edge, uint32_t level) const {
    for (uint32_t i = out_.level_of[edge.from] + 1; i < level; ++i) {
      const BarrierPlan& between = out_.levels[i].before;
      if ((edge.before->stages & ~between.from_stages) == 0 && (edge.after->stages & ~between.to_stages) == 0 &&
          (!edge.before_writes || (edge.before->access & ~between.from_access) == 0))
        return true;
    }
    return false;
  }

  void plan(Level& level) {
    const auto number = static_cast<uint32_t>(&level - out_.levels.data());
    BarrierPlan& barrier = level.before;
    for (const uint32_t command : level.commands) {
      for (const Touch& touch : commands_[command]) move_image(touch, barrier);
      const size_t begin = command ? edge_ends_[command - 1] : 0;
      for (size_t i = begin; i < edge_ends_[command]; ++i) {
        const Edge& edge = edges_[i];
        if (!edge.moves && served(edge, number)) continue;
        barrier.from_stages |= edge.before->stages;
        if (edge.before_writes) barrier.from_access |= edge.before->access;
        barrier.to_stages |= edge.after->stages;
        barrier.to_access |= edge.after->access;
      }
    }
    // A first use waits for the barrier that opened the recording: through its own stages.
    if (!barrier.transitions.empty() && barrier.from_stages == 0) barrier.from_stages = barrier.to_stages;
  }

  void move_image(const Touch& touch, BarrierPlan& barrier) {
    Resource& resource = resources_[touch.resource];
    if (!resource.image) return;
    const UsageRow& row = usage_row(touch.usage);
    const bool moved = std::any_of(barrier.transitions.begin(), barrier.transitions.end(),
                                   [&](const Transition& move) { return move.resource == touch.resource; });
    if (resource.current == row.layout && !moved) return;
    if (!moved) barrier.transitions.push_back({touch.resource, resource.current, row.layout});
    barrier.to_stages |= row.stages;
    barrier.to_access |= row.access;
    resource.current = row.layout;
  }

  void send_home(std::span<const ImageHome> images) {
    for (const ImageHome& home : images) {
      const VkImageLayout current = resources_[home.resource].current;
      if (current != home.layout) out_.last.transitions.push_back({home.resource, current, home.layout});
    }
    if (out_.last.transitions.empty()) return;
    out_.last.from_stages = out_.last.to_stages = kAll;
    out_.last.from_access = VK_ACCESS_MEMORY_WRITE_BIT;
    out_.last.to_access = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
  }

  const TouchList& commands_;
  std::unordered_map<uint64_t, Resource> resources_;
  std::vector<Edge> edges_;
  std::vector<size_t> edge_ends_;  // of each command
  std::vector<uint64_t> moving_;   // images whose layout this command changes
  Schedule out_;
};

}  // namespace

Schedule schedule(const TouchList& commands, std::span<const ImageHome> images) {
  return Scheduler(commands, images).run(images);
}

}  // namespace forge::vk
