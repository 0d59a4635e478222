#include "forge/shader/specialize.hpp"

#include <algorithm>
#include <cstring>

#include "forge/shader/spirv_module.hpp"

namespace forge::shader {

namespace {

using spirv::Op;

constexpr uint32_t kHeaderWords = 5, kValue = 3;  // words before the first instruction; of one before its value

bool is_constant(uint32_t word) {
  const auto op = static_cast<Op>(word & 0xffff);
  return op == Op::spec_constant || op == Op::spec_constant_true || op == Op::spec_constant_false;
}

// Literals of less than a word are filled up with their sign.
uint64_t literal(const SpecConstant& constant, const Number& number) {
  const uint64_t bits = pack_spec(constant, number).bits;
  if (constant.type == Scalar::i8) return static_cast<uint32_t>(static_cast<int8_t>(bits));
  return constant.type == Scalar::i16 ? static_cast<uint32_t>(static_cast<int16_t>(bits)) : bits;
}

void set(std::span<uint32_t> line, uint64_t bits) {
  if (line.size() == kValue)
    line[0] = kValue << 16 | static_cast<uint32_t>(bits ? Op::spec_constant_true : Op::spec_constant_false);
  for (size_t i = kValue; i < line.size(); ++i, bits >>= 32) line[i] = static_cast<uint32_t>(bits);
}

}  // namespace

vk::SpecValue pack_spec(const SpecConstant& constant, const Number& number) {
  vk::SpecValue value{constant.id, constant.type == Scalar::boolean ? 4 : size_of(constant.type), 0};
  std::byte bytes[8]{};
  pack_number(number, constant.type, bytes, constant.name);
  std::memcpy(&value.bits, bytes, 8);
  return value;
}

const SpecConstant& find_spec(std::span<const SpecConstant> constants, const std::string& name) {
  const auto found =
      std::find_if(constants.begin(), constants.end(), [&](const auto& one) { return one.name == name; });
  if (found != constants.end()) return *found;
  std::string known;
  for (const SpecConstant& one : constants) known += (known.empty() ? "" : ", ") + one.name;
  throw Error(ErrorCode::ARGUMENT_NAMES, "unknown specialisation constant", known.empty() ? "none" : known, name);
}

Words specialized(Words words, const std::map<std::string, Number>& given) {
  const std::vector<SpecConstant> constants = reflect(words).spec_constants;
  std::map<uint32_t, uint64_t> values;  // by what SpecId says
  for (const SpecConstant& constant : constants)
    if (const auto found = given.find(constant.name); found != given.end())
      values[constant.id] = literal(constant, found->second);
  const spirv::Module module(words);
  for (size_t at = kHeaderWords; at < words.size(); at += words[at] >> 16) {
    if (!is_constant(words[at])) continue;
    const auto id = module.decoration(words[at + 2], spirv::Decoration::spec_id);
    if (const auto value = id ? values.find(*id) : values.end(); value != values.end())
      set(std::span(words).subspan(at, words[at] >> 16), value->second);
  }
  return words;
}

}  // namespace forge::shader
