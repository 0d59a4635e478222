#include "tools/pack/fields.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "forge/core/error.hpp"
#include "tools/pack/names.hpp"

namespace forge::pack {

namespace {

using shader::Access;
using shader::Binding;
using shader::BindingKind;
using shader::Block;
using shader::Member;
using shader::Type;

// In the order of shader::Scalar.
constexpr std::string_view kCppScalars[] = {"uint32_t", "int8_t",  "uint8_t",  "int16_t",  "uint16_t", "int32_t",
                                            "uint32_t", "int64_t", "uint64_t", "uint16_t", "float",    "double"};

std::string array_of(const std::string& element, uint32_t count) {
  return "std::array<" + element + ", " + std::to_string(count) + ">";
}

std::string element_type(const Type& type) {
  std::string scalar(kCppScalars[static_cast<size_t>(type.scalar)]);
  switch (type.kind) {
    case Type::Kind::scalar: return scalar;
    case Type::Kind::vector: return array_of(scalar, type.rows);
    case Type::Kind::matrix: return array_of(scalar, type.rows * type.columns);
    case Type::Kind::structure: return cpp_name(type.nested.front().name);
    case Type::Kind::pointer: return "vk::BufferRef";
  }
  return {};
}

std::string cpp_type(const Type& type) {
  std::string text = element_type(type);
  for (size_t i = type.array.size(); i-- > 0;) text = array_of(text, type.array[i]);
  return text;
}

std::string access_text(Access access) {
  constexpr std::string_view kWords[] = {"none", "read", "write", "read_write"};
  return "shader::Access::" + std::string(kWords[static_cast<size_t>(access)]);
}

bool is_buffer(const Binding& b) {
  return b.kind == BindingKind::storage_buffer || b.kind == BindingKind::uniform_buffer;
}

void check_kind(const Binding& b) {
  if (is_buffer(b) || b.kind == BindingKind::combined_image || b.kind == BindingKind::storage_image) return;
  throw Error(ErrorCode::SHADER_INVALID, "\"" + b.name + "\" is a kind of binding that library shaders do not use",
              "buffers, sampler2D and the like, image2D and the like", shader::type_text(b));
}

std::string place(uint32_t offset, const std::string& base) {
  return base.empty() ? std::to_string(offset) + "u" : base + " + " + std::to_string(offset) + "u";
}

/// Writes the statements that put one value at its place in the push constants.
class PackWriter {
 public:
  void write(const Type& type, const std::string& value, const std::string& at, size_t dim = 0) {
    if (dim < type.array.size()) return loop(type, value, at, dim);
    switch (type.kind) {
      case Type::Kind::scalar: return line("out.value(" + at + ", &" + value + ", sizeof " + value + ");");
      case Type::Kind::vector: return line("out.value(" + at + ", " + value + ".data(), sizeof " + value + ");");
      case Type::Kind::matrix: return matrix(type, value, at);
      case Type::Kind::pointer:
        return line("out.pointer(" + at + ", " + value + ", " + access_text(type.nested.front().access) + ");");
      case Type::Kind::structure:
        for (const Member& m : type.nested.front().members)
          write(m.type, value + "." + cpp_name(m.name), place(m.offset, at));
    }
  }
  void line(const std::string& text) { text_ += std::string(indent_, ' ') + text + "\n"; }
  std::string take() { return std::move(text_); }

 private:
  void loop(const Type& type, const std::string& value, const std::string& at, size_t dim) {
    const std::string i = "i" + std::to_string(depth_++);
    line("for (uint32_t " + i + " = 0; " + i + " < " + std::to_string(type.array[dim]) + "; ++" + i + ") {");
    indent_ += 2;
    write(type, value + "[" + i + "]", at + " + " + i + " * " + std::to_string(type.strides[dim]) + "u", dim + 1);
    indent_ -= 2;
    line("}");
    --depth_;
  }

  // Column-major on the C++ side, whatever the shader's order and padding are.
  void matrix(const Type& type, const std::string& value, const std::string& at) {
    const uint32_t scalar = shader::size_of(type.scalar);
    const std::string rows = std::to_string(type.rows), stride = std::to_string(type.matrix_stride);
    if (!type.row_major && type.matrix_stride == type.rows * scalar)
      return line("out.value(" + at + ", " + value + ".data(), sizeof " + value + ");");
    const std::string size = std::to_string(scalar) + "u";
    line("for (uint32_t c = 0; c < " + std::to_string(type.columns) + "; ++c)");
    line("  for (uint32_t r = 0; r < " + rows + "; ++r)");
    const std::string step = type.row_major ? "r * " + stride + "u + c * " + size : "c * " + stride + "u + r * " + size;
    line("    out.value(" + at + " + " + step + ", &" + value + "[c * " + rows + " + r], " + size + ");");
  }

  std::string text_;
  size_t indent_ = 2;
  size_t depth_ = 0;
};

void collect_structs(const Block& block, std::vector<const Block*>& list) {
  for (const Member& m : block.members) {
    if (m.type.kind != Type::Kind::structure) continue;
    const Block& inner = m.type.nested.front();
    collect_structs(inner, list);
    const auto same = [&](const Block* b) { return b->name == inner.name; };
    if (std::none_of(list.begin(), list.end(), same)) list.push_back(&inner);
  }
}

}  // namespace

std::vector<Field> fields_of(const Kernel& kernel) {
  std::vector<Field> fields;
  if (kernel.push)
    for (const Member& m : kernel.push->members)
      fields.push_back({cpp_name(m.name), cpp_type(m.type), to_string(m.type)});
  for (const Binding& b : kernel.bindings) {
    check_kind(b);
    fields.push_back({cpp_name(b.name), is_buffer(b) ? "vk::BufferRef" : "vk::TextureRef", shader::type_text(b)});
  }
  std::set<std::string> names;
  for (const Field& field : fields)
    if (field.name.empty() || !names.insert(field.name).second)
      throw Error(ErrorCode::SHADER_INVALID, "kernel " + kernel.name + " has an argument without a name of its own",
                  "a name each", "\"" + field.name + "\"");
  return fields;
}

std::string nested_structs(const Kernel& kernel) {
  std::vector<const Block*> blocks;
  if (kernel.push) collect_structs(*kernel.push, blocks);
  std::string text;
  for (const Block* block : blocks) {
    text += "  struct " + cpp_name(block->name) + " {\n";
    for (const Member& m : block->members)
      text += "    " + cpp_type(m.type) + " " + cpp_name(m.name) + ";  // " + to_string(m.type) + "\n";
    text += "  };\n";
  }
  return text;
}

std::string pack_lines(const Kernel& kernel) {
  PackWriter writer;
  if (kernel.push)
    for (const Member& m : kernel.push->members) writer.write(m.type, cpp_name(m.name), place(m.offset, ""));
  for (const Binding& b : kernel.bindings)
    writer.line("out.bind(" + std::to_string(b.set) + ", " + std::to_string(b.binding) + ", " + cpp_name(b.name) +
                ", " + access_text(b.access) + ");");
  std::string text = writer.take();
  return text.empty() ? "  static_cast<void>(out);\n" : text;
}

}  // namespace forge::pack
