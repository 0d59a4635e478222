#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "forge/vk/access.hpp"
#include "forge/vk/buffer.hpp"
#include "forge/vk/image.hpp"
#include "forge/vk/slot.hpp"

namespace forge::vk {

struct BufferTouch {
  static constexpr uint32_t kNoAddress = ~0u;
  BufferRef buffer;
  Usage usage;
  uint32_t address_at = kNoAddress;  // where in the push constants the range's address stands
};
struct ImageTouch {
  std::shared_ptr<Image> image;
  Usage usage;
};

/// A descriptor to write before a dispatch or draw.
struct DescriptorWrite {
  uint32_t set = 0;
  uint32_t binding = 0;
  uint32_t element = 0;
  VkDescriptorType type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
  std::variant<BufferRef, TextureRef> resource;
  VkImageLayout layout = VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
};

class Pipeline;

/// What a pipeline is to the recorder. Lives in a Program, which outlives the recording.
struct PipelineRef {
  const Pipeline* pipeline = nullptr;  // kept by keepalive
  VkPipelineLayout layout = VK_NULL_HANDLE;
  std::span<const VkDescriptorSetLayout> sets;
  VkShaderStageFlags push_stages = 0;
  std::shared_ptr<const void> keepalive;
  std::string_view name = {};  // as profiles and graphs show it; kept by keepalive
};

/// What both a dispatch and a draw bring along.
struct Invocation {
  PipelineRef pipeline;
  std::span<const std::byte> push;
  std::span<const DescriptorWrite> descriptors;
  std::span<const BufferTouch> buffers;   // every buffer reached by address or descriptor
  std::span<const ImageTouch> images;
};

struct Attachment {
  std::shared_ptr<Image> image;
  std::shared_ptr<Image> resolve;                // null: no resolve
  std::optional<VkClearValue> clear;             // none: what was there is kept
  bool read_only = false;                        // depth only
};

struct DrawCall {
  PipelineRef pipeline;
  std::vector<std::byte> push;
  std::vector<DescriptorWrite> descriptors;
  std::vector<BufferTouch> buffers;
  std::vector<ImageTouch> images;
  std::vector<BufferRef> vertex_streams;
  std::optional<BufferRef> indices;              // absent: unindexed
  VkIndexType index_type = VK_INDEX_TYPE_UINT32;
  uint32_t count = 0;                            // vertices or indices
  uint32_t instances = 1;
  std::optional<BufferRef> indirect;             // VkDraw(Indexed)IndirectCommand rows instead of counts
  uint32_t indirect_count = 1;
};

struct RenderPass {
  std::vector<Attachment> colors;
  std::optional<Attachment> depth;
  uint32_t width = 0, height = 0;
  std::vector<DrawCall> draws;
};

struct Touches {
  std::vector<BufferTouch> buffers;
  std::vector<ImageTouch> images;
};
Touches touches_of(const RenderPass& pass);

struct ImageRegion {
  uint32_t x = 0, y = 0, width = 0, height = 0;
  uint32_t z = 0, depth = 1;  // slices of a 3-D image, else layers
  VkImageAspectFlags aspect = 0;  // 0: all of the format's own
};

class Capture;

/// Records work and submits it as one number on the device's timeline. Barriers are derived; no caller writes one.
/// Long recordings are submitted piece by piece while the device is idle, so it starts early.
class Commands {
 public:
  enum class Sending : unsigned char {
    early,  // pieces of long recordings go while the device is idle
    whole,  // one submission, whatever its length; what prepare() needs
  };
  explicit Commands(std::shared_ptr<Device> device, Sending sending = Sending::early, Lane lane = Lane::main);
  /// Records nothing: each command becomes a value in `into` (vk/work.hpp), and submit() gives 0.
  Commands(std::shared_ptr<Device> device, Capture& into) : device_(std::move(device)), capture_(&into) {}
  ~Commands();  // what was not submitted is dropped
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  Device& device() const { return *device_; }
  const std::shared_ptr<Device>& device_ptr() const { return device_; }

  void dispatch(const Invocation& call, std::array<uint32_t, 3> groups);
  void dispatch_indirect(const Invocation& call, const BufferRef& groups);
  void copy(const BufferRef& from, const BufferRef& to);
  void fill(const BufferRef& to, uint32_t word);
  void copy_raw(VkBuffer from, uint64_t offset, const BufferRef& to);   // staging, whose memory its owner keeps
  void copy_raw(const BufferRef& from, VkBuffer to, uint64_t offset);
  void upload_image(const BufferRef& texels, const std::shared_ptr<Image>& image, ImageRegion region);
  void read_image(const std::shared_ptr<Image>& image, ImageRegion region, const BufferRef& texels);
  void render(const RenderPass& pass);
  /// Brings a fresh image into its home layout; what is captured finds every image there.
  void bring_home(const std::shared_ptr<Image>& image);

  /// Times and labels what is recorded between begin and end; scopes may nest.
  void begin_scope(const std::string& name);
  void end_scope();

