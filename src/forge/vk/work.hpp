#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "forge/vk/commands.hpp"

// Commands as values: captured instead of recorded, to be recorded any number of times.
namespace forge::vk {

struct DispatchWork {
  DispatchWork(const Invocation& call, std::array<uint32_t, 3> count);
  DispatchWork(const Invocation& call, BufferRef counts);

  PipelineRef pipeline;
  std::vector<std::byte> push;
  std::vector<DescriptorWrite> descriptors;
  std::vector<BufferTouch> buffers;
  std::vector<ImageTouch> images;
  std::array<uint32_t, 3> groups{1, 1, 1};
  std::optional<BufferRef> groups_from;  // instead of groups
};
struct CopyWork {
  BufferRef from, to;
};
struct FillWork {
  BufferRef to;
  uint32_t word;
};
struct ImageCopyWork {
  BufferRef texels;
  std::shared_ptr<Image> image;
  ImageRegion region;
  bool to_image;
};
using Work = std::variant<DispatchWork, CopyWork, FillWork, ImageCopyWork, RenderPass>;

/// Calls on_buffer(ref, usage) and on_image(image, usage) for each thing that the command touches.
template <class OnBuffer, class OnImage>
void visit_touches(const Work& work, OnBuffer&& on_buffer, OnImage&& on_image) {
  if (const auto* dispatch = std::get_if<DispatchWork>(&work)) {
    for (const BufferTouch& touch : dispatch->buffers) on_buffer(touch.buffer, touch.usage);
    for (const ImageTouch& touch : dispatch->images) on_image(touch.image, touch.usage);
    if (dispatch->groups_from) on_buffer(*dispatch->groups_from, Usage::indirect_input);
  } else if (const auto* copy = std::get_if<CopyWork>(&work)) {
    on_buffer(copy->from, Usage::transfer_read);
    on_buffer(copy->to, Usage::transfer_write);
  } else if (const auto* fill = std::get_if<FillWork>(&work)) {
    on_buffer(fill->to, Usage::transfer_write);
  } else if (const auto* texels = std::get_if<ImageCopyWork>(&work)) {
    on_buffer(texels->texels, texels->to_image ? Usage::transfer_read : Usage::transfer_write);
    on_image(texels->image, texels->to_image ? Usage::transfer_write : Usage::transfer_read);
  } else {
    const Touches touches = touches_of(std::get<RenderPass>(work));
    for (const BufferTouch& touch : touches.buffers) on_buffer(touch.buffer, touch.usage);
    for (const ImageTouch& touch : touches.images) on_image(touch.image, touch.usage);
  }
}

void record(Commands& commands, const Work& work);
/// What profiles and pictures call it: the kernel's name, or "copy", "fill", "draw".
std::string name_of(const Work& work);

/// A range of memory and the one, of the same size, that stands in for it.
struct Exchange {
  BufferRef from, to;
};
/// Exchanges memory wherever `work` uses it. False where that cannot be: a shader gets the address by another way than
/// its push constants, or a range lies across an end of `from`. `work` is then of no more use.
bool substitute(Work& work, std::span<const Exchange> exchanges);

/// Takes what Commands would have recorded.
class Capture {
 public:
  struct Item {
    std::string scope;  // names of the scopes around it, outermost first: "step/blur"
    Work work;
  };
  void add(Work work);
  void begin_scope(const std::string& name) { scopes_.push_back(name); }
  void end_scope() { scopes_.pop_back(); }
  size_t size() const { return items_.size(); }
  /// Forgets what was added since there were `count`, and any scope left open since.
  void rewind(size_t count);
  const std::vector<Item>& items() const { return items_; }
  std::vector<Item> take() { return std::move(items_); }

 private:
  std::string scope_text() const;
  std::vector<Item> items_;
  std::vector<std::string> scopes_;
};

}  // namespace forge::vk
