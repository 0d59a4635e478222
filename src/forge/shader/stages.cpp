#include "forge/shader/stages.hpp"

#include <algorithm>

namespace forge::shader {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& what, const std::string& got) {
  throw Error(ErrorCode::SHADER_INVALID, "the stages of " + name + " differ in " + what,
              "the same declaration in each, or a binding and a name of its own", got,
              "put the declaration into an #include that both share, or give it another binding number and name");
}

std::string place(const Binding& binding) {
  return "set " + std::to_string(binding.set) + " binding " + std::to_string(binding.binding);
}

std::string said(const Binding& binding) { return type_text(binding) + " " + binding.name; }

Access both(Access a, Access b) { return static_cast<Access>(static_cast<int>(a) | static_cast<int>(b)); }

bool same_block(const Block& a, const Block& b) {
  return a.size == b.size && a.runtime_stride == b.runtime_stride &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                    [](const Member& x, const Member& y) {
                      return x.name == y.name && x.offset == y.offset && to_string(x.type) == to_string(y.type);
                    });
}

bool same_resource(const Binding& a, const Binding& b) {
  return a.kind == b.kind && a.count == b.count && a.array_depth == b.array_depth && a.image_dims == b.image_dims &&
         a.image_arrayed == b.image_arrayed && a.image_scalar == b.image_scalar && a.image_format == b.image_format &&
         same_block(a.block, b.block);
}

std::string said(const InterfaceVariable& v) {
  return to_string(v.type) + " " + v.name + " at location " + std::to_string(v.location);
}

uint32_t locations_of(const Type& type) {
  uint64_t count = type.kind == Type::Kind::matrix ? type.columns : 1;
  if (size_of(type.scalar) == 8 && type.rows > 2) count *= 2;
  for (const uint32_t extent : type.array) count = std::min<uint64_t>(count * extent, UINT32_MAX);
  return static_cast<uint32_t>(count);
}

bool is_plain(const Type& type) {
  return type.array.empty() && (type.kind == Type::Kind::scalar || type.kind == Type::Kind::vector);
}

// A fragment may take fewer components than were written. Parts of arrays and matrices are not looked into.
bool hands_on(const InterfaceVariable& from, const InterfaceVariable& to) {
  if (from.type.scalar != to.type.scalar) return false;
  if (from.location != to.location) return true;
  if (is_plain(from.type) && is_plain(to.type)) return from.type.rows >= to.type.rows;
  return !is_plain(from.type) && (is_plain(to.type) || to_string(from.type) == to_string(to.type));
}

class Merger {
 public:
  Merger(std::span<const Program::Source> sources, const std::string& name) : name_(name) {
    merged_.reflection = sources.front().reflection;
    merged_.reflection.bindings.clear();
    merged_.reflection.push.reset();
    for (const Program::Source& source : sources) {
      const VkShaderStageFlagBits stage = stage_bit(source.reflection.stage);
      for (const Binding& binding : source.reflection.bindings) add(binding, stage);
      if (source.reflection.push) add(*source.reflection.push, stage);
    }
    check_overlaps();
    if (sources.size() == 2) check_between(sources[0].reflection, sources[1].reflection);
  }
  Stages take() { return std::move(merged_); }

 private:
  void add(const Binding& binding, VkShaderStageFlagBits stage) {
    std::vector<Binding>& known = merged_.reflection.bindings;
    for (size_t i = 0; i < known.size(); ++i) {
      const bool here = known[i].set == binding.set && known[i].binding == binding.binding;
      if (!here && known[i].name != binding.name) continue;
      if (!here) refuse(name_, "where " + binding.name + " is", place(known[i]) + " and " + place(binding));
      if (known[i].name != binding.name || !same_resource(known[i], binding))
        refuse(name_, place(binding), said(known[i]) + " and " + said(binding));
      known[i].access = both(known[i].access, binding.access);
      known[i].block.access = both(known[i].block.access, binding.block.access);
      known[i].indexed |= binding.indexed;
      known[i].measured |= binding.measured;
      merged_.bindings[i] |= stage;
      return;
    }
    known.push_back(binding);
    merged_.bindings.push_back(stage);
  }

  void add(const Block& push, VkShaderStageFlagBits stage) {
    std::optional<Block>& known = merged_.reflection.push;
    if (!known) {
      known = push;
      known->members.clear();
    }
    known->size = std::max(known->size, push.size);
    for (const Member& member : push.members) add(member, *known, stage);
  }

  void add(const Member& member, Block& known, VkShaderStageFlagBits stage) {
    for (size_t i = 0; i < known.members.size(); ++i) {
      Member& one = known.members[i];
      if (one.name != member.name) continue;
      if (one.offset != member.offset || to_string(one.type) != to_string(member.type))
        refuse(name_, "push constant " + member.name,
               to_string(one.type) + " at byte " + std::to_string(one.offset) + " and " + to_string(member.type) +
                   " at byte " + std::to_string(member.offset));
      if (one.type.kind == Type::Kind::pointer) {
        Block& pointee = one.type.nested.front();
        pointee.access = both(pointee.access, member.type.nested.front().access);
        pointee.alignment = std::max(pointee.alignment, member.type.nested.front().alignment);
      }
      merged_.push_members[i] |= stage;
      return;
    }
    known.members.push_back(member);
    merged_.push_members.push_back(stage);
  }

  // Both stages see one run of bytes.
  void check_overlaps() const {
    if (!merged_.reflection.push) return;
    for (const Member& a : merged_.reflection.push->members)
      for (const Member& b : merged_.reflection.push->members)
        if (&a < &b && a.offset < b.offset + b.size && b.offset < a.offset + a.size)
          throw Error(ErrorCode::SHADER_INVALID, "push constants of the stages of " + name_ + " lie over each other",
                      "one block that both declare, or layout(offset = ...) for members of one stage",
                      a.name + " and " + b.name + ", both at byte " + std::to_string(std::max(a.offset, b.offset)),
                      "declare the same block in both stages");
  }

  // Whatever a fragment reads must have been written: it would see zeros, or other bits, and nobody would be told.
  void check_between(const Reflection& vertex, const Reflection& fragment) const {
    if (!vertex.between_is_whole || !fragment.between_is_whole) return;
    for (const InterfaceVariable& wanted : fragment.between) {
      const auto from = std::find_if(vertex.between.begin(), vertex.between.end(), [&](const InterfaceVariable& v) {
        return v.location <= wanted.location && wanted.location - v.location < locations_of(v.type);
      });
      if (from != vertex.between.end() && hands_on(*from, wanted)) continue;
      throw Error(ErrorCode::SHADER_INVALID,
                  "the fragment stage of " + name_ + " reads what the vertex stage does not write",
                  "layout(location = " + std::to_string(wanted.location) + ") out " + to_string(wanted.type) +
                      " in the vertex stage, for " + said(wanted),
                  from == vertex.between.end() ? "nothing at this location" : said(*from),
                  "give both the same location and type");
    }
  }

  const std::string& name_;
  Stages merged_;
};

}  // namespace

VkShaderStageFlagBits stage_bit(Stage stage) {
  constexpr VkShaderStageFlagBits rows[] = {VK_SHADER_STAGE_COMPUTE_BIT, VK_SHADER_STAGE_VERTEX_BIT,
                                            VK_SHADER_STAGE_FRAGMENT_BIT};
  return rows[static_cast<size_t>(stage)];
}

Stages merge_stages(std::span<const Program::Source> sources, const std::string& name) {
  return Merger(sources, name).take();
}

}  // namespace forge::shader
