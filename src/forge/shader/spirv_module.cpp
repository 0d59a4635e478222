#include "forge/shader/spirv_module.hpp"

#include "forge/core/error.hpp"

namespace forge::shader::spirv {

namespace {

constexpr size_t kHeaderWords = 5;

// Where a global's result id stands among its operands; none: it has no result that reflection asks for.
std::optional<size_t> result_operand(Op op) {
  switch (op) {
    case Op::type_void:
    case Op::type_bool:
    case Op::type_int:
    case Op::type_float:
    case Op::type_vector:
    case Op::type_matrix:
    case Op::type_image:
    case Op::type_sampler:
    case Op::type_sampled_image:
    case Op::type_array:
    case Op::type_runtime_array:
    case Op::type_struct:
    case Op::type_pointer: return 0;
    case Op::constant_true:
    case Op::constant_false:
    case Op::constant:
    case Op::constant_composite:
    case Op::spec_constant_op:
    case Op::spec_constant_true:
    case Op::spec_constant_false:
    case Op::spec_constant:
    case Op::spec_constant_composite:
    case Op::variable: return 1;
    default: return std::nullopt;
  }
}

std::vector<Instruction> cut(std::span<const uint32_t> words) {
  std::vector<Instruction> instructions;
  for (size_t at = kHeaderWords; at < words.size();) {
    const size_t length = words[at] >> 16;
    if (length == 0 || length > words.size() - at)
      damaged("the instruction at word " + std::to_string(at) + " runs over the end");
    instructions.emplace_back(words.subspan(at, length));
    at += length;
  }
  return instructions;
}

}  // namespace

void damaged(std::string what) { throw Error(ErrorCode::SHADER_INVALID, "the SPIR-V module cannot be read: " + what); }

uint32_t Instruction::operator[](size_t operand) const {
  if (operand >= count()) damaged("an instruction (opcode " + std::to_string(words_[0] & 0xffff) + ") is too short");
  return words_[operand + 1];
}

std::span<const uint32_t> Instruction::from(size_t operand) const {
  return operand < count() ? words_.subspan(operand + 1) : std::span<const uint32_t>();
}

// Four characters a word, lowest byte first, ended by a zero byte.
std::string Instruction::text(size_t operand, size_t* next) const {
  std::string text;
  for (size_t i = operand; i < count(); ++i)
    for (int shift = 0; shift < 32; shift += 8) {
      const char c = static_cast<char>((*this)[i] >> shift & 0xff);
      if (c == '\0') {
        if (next) *next = i + 1;
        return text;
      }
      text += c;
    }
  damaged("a text has no end");
}

Module::Module(std::span<const uint32_t> words, std::map<uint32_t, uint32_t> spec) : spec_(std::move(spec)) {
  if (words.size() < kHeaderWords || words[0] != kMagic) damaged("it does not start with the SPIR-V magic number");
  version_ = words[1];
  for (const Instruction& instruction : cut(words)) {
    const bool in_code = !code_.empty() || instruction.op() == Op::function;
    (in_code ? code_ : globals_).push_back(instruction);
    if (!in_code) index(instruction);
  }
}

namespace {
// Names are for people and Python: what is not ASCII becomes a question mark (GLSL has no other names).
std::string readable(std::string name) {
  for (char& c : name)
    if (c < 0x20 || c > 0x7e) c = '?';
  return name;
}
}  // namespace

void Module::index(const Instruction& i) {
  switch (i.op()) {
    case Op::name: names_.insert_or_assign(i[0], readable(i.text(1))); break;
    case Op::member_name: member_names_.insert_or_assign({i[0], i[1]}, readable(i.text(2))); break;
    case Op::decorate: decorations_.insert_or_assign({i[0], i[1]}, i.count() > 2 ? i[2] : 0); break;
    case Op::member_decorate:
      member_decorations_.insert_or_assign({{i[0], i[1]}, i[2]}, i.count() > 3 ? i[3] : 0);
      break;
    default:
      if (const auto operand = result_operand(i.op()); operand && !definitions_.emplace(i[*operand], i).second)
        damaged("id " + std::to_string(i[*operand]) + " is defined twice");
  }
}

const Instruction* Module::find(uint32_t id) const {
  const auto found = definitions_.find(id);
  return found == definitions_.end() ? nullptr : &found->second;
}

const Instruction& Module::get(uint32_t id) const {
  const Instruction* found = find(id);
  if (!found) damaged("id " + std::to_string(id) + " is used but not defined");
  return *found;
}

std::string Module::name(uint32_t id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? std::string() : found->second;
}

std::string Module::member_name(uint32_t id, uint32_t member) const {
  const auto found = member_names_.find({id, member});
  return found == member_names_.end() ? std::string() : found->second;
}

std::optional<uint32_t> Module::decoration(uint32_t id, Decoration which) const {
  const auto found = decorations_.find({id, static_cast<uint32_t>(which)});
  return found == decorations_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<uint32_t> Module::member_decoration(uint32_t id, uint32_t member, Decoration which) const {
  const auto found = member_decorations_.find({{id, member}, static_cast<uint32_t>(which)});
  return found == member_decorations_.end() ? std::nullopt : std::optional(found->second);
}

uint32_t Module::constant(uint32_t id, unsigned depth) const {
  constexpr unsigned kDeepest = 12;  // two operands each: a few thousand steps at most
  if (depth > kDeepest) damaged("a constant is computed in too many steps");
  const Instruction& i = get(id);
  if (i.op() == Op::spec_constant_op) return computed(i, depth + 1);
  if (i.op() != Op::constant && i.op() != Op::spec_constant)
    damaged("id " + std::to_string(id) + " is no plain constant");
  if (const auto spec = decoration(id, Decoration::spec_id); spec && i.op() == Op::spec_constant)
    if (const auto given = spec_.find(*spec); given != spec_.end()) return given->second;
  return i[2];
}

// The arithmetic of OpSpecConstantOp on 32-bit integers, by the numbers of the SPIR-V specification's instructions.
uint32_t Module::computed(const Instruction& i, unsigned depth) const {
  const auto operand = [&](size_t at) { return constant(i[3 + at], depth); };
  const auto as_signed = [&](size_t at) { return int64_t{static_cast<int32_t>(operand(at))}; };
  const auto divisor = [](auto value) {
    if (value == 0) damaged("a constant is divided by zero");
    return value;
  };
  switch (i[2]) {
    case 126: return 0 - operand(0);                                                   // SNegate
    case 128: return operand(0) + operand(1);                                          // IAdd
    case 130: return operand(0) - operand(1);                                          // ISub
    case 132: return operand(0) * operand(1);                                          // IMul
    case 134: return operand(0) / divisor(operand(1));                                 // UDiv
    case 135: return static_cast<uint32_t>(as_signed(0) / divisor(as_signed(1)));      // SDiv
    case 137: return operand(0) % divisor(operand(1));                                 // UMod
    case 138:                                                                          // SRem
    case 139: return static_cast<uint32_t>(as_signed(0) % divisor(as_signed(1)));  // SMod, of what is not negative
    case 194: return operand(0) >> (operand(1) & 31);  // ShiftRightLogical
    case 195: return static_cast<uint32_t>(as_signed(0) >> (operand(1) & 31));  // ShiftRightArithmetic
    case 196: return operand(0) << (operand(1) & 31);  // ShiftLeftLogical
    case 197: return operand(0) | operand(1);  // BitwiseOr
    case 198: return operand(0) ^ operand(1);  // BitwiseXor
    case 199: return operand(0) & operand(1);  // BitwiseAnd
    case 200: return ~operand(0);  // Not
    default: damaged("a number is computed from constants by instruction " + std::to_string(i[2]));
  }
}

}  // namespace forge::shader::spirv
