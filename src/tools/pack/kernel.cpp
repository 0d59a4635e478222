#include "tools/pack/kernel.hpp"

#include <algorithm>
#include <map>

#include "forge/core/error.hpp"
#include "tools/pack/names.hpp"

namespace forge::pack {

namespace {

using shader::Access;
using shader::Binding;
using shader::Block;
using shader::Stage;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Error(ErrorCode::SHADER_INVALID, "shaders/" + where + ": " + what);
}

Access joined(Access a, Access b) { return static_cast<Access>(static_cast<unsigned>(a) | static_cast<unsigned>(b)); }

bool same_blocks(const std::vector<Block>& a, const std::vector<Block>& b);

// Element types behind addresses may differ between variants; places and shapes of values may not.
bool same_member(const shader::Member& a, const shader::Member& b) {
  if (a.name != b.name || a.offset != b.offset || a.type.kind != b.type.kind || a.type.array != b.type.array)
    return false;
  if (a.type.kind == shader::Type::Kind::pointer) return true;
  return a.type.scalar == b.type.scalar && a.type.rows == b.type.rows && a.type.columns == b.type.columns &&
         a.type.matrix_stride == b.type.matrix_stride && a.type.row_major == b.type.row_major &&
         a.type.strides == b.type.strides && same_blocks(a.type.nested, b.type.nested);
}

bool same_blocks(const std::vector<Block>& a, const std::vector<Block>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Block& x, const Block& y) {
    return std::equal(x.members.begin(), x.members.end(), y.members.begin(), y.members.end(), same_member);
  });
}

void join_pointers(Block& to, const Block& from) {
  for (size_t i = 0; i < to.members.size(); ++i)
    for (size_t n = 0; n < to.members[i].type.nested.size(); ++n) {
      Block& target = to.members[i].type.nested[n];
      const Block& other = from.members[i].type.nested[n];
      target.access = joined(target.access, other.access);
      if (to.members[i].type.kind == shader::Type::Kind::structure) join_pointers(target, other);
    }
}

void merge_push(Kernel& kernel, const Block& push, const std::string& where) {
  if (!kernel.push) {
    kernel.push = push;
    return;
  }
  if (!same_blocks({*kernel.push}, {push}))
    refuse(where, "its push constants differ from those of the other stage or variant; share them by an include");
  join_pointers(*kernel.push, push);
}

void merge_binding(Kernel& kernel, const Binding& binding, const std::string& where) {
  if (binding.count != 1) refuse(where, "\"" + binding.name + "\" is an array of bindings; use addresses");
  for (Binding& known : kernel.bindings) {
    const bool same_place = known.set == binding.set && known.binding == binding.binding;
    if (!same_place && known.name != binding.name) continue;
    if (!same_place || known.name != binding.name || known.kind != binding.kind)
      refuse(where, "\"" + binding.name + "\" and \"" + known.name + "\" share a binding or a name but are not one");
    known.access = joined(known.access, binding.access);
    return;
  }
  kernel.bindings.push_back(binding);
}

void check_names(const ShaderFile& file) {
  if (!is_free_identifier(file.stem)) refuse(file.path, "its name cannot be a struct's");
  for (const Variant& variant : file.variants)
    if (!is_free_identifier("v" + variant.word)) refuse(file.path, "variant \"" + variant.word + "\" is no name");
}

void add_stage(Kernel& kernel, const ShaderFile& file) {
  check_names(file);
  if (!kernel.stages.empty()) {
    const auto& first = kernel.variants();
    if (!std::equal(first.begin(), first.end(), file.variants.begin(), file.variants.end(),
                    [](const Variant& a, const Variant& b) { return a.word == b.word; }))
      refuse(file.path, "its variants differ from those of " + kernel.stages.front()->path);
    if (kernel.stages.front()->stage == Stage::compute || file.stage == Stage::compute)
      refuse(file.path, "a compute shader of this name stands beside it");
  }
  if (file.is_template && file.stage != Stage::compute) refuse(file.path, "only compute shaders are templates");
  kernel.stages.push_back(&file);
  for (const Variant& variant : file.variants) {
    if (variant.reflection.push) merge_push(kernel, *variant.reflection.push, file.path);
    for (const Binding& binding : variant.reflection.bindings) merge_binding(kernel, binding, file.path);
  }
}

std::string resources_text(const shader::Reflection& r) {
  std::string text;
  const auto add = [&](const std::string& word) { text += (text.empty() ? "" : ", ") + word; };
  if (r.push)
    for (const shader::Member& m : r.push->members)
      add(m.name + " " + to_string(m.type) + " @" + std::to_string(m.offset));
  for (const Binding& b : r.bindings)
    add(b.name + " " + shader::type_text(b) + " #" + std::to_string(b.set) + "." + std::to_string(b.binding));
  return text.empty() ? "-" : text;
}

std::string variants_text(const ShaderFile& file) {
  std::string words, sizes;
  for (const Variant& variant : file.variants) {
    words += (words.empty() ? "" : ",") + (variant.word.empty() ? "-" : variant.word);
    sizes += (sizes.empty() ? "" : ",") + std::to_string(variant.words.size());
  }
  return words + " | " + sizes;
}

}  // namespace

std::vector<Kernel> group(const std::vector<ShaderFile>& files) {
  std::map<std::string, Kernel> kernels;  // by struct name, which is unique over all families
  std::vector<const ShaderFile*> ordered;
  ordered.reserve(files.size());
  for (const ShaderFile& file : files) ordered.push_back(&file);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const ShaderFile* a, const ShaderFile* b) { return a->stage < b->stage; });
  for (const ShaderFile* file : ordered) {
    Kernel& kernel = kernels[file->stem];
    if (!kernel.stages.empty() && kernel.family != file->family)
      refuse(file->path, "shaders/" + kernel.stages.front()->path + " has the same name");
    kernel.family = file->family;
    kernel.name = file->stem;
    add_stage(kernel, *file);
  }
  std::vector<Kernel> list;
  for (auto& [name, kernel] : kernels) {
    std::sort(kernel.bindings.begin(), kernel.bindings.end(), [](const Binding& a, const Binding& b) {
      return std::pair(a.set, a.binding) < std::pair(b.set, b.binding);
    });
    list.push_back(std::move(kernel));
  }
  return list;
}

std::string report(const std::vector<ShaderFile>& files) {
  std::string text =
      "# " + shader::compiler_version() +
      ": file | stage | workgroup | resources (@push byte, #set.binding) | push bytes | variants | words\n";
  for (const ShaderFile& file : files) {
    const shader::Reflection& r = file.variants.front().reflection;
    const auto& w = r.workgroup;
    const std::string group = r.stage == Stage::compute
                                  ? std::to_string(w[0]) + "x" + std::to_string(w[1]) + "x" + std::to_string(w[2])
                                  : "-";
    text += file.path + " | " + std::string(shader::name_of(file.stage)) + " | " + group + " | " + resources_text(r) +
            " | " + std::to_string(r.push ? r.push->size : 0) + " | " + variants_text(file) + "\n";
  }
  return text;
}

}  // namespace forge::pack
