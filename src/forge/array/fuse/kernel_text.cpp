#include "forge/array/fuse/kernel_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "forge/array/fuse/statement_text.hpp"

namespace forge::array {

using std::to_string;

namespace {

constexpr uint32_t kBlockSteps = 32;  // values that a lane adds up before it adds their sum to the others

// What some results need: inputs to load and statements to do, up to reductions that are done.
struct Needs {
  std::vector<bool> inputs, statements;

  // What is `stored` is there already.
  Needs(const Fused& fused, std::span<const uint16_t> results, const std::vector<bool>& stored)
      : inputs(fused.inputs().size()), statements(fused.statements().size()), stored_(stored) {
    for (const uint16_t result : results) need(fused, result);
  }

 private:
  void need(const Fused& fused, uint16_t operand) {
    if (operand & Statement::kNumber) return;
    if (operand & Statement::kInput) {
      inputs[operand & ~Statement::kInput] = true;
      return;
    }
    const Statement& s = fused.statements()[operand];
    if (statements[operand] || s.reduces != RowReduction::none) return;
    statements[operand] = true;
    if (stored_[operand]) return;
    for (size_t i = 0; i < s.operand_count(); ++i) need(fused, s.operands[i]);
  }

  const std::vector<bool>& stored_;
};

struct Combine {
  std::string identity, expression;  // of `acc` and `next`
};

Combine combine_of(RowReduction op, DType dtype) {
  const std::string type = text_of(value_type(dtype));
  const char kind = dtype_row(dtype).kind;
  const bool wide = size_of(dtype) == 8;
  const bool is_float = kind == 'f';
  switch (op) {
    case RowReduction::sum: return {type + "(0)", "acc + next"};
    case RowReduction::prod: return {type + "(1)", "acc * next"};
    case RowReduction::min:
      if (is_float) return {type + "(uintBitsToFloat(0x7F800000u))", "minimum(acc, next)"};
      if (kind == 'u') return {"~" + type + "(0)", "min(acc, next)"};
      return {"~(" + type + "(1) << " + (wide ? "63" : "31") + ")", "min(acc, next)"};
    default:
      if (is_float) return {type + "(uintBitsToFloat(0xFF800000u))", "maximum(acc, next)"};
      if (kind == 'u') return {type + "(0)", "max(acc, next)"};
      return {type + "(1) << " + (wide ? "63" : "31"), "max(acc, next)"};
  }
}

class Writer {
 public:
  Writer(const Fused& fused, const KernelShape& shape) : fused_(fused), shape_(shape) {}

  std::string write() {
    head();
    bindings();
    if (by_rows()) plan_rows();
    text_ += "void main() {\n  Parameters p = push.p;\n";
    for (size_t i = 0; i < fused_.numbers().size(); ++i)
      declare("  ", fused_.number_dtypes()[i], "n" + to_string(i), number_text(fused_.number_dtypes()[i], i));
    const std::string base = to_string(kNumberWords * fused_.numbers().size());
    text_ +=
        "  uint count = p.at[" + base + "], group = group_index();\n  if (group >= p.at[" + base + " + 1]) return;\n";
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (shape_.uniform[i]) load_uniform(i);
    switch (shape_.form) {
      case WalkForm::words: words(); break;
      case WalkForm::rows: rows(); break;
      case WalkForm::cells: cells(); break;
      case WalkForm::reduced:
      case WalkForm::reduced_words: reduced(); break;
    }
    text_ += "}\n";
    return std::move(text_);
  }

 private:
  template <class... Parts>
  void put(const Parts&... parts) {
    (text_.append(parts), ...);
  }
  size_t table() const { return kNumberWords * fused_.numbers().size() + 3; }  // where the extents stand
  std::string first_of(size_t input) const {
    return "p.at[" + to_string(table() + shape_.axes + input * (shape_.axes + 1)) + "]";
  }
  std::string stride_of(size_t input, size_t axis) const {
    return "p.at[" + to_string(table() + shape_.axes + input * (shape_.axes + 1) + 1 + axis) + "]";
  }

