#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forge/vk/access.hpp"

// An order for commands in which those that do not need each other stand together, without barriers between them.
// Plain data: tested without a device.
namespace forge::vk {

enum class Hazard : unsigned char { read_after_write, write_after_read, write_after_write, layout };
const char* name_of(Hazard hazard);

/// `to` must run after `from`, because both touch `resource`.
struct Dependency {
  uint32_t from, to;
  uint64_t resource;
  Hazard hazard;
};

/// Commands that need nothing from each other, and the one barrier before them.
struct Level {
  BarrierPlan before;
  std::vector<uint32_t> commands;
};

struct Schedule {
  std::vector<Level> levels;
  std::vector<Dependency> dependencies;  // a write stands for all that it covers
  std::vector<uint32_t> level_of;        // of each command
  BarrierPlan last;                      // images go home
};

/// The touches of many commands, one after another.
class TouchList {
 public:
  void add(Touch touch) { touches_.push_back(touch); }
  void end_command() { ends_.push_back(static_cast<uint32_t>(touches_.size())); }
  size_t size() const { return ends_.size(); }
  std::span<const Touch> operator[](size_t command) const {
    const uint32_t begin = command ? ends_[command - 1] : 0;
    return std::span(touches_).subspan(begin, ends_[command] - begin);
  }

 private:
  std::vector<Touch> touches_;
  std::vector<uint32_t> ends_;
};

/// An image begins and ends every recording in its home layout.
struct ImageHome {
  uint64_t resource;
  VkImageLayout layout;
};

/// Orders commands given in program order: what runs gives the same results as one after another. Costs about as much
/// as there are touches.
Schedule schedule(const TouchList& commands, std::span<const ImageHome> images);

}  // namespace forge::vk
