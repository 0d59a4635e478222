#include "forge/vk/access.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <string>

// Plain data: no device is needed here.
namespace forge::vk {
namespace {

constexpr uint64_t kA = 1, kB = 2, kImage = 10;
constexpr VkPipelineStageFlags kCompute = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT;
constexpr VkPipelineStageFlags kTransfer = VK_PIPELINE_STAGE_TRANSFER_BIT;

BarrierPlan step(AccessTracker& tracker, std::vector<Touch> touches) { return tracker.next(touches); }

TEST(AccessTracker, TheFirstTouchNeedsNoBarrier) {
  AccessTracker tracker;
  EXPECT_FALSE(step(tracker, {{kA, 0, 64, Usage::compute_write}}).needed());
}

TEST(AccessTracker, AReadWaitsForAWrite) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 64, Usage::transfer_write}});
  const BarrierPlan plan = step(tracker, {{kA, 0, 64, Usage::compute_read}});
  EXPECT_EQ(plan.from_stages, kTransfer);
  EXPECT_EQ(plan.to_stages, kCompute);
  EXPECT_TRUE(plan.from_access & VK_ACCESS_TRANSFER_WRITE_BIT);
  EXPECT_TRUE(plan.to_access & VK_ACCESS_SHADER_READ_BIT);
  EXPECT_TRUE(plan.transitions.empty());
}

TEST(AccessTracker, AWriteWaitsForAReadWithoutFlushingAnything) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 64, Usage::transfer_read}});
  const BarrierPlan plan = step(tracker, {{kA, 0, 64, Usage::compute_write}});
  EXPECT_EQ(plan.from_stages, kTransfer);
  EXPECT_EQ(plan.to_stages, kCompute);
  EXPECT_EQ(plan.from_access, 0u);
}

TEST(AccessTracker, AWriteWaitsForAWrite) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 64, Usage::compute_write}});
  const BarrierPlan plan = step(tracker, {{kA, 0, 64, Usage::compute_write}});
  EXPECT_EQ(plan.from_stages, kCompute);
  EXPECT_TRUE(plan.from_access & VK_ACCESS_SHADER_WRITE_BIT);
  EXPECT_TRUE(plan.to_access & VK_ACCESS_SHADER_WRITE_BIT);
}

TEST(AccessTracker, ReadsDoNotWaitForReads) {
  AccessTracker tracker;
  EXPECT_FALSE(step(tracker, {{kA, 0, 64, Usage::compute_read}}).needed());
  EXPECT_FALSE(step(tracker, {{kA, 0, 64, Usage::compute_read}}).needed());
  EXPECT_FALSE(step(tracker, {{kA, 0, 64, Usage::transfer_read}}).needed());
  // Yet a write waits for all of them.
  const BarrierPlan plan = step(tracker, {{kA, 0, 64, Usage::transfer_write}});
  EXPECT_EQ(plan.from_stages, kCompute | kTransfer);
}

TEST(AccessTracker, OneBarrierServesAllThatItsStagesDoLater) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 64, Usage::transfer_write}});
  step(tracker, {{kB, 0, 64, Usage::transfer_write}});
  EXPECT_TRUE(step(tracker, {{kA, 0, 64, Usage::compute_read}}).needed());
  EXPECT_FALSE(step(tracker, {{kB, 0, 64, Usage::compute_read}}).needed());
  EXPECT_TRUE(step(tracker, {{kB, 0, 64, Usage::vertex_input}}).needed()) << "another stage has not waited";
}

TEST(AccessTracker, ABarrierThatFlushedNothingServesNoReader) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 64, Usage::transfer_read}});
  step(tracker, {{kB, 0, 64, Usage::transfer_write}});
  const BarrierPlan order = step(tracker, {{kA, 0, 64, Usage::compute_write}});  // orders, flushes nothing
  ASSERT_EQ(order.from_access, 0u);
  const BarrierPlan plan = step(tracker, {{kB, 0, 64, Usage::compute_read}});
  EXPECT_TRUE(plan.needed());
  EXPECT_TRUE(plan.from_access & VK_ACCESS_TRANSFER_WRITE_BIT);
}

TEST(AccessTracker, RangesThatDoNotMeetAreIndependent) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 64, Usage::compute_write}});
  EXPECT_FALSE(step(tracker, {{kA, 64, 128, Usage::compute_read_write}}).needed()) << "ends are exclusive";
  EXPECT_TRUE(step(tracker, {{kA, 127, 200, Usage::compute_read}}).needed());
}

TEST(AccessTracker, AWriteOfAPartLeavesTheRestToWaitFor) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 100, Usage::transfer_write}});
  step(tracker, {{kA, 0, 50, Usage::compute_write}});
  const BarrierPlan plan = step(tracker, {{kA, 0, 100, Usage::vertex_input}});
  EXPECT_EQ(plan.from_stages, kTransfer | kCompute);
}