  // Place `index` along an axis, as an array that is read ahead has it.
  std::string along(size_t array, size_t axis, const std::string& index) const {
    if (!(shape_.ahead[array] >> axis & 1)) return index;
    size_t word = table() + shape_.axes + shape_.ahead.size() * (shape_.axes + 1);
    for (size_t k = 0; k <= array; ++k)
      word += static_cast<size_t>(std::popcount(k < array ? shape_.ahead[k] : shape_.ahead[k] & ((1u << axis) - 1)));
    return "around(" + index + ", p.at[" + to_string(word) + "], p.at[" + to_string(table() + axis) + "])";
  }

  // Where an array's element of this row stands.
  std::string step_text(size_t array) const {
    const std::string n = to_string(array);
    return "o" + n + " + " + along(array, shape_.axes - 1, "at") + " * s" + n;
  }

  void declare(const std::string& indent, DType dtype, const std::string& name, const std::string& value) {
    text_ += indent + text_of(value_type(dtype)) + " " + name + " = " + value + ";\n";
  }

  void pointer(const std::string& name, DType dtype, const char* access) {
    text_ += "layout(buffer_reference, scalar, buffer_reference_align = " + to_string(size_of(part_of(dtype))) + ") " +
             access + " buffer " + name + " { " + text_of(dtype_row(dtype).glsl) + " at[]; };\n";
  }

  void head() {
    text_ += "#version 450\n";
    if (shape_.one_subgroup)
      text_ +=
          "#extension GL_KHR_shader_subgroup_shuffle : require\n#extension GL_KHR_shader_subgroup_ballot : require\n";
    for (const auto& [name, value] : uses_of(fused_)) put("#define ", name, " ", value, "\n");
    text_ +=
        "#include \"types.glsl\"\n#include \"grid.glsl\"\n#include \"elementwise.glsl\"\n#include "
        "\"elementary.glsl\"\n";
    text_ += "layout(local_size_x = " + to_string(shape_.workgroup) + ") in;\n";
    if (shape_.long_words) text_ += "#include \"long_words.glsl\"\n";
    if (std::any_of(shape_.ahead.begin(), shape_.ahead.end(), [](uint8_t axes) { return axes != 0; }))
      text_ +=
          "uint around(uint at, uint first, uint extent) { return at < first ? at - first + extent : at - first; }\n";
    pointer("Parameters", DType::uint32, "readonly");
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      pointer("X" + to_string(i), shape_.parts[i] ? DType::uint32 : fused_.inputs()[i].dtype(), "readonly");
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      pointer("Y" + to_string(i), fused_.outputs()[i]->dtype, "writeonly");
    for (size_t i = 0; i < fused_.tables().size(); ++i)
      pointer("T" + to_string(i), fused_.tables()[i].dtype(), "readonly");
    text_ += "layout(push_constant, scalar) uniform Push {\n  Parameters p;\n";
    for (size_t i = 0; i < fused_.inputs().size(); ++i) text_ += "  X" + to_string(i) + " x" + to_string(i) + ";\n";
    for (size_t i = 0; i < fused_.outputs().size(); ++i) text_ += "  Y" + to_string(i) + " y" + to_string(i) + ";\n";
    for (size_t i = 0; i < fused_.tables().size(); ++i) text_ += "  T" + to_string(i) + " t" + to_string(i) + ";\n";
    text_ += "} push;\n";
  }

  void bindings() {
    size_t slot = 0;
    const auto bind = [&](const std::string& name, const char* access) {
      text_ += "layout(binding = " + to_string(slot++) + ", scalar) " + access + " buffer B" + name + " { " +
               bound_word() + " at[]; } b" + name + ";\n";
    };
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (shape_.bound_inputs[i]) bind("x" + to_string(i), "readonly");
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      if (shape_.bound_outputs[i]) bind("y" + to_string(i), "writeonly");
  }

  // A word as it lies in bound and shared memory, and as elements of four bytes.
  const char* bound_word() const { return !shape_.long_words ? "uvec4" : shape_.word == 8 ? "u64vec4" : "u64vec2"; }
  const char* word() const { return shape_.word == 8 ? "uint[8]" : "uvec4"; }
  std::string elements() const { return to_string(shape_.word); }
  std::string word_shift() const { return shape_.word == 8 ? "3" : "2"; }

  // From the one to the other, and back.
  std::string taken(const std::string& word) const { return shape_.long_words ? "taken(" + word + ")" : word; }
  std::string given(const std::string& word) const { return shape_.long_words ? "given(" + word + ")" : word; }

