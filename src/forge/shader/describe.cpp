#include <utility>

#include "forge/shader/reflect.hpp"

namespace forge::shader {

namespace {

struct ScalarRow {
  std::string_view name;
  std::string_view prefix;  // of vectors and matrices: "i" in ivec3
  uint32_t size;
};

// In the order of Scalar. A bool in memory is what glslang makes of it, a uint.
constexpr ScalarRow kScalars[] = {
    {"bool", "b", 4},       {"int8_t", "i8", 1},     {"uint8_t", "u8", 1}, {"int16_t", "i16", 2},
    {"uint16_t", "u16", 2}, {"int", "i", 4},         {"uint", "u", 4},     {"int64_t", "i64", 8},
    {"uint64_t", "u64", 8}, {"float16_t", "f16", 2}, {"float", "", 4},     {"double", "d", 8},
};

const ScalarRow& row_of(Scalar scalar) { return kScalars[static_cast<size_t>(scalar)]; }

std::string_view word_of(Access access) {
  switch (access) {
    case Access::read: return "readonly ";
    case Access::write: return "writeonly ";
    case Access::none: return "unused ";
    case Access::read_write: break;
  }
  return "";
}

std::string_view word_of(BindingKind kind) {
  switch (kind) {
    case BindingKind::storage_buffer: return "storage buffer";
    case BindingKind::uniform_buffer: return "uniform buffer";
    case BindingKind::combined_image: return "texture";
    case BindingKind::sampled_image: return "sampled image";
    case BindingKind::sampler: return "sampler";
    case BindingKind::storage_image: return "storage image";
    case BindingKind::texel_buffer: return "texel buffer";
    case BindingKind::storage_texel_buffer: return "storage texel buffer";
  }
  return "";
}

std::string brackets(const std::vector<uint32_t>& extents) {
  std::string text;
  for (uint32_t extent : extents) text += extent ? "[" + std::to_string(extent) + "]" : "[]";
  return text;
}

// A block of one member reads as that member's type: "float[]".
std::string contents(const Block& block) {
  if (block.members.size() == 1) return to_string(block.members[0].type);
  return block.name.empty() ? "block" : block.name;
}

std::string_view image_word(BindingKind kind) {
  if (kind == BindingKind::combined_image || kind == BindingKind::texel_buffer) return "sampler";
  return kind == BindingKind::sampled_image ? "texture" : "image";
}

// The length of an array of descriptors: a number, or the constant that says it.
std::string list_text(const Binding& b, const Reflection& r) {
  if (b.array_depth == 0) return {};
  for (const SpecConstant& constant : r.spec_constants)
    if (b.count_spec == constant.id && !constant.name.empty()) return "[" + constant.name + "]";
  return brackets({b.count});
}

std::string binding_line(const Binding& b, const Reflection& r) {
  std::string line = b.set ? "set " + std::to_string(b.set) + " " : "";
  line += "binding " + std::to_string(b.binding) + " " + std::string(word_of(b.kind)) + " " + b.name;
  return line + list_text(b, r) + ": " + type_text(b);
}

std::string push_lines(const Block& push) {
  std::string text = "push constants, " + std::to_string(push.size) + " bytes\n";
  for (const Member& member : push.members)
    text += "  byte " + std::to_string(member.offset) + " " + member.name + ": " + to_string(member.type) + "\n";
  return text;
}

// A size that a shader leaves to a constant alone has the default 1, which means nothing.
std::string workgroup_text(const Reflection& r, size_t axis) {
  std::string size = std::to_string(r.workgroup[axis]);
  if (!r.workgroup_spec[axis]) return size;
  const std::string constant = "(constant " + std::to_string(*r.workgroup_spec[axis]) + ")";
  return r.workgroup[axis] == 1 ? constant : size + " " + constant;
}

std::string head_line(const Reflection& r) {
  std::string line = std::string(name_of(r.stage)) + " shader";
  if (r.entry != "main") line += " " + r.entry;
  if (r.stage != Stage::compute) return line + "\n";
  line += ", workgroup";
  for (size_t axis = 0; axis < 3; ++axis) line += (axis ? " x " : " ") + workgroup_text(r, axis);
  return line + "\n";
}

}  // namespace

std::string_view name_of(Scalar scalar) { return row_of(scalar).name; }

std::string_view name_of(Stage stage) {
  return stage == Stage::compute ? "compute" : stage == Stage::vertex ? "vertex" : "fragment";
}

uint32_t size_of(Scalar scalar) { return row_of(scalar).size; }

std::string to_string(const Type& type) {
  const std::string prefix(row_of(type.scalar).prefix);
  std::string text;
  switch (type.kind) {
    case Type::Kind::scalar: text = name_of(type.scalar); break;
    case Type::Kind::vector: text = prefix + "vec" + std::to_string(type.rows); break;
    case Type::Kind::matrix:
      text = prefix + "mat" + std::to_string(type.columns);
      if (type.columns != type.rows) text += "x" + std::to_string(type.rows);
      break;
    case Type::Kind::structure: text = type.nested.front().name; break;
    case Type::Kind::pointer:
      text = std::string(word_of(type.nested.front().access)) + contents(type.nested.front()) + " (by address)";
      break;
  }
  return text + brackets(type.array);
}

std::string type_text(const Binding& b) {
  if (b.kind == BindingKind::sampler) return "sampler";
  if (b.kind == BindingKind::uniform_buffer) return contents(b.block);
  if (b.kind == BindingKind::storage_buffer) return std::string(word_of(b.access)) + contents(b.block);
  const bool texels = b.kind == BindingKind::texel_buffer || b.kind == BindingKind::storage_texel_buffer;
  const bool stored = b.kind == BindingKind::storage_image || b.kind == BindingKind::storage_texel_buffer;
  std::string text(stored ? word_of(b.access) : "");
  text += std::string(row_of(b.image_scalar).prefix) + std::string(image_word(b.kind));
  text += texels ? "Buffer" : b.image_cube ? "Cube" : std::to_string(b.image_dims) + "D";
  return text + (b.image_multisampled ? "MS" : "") + (b.image_arrayed ? "Array" : "");
}

std::string describe(const Reflection& r) {
  std::string text = head_line(r);
  if (r.push) text += push_lines(*r.push);
  for (const Binding& binding : r.bindings) text += binding_line(binding, r) + "\n";
  for (const SpecConstant& c : r.spec_constants)
    text += "constant " + std::to_string(c.id) + " " + c.name + ": " + std::string(name_of(c.type)) + "\n";
  for (const auto& [word, list] : {std::pair("input ", &r.inputs), std::pair("output ", &r.outputs)})
    for (const InterfaceVariable& v : *list)
      text += word + std::to_string(v.location) + " " + v.name + ": " + to_string(v.type) + "\n";
  return text;
}

}  // namespace forge::shader
