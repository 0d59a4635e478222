#include "forge/shader/spirv_patch.hpp"

#include <algorithm>

namespace forge::shader::spirv {

namespace {

std::vector<uint32_t> text_words(std::string_view text) {
  std::vector<uint32_t> words(text.size() / 4 + 1, 0);
  for (size_t i = 0; i < text.size(); ++i) words[i / 4] |= uint32_t{static_cast<unsigned char>(text[i])} << i % 4 * 8;
  return words;
}

Line with_text(uint16_t op, std::initializer_list<uint32_t> operands, std::string_view text) {
  Line line = line_of(op, operands);
  const auto words = text_words(text);
  line.insert(line.end(), words.begin(), words.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | op;
  return line;
}

constexpr uint16_t kModuleProcessed = 330;

bool is_annotation(Op op) {
  const auto number = static_cast<uint16_t>(op);
  return (number >= 71 && number <= 75) || number == 332 || number == 5632 || number == 5633;
}

// Everything that stands before annotations: capabilities to names.
bool is_preamble(Op op) {
  const auto number = static_cast<uint16_t>(op);
  return (number >= 2 && number <= 17 && number != 8 && number != 12) || number == kModuleProcessed || number == 331;
}

void put(Words& out, const Line& line) { out.insert(out.end(), line.begin(), line.end()); }

}  // namespace

Line line_of(uint16_t op, std::initializer_list<uint32_t> operands) {
  Line line{static_cast<uint32_t>(operands.size() + 1) << 16 | op};
  line.insert(line.end(), operands.begin(), operands.end());
  return line;
}

Patch::Patch(std::span<const uint32_t> words, const Module& module)
    : header_(words.begin(), words.begin() + 5), module_(module), bound_(words[3]) {
  for (const Instruction& i : module.globals()) {
    const auto op = static_cast<uint16_t>(i.op());
    if (op < static_cast<uint16_t>(Op::type_void) || op > static_cast<uint16_t>(Put::type_function)) continue;
    Line key{op};
    const auto rest = i.from(1);
    key.insert(key.end(), rest.begin(), rest.end());
    known_.emplace(std::move(key), i[0]);
  }
}

uint32_t Patch::type(Op op, std::initializer_list<uint32_t> operands) {
  Line key{static_cast<uint16_t>(op)};
  key.insert(key.end(), operands.begin(), operands.end());
  const auto [found, fresh] = known_.emplace(std::move(key), 0);
  if (fresh) found->second = aggregate(op, operands);
  return found->second;
}

uint32_t Patch::function_type(const std::vector<uint32_t>& result_and_parameters) {
  Line key{static_cast<uint16_t>(Put::type_function)};
  key.insert(key.end(), result_and_parameters.begin(), result_and_parameters.end());
  const auto [found, fresh] = known_.emplace(key, 0);
  if (!fresh) return found->second;
  found->second = id();
  Line line{static_cast<uint32_t>(key.size() + 1) << 16 | static_cast<uint16_t>(Put::type_function), found->second};
  line.insert(line.end(), result_and_parameters.begin(), result_and_parameters.end());
  globals_.push_back(std::move(line));
  return found->second;
}

uint32_t Patch::constant(uint32_t value) {
  const auto [found, fresh] = constants_.emplace(value, 0);
  if (fresh) found->second = global(Op::constant, uint_type(), {value});
  return found->second;
}

uint32_t Patch::null(uint32_t type) {
  const auto [found, fresh] = nulls_.emplace(type, 0);
  if (fresh) {
    found->second = id();
    globals_.push_back(line_of(Put::constant_null, {type, found->second}));
  }
  return found->second;
}

uint32_t Patch::global(Op op, uint32_t result_type, std::initializer_list<uint32_t> operands) {
  const uint32_t result = id();
  Line line = line_of(op, {result_type, result});
  line.insert(line.end(), operands.begin(), operands.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(op);
  globals_.push_back(std::move(line));
  return result;
}

uint32_t Patch::aggregate(Op op, std::initializer_list<uint32_t> operands) {
  const uint32_t result = id();
  Line line = line_of(op, {result});
  line.insert(line.end(), operands.begin(), operands.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(op);
  globals_.push_back(std::move(line));
  return result;
}

void Patch::decorate(uint32_t target, Decoration which, std::initializer_list<uint32_t> operands) {
  Line line = line_of(Op::decorate, {target, static_cast<uint32_t>(which)});
  line.insert(line.end(), operands.begin(), operands.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(Op::decorate);
  decorations_.push_back(std::move(line));
}

void Patch::decorate_member(uint32_t type, uint32_t member, Decoration which, uint32_t value) {
  decorations_.push_back(line_of(Op::member_decorate, {type, member, static_cast<uint32_t>(which), value}));
}

void Patch::name(uint32_t target, std::string_view text) {
  names_.push_back(with_text(static_cast<uint16_t>(Op::name), {target}, text));
}

// Sections have an order: extensions behind capabilities, names before annotations, these before types.
Words Patch::assemble(const std::vector<Line>& code) const {
  Words out = header_;
  out[3] = bound_;
  const auto& globals = module_.globals();
  size_t annotations_end = 0, capabilities_end = 0;
  for (size_t i = 0; i < globals.size(); ++i) {
    if (is_annotation(globals[i].op()) || is_preamble(globals[i].op())) annotations_end = i + 1;
    if (globals[i].op() == Op::capability) capabilities_end = i + 1;
  }
  size_t names_at = annotations_end;
  for (size_t i = globals.size(); i-- > 0;)
    if (is_annotation(globals[i].op()) || static_cast<uint16_t>(globals[i].op()) == kModuleProcessed) names_at = i;
  for (size_t i = 0; i <= globals.size(); ++i) {
    if (i == capabilities_end && !extension_.empty())
      put(out, with_text(static_cast<uint16_t>(Op::extension), {}, extension_));
    if (i == names_at)
      for (const Line& line : names_) put(out, line);
    if (i == annotations_end)
      for (const Line& line : decorations_) put(out, line);
    if (i == globals.size()) break;
    if (std::find(dropped_.begin(), dropped_.end(), &globals[i]) != dropped_.end()) continue;
    const auto operands = globals[i].from(0);
    Line line{static_cast<uint32_t>(globals[i].op())};
    line.insert(line.end(), operands.begin(), operands.end());
    if (globals[i].op() == Op::entry_point) line.insert(line.end(), interface_.begin(), interface_.end());
    line[0] |= static_cast<uint32_t>(line.size()) << 16;
    put(out, line);
  }
  for (const Line& line : globals_) put(out, line);
  for (const Line& line : code) put(out, line);
  for (const Line& line : functions_) put(out, line);
  return out;
}

}  // namespace forge::shader::spirv