  // An element of an input, by address.
  std::string element(size_t input, const std::string& index) const {
    const DType dtype = fused_.inputs()[input].dtype();
    const std::string array = "push.x" + to_string(input) + ".at";
    if (!shape_.parts[input]) return loaded(dtype, array + "[" + index + "]");
    const std::string bits = to_string(8 * size_of(dtype)), log2 = size_of(dtype) == 1 ? "2" : "1";
    const std::string word = array + "[(" + index + ") >> " + log2 + "]";
    const std::string from = "int(" + bits + " * ((" + index + ") & " + (log2 == "2" ? "3" : "1") + "))";
    const char* const type = dtype_row(dtype).kind == 'i' ? "int(" : "uint(";
    const std::string part = "bitfieldExtract(" + (type + word) + "), " + from + ", " + bits + ")";
    if (dtype == DType::bfloat16) return "uintBitsToFloat(" + part + " << 16)";
    return dtype == DType::bool_ ? part + " != 0u" : part;
  }

  void load_uniform(size_t i) {
    declare("  ", fused_.inputs()[i].dtype(), "x" + to_string(i), element(i, first_of(i)));
  }

  void loop(const std::string& number, const std::string& end) {
    const std::string span = to_string(shape_.workgroup * shape_.each);
    text_ += "  uint at = " + number + " * " + span + " + gl_LocalInvocationIndex, end = min((" + number + " + 1) * " +
             span + ", " + end + ");\n  for (; at < end; at += " + to_string(shape_.workgroup) + ") {\n";
  }

  void words() {
    loop("group", "count");
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (!shape_.uniform[i])
        put("    ", word(), " w", to_string(i), " = ", taken("bx" + to_string(i) + ".at[at]"), ";\n");
    for (size_t i = 0; i < fused_.outputs().size(); ++i) put("    ", word(), " r", to_string(i), ";\n");
    put("    [[unroll]] for (uint c = 0; c < ", elements(), "; ++c) {\n");
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (!shape_.uniform[i])
        declare("    ", fused_.inputs()[i].dtype(), "x" + to_string(i),
                from_word(fused_.inputs()[i].dtype(), "w" + to_string(i) + "[c]"));
    text_ += body_of(fused_);
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      text_ += "    r" + to_string(i) +
               "[c] = " + to_word(fused_.outputs()[i]->dtype, operand_text(fused_.results()[i])) + ";\n";
    text_ += "    }\n";
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      put("    by", to_string(i), ".at[at] = ", given("r" + to_string(i)), ";\n");
    text_ += "  }\n";
  }

  // Arrays that are walked element by element: inputs, and results that do not lie one behind the other.
  template <class Do>
  void each_stream(const Do& act) const {
    for (size_t k = 0; k < fused_.inputs().size(); ++k)
      if (!shape_.uniform[k]) act(k);
    for (size_t i = 0; shape_.strided && i < fused_.outputs().size(); ++i) act(fused_.inputs().size() + i);
  }

  // Adds what `axes` first axes of cell number `rest` are away to each array's offset.
  void locate(const std::string& indent, size_t axes) {
    for (size_t axis = axes; axis-- > 0;) {
      const std::string i = "i" + to_string(axis), extent = "p.at[" + to_string(table() + axis) + "]";
      put(indent, "uint ", i, " = ", axis == 0 ? "rest" : "rest % " + extent, ";\n");
      if (axis > 0) put(indent, "rest /= ", extent, ";\n");
      each_stream([&](size_t k) {
        put(indent, "o", to_string(k), " += ", along(k, axis, i), " * ", stride_of(k, axis), ";\n");
      });
    }
  }

  void offsets(const std::string& indent) {
    each_stream([&](size_t k) { put(indent, "uint o", to_string(k), " = ", first_of(k), ";\n"); });
  }

  // `index` gives where an array's element stands, `next` where the next of results one behind the other does.
  template <class Index>
  void load_and_store(const Index& index, const std::string& next) {
    for (size_t i = 0; i < fused_.inputs().size(); ++i) {
      if (shape_.uniform[i]) continue;
      declare("    ", fused_.inputs()[i].dtype(), "x" + to_string(i), element(i, index(i)));
    }
    text_ += body_of(fused_);
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      put("    push.y", to_string(i), ".at[", shape_.strided ? index(fused_.inputs().size() + i) : next,
          "] = ", stored(fused_.outputs()[i]->dtype, operand_text(fused_.results()[i])), ";\n");
  }

