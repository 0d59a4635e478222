#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "forge/shader/spirv_words.hpp"

namespace forge::shader::spirv {

[[noreturn]] void damaged(std::string what);  // throws SHADER_INVALID

/// One instruction. Every read is checked: a module may come from anywhere.
class Instruction {
 public:
  explicit Instruction(std::span<const uint32_t> words) : words_(words) {}

  Op op() const { return static_cast<Op>(words_[0] & 0xffff); }
  size_t count() const { return words_.size() - 1; }       // operands, result type and result included
  uint32_t operator[](size_t operand) const;                // damaged() where there is none
  std::span<const uint32_t> from(size_t operand) const;     // the operands from there on; may be empty
  std::string text(size_t operand, size_t* next = nullptr) const;

 private:
  std::span<const uint32_t> words_;
};

/// A module cut into instructions, with its names, decorations and global definitions by id.
class Module {
 public:
  /// `spec`: values of specialisation constants by SpecId; the others have their defaults.
  explicit Module(std::span<const uint32_t> words, std::map<uint32_t, uint32_t> spec = {});

  uint32_t version() const { return version_; }
  const std::vector<Instruction>& globals() const { return globals_; }  // all before the first function
  const std::vector<Instruction>& code() const { return code_; }        // all from the first function on

  /// The global that an id stands for: a type, a constant or a variable.
  const Instruction* find(uint32_t id) const;
  const Instruction& get(uint32_t id) const;

  std::string name(uint32_t id) const;
  std::string member_name(uint32_t id, uint32_t member) const;
  std::optional<uint32_t> decoration(uint32_t id, Decoration which) const;
  std::optional<uint32_t> member_decoration(uint32_t id, uint32_t member, Decoration which) const;
  bool has(uint32_t id, Decoration which) const { return decoration(id, which).has_value(); }

  /// Value of an integer constant, of those that are specialised or computed from such ones too.
  uint32_t constant(uint32_t id, unsigned depth = 0) const;

 private:
  uint32_t computed(const Instruction& i, unsigned depth) const;
  using Key = std::pair<uint32_t, uint32_t>;
  void index(const Instruction& instruction);

  std::map<uint32_t, uint32_t> spec_;
  uint32_t version_ = 0;
  std::vector<Instruction> globals_;
  std::vector<Instruction> code_;
  std::unordered_map<uint32_t, Instruction> definitions_;
  std::unordered_map<uint32_t, std::string> names_;
  std::map<Key, std::string> member_names_;                   // (type, member)
  std::map<Key, uint32_t> decorations_;                       // (id, decoration); value 0 where it has none
  std::map<std::pair<Key, uint32_t>, uint32_t> member_decorations_;  // ((type, member), decoration)
};

}  // namespace forge::shader::spirv
