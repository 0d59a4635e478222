#include "forge/shader/loop_count.hpp"

#include <algorithm>
#include <set>

#include "forge/shader/spirv_module.hpp"

namespace forge::shader {

namespace {

using namespace spirv;

constexpr uint32_t kVersion13 = 0x10300, kVersion14 = 0x10400;
constexpr uint32_t kMostBinding = 4095;
constexpr uint32_t kCapabilityNonUniform = 61, kCapabilityArithmetic = 63;
constexpr uint32_t kPrivate = 6, kBlock = 2, kScopeSubgroup = 3, kReduce = 0;
// Opcodes that only this file writes or looks for.
enum Code : uint16_t {
  kLabel = 248,
  kBranch = 249,
  kBranchConditional = 250,
  kReturn = 253,
  kLoopMerge = 246,
  kSelectionMerge = 247,
  kPhi = 245,
  kLine = 8,
  kNoLine = 317,
  kFunction = 54,
  kFunctionEnd = 56,
  kIAdd = 128,
  kUGreaterThan = 172,
  kUMax = 357,
};

class Rewriter {
 public:
  Rewriter(std::span<const uint32_t> words, uint32_t budget, bool agree)
      : in_(words), budget_(budget), agree_(agree), next_id_(words[3]) {
    for (size_t at = 5; at < in_.size(); at += in_[at] >> 16) look(at);
  }

  bool has_loops() const { return !headers_.empty(); }

  Words run(uint32_t set, uint32_t binding) {
    set_ = set, binding_ = binding;
    out_.assign(in_.begin(), in_.begin() + 5);
    if (agree_) capability(kCapabilityNonUniform), capability(kCapabilityArithmetic);
    choose_ids();
    for (size_t at = 5; at < in_.size(); at += in_[at] >> 16) copy(at);
    out_[3] = next_id_;
    return std::move(out_);
  }

 private:
  uint16_t code(size_t at) const { return static_cast<uint16_t>(in_[at] & 0xFFFF); }

  void look(size_t at) {
    switch (code(at)) {
      case kLabel: label_ = in_[at + 1]; break;
      case kLoopMerge: headers_.insert(label_), merges_.insert(in_[at + 1]); break;
      case static_cast<uint16_t>(Op::entry_point): entry_ = in_[at + 2]; break;
      case static_cast<uint16_t>(Op::capability): capabilities_.insert(in_[at + 1]); break;
      case static_cast<uint16_t>(Op::type_bool): bool_ = in_[at + 1]; break;
      case static_cast<uint16_t>(Op::type_int):
        if (in_[at + 2] == 32 && in_[at + 3] == 0) uint_ = in_[at + 1];
        break;
      default: break;
    }
  }

  uint32_t fresh() { return next_id_++; }
  void put(uint16_t op, std::initializer_list<uint32_t> operands) {
    out_.push_back(static_cast<uint32_t>(operands.size() + 1) << 16 | op);
    out_.insert(out_.end(), operands);
  }
  void put(Op op, std::initializer_list<uint32_t> operands) { put(static_cast<uint16_t>(op), operands); }
  void capability(uint32_t which) {
    if (!capabilities_.contains(which)) put(Op::capability, {which});
  }

  void choose_ids() {
    has_uint_ = uint_ != 0, has_bool_ = bool_ != 0;
    if (!has_uint_) uint_ = fresh();
    if (!has_bool_) bool_ = fresh();
    counter_ = fresh(), flag_ = fresh(), block_ = fresh();
    zero_ = fresh(), one_ = fresh(), most_ = fresh(), scope_ = fresh(), word_pointer_ = fresh();
  }

  void copy(size_t at) {
    const uint16_t op = code(at);
    const size_t length = in_[at] >> 16;
    if (!decorated_ && first_annotation_or_type(op)) decorate();
    if (!declared_ && op == kFunction) declare();
    if (op == kFunction) in_entry_ = in_[at + 2] == entry_;
    const bool starts_block = op == kPhi || op == kLine || op == kNoLine;
    if (pending_ && !starts_block) insert_pending();
    if (op == kReturn && in_entry_) return finish();
    if (op == static_cast<uint16_t>(Op::entry_point) && in_[1] >= kVersion14) {
      out_.push_back(static_cast<uint32_t>(length + 2) << 16 | op);
      out_.insert(out_.end(), in_.begin() + static_cast<ptrdiff_t>(at) + 1,
                  in_.begin() + static_cast<ptrdiff_t>(at + length));
      out_.insert(out_.end(), {counter_, flag_});
      return;
    }
    out_.insert(out_.end(), in_.begin() + static_cast<ptrdiff_t>(at),
                in_.begin() + static_cast<ptrdiff_t>(at + length));
    if (op == kLabel) pending_ = in_[at + 1];
  }