  void rows() {
    text_ += "  uint pieces = p.at[" + to_string(table() - 1) +
             "], row = group / pieces, piece = group % pieces, rest = row;\n";
    offsets("  ");
    if (shape_.axes > 1) locate("  ", shape_.axes - 1);
    each_stream([&](size_t k) { put("  uint s", to_string(k), " = ", stride_of(k, shape_.axes - 1), ";\n"); });
    loop("piece", "count");
    load_and_store([&](size_t k) { return step_text(k); }, "row * count + at");
    text_ += "  }\n";
  }

  void cells() {
    loop("group", "count");
    text_ += "    uint rest = at;\n";
    offsets("    ");
    locate("    ", shape_.axes);
    load_and_store([](size_t k) { return "o" + to_string(k); }, "at");
    text_ += "  }\n";
  }

  bool by_rows() const { return takes_rows(shape_.form); }
  bool in_words() const { return shape_.form == WalkForm::reduced_words; }

  std::vector<uint16_t> results_of(bool row_values) const {
    std::vector<uint16_t> results;
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      if (shape_.row_results[i] == row_values) results.push_back(fused_.results()[i]);
    return results;
  }

  // Worth four bytes of shared memory.
  static bool is_worth_keeping(const Statement& s) {
    return size_of(s.dtype) == 4 && (s.is_costly() || (s.row && s.row->op == Elementwise::divide));
  }

  bool depends_on_rows_alone(const Statement& s) const {
    if (s.reduces != RowReduction::none) return true;
    for (size_t i = 0; i < s.operand_count(); ++i) {
      const uint16_t operand = s.operands[i];
      if (operand & Statement::kNumber) continue;
      if (operand & Statement::kInput ? !is_loaded_once(operand & ~Statement::kInput) : !is_row_constant_[operand])
        return false;
    }
    return true;
  }

  // What has one value a row is computed before the passes that need it: those up to the next reduction.
  void row_values_up_to(size_t end) {
    for (; next_row_value_ < end; ++next_row_value_) {
      const Statement& s = fused_.statements()[next_row_value_];
      if (is_row_constant_[next_row_value_] && s.reduces == RowReduction::none)
        text_ += line_of(fused_, next_row_value_);
      if (is_row_constant_[next_row_value_]) stored_[next_row_value_] = true;
    }
  }

  // Costly values that a later pass over the row needs again wait in shared memory.
  void plan_rows() {
    const size_t count = fused_.statements().size();
    stored_.assign(count, false);
    keeps_.assign(count, false);
    is_row_constant_.assign(count, false);
    for (size_t i = 0; i < count; ++i) is_row_constant_[i] = depends_on_rows_alone(fused_.statements()[i]);
    std::vector<int> needed(count, 0);
    const auto note = [&](std::span<const uint16_t> results) {
      const Needs needs(fused_, results, stored_);
      for (size_t i = 0; i < count; ++i) needed[i] += needs.statements[i];
    };
    for (const Statement& s : fused_.statements())
      if (s.reduces != RowReduction::none) note(std::span(s.operands).first(1));
    note(results_of(false));
    uint32_t room = shape_.shared_bytes;
    for (size_t i = count; i-- > 0;) {
      if (!in_words() || needed[i] < 2 || is_row_constant_[i] || !is_worth_keeping(fused_.statements()[i]) ||
          shape_.row_room * shape_.word * 4 > room)
        continue;
      keeps_[i] = true;
      room -= shape_.row_room * shape_.word * 4;
    }
    for (size_t i = 0; i < count; ++i) {
      const Statement& s = fused_.statements()[i];
      if (s.reduces != RowReduction::none && !is_handed_round(s))
        put("shared ", value_type(s.dtype), " lanes", to_string(i), "[", to_string(shape_.workgroup), "];\n");
      if (keeps_[i]) put("shared ", bound_word(), " kept", to_string(i), "[", to_string(shape_.row_room), "];\n");
    }
  }