TEST(AccessTracker, SeveralHazardsMakeOneBarrier) {
  AccessTracker tracker;
  step(tracker, {{kA, 0, 8, Usage::transfer_write}});
  step(tracker, {{kB, 0, 8, Usage::compute_write}});
  const BarrierPlan plan = step(tracker, {{kA, 0, 8, Usage::vertex_input}, {kB, 0, 8, Usage::fragment_shader_read}});
  EXPECT_EQ(plan.from_stages, kTransfer | kCompute);
  EXPECT_EQ(plan.to_stages, VK_PIPELINE_STAGE_VERTEX_INPUT_BIT | VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT);
}

TEST(AccessTracker, ImagesChangeLayoutOnceAndStayThere) {
  AccessTracker tracker;
  EXPECT_FALSE(tracker.knows_image(kImage));
  tracker.begin_image(kImage, VK_IMAGE_LAYOUT_UNDEFINED);
  EXPECT_TRUE(tracker.knows_image(kImage));
  const BarrierPlan first = step(tracker, {{kImage, 0, ~0ULL, Usage::transfer_write}});
  ASSERT_EQ(first.transitions.size(), 1u);
  EXPECT_EQ(first.transitions[0].from, VK_IMAGE_LAYOUT_UNDEFINED);
  EXPECT_EQ(first.transitions[0].to, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
  EXPECT_NE(first.from_stages, 0u);
  EXPECT_FALSE(first.from_stages & VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT) << "it would wait for nothing";
  const BarrierPlan second = step(tracker, {{kImage, 0, ~0ULL, Usage::sampled_fragment}});
  ASSERT_EQ(second.transitions.size(), 1u);
  EXPECT_EQ(second.from_stages, kTransfer);
  EXPECT_TRUE(step(tracker, {{kImage, 0, ~0ULL, Usage::sampled_fragment}}).transitions.empty());
}

TEST(AccessTracker, AChangeOfLayoutWaitsForReadsToo) {
  AccessTracker tracker;
  tracker.begin_image(kImage, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
  EXPECT_FALSE(step(tracker, {{kImage, 0, ~0ULL, Usage::sampled_fragment}}).needed());
  const BarrierPlan plan = step(tracker, {{kImage, 0, ~0ULL, Usage::transfer_read}});
  ASSERT_EQ(plan.transitions.size(), 1u);
  EXPECT_EQ(plan.from_stages, VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT);
}

TEST(AccessTracker, AllReadersStandBehindAChangeOfLayout) {
  AccessTracker tracker;
  tracker.begin_image(kImage, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
  const BarrierPlan both =
      step(tracker, {{kImage, 0, ~0ULL, Usage::sampled_vertex}, {kImage, 0, ~0ULL, Usage::sampled_fragment}});
  EXPECT_EQ(both.transitions.size(), 1u);
  EXPECT_EQ(both.to_stages, VK_PIPELINE_STAGE_VERTEX_SHADER_BIT | VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT);
  EXPECT_TRUE(step(tracker, {{kImage, 0, ~0ULL, Usage::sampled_compute}}).needed())
      << "the same layout, but compute has not waited for it";
}

TEST(AccessTracker, FinishBringsImagesHome) {
  AccessTracker tracker;
  tracker.begin_image(kImage, VK_IMAGE_LAYOUT_UNDEFINED);
  tracker.begin_image(kImage + 1, VK_IMAGE_LAYOUT_GENERAL);
  step(tracker, {{kImage, 0, ~0ULL, Usage::color_attachment}});
  const Transition homes[] = {{kImage, {}, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL},
                              {kImage + 1, {}, VK_IMAGE_LAYOUT_GENERAL}};
  const BarrierPlan plan = tracker.finish(homes);
  ASSERT_EQ(plan.transitions.size(), 1u);
  EXPECT_EQ(plan.transitions[0].from, VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL);
  EXPECT_EQ(plan.transitions[0].to, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
  EXPECT_FALSE(tracker.finish(homes).needed());
}

TEST(AccessTracker, ClearForgetsEverything) {
  AccessTracker tracker;
  tracker.begin_image(kImage, VK_IMAGE_LAYOUT_GENERAL);
  step(tracker, {{kA, 0, 8, Usage::compute_write}});
  tracker.clear();
  EXPECT_FALSE(tracker.knows_image(kImage));
  EXPECT_FALSE(step(tracker, {{kA, 0, 8, Usage::compute_read}}).needed());
}

// -- the oracle: Vulkan's own rules of execution and memory dependencies, applied naively to every pair --

constexpr std::array<VkPipelineStageFlags, 8> kStageBits = {
    VK_PIPELINE_STAGE_DRAW_INDIRECT_BIT,
    VK_PIPELINE_STAGE_VERTEX_INPUT_BIT,
    VK_PIPELINE_STAGE_VERTEX_SHADER_BIT,
    VK_PIPELINE_STAGE_FRAGMENT_SHADER_BIT,
    VK_PIPELINE_STAGE_EARLY_FRAGMENT_TESTS_BIT | VK_PIPELINE_STAGE_LATE_FRAGMENT_TESTS_BIT,
    VK_PIPELINE_STAGE_COLOR_ATTACHMENT_OUTPUT_BIT,
    kCompute,
    kTransfer};
constexpr VkPipelineStageFlags kEveryStage = ~0u & ~VkPipelineStageFlags{VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT};

class Oracle {
 public:
  explicit Oracle(std::map<uint64_t, VkImageLayout> images) : layouts_(std::move(images)) {
    // Work of earlier submissions touched everything; the recording opens with a full barrier.
    for (const auto& [id, layout] : layouts_) {
      events_.push_back({id, 0, ~0ULL, kEveryStage, ~0u, true, true, kEveryStage, {}});
      for (VkPipelineStageFlags bit : kStageBits) events_.back().visible[bit] = ~0u;
    }
  }

  void barrier(BarrierPlan plan) {
    if (!plan.needed()) return;
    plan.from_stages &= ~VkPipelineStageFlags{VK_PIPELINE_STAGE_TOP_OF_PIPE_BIT};  // means nothing in this place
    if (plan.from_stages & VK_PIPELINE_STAGE_ALL_COMMANDS_BIT) plan.from_stages = kEveryStage;
    if (plan.to_stages & VK_PIPELINE_STAGE_ALL_COMMANDS_BIT) plan.to_stages = kEveryStage;
    if (plan.from_access & VK_ACCESS_MEMORY_WRITE_BIT) plan.from_access = ~0u;
    for (Event& event : events_) {
      const bool direct = (event.stages & ~plan.from_stages) == 0;
      if (!direct && !(event.ordered & plan.from_stages)) continue;
      if (direct && (event.access & ~plan.from_access) == 0) event.available = true;
      event.ordered |= plan.to_stages;
      if (!event.available) continue;
      for (VkPipelineStageFlags bit : kStageBits)
        if ((bit & ~plan.to_stages) == 0) event.visible[bit] |= plan.to_access;
    }
    for (const Transition& move : plan.transitions) transition(move, plan);
  }

  void command(const std::vector<Touch>& touches) {
    for (const Touch& touch : touches) check(touch);
    for (const Touch& touch : touches) {
      const UsageRow& row = usage_row(touch.usage);
      events_.push_back({touch.resource, touch.begin, touch.end, row.stages, row.access, row.writes, false, 0, {}});
    }
  }

  /// Whether any earlier command conflicts with these touches, ordered or not.
  bool conflicts(const std::vector<Touch>& touches) const {
    for (const Touch& touch : touches)
      for (const Event& event : events_)
        if (meets(event, touch) && (event.writes || usage_row(touch.usage).writes)) return true;
    return false;
  }

  VkImageLayout layout(uint64_t image) const { return layouts_.at(image); }
  const std::string& complaint() const { return complaint_; }

 private:
  struct Event {
    uint64_t resource, begin, end;
    VkPipelineStageFlags stages;
    VkAccessFlags access;
    bool writes, available;
    VkPipelineStageFlags ordered;                            // stages whose later work waits for this
    std::map<VkPipelineStageFlags, VkAccessFlags> visible;   // what of them sees it, once available
  };

  static bool meets(const Event& event, const Touch& touch) {
    return event.resource == touch.resource && touch.begin < event.end && event.begin < touch.end;
  }

  void transition(const Transition& move, const BarrierPlan& plan) {
    if (layouts_.at(move.resource) != move.from) complain("a transition from a layout the image is not in");
    layouts_.at(move.resource) = move.to;
    for (const Event& event : events_) {
      if (event.resource != move.resource) continue;
      const bool ordered = (event.stages & ~plan.from_stages) == 0 || (event.ordered & plan.from_stages);
      if (!ordered) complain("a transition that does not wait for an earlier use");
      if (event.writes && !event.available) complain("a transition of what was not flushed");
    }
    events_.push_back({move.resource, 0, ~0ULL, 0, 0, true, true, plan.to_stages, {}});
    for (VkPipelineStageFlags bit : kStageBits)
      if ((bit & ~plan.to_stages) == 0) events_.back().visible[bit] = plan.to_access;
  }

  void check(const Touch& touch) {
    const UsageRow& row = usage_row(touch.usage);
    if (layouts_.contains(touch.resource) && layouts_.at(touch.resource) != row.layout) complain("a wrong layout");
    for (const Event& event : events_) {
      if (!meets(event, touch) || !(event.writes || row.writes)) continue;
      if (row.stages & ~event.ordered) complain("a use that does not wait");
      if (!event.writes) continue;
      const auto seen = event.visible.find(row.stages);
      if (seen == event.visible.end() || (row.access & ~seen->second)) complain("a use that may see old values");
    }
  }

  void complain(const std::string& text) {
    if (complaint_.empty()) complaint_ = text;
  }

  std::vector<Event> events_;
  std::map<uint64_t, VkImageLayout> layouts_;
  std::string complaint_;
};

// Commands as a recorder makes them: any buffers, each image in one layout.
class Story {
 public:
  explicit Story(uint32_t seed) : random_(seed) {}

  std::vector<Touch> command() {
    static constexpr Usage buffer_usages[] = {
        Usage::compute_read,         Usage::compute_write,         Usage::compute_read_write, Usage::vertex_shader_read,
        Usage::fragment_shader_read, Usage::fragment_shader_write, Usage::vertex_input,       Usage::index_input,
        Usage::indirect_input,       Usage::transfer_read,         Usage::transfer_write};
    static constexpr Usage image_usages[] = {Usage::compute_read,     Usage::compute_write,    Usage::transfer_read,
                                             Usage::transfer_write,   Usage::color_attachment, Usage::depth_attachment,
                                             Usage::depth_read,       Usage::resolve_target,   Usage::sampled_compute,
                                             Usage::sampled_fragment, Usage::sampled_vertex};
    std::vector<Touch> touches;
    const uint32_t buffers = below(4);
    for (uint32_t i = 0; i < buffers; ++i) {
      const uint64_t begin = below(4) * 16;
      touches.push_back({kA + below(3), begin, begin + 16 * (1 + below(3)), pick(buffer_usages)});
    }
    if (below(2)) {
      const uint64_t image = kImage + below(2);
      const Usage usage = pick(image_usages);
      touches.push_back({image, 0, ~0ULL, usage});
      if (usage == Usage::sampled_vertex) touches.push_back({image, 0, ~0ULL, Usage::sampled_fragment});
    }
    return touches;
  }

 private:
  uint32_t below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  template <size_t N>
  Usage pick(const Usage (&usages)[N]) {
    return usages[below(N)];
  }
  std::mt19937 random_;
};

const std::map<uint64_t, VkImageLayout> kImages = {{kImage, VK_IMAGE_LAYOUT_UNDEFINED},
                                                   {kImage + 1, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL}};

AccessTracker tracker_of_images() {
  AccessTracker tracker;
  for (const auto& [id, layout] : kImages) tracker.begin_image(id, layout);
  return tracker;
}

TEST(AccessTrackerProperty, EveryConflictIsOrderedAndNothingElseWaits) {
  size_t free_commands = 0;
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    Story story(seed);
    AccessTracker tracker = tracker_of_images();
    Oracle oracle(kImages);
    for (int i = 0; i < 24; ++i) {
      const std::vector<Touch> touches = story.command();
      const BarrierPlan plan = tracker.next(touches);
      ASSERT_TRUE(!plan.needed() || !plan.transitions.empty() || oracle.conflicts(touches))
          << "a barrier for nothing, seed " << seed << " command " << i;
      free_commands += !plan.needed();
      oracle.barrier(plan);
      oracle.command(touches);
      ASSERT_EQ(oracle.complaint(), "") << "seed " << seed << " command " << i;
    }
    std::vector<Transition> homes;
    for (const auto& [id, layout] : kImages) homes.push_back({id, {}, VK_IMAGE_LAYOUT_GENERAL});
    oracle.barrier(tracker.finish(homes));
    for (const auto& [id, layout] : kImages) ASSERT_EQ(oracle.layout(id), VK_IMAGE_LAYOUT_GENERAL) << seed;
    ASSERT_EQ(oracle.complaint(), "") << "seed " << seed << ", at the end";
  }
  EXPECT_GT(free_commands, 2000u) << "the stories hold too few commands that need nothing";
}

TEST(AccessTrackerProperty, TheOracleMissesADroppedBarrier) {  // a test of the test
  int caught = 0;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    Story story(seed);
    AccessTracker tracker = tracker_of_images();
    Oracle oracle(kImages);
    int barriers = 0;
    for (int i = 0; i < 24; ++i) {
      const std::vector<Touch> touches = story.command();
      BarrierPlan plan = tracker.next(touches);
      if (plan.needed() && plan.transitions.empty() && ++barriers == 2) plan = {};
      oracle.barrier(plan);
      oracle.command(touches);
    }
    caught += barriers >= 2 && !oracle.complaint().empty();
  }
  EXPECT_GT(caught, 50);
}

}  // namespace
}  // namespace forge::vk