  static bool first_annotation_or_type(uint16_t op) {
    return (op >= 71 && op <= 75) || op == 332 || (op >= 5632 && op <= 5633) || (op >= 19 && op <= 39);
  }

  void decorate() {
    decorated_ = true;
    const auto which = [](Decoration d) { return static_cast<uint32_t>(d); };
    put(Op::decorate, {flag_, which(Decoration::descriptor_set), set_});
    put(Op::decorate, {flag_, which(Decoration::binding), binding_});
    put(Op::decorate, {block_, kBlock});
    put(Op::member_decorate, {block_, 0, which(Decoration::offset), 0});
  }

  void declare() {
    declared_ = true;
    if (!has_uint_) put(Op::type_int, {uint_, 32, 0});
    if (!has_bool_) put(Op::type_bool, {bool_});
    const uint32_t private_pointer = fresh(), block_pointer = fresh();
    const auto storage = static_cast<uint32_t>(Storage::storage_buffer);
    put(Op::type_struct, {block_, uint_});
    put(Op::type_pointer, {private_pointer, kPrivate, uint_});
    put(Op::type_pointer, {block_pointer, storage, block_});
    put(Op::type_pointer, {word_pointer_, storage, uint_});
    put(Op::constant, {uint_, zero_, 0});
    put(Op::constant, {uint_, one_, 1});
    put(Op::constant, {uint_, most_, budget_ - 1});  // a loop that was ended has spent the whole budget, and not more
    put(Op::constant, {uint_, scope_, kScopeSubgroup});
    put(Op::variable, {private_pointer, counter_, kPrivate, zero_});
    put(Op::variable, {block_pointer, flag_, storage});
  }

  // At the start of a block, behind its phis: a loop's header counts a pass, the block behind a loop agrees on the count.
  void insert_pending() {
    const uint32_t label = std::exchange(pending_, 0);
    const bool header = headers_.contains(label), merge = merges_.contains(label) && agree_;
    if (!header && !merge) return;
    uint32_t count = fresh();
    put(Op::load, {uint_, count, counter_});
    if (merge) put(kUMax, {uint_, fresh(), scope_, kReduce, count}), count = next_id_ - 1;
    if (header) put(kIAdd, {uint_, fresh(), count, one_}), count = next_id_ - 1;
    put(Op::store, {counter_, count});
  }

  // In place of the entry point's return.
  void finish() {
    const uint32_t count = fresh(), over = fresh(), say = fresh(), end = fresh(), word = fresh();
    put(Op::load, {uint_, count, counter_});
    put(kUGreaterThan, {bool_, over, count, most_});
    put(kSelectionMerge, {end, 0});
    put(kBranchConditional, {over, say, end});
    put(kLabel, {say});
    put(Op::access_chain, {word_pointer_, word, flag_, zero_});
    put(Op::store, {word, one_});
    put(kBranch, {end});
    put(kLabel, {end});
    put(kReturn, {});
  }

  std::span<const uint32_t> in_;
  uint32_t budget_;
  bool agree_;
  uint32_t next_id_;
  uint32_t set_ = 0, binding_ = 0;
  Words out_;
  std::set<uint32_t> headers_, merges_, capabilities_;
  uint32_t entry_ = 0, label_ = 0, pending_ = 0;
  uint32_t uint_ = 0, bool_ = 0, counter_ = 0, flag_ = 0, block_ = 0;
  uint32_t zero_ = 0, one_ = 0, most_ = 0, scope_ = 0, word_pointer_ = 0;
  bool has_uint_ = false, has_bool_ = false, decorated_ = false, declared_ = false, in_entry_ = false;
};

}  // namespace

bool has_loops(std::span<const uint32_t> words) { return Rewriter(words, 0, false).has_loops(); }

std::optional<LoopCount> count_loops(std::span<const uint32_t> words, const Reflection& shader, uint32_t budget,
                                     bool agree) {
  if (shader.version < kVersion13) return std::nullopt;
  Rewriter rewriter(words, budget, agree);
  if (!rewriter.has_loops()) return std::nullopt;
  uint32_t binding = 0;
  for (const Binding& used : shader.bindings)
    if (used.set == 0) binding = std::max(binding, used.binding + 1);
  if (binding > kMostBinding) return std::nullopt;
  return LoopCount{rewriter.run(0, binding), 0, binding};
}

}  // namespace forge::shader