  // Word `at` of this row in bound memory, of array number n.
  std::string word_of_row(const std::string& bound, const std::string& n) const {
    return std::string(bound).append(".at[(o").append(n).append(" >> ").append(word_shift()).append(") + at]");
  }

  std::string row_end() const { return in_words() ? "(count >> " + word_shift() + ")" : "count"; }
  bool is_loaded_once(size_t input) const { return shape_.uniform[input] || shape_.row_constant[input]; }

  // Passes over the row: `at` is an element, or a word whose elements are done one by one.
  template <class Body>
  void pass(std::span<const uint16_t> results, const std::string& before, const Body& body, const std::string& after,
            const std::string& from = "lane", const std::string& to = "") {
    const Needs needs(fused_, results, stored_);
    const std::string end = row_end();
    put("  for (uint at = ", from, "; at < ", to.empty() ? end : to, "; at += ", to_string(shape_.workgroup), ") {\n");
    for (size_t i = 0; i < fused_.inputs().size(); ++i) {
      if (!needs.inputs[i] || is_loaded_once(i)) continue;
      const std::string n = to_string(i);
      if (in_words())
        put("    ", word(), " w", n, " = ", taken(word_of_row("bx" + n, n)), ";\n");
      else
        declare("    ", fused_.inputs()[i].dtype(), "x" + n, element(i, step_text(i)));
    }
    for (size_t i = 0; i < fused_.statements().size(); ++i)
      if (needs.statements[i] && keeps_[i])
        put("    ", word(), " k", to_string(i), stored_[i] ? " = " + taken("kept" + to_string(i) + "[at]") : "", ";\n");
    text_ += before;
    if (in_words()) put("    [[unroll]] for (uint c = 0; c < ", elements(), "; ++c) {\n");
    for (size_t i = 0; in_words() && i < fused_.inputs().size(); ++i)
      if (needs.inputs[i] && !is_loaded_once(i))
        declare("    ", fused_.inputs()[i].dtype(), "x" + to_string(i),
                from_word(fused_.inputs()[i].dtype(), "w" + to_string(i) + "[c]"));
    for (size_t i = 0; i < fused_.statements().size(); ++i) {
      if (!needs.statements[i] || is_row_constant_[i]) continue;
      const std::string n = to_string(i);
      const DType dtype = fused_.statements()[i].dtype;
      if (stored_[i]) {
        declare("    ", dtype, "v" + n, from_word(dtype, "k" + n + "[c]"));
        continue;
      }
      text_ += line_of(fused_, i);
      if (keeps_[i]) put("    k", n, "[c] = ", to_word(dtype, "v" + n), ";\n");
    }
    body();
    if (in_words()) put("    }\n");
    for (size_t i = 0; i < fused_.statements().size(); ++i) {
      if (!needs.statements[i] || !keeps_[i] || stored_[i]) continue;
      put("    kept", to_string(i), "[at] = ", given("k" + to_string(i)), ";\n");
      stored_[i] = true;
    }
    put(after, "  }\n");
  }

  // Sums of floats go in blocks, then over the lanes as a tree: errors grow as those of a pairwise sum.
  void reduce(size_t statement) {
    const Statement& s = fused_.statements()[statement];
    const Combine how = combine_of(s.reduces, s.dtype);
    const std::string n = to_string(statement), type = text_of(value_type(s.dtype));
    const bool blocks = s.reduces == RowReduction::sum && dtype_row(s.dtype).kind == 'f';
    const std::string place = in_words() ? "[c]" : "[0]", parts = in_words() ? elements() : "1";
    const auto each = [&](const std::string& text) {
      put("  [[unroll]] for (uint c = 0; c < ", parts, "; ++c) {\n", text, "  }\n");
    };
    put("  ", type, " acc", n, "[", parts, "];\n");
    each("    acc" + n + "[c] = " + how.identity + ";\n");
    const std::string target = (blocks ? "block" : "acc") + n + place;
    const auto add = [&] {
      put("    ", type, " next = ", operand_text(s.operands[0]), ", acc = ", target, ";\n");
      put("    precise ", type, " sum = ", how.expression, ";\n    ", target, " = sum;\n");
    };
    const std::span<const uint16_t> operand = std::span(s.operands).first(1);
    if (blocks) {
      const std::string span = to_string(shape_.workgroup * kBlockSteps);
      put("  for (uint from = lane; from < ", row_end(), "; from += ", span, ") {\n  uint to = min(from + ", span, ", ",
          row_end(), ");\n  ", type, " block", n, "[", parts, "];\n");
      each("    block" + n + "[c] = " + type + "(0);\n");
      pass(operand, "", add, "", "from", "to");
      each("    acc" + n + "[c] += block" + n + "[c];\n");
      put("  }\n");
    } else {
      pass(operand, "", add, "");
    }
    put("  ", type, " all", n, " = acc", n, "[0];\n");
    if (in_words())
      put("  [[unroll]] for (uint c = 1; c < ", elements(), "; ++c) {\n    ", type, " acc = all", n, ", next = acc", n,
          "[c];\n    all", n, " = ", how.expression, ";\n  }\n");
    over_lanes(s, how, n);
  }

