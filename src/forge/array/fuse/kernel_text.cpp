#include "forge/array/fuse/kernel_text.hpp"

namespace forge::array {

namespace {

using std::to_string;

std::string text_of(std::string_view view) { return std::string(view); }

// A value out of memory, and back.
std::string loaded(DType dtype, const std::string& memory) {
  if (dtype == DType::bool_) return "uint(" + memory + ") != 0u";
  return text_of(value_type(dtype)) + "(" + memory + ")";
}

std::string stored(DType dtype, const std::string& value) {
  const std::string type = text_of(dtype_row(dtype).glsl);
  return dtype == DType::bool_ ? type + "(uint(" + value + "))" : type + "(" + value + ")";
}

// A value of four bytes out of a word, and back.
std::string from_word(DType dtype, const std::string& word) {
  if (dtype_row(dtype).kind == 'f') return "uintBitsToFloat(" + word + ")";
  return text_of(value_type(dtype)) + "(" + word + ")";
}

std::string to_word(DType dtype, const std::string& value) {
  return dtype_row(dtype).kind == 'f' ? "floatBitsToUint(" + value + ")" : "uint(" + value + ")";
}

std::string number_text(DType dtype, size_t index) {
  const std::string low = "p.at[" + to_string(2 * index) + "]", high = "p.at[" + to_string(2 * index + 1) + "]";
  switch (dtype_row(dtype).kind) {
    case 'b': return low + " != 0u";
    case 'f':
      return dtype_row(dtype).size == 8 ? "packDouble2x32(uvec2(" + low + ", " + high + "))"
                                        : "uintBitsToFloat(" + low + ")";
    default: break;
  }
  if (dtype_row(dtype).size < 8) return text_of(value_type(dtype)) + "(" + low + ")";
  return text_of(value_type(dtype)) + "(packUint2x32(uvec2(" + low + ", " + high + ")))";
}

class Writer {
 public:
  Writer(const Fused& fused, const KernelShape& shape) : fused_(fused), shape_(shape) {}

  std::string write() {
    head();
    if (shape_.form == WalkForm::words) bindings();
    text_ += "void main() {\n  Parameters p = push.p;\n";
    for (size_t i = 0; i < fused_.numbers().size(); ++i)
      declare("  ", fused_.number_dtypes()[i], "n" + to_string(i), number_text(fused_.number_dtypes()[i], i));
    const std::string base = to_string(2 * fused_.numbers().size());
    text_ +=
        "  uint count = p.at[" + base + "], group = group_index();\n  if (group >= p.at[" + base + " + 1]) return;\n";
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (shape_.uniform[i]) load_uniform(i);
    switch (shape_.form) {
      case WalkForm::words: words(); break;
      case WalkForm::rows: rows(); break;
      case WalkForm::cells: cells(); break;
    }
    text_ += "}\n";
    return std::move(text_);
  }

 private:
  template <class... Parts>
  void put(const Parts&... parts) {
    (text_.append(parts), ...);
  }
  size_t table() const { return 2 * fused_.numbers().size() + 3; }  // where the extents stand
  std::string first_of(size_t input) const {
    return "p.at[" + to_string(table() + shape_.axes + input * (shape_.axes + 1)) + "]";
  }
  std::string stride_of(size_t input, size_t axis) const {
    return "p.at[" + to_string(table() + shape_.axes + input * (shape_.axes + 1) + 1 + axis) + "]";
  }

  void declare(const std::string& indent, DType dtype, const std::string& name, const std::string& value) {
    text_ += indent + text_of(value_type(dtype)) + " " + name + " = " + value + ";\n";
  }

  void pointer(const std::string& name, DType dtype, const char* access) {
    text_ += "layout(buffer_reference, scalar, buffer_reference_align = " + to_string(size_of(dtype)) + ") " + access +
             " buffer " + name + " { " + text_of(dtype_row(dtype).glsl) + " at[]; };\n";
  }

  void head() {
    text_ += "#version 450\n";
    if (fused_.uses('i', 8) || fused_.uses('u', 8)) text_ += "#define USES_INT64\n";
    if (fused_.uses('f', 8)) text_ += "#define USES_FLOAT64\n";
    text_ += "#include \"types.glsl\"\n#include \"grid.glsl\"\n#include \"elementwise.glsl\"\n";
    text_ += "layout(local_size_x = " + to_string(shape_.workgroup) + ") in;\n";
    pointer("Parameters", DType::uint32, "readonly");
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      pointer("X" + to_string(i), fused_.inputs()[i].dtype(), "readonly");
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      pointer("Y" + to_string(i), fused_.outputs()[i]->dtype, "writeonly");
    text_ += "layout(push_constant, scalar) uniform Push {\n  Parameters p;\n";
    for (size_t i = 0; i < fused_.inputs().size(); ++i) text_ += "  X" + to_string(i) + " x" + to_string(i) + ";\n";
    for (size_t i = 0; i < fused_.outputs().size(); ++i) text_ += "  Y" + to_string(i) + " y" + to_string(i) + ";\n";
    text_ += "} push;\n";
  }

  void bindings() {
    size_t slot = 0;
    const auto bind = [&](const std::string& name, const char* access) {
      text_ += "layout(binding = " + to_string(slot++) + ", scalar) " + access + " buffer B" + name +
               " { uvec4 at[]; } b" + name + ";\n";
    };
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (!shape_.uniform[i]) bind("x" + to_string(i), "readonly");
    for (size_t i = 0; i < fused_.outputs().size(); ++i) bind("y" + to_string(i), "writeonly");
  }

  void load_uniform(size_t i) {
    const std::string name = "x" + to_string(i);
    declare("  ", fused_.inputs()[i].dtype(), name,
            loaded(fused_.inputs()[i].dtype(), "push." + name + ".at[" + first_of(i) + "]"));
  }

