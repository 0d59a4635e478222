#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "forge/shader/reflect.hpp"
#include "forge/shader/spirv_module.hpp"

namespace forge::shader::spirv {

/// Opcodes that are written here; those that are read stand in spirv_words.hpp.
enum class Put : uint16_t {
  line = 8,
  ext_inst_import = 11,
  ext_inst = 12,
  memory_model = 14,
  type_function = 33,
  constant_null = 46,
  function_parameter = 55,
  function_end = 56,
  composite_extract = 81,
  u_convert = 113,
  s_convert = 114,
  f_convert = 115,
  bitcast = 124,
  i_add = 128,
  i_mul = 132,
  all = 155,
  logical_and = 167,
  i_equal = 170,
  u_greater_than = 172,
  u_less_than = 176,
  u_less_than_equal = 178,
  atomic_i_add = 234,
  loop_merge = 246,
  selection_merge = 247,
  label = 248,
  branch = 249,
  branch_conditional = 250,
  return_void = 253,
  no_line = 317
};

using Line = std::vector<uint32_t>;  // one instruction
Line line_of(uint16_t op, std::initializer_list<uint32_t> operands);
inline Line line_of(Op op, std::initializer_list<uint32_t> operands) {
  return line_of(static_cast<uint16_t>(op), operands);
}
inline Line line_of(Put op, std::initializer_list<uint32_t> operands) {
  return line_of(static_cast<uint16_t>(op), operands);
}

/// What is added to a module: ids, types and constants (found where the module has them), decorations, functions.
class Patch {
 public:
  Patch(std::span<const uint32_t> words, const Module& module);

  uint32_t id() { return bound_++; }
  uint32_t bound() const { return bound_; }

  uint32_t type(Op op, std::initializer_list<uint32_t> operands);  // void, bool, int, float, vector, pointer
  uint32_t function_type(const std::vector<uint32_t>& result_and_parameters);
  uint32_t constant(uint32_t value);
  uint32_t null(uint32_t type);
  uint32_t void_type() { return type(Op::type_void, {}); }
  uint32_t bool_type() { return type(Op::type_bool, {}); }
  uint32_t uint_type() { return type(Op::type_int, {32, 0}); }
  uint32_t int_type() { return type(Op::type_int, {32, 1}); }
  uint32_t uvec_type(uint32_t components) { return type(Op::type_vector, {uint_type(), components}); }
  uint32_t pointer(Storage storage, uint32_t to) {
    return type(Op::type_pointer, {static_cast<uint32_t>(storage), to});
  }

  /// An instruction among the globals, behind all that the module has; the result's id.
  uint32_t global(Op op, uint32_t result_type, std::initializer_list<uint32_t> operands);
  uint32_t aggregate(Op op, std::initializer_list<uint32_t> operands);
  void decorate(uint32_t id, Decoration which, std::initializer_list<uint32_t> operands = {});
  void decorate_member(uint32_t type, uint32_t member, Decoration which, uint32_t value);
  void name(uint32_t id, std::string_view text);
  void add_interface(uint32_t variable) { interface_.push_back(variable); }
  void add_extension(std::string_view text) { extension_ = text; }
  void drop(const Instruction& instruction) { dropped_.push_back(&instruction); }
  std::vector<Line>& functions() { return functions_; }  // behind those of the module

  /// The whole module, with its code replaced.
  Words assemble(const std::vector<Line>& code) const;

 private:
  std::vector<uint32_t> header_;
  const Module& module_;
  uint32_t bound_;
  std::map<Line, uint32_t> known_;  // types without their result
  std::map<uint32_t, uint32_t> constants_, nulls_;
  std::vector<Line> globals_, decorations_, names_, functions_;
  std::vector<uint32_t> interface_;
  std::vector<const Instruction*> dropped_;
  std::string extension_;
};

}  // namespace forge::shader::spirv