  // Not every device hands words of eight bytes round.
  bool is_handed_round(const Statement& s) const { return shape_.one_subgroup && size_of(s.dtype) <= 4; }

  // What the lanes have, as a tree: the same one through shared memory and by hand, so the same bits.
  void over_lanes(const Statement& s, const Combine& how, const std::string& n) {
    const std::string type = text_of(value_type(s.dtype)), all = "all" + n, lanes = "lanes" + n;
    const std::string half = to_string(shape_.workgroup / 2);
    if (is_handed_round(s)) {
      for (uint32_t step = shape_.workgroup / 2; step > 0; step /= 2)
        put("  {\n    ", type, " acc = ", all, ", next = subgroupShuffleXor(", all, ", ", to_string(step), ");\n    ",
            all, " = ", how.expression, ";\n  }\n");
      put("  ", type, " v", n, " = subgroupBroadcast(", all, ", 0);\n");
      return;
    }
    put("  ", lanes, "[lane] = ", all, ";\n  barrier();\n");
    put("  for (uint step = ", half, "; step > 0; step /= 2) {\n    if (lane < step) {\n");
    put("      ", type, " acc = ", lanes, "[lane], next = ", lanes, "[lane + step];\n      ", lanes,
        "[lane] = ", how.expression, ";\n    }\n    barrier();\n  }\n");
    put("  ", type, " v", n, " = ", lanes, "[0];\n");
  }

  // Each result of the row, in memory or in the word that is being made.
  void store_rows() {
    const std::vector<uint16_t> results = results_of(false);
    if (results.empty()) return;
    std::string before, after;
    for (size_t i = 0; i < fused_.outputs().size(); ++i) {
      if (!in_words() || shape_.row_results[i]) continue;
      const std::string n = to_string(i), o = to_string(fused_.inputs().size() + i);
      before.append("    ").append(word()).append(" r").append(n).append(";\n");
      after.append("    ").append(word_of_row("by" + n, o)).append(" = ").append(given("r" + n)).append(";\n");
    }
    pass(
        results, before,
        [&] {
          for (size_t i = 0; i < fused_.outputs().size(); ++i) {
            if (shape_.row_results[i]) continue;
            const std::string value = operand_text(fused_.results()[i]), n = to_string(fused_.inputs().size() + i);
            const DType dtype = fused_.outputs()[i]->dtype;
            if (in_words())
              put("    r", to_string(i), "[c] = ", to_word(dtype, value), ";\n");
            else
              put("    push.y", to_string(i), ".at[o", n, " + at * s", n, "] = ", stored(dtype, value), ";\n");
          }
        },
        after);
  }

  void store_row_values() {
    const std::vector<uint16_t> results = results_of(true);
    if (results.empty()) return;
    put("  if (lane == 0u) {\n");
    for (size_t i = 0; i < fused_.outputs().size(); ++i)
      if (shape_.row_results[i])
        put("    push.y", to_string(i), ".at[o", to_string(fused_.inputs().size() + i),
            "] = ", stored(fused_.outputs()[i]->dtype, operand_text(fused_.results()[i])), ";\n");
    put("  }\n");
  }

  void load_row_start(size_t input) {
    const std::string n = to_string(input);
    declare("    ", fused_.inputs()[input].dtype(), "x" + n, element(input, "o" + n));
  }