  /// What is submitted from now on runs after these numbers. On one lane it does so anyway.
  void after(std::span<const uint64_t> numbers);

  /// The floating-point operations of the next command, which profiles show.
  void flops(double count) { flops_ = count; }
  /// Why the next submissions happen, which traces show.
  void because(Why why) { why_ = why; }

  /// Sends everything recorded so far; returns the number to wait for. 0 where nothing was recorded.
  uint64_t submit();
  /// Sends what is recorded and waits for it, for what goes on by its values. Throws WRONG_STATE where a graph is recorded.
  void finish();
  /// Every number used, where pieces went early; scope times are asked for by these.
  const std::vector<uint64_t>& numbers() const { return numbers_; }
  size_t barrier_count() const { return barriers_; }

  /// Ends the recording without submitting and hands the command buffer over, for prepared calls that are sent often.
  struct Prepared;
  std::unique_ptr<Prepared> prepare();

 private:
  void begin();
  void open(VkCommandBufferUsageFlags flags);
  void end();
  bool can_stamp() const;
  struct Stamp {
    VkQueryPool pool;
    uint32_t query;  // the first of two
  };
  Stamp stamp_of(uint32_t index) const;
  uint32_t take_stamps(Timed timed);
  void begin_captured_scope(const std::string& name);
  void end_captured_scope();
  void note_command(std::span<const BufferTouch> buffers, std::span<const ImageTouch> images);
  void name_command(std::string_view name);
  void end_command();
  void stamp_begin(VkQueryPool queries, uint32_t index);
  void stamp_end(VkQueryPool queries, uint32_t index);
  void barrier_for(std::span<const BufferTouch> buffers, std::span<const ImageTouch> images);
  void emit(const BarrierPlan& plan);
  void note_buffer(const BufferRef& buffer, bool writes);
  void note_image(const std::shared_ptr<Image>& image, bool writes);
  void bind(const PipelineRef& pipeline, VkPipelineBindPoint point);
  void bind_descriptors(const PipelineRef& pipeline, std::span<const DescriptorWrite> writes,
                        VkPipelineBindPoint point);
  VkDescriptorSet set_for(VkDescriptorSetLayout layout, uint32_t number, std::span<const DescriptorWrite> writes);
  void write_descriptors(std::span<const DescriptorWrite> writes, uint32_t number, VkDescriptorSet set);
  VkDescriptorSet allocate_set(VkDescriptorSetLayout layout, std::span<const DescriptorWrite> writes, uint32_t number);
  VkDescriptorPool add_descriptor_pool(std::span<const DescriptorWrite> writes, uint32_t number);
  void draw(const DrawCall& call);
  void after_command();

  struct UsedBuffer {
    std::shared_ptr<Buffer> buffer;
    bool read = false, written = false;
  };
  struct UsedImage {
    std::shared_ptr<Image> image;
    bool written = false;
  };

  void abandon();
  friend class Graph;  // brings a slot and barriers of its own

  std::shared_ptr<Device> device_;
  Sending sending_ = Sending::early;
  Lane lane_ = Lane::main;
  Capture* capture_ = nullptr;
  std::vector<VkDescriptorSet>* known_sets_ = nullptr;  // of the next dispatch: bound as they are, or found and kept
  bool planned_ = false;  // barriers come from a schedule, and whoever brings it keeps what is used
  std::unique_ptr<CommandSlot> slot_;
  VkCommandBuffer buffer_ = VK_NULL_HANDLE;
  AccessTracker tracker_;
  std::unordered_map<uint64_t, UsedBuffer> buffers_;
  std::unordered_map<uint64_t, UsedImage> images_;
  std::vector<std::shared_ptr<const void>> keepalives_;
  std::vector<std::shared_ptr<Image>> first_uses_;
  std::vector<Touch> touches_;  // scratch
  std::vector<uint64_t> set_key_;  // scratch
  std::vector<uint32_t> open_scopes_;
  uint32_t timing_ = ~0u;  // of the command being recorded, while a profile runs
  double flops_ = 0;
  Why why_ = Why::asked;
  std::vector<uint64_t> numbers_;
  std::array<uint64_t, 2> after_{};  // by lane
  VkPipeline bound_ = VK_NULL_HANDLE;
  size_t recorded_ = 0;
  size_t barriers_ = 0, counted_barriers_ = 0;
};

/// A finished recording that may be submitted again and again; one submission at a time.
struct Commands::Prepared {
  std::shared_ptr<Device> device;
  std::unique_ptr<CommandSlot> slot;
  std::vector<UsedBuffer> buffers;
  std::vector<UsedImage> images;
  std::vector<std::shared_ptr<const void>> keepalives;
  uint64_t number = 0;  // of the last submission

  ~Prepared();
  uint64_t submit();  // waits where the last submission still runs
};

/// Times a scope by RAII.
class Scope {
 public:
  Scope(Commands& commands, const std::string& name) : commands_(commands) { commands_.begin_scope(name); }
  ~Scope() { commands_.end_scope(); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  Commands& commands_;
};

}  // namespace forge::vk