  void loop(const std::string& number, const std::string& end) {
    const std::string span = to_string(shape_.workgroup * shape_.each);
    text_ += "  uint at = " + number + " * " + span + " + gl_LocalInvocationIndex, end = min((" + number + " + 1) * " +
             span + ", " + end + ");\n  for (; at < end; at += " + to_string(shape_.workgroup) + ") {\n";
  }

  void words() {
    loop("group", "count");
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (!shape_.uniform[i]) text_ += "    uvec4 w" + to_string(i) + " = bx" + to_string(i) + ".at[at];\n";
    for (size_t i = 0; i < fused_.outputs().size(); ++i) text_ += "    uvec4 r" + to_string(i) + ";\n";
    text_ += "    [[unroll]] for (uint c = 0; c < 4; ++c) {\n";
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (!shape_.uniform[i])
        declare("    ", fused_.inputs()[i].dtype(), "x" + to_string(i),
                from_word(fused_.inputs()[i].dtype(), "w" + to_string(i) + "[c]"));
    text_ += fused_.body();
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      text_ += "    r" + to_string(i) + "[c] = " + to_word(fused_.outputs()[i]->dtype, fused_.results()[i]) + ";\n";
    text_ += "    }\n";
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      text_ += "    by" + to_string(i) + ".at[at] = r" + to_string(i) + ";\n";
    text_ += "  }\n";
  }

  // Adds what `axes` first axes of cell number `rest` are away to each input's offset.
  void locate(const std::string& indent, size_t axes) {
    for (size_t axis = axes; axis-- > 0;) {
      const std::string i = "i" + to_string(axis), extent = "p.at[" + to_string(table() + axis) + "]";
      put(indent, "uint ", i, " = ", axis == 0 ? "rest" : "rest % " + extent, ";\n");
      if (axis > 0) put(indent, "rest /= ", extent, ";\n");
      for (size_t k = 0; k < fused_.inputs().size(); ++k)
        if (!shape_.uniform[k]) put(indent, "o", to_string(k), " += ", i, " * ", stride_of(k, axis), ";\n");
    }
  }

  void offsets(const std::string& indent) {
    for (size_t k = 0; k < fused_.inputs().size(); ++k)
      if (!shape_.uniform[k]) text_ += indent + "uint o" + to_string(k) + " = " + first_of(k) + ";\n";
  }

  // `index` gives where an input's element stands.
  template <class Index>
  void load_and_store(const Index& index, const std::string& target) {
    for (size_t i = 0; i < fused_.inputs().size(); ++i) {
      if (shape_.uniform[i]) continue;
      const std::string n = to_string(i);
      std::string memory = "push.x";
      memory.append(n).append(".at[").append(index(n)).append("]");
      declare("    ", fused_.inputs()[i].dtype(), "x" + n, loaded(fused_.inputs()[i].dtype(), memory));
    }
    text_ += fused_.body();
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      put("    push.y", to_string(i), ".at[", target, "] = ", stored(fused_.outputs()[i]->dtype, fused_.results()[i]),
          ";\n");
  }

  void rows() {
    text_ += "  uint pieces = p.at[" + to_string(table() - 1) +
             "], row = group / pieces, piece = group % pieces, rest = row;\n";
    offsets("  ");
    if (shape_.axes > 1) locate("  ", shape_.axes - 1);
    for (size_t k = 0; k < fused_.inputs().size(); ++k)
      if (!shape_.uniform[k]) text_ += "  uint s" + to_string(k) + " = " + stride_of(k, shape_.axes - 1) + ";\n";
    loop("piece", "count");
    load_and_store([](const std::string& n) { return "o" + n + " + at * s" + n; }, "row * count + at");
    text_ += "  }\n";
  }

  void cells() {
    loop("group", "count");
    text_ += "    uint rest = at;\n";
    offsets("    ");
    locate("    ", shape_.axes);
    load_and_store([](const std::string& n) { return "o" + n; }, "at");
    text_ += "  }\n";
  }

  const Fused& fused_;
  const KernelShape& shape_;
  std::string text_;
};

}  // namespace

std::string kernel_text(const Fused& fused, const KernelShape& shape) { return Writer(fused, shape).write(); }

Shares shares_of(const KernelShape& shape, const Walk& walk) {
  const auto elements = static_cast<uint64_t>(element_count(walk.shape));
  const uint64_t span = uint64_t{shape.workgroup} * shape.each;
  const bool rows = shape.form == WalkForm::rows;
  uint64_t count = elements;
  if (shape.form == WalkForm::words) count /= 4;
  if (rows) count = static_cast<uint64_t>(walk.shape[walk.shape.size() - 1]);
  const uint64_t pieces = (count + span - 1) / span;
  return {count, pieces, rows ? elements / count * pieces : pieces};
}

std::vector<uint32_t> parameters_of(const Fused& fused, const KernelShape& shape, const Walk& walk,
                                    const std::vector<uint32_t>& first) {
  std::vector<uint32_t> words;
  for (const uint64_t number : fused.numbers()) {
    words.push_back(static_cast<uint32_t>(number));
    words.push_back(static_cast<uint32_t>(number >> 32));
  }
  const Shares shares = shares_of(shape, walk);
  for (const uint64_t share : {shares.count, shares.groups, shares.pieces})
    words.push_back(static_cast<uint32_t>(share));
  for (const int64_t extent : walk.shape) words.push_back(static_cast<uint32_t>(extent));
  for (size_t k = 0; k < fused.inputs().size(); ++k) {
    words.push_back(first[k]);
    for (const int64_t stride : walk.strides[k]) words.push_back(static_cast<uint32_t>(stride));  // modulo 2^32
  }
  return words;
}

}  // namespace forge::array
