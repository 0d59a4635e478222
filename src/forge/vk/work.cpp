#include "forge/vk/work.hpp"

#include <algorithm>
#include <cstring>

#include "forge/vk/same_memory.hpp"

namespace forge::vk {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

template <class T>
std::vector<T> kept(std::span<const T> values) {
  return {values.begin(), values.end()};
}

bool inside(const BufferRef& part, const BufferRef& whole) {
  return part.buffer == whole.buffer && whole.offset <= part.offset &&
         part.offset + part.size <= whole.offset + whole.size;
}

// All substitutions at once, so that two ranges may change places; followed through the parts of a command.
struct Substitution {
  std::span<const Exchange> exchanges;

  bool operator()(BufferRef& ref) const {
    for (const Exchange& exchange : exchanges) {
      if (inside(ref, exchange.from)) {
        ref = {exchange.to.buffer, exchange.to.offset + (ref.offset - exchange.from.offset), ref.size};
        return true;
      }
      if (overlap(ref, exchange.from)) return false;
    }
    return true;
  }
  bool operator()(std::optional<BufferRef>& ref) const { return !ref || (*this)(*ref); }

  // Every touched range is reached by a descriptor or by an address in the push constants; else the way is hidden.
  bool invocation(std::vector<BufferTouch>& buffers, std::vector<DescriptorWrite>& descriptors,
                  std::vector<std::byte>& push) const {
    for (BufferTouch& touch : buffers) {
      const BufferRef before = touch.buffer;
      if (!(*this)(touch.buffer)) return false;
      if (touch.buffer.buffer == before.buffer && touch.buffer.offset == before.offset) continue;
      if (touch.address_at != BufferTouch::kNoAddress) {
        const uint64_t address = touch.buffer.address();
        std::memcpy(push.data() + touch.address_at, &address, sizeof address);
      } else if (!bound(descriptors, before)) {
        return false;
      }
    }
    for (DescriptorWrite& write : descriptors)
      if (auto* ref = std::get_if<BufferRef>(&write.resource); ref && !(*this)(*ref)) return false;
    return true;
  }

 private:
  static bool bound(const std::vector<DescriptorWrite>& descriptors, const BufferRef& range) {
    return std::any_of(descriptors.begin(), descriptors.end(), [&](const DescriptorWrite& write) {
      const auto* ref = std::get_if<BufferRef>(&write.resource);
      return ref && ref->buffer == range.buffer && ref->offset == range.offset;
    });
  }
};

}  // namespace

DispatchWork::DispatchWork(const Invocation& call, std::array<uint32_t, 3> count)
    : pipeline(call.pipeline),
      push(kept(call.push)),
      descriptors(kept(call.descriptors)),
      buffers(kept(call.buffers)),
      images(kept(call.images)),
      groups(count) {}

DispatchWork::DispatchWork(const Invocation& call, BufferRef counts)
    : DispatchWork(call, std::array<uint32_t, 3>{1, 1, 1}) {
  groups_from = std::move(counts);
}

void record(Commands& commands, const Work& work) {
  std::visit(Overloaded{
                 [&](const DispatchWork& w) {
                   const Invocation call{w.pipeline, w.push, w.descriptors, w.buffers, w.images};
                   w.groups_from ? commands.dispatch_indirect(call, *w.groups_from) : commands.dispatch(call, w.groups);
                 },
                 [&](const CopyWork& w) { commands.copy(w.from, w.to); },
                 [&](const FillWork& w) { commands.fill(w.to, w.word); },
                 [&](const ImageCopyWork& w) {
                   w.to_image ? commands.upload_image(w.texels, w.image, w.region)
                              : commands.read_image(w.image, w.region, w.texels);
                 },
                 [&](const RenderPass& w) { commands.render(w); },
             },
             work);
}

std::string name_of(const Work& work) {
  return std::visit(Overloaded{
                        [](const DispatchWork& w) { return std::string(w.pipeline.name); },
                        [](const CopyWork&) { return std::string("copy"); },
                        [](const FillWork&) { return std::string("fill"); },
                        [](const ImageCopyWork& w) { return std::string(w.to_image ? "upload" : "read"); },
                        [](const RenderPass& w) {
                          return w.draws.empty() ? std::string("clear") : std::string(w.draws.front().pipeline.name);
                        },
                    },
                    work);
}

bool substitute(Work& work, std::span<const Exchange> exchanges) {
  const Substitution swap{exchanges};
  return std::visit(
      Overloaded{
          [&](DispatchWork& w) { return swap.invocation(w.buffers, w.descriptors, w.push) && swap(w.groups_from); },
          [&](CopyWork& w) { return swap(w.from) && swap(w.to) && !overlap(w.from, w.to); },
          [&](FillWork& w) { return swap(w.to); },
          [&](ImageCopyWork& w) { return swap(w.texels); },
          [&](RenderPass& w) {
            return std::all_of(w.draws.begin(), w.draws.end(), [&](DrawCall& draw) {
              return swap.invocation(draw.buffers, draw.descriptors, draw.push) && swap(draw.indices) &&
                     swap(draw.indirect) && std::all_of(draw.vertex_streams.begin(), draw.vertex_streams.end(), swap);
            });
          },
      },
      work);
}

void Capture::add(Work work) {
  visit_touches(
      work,
      [](const BufferRef& ref, Usage usage) {
        if (usage_row(usage).writes) ref.buffer->await_run();
      },
      [](const std::shared_ptr<Image>&, Usage) {});
  items_.push_back({scope_text(), std::move(work)});
}

void Capture::rewind(size_t count) {
  while (items_.size() > count) items_.pop_back();
  scopes_.clear();
}

std::string Capture::scope_text() const {
  std::string text;
  for (const std::string& name : scopes_) text += (text.empty() ? "" : "/") + name;
  return text;
}

}  // namespace forge::vk
