#include "forge/vk/access.hpp"

#include <algorithm>

namespace forge::vk {

const UsageRow& usage_row(Usage usage) {
  constexpr auto none = VK_IMAGE_LAYOUT_UNDEFINED;
  constexpr auto general = VK_IMAGE_LAYOUT_GENERAL;
  constexpr auto sampled = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
  constexpr VkPipelineStageFlags compute = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
  constexpr VkPipelineStageFlags vertex = VK_PIPELINE_STAGE_VERTEX_SHADER_BIT;
  constexpr VkPipelineStageFlags fragment = VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT;
  constexpr VkPipelineStageFlags input = VK_PIPELINE_STAGE_VERTEX_INPUT_BIT;
  constexpr VkPipelineStageFlags transfer = VK_PIPELINE_STAGE_TRANSFER_BIT;
  constexpr VkPipelineStageFlags color = VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT;
  constexpr VkPipelineStageFlags depth =
      VK_PIPELINE_STAGE_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_LATE_FRAGMENT_TESTS_BIT;
  constexpr VkAccessFlags read = VK_ACCESS_SHADER_READ_BIT, write = VK_ACCESS_SHADER_WRITE_BIT;
  constexpr VkAccessFlags color_both = VK_ACCESS_COLOR_ATTACHMENT_READ_BIT | VK_ACCESS_COLOR_ATTACHMENT_WRITE_BIT;
  constexpr VkAccessFlags depth_both =
      VK_ACCESS_DEPTH_STENCIL_ATTACHMENT_READ_BIT | VK_ACCESS_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT;
  constexpr VkAccessFlags shader = read | write | VK_ACCESS_UNIFORM_READ_BIT;
  constexpr VkAccessFlags inputs = VK_ACCESS_VERTEX_ATTRIBUTE_READ_BIT | VK_ACCESS_INDEX_READ_BIT;
  constexpr VkAccessFlags transfers = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
  // In the order of Usage. A row names every access of its stages: one barrier to a stage then serves all that the
  // stage does later, and `seen_by` can be a set of stages alone.
  static const UsageRow rows[] = {
      {compute, shader, false, general},
      {compute, shader, true, general},
      {compute, shader, true, general},
      {vertex, shader, false, general},
      {fragment, shader, false, general},
      {fragment, shader, true, general},
      {input, inputs, false, none},
      {input, inputs, false, none},
      {VK_PIPELINE_STAGE_DRAW_INDIRECT_BIT, VK_ACCESS_INDIRECT_COMMAND_READ_BIT, false, none},
      {transfer, transfers, false, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL},
      {transfer, transfers, true, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL},
      {color, color_both, true, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL},
      {depth, depth_both, true, VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL},
      {depth, depth_both, false, VK_IMAGE_LAYOUT_DEPTH_STENCIL_READ_ONLY_OPTIMAL},
      {color, color_both, true, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL},
      {compute, shader, false, sampled},
      {fragment, shader, false, sampled},
      {vertex, shader, false, sampled},
      {VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT, false, general},
      {vertex, shader, true, general},
      // Depth is resolved in the stage that writes colours.
      {depth | color, depth_both | color_both, true, VK_IMAGE_LAYOUT_DEPTH_STENCIL_ATTACHMENT_OPTIMAL},
  };
  return rows[static_cast<size_t>(usage)];
}

AccessTracker::ImageState* AccessTracker::image(uint64_t resource) {
  const auto found =
      std::find_if(images_.begin(), images_.end(), [&](const ImageState& state) { return state.resource == resource; });
  return found == images_.end() ? nullptr : &*found;
}

void AccessTracker::begin_image(uint64_t resource, VkImageLayout layout) { images_.push_back({resource, layout}); }

bool AccessTracker::knows_image(uint64_t resource) const {
  return const_cast<AccessTracker*>(this)->image(resource) != nullptr;
}

BarrierPlan AccessTracker::next(std::span<const Touch> touches) {
  BarrierPlan plan;
  for (const Touch& touch : touches) {
    const VkImageLayout wanted = usage_row(touch.usage).layout;
    ImageState* state = image(touch.resource);
    if (!state || state->layout == wanted) continue;
    plan.transitions.push_back({touch.resource, state->layout, wanted});
    state->layout = wanted;
  }
  // A change of layout is a write that stands before the command: all of its touches of that image wait for it.
  const auto moves = [&](const Touch& touch) {
    return std::any_of(plan.transitions.begin(), plan.transitions.end(),
                       [&](const Transition& move) { return move.resource == touch.resource; });
  };
  for (const Touch& touch : touches) {
    const UsageRow& row = usage_row(touch.usage);
    bool waits = moves(touch);
    for (const Past& past : past_) {
      if (past.resource != touch.resource || past.end <= touch.begin || touch.end <= past.begin) continue;
      if (!past.writes && !row.writes && !moves(touch)) continue;              // reads do not wait for reads
      if (!moves(touch) && (row.stages & ~past.seen_by) == 0) continue;  // an earlier barrier covers this already
      plan.from_stages |= past.stages;
      if (past.writes) plan.from_access |= past.access;
      waits = true;
    }
    if (waits) plan.to_stages |= row.stages, plan.to_access |= row.access;
  }
  // A first use waits for the barrier that opened the recording: through its own stages, since TOP_OF_PIPE is nothing.
  if (!plan.transitions.empty() && plan.from_stages == 0) plan.from_stages = plan.to_stages;
  apply(plan);
  for (const Touch& touch : touches)
    if (usage_row(touch.usage).writes || moves(touch)) forget(touch);
  for (const Touch& touch : touches) note(touch, usage_row(touch.usage), usage_row(touch.usage).writes || moves(touch));
  return plan;
}

void AccessTracker::apply(const BarrierPlan& plan) {
  if (!plan.needed()) return;
  for (Past& past : past_)
    if ((past.stages & ~plan.from_stages) == 0 && (!past.writes || (past.access & ~plan.from_access) == 0))
      past.seen_by |= plan.to_stages;
}

// What a write covers is ordered before it: only the write itself can be waited for from now on.
void AccessTracker::forget(const Touch& touch) {
  std::erase_if(past_, [&](const Past& past) {
    return past.resource == touch.resource && touch.begin <= past.begin && past.end <= touch.end;
  });
}

void AccessTracker::note(const Touch& touch, const UsageRow& row, bool writes) {
  if (!writes)
    for (Past& past : past_) {
      if (past.writes || past.resource != touch.resource || past.begin != touch.begin || past.end != touch.end)
        continue;
      past.stages |= row.stages;
      past.access |= row.access;
      past.seen_by = 0;
      return;
    }
  past_.push_back({touch.resource, touch.begin, touch.end, row.stages, row.access, writes, 0});
}

BarrierPlan AccessTracker::finish(std::span<const Transition> homes) {
  BarrierPlan plan;
  for (const Transition& home : homes) {
    ImageState* state = image(home.resource);
    if (!state || state->layout == home.to) continue;
    plan.transitions.push_back({home.resource, state->layout, home.to});
    state->layout = home.to;
  }
  if (!plan.transitions.empty()) {
    plan.from_stages = plan.to_stages = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
    plan.from_access = VK_ACCESS_MEMORY_WRITE_BIT;
    plan.to_access = VK_ACCESS_MEMORY_READ_BIT | VK_ACCESS_MEMORY_WRITE_BIT;
  }
  return plan;
}

void AccessTracker::clear() {
  past_.clear();
  images_.clear();
}

}  // namespace forge::vk