  void reduced() {
    const std::string each = to_string(shape_.each), rows = "p.at[" + to_string(table() - 1) + "]";
    put("  uint lane = gl_LocalInvocationIndex;\n");
    if (shape_.each > 1) put("  uint end = min((group + 1) * ", each, ", ", rows, ");\n");
    put(shape_.each > 1 ? "  for (uint row = group * " + each + "; row < end; ++row) {\n" : "  uint row = group;\n");
    put("  uint rest = row;\n");
    row_by_row();
    if (shape_.each > 1) put("  }\n");
  }

  void row_by_row() {
    offsets("  ");
    if (shape_.axes > 1) locate("  ", shape_.axes - 1);
    each_stream([&](size_t k) { put("  uint s", to_string(k), " = ", stride_of(k, shape_.axes - 1), ";\n"); });
    for (size_t i = 0; i < fused_.inputs().size(); ++i)
      if (!shape_.uniform[i] && is_loaded_once(i)) load_row_start(i);
    for (size_t i = 0; i < fused_.statements().size(); ++i) {
      if (fused_.statements()[i].reduces == RowReduction::none) continue;
      row_values_up_to(i);
      reduce(i);
    }
    row_values_up_to(fused_.statements().size());
    store_rows();
    store_row_values();
  }

  std::vector<bool> stored_, keeps_;  // statements whose values are there already, and that wait in shared memory
  std::vector<bool> is_row_constant_;
  size_t next_row_value_ = 0;
  const Fused& fused_;
  const KernelShape& shape_;
  std::string text_;
};

}  // namespace

bool reads_in_parts(DType dtype) {
  return size_of(dtype) < 4 && (dtype_row(dtype).kind != 'f' || dtype == DType::bfloat16);
}

void KernelShape::append_key(std::string& key) const {
  const auto put = [&](auto value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  put(form);
  put(workgroup);
  put(each);
  put(static_cast<unsigned char>(axes));
  put(strided);
  put(row_room);
  put(word);
  put(one_subgroup);
  put(long_words);
  for (const uint8_t axes_ahead : ahead) put(axes_ahead);
  for (const auto* flags : {&uniform, &parts, &bound_inputs, &bound_outputs, &row_constant, &row_results})
    for (const bool flag : *flags) put(flag);
}

std::string kernel_text(const Fused& fused, const KernelShape& shape) { return Writer(fused, shape).write(); }

Shares shares_of(const KernelShape& shape, const Walk& walk) {
  const auto elements = static_cast<uint64_t>(element_count(walk.shape));
  const uint64_t span = uint64_t{shape.workgroup} * shape.each;
  const bool rows = shape.form == WalkForm::rows || takes_rows(shape.form);
  uint64_t count = elements;
  if (shape.form == WalkForm::words) count /= shape.word;
  if (rows) count = static_cast<uint64_t>(walk.shape[walk.shape.size() - 1]);
  if (takes_rows(shape.form)) return {count, elements / count, (elements / count + shape.each - 1) / shape.each};
  const uint64_t pieces = (count + span - 1) / span;
  return {count, pieces, rows ? elements / count * pieces : pieces};
}

std::vector<uint32_t> parameters_of(const Fused& fused, const KernelShape& shape, const Walk& walk,
                                    const std::vector<uint32_t>& first) {
  std::vector<uint32_t> words;
  for (const NumberBits& number : fused.numbers())
    for (const uint64_t part : number) {
      words.push_back(static_cast<uint32_t>(part));
      words.push_back(static_cast<uint32_t>(part >> 32));
    }
  const Shares shares = shares_of(shape, walk);
  for (const uint64_t share : {shares.count, shares.groups, shares.pieces})
    words.push_back(static_cast<uint32_t>(share));
  for (const int64_t extent : walk.shape) words.push_back(static_cast<uint32_t>(extent));
  for (size_t k = 0; k < walk.strides.size(); ++k) {
    words.push_back(first[k]);
    for (const int64_t stride : walk.strides[k]) words.push_back(static_cast<uint32_t>(stride));  // modulo 2^32
  }
  for (const Dims& places : walk.ahead)
    for (size_t axis = 0; axis < places.size(); ++axis)
      if (places[axis] != 0) words.push_back(static_cast<uint32_t>(walk.shape[axis] - places[axis]));
  return words;
}

}  // namespace forge::array
