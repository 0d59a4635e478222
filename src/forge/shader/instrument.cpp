#include "forge/shader/instrument.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "forge/shader/instrument_functions.hpp"

namespace forge::shader {

using namespace spirv;

namespace {

constexpr std::string_view kPrintSet = "NonSemantic.DebugPrintf";
constexpr uint32_t kPrintRoom = 1u << 16;  // words: some 16,000 short lines
constexpr uint32_t kPrintInstruction = 1;

const Instruction* print_import(const Module& module) {
  for (const Instruction& i : module.globals())
    if (static_cast<Put>(i.op()) == Put::ext_inst_import && i.text(1) == kPrintSet) return &i;
  return nullptr;
}

Line copy_of(const Instruction& i) {
  const auto operands = i.from(0);
  Line line{static_cast<uint32_t>(operands.size() + 1) << 16 | static_cast<uint32_t>(i.op())};
  line.insert(line.end(), operands.begin(), operands.end());
  return line;
}

bool is_type(const Instruction* i) {
  return i && i->op() >= Op::type_void && static_cast<uint16_t>(i->op()) < static_cast<uint16_t>(Put::type_function);
}

// Of a block that ends in a runtime array: where that begins.
uint32_t runtime_offset(const Block& block) {
  return block.runtime_stride && !block.members.empty() ? block.members.back().offset : 0;
}

/// A pointer that instrumented code made or was handed, as far as checks need it.
struct Pointer {
  uint32_t ok = 0;        // a bool: its indices are in range; 0: they cannot be out of it
  uint32_t size = 0;      // of the runtime array it points to
  uint32_t argument = 0;  // behind an address: which argument
  std::string path;       // as GLSL writes it
  std::string pointee;
};

class Rewriter {
 public:
  Rewriter(std::span<const uint32_t> words, const Reflection& reflection, bool check_indices)
      : module_(words), patch_(words, module_), checks_(check_indices) {
    lay_out(reflection);
    functions_.emplace(patch_, module_, out_.layout, out_.hidden.binding);
    if (const Instruction* import = print_import(module_)) print_set_ = (*import)[0];
    read_texts();
  }

  Instrumented run() {
    for (size_t at = 0; at < module_.code().size();) at = function(at);
    for (auto& line : code_) fix_phi(line);
    drop_print_set();
    std::vector<Line> code;
    for (auto& emitted : code_) code.push_back(std::move(emitted.line));
    out_.words = patch_.assemble(code);
    return std::move(out_);
  }

 private:
  struct Emitted {
    Line line;
    bool ours = false;  // its labels are right already
  };

  void lay_out(const Reflection& reflection);
  void read_texts();
  void note_types(const Instruction& i);
  size_t function(size_t at);
  void block(std::span<const Instruction> body);
  void instruction(const Instruction& i);
  void access(const Instruction& i);
  void guarded(const Instruction& i, uint32_t pointer, bool has_result);
  void print(const Instruction& i);
  void fix_phi(Emitted& emitted);
  void drop_print_set();

  struct Walk;
  void step(Walk& walk, uint32_t index);
  void step_struct(Walk& walk, uint32_t index);
  void begin_address(Walk& walk);
  uint32_t checked(Walk& walk, uint32_t index, uint32_t size, uint32_t argument);
  uint32_t runtime_size(Walk& walk);
  std::optional<uint32_t> list_of(uint32_t variable) const;
  bool image(const Instruction& i);
  uint32_t as_uint(uint32_t value);
  void words_of(uint32_t value, uint32_t type, PrintSite& site, std::vector<uint32_t>& words);
  void scalar_words(uint32_t value, uint32_t type, std::vector<uint32_t>& words);

  uint32_t emit(uint16_t op, uint32_t type, std::initializer_list<uint32_t> operands) {
    const uint32_t result = patch_.id();
    Line line = line_of(op, {type, result});
    line.insert(line.end(), operands.begin(), operands.end());
    line[0] = static_cast<uint32_t>(line.size()) << 16 | op;
    code_.push_back({std::move(line)});
    types_[result] = type;
    return result;
  }
  uint32_t emit(Put op, uint32_t type, std::initializer_list<uint32_t> operands) {
    return emit(static_cast<uint16_t>(op), type, operands);
  }
  uint32_t emit(Op op, uint32_t type, std::initializer_list<uint32_t> operands) {
    return emit(static_cast<uint16_t>(op), type, operands);
  }
  uint32_t call(uint32_t function, uint32_t type, std::initializer_list<uint32_t> arguments) {
    const uint32_t result = patch_.id();
    Line line = line_of(Op::function_call, {type, result, function});
    line.insert(line.end(), arguments.begin(), arguments.end());
    line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(Op::function_call);
    code_.push_back({std::move(line)});
    types_[result] = type;
    return result;
  }
  void put(Line line, bool ours = true) { code_.push_back({std::move(line), ours}); }
  uint32_t type_of(uint32_t value) const {
    const auto found = types_.find(value);
    return found == types_.end() ? 0 : found->second;
  }
  bool can_be_null(uint32_t type) const;
  bool is_constant(uint32_t id) const {
    const Instruction* found = module_.find(id);
    return found && found->op() == Op::constant;
  }

  Module module_;
  Patch patch_;
  bool checks_;
  Instrumented out_;
  std::optional<WatchFunctions> functions_;
  uint32_t print_set_ = 0;
  std::unordered_map<uint32_t, std::string> texts_;
  std::unordered_map<uint32_t, uint32_t> types_;  // of values
  std::unordered_map<uint32_t, Pointer> pointers_;
  std::unordered_map<uint32_t, uint32_t> tails_;  // label of a block of the module: of what is now its end
  std::vector<Emitted> code_;
  Place place_;
  struct Sampled {
    Line line;
    uint32_t block;  // where it stands now; 0: nowhere yet
  };
  std::unordered_map<uint32_t, Sampled> sampled_;  // images with their samplers
  uint32_t label_ = 0, block_ = 0;  // where code goes now, and the module's own block this is in
  bool can_split_ = true;
};

void Rewriter::lay_out(const Reflection& reflection) {
  uint32_t binding = 0;
  for (const Binding& other : reflection.bindings)
    if (other.set == 0) binding = std::max(binding, other.binding + 1);
  if (reflection.push)
    for (const Member& member : reflection.push->members)
      out_.layout.pointers += member.type.kind == Type::Kind::pointer;
  // Every runtime array that an address may lead to.
  const auto& globals = module_.globals();
  for (const Instruction& i : globals) {
    if (i.op() != Op::type_pointer || static_cast<Storage>(i[1]) != Storage::physical) continue;
    const Instruction* block = module_.find(i[2]);
    if (!block || block->op() != Op::type_struct || block->count() < 2) continue;
    const auto last = static_cast<uint32_t>(block->count() - 2);
    const Instruction* array = module_.find((*block)[last + 1]);
    if (!array || array->op() != Op::type_runtime_array) continue;
    const AddressedArray row{module_.member_decoration(i[2], last, Decoration::offset).value_or(0),
                             module_.decoration((*array)[0], Decoration::array_stride).value_or(4)};
    if (std::find(out_.arrays.begin(), out_.arrays.end(), row) == out_.arrays.end()) out_.arrays.push_back(row);
  }
  out_.layout.arrays = static_cast<uint32_t>(out_.arrays.size());
  for (const Binding& other : reflection.bindings)
    if (other.array_depth > 0)
      out_.lists.push_back(
          {other.set, other.binding, {runtime_offset(other.block), other.block.runtime_stride}, other.count == 0});
  out_.layout.lists = static_cast<uint32_t>(out_.lists.size());
  out_.layout.print_words = print_import(module_) ? kPrintRoom : 0;
  out_.hidden.name = "forge.watch";
  out_.hidden.binding = binding;
  out_.hidden.access = Access::read_write;
  Type words;
  words.scalar = Scalar::u32;
  words.array = {0};
  words.strides = {4};
  out_.hidden.block.members.push_back({"words", words, 0, 0});
  out_.hidden.block.runtime_stride = 4;
}

void Rewriter::read_texts() {
  for (const Instruction& i : module_.globals()) {
    if (static_cast<uint16_t>(i.op()) == 7) texts_[i[0]] = i.text(1);
    note_types(i);
    if (i.op() != Op::variable) continue;
    pointers_[i[1]].path = module_.name(i[1]);
  }
}

// Only a result's type can stand first in an instruction and be a type.
void Rewriter::note_types(const Instruction& i) {
  if (i.op() == Op::name || i.op() == Op::member_name || i.op() == Op::decorate || i.op() == Op::member_decorate)
    return;
  if (i.count() >= 2 && is_type(module_.find(i[0])) && !is_type(&i)) types_[i[1]] = i[0];
}

bool Rewriter::can_be_null(uint32_t type) const {
  const Instruction* i = module_.find(type);
  if (!i) return false;
  switch (i->op()) {
    case Op::type_bool:
    case Op::type_int:
    case Op::type_float:
    case Op::type_vector:
    case Op::type_matrix: return true;
    case Op::type_array: return can_be_null((*i)[1]);
    case Op::type_struct: {
      const auto members = i->from(1);
      return std::all_of(members.begin(), members.end(), [&](uint32_t member) { return can_be_null(member); });
    }
    default: return false;
  }
}

// A function's own instructions, cut into blocks.
size_t Rewriter::function(size_t at) {
  place_ = {};
  const auto& code = module_.code();
  size_t end = at;
  while (end < code.size() && static_cast<Put>(code[end].op()) != Put::function_end) {
    note_types(code[end]);
    if (code[end].op() == Op::variable) pointers_[code[end][1]].path = module_.name(code[end][1]);
    ++end;
  }
  const auto is_label = [&](size_t i) { return static_cast<Put>(code[i].op()) == Put::label; };
  for (; at < end && !is_label(at); ++at) put(copy_of(code[at]), false);
  while (at < end) {
    size_t next = at + 1;
    while (next < end && !is_label(next)) ++next;
    block(std::span(code).subspan(at, next - at));
    at = next;
  }
  if (end < code.size()) put(copy_of(code[end++]), false);
  return end;
}

// A loop's header keeps its phis and its merge in front; what it computes moves into a block behind them.
void Rewriter::block(std::span<const Instruction> body) {
  label_ = block_ = body[0][0];
  put(copy_of(body[0]), false);
  const auto is = [](const Instruction& i, Put op) { return static_cast<Put>(i.op()) == op; };
  const auto merge = std::find_if(body.begin(), body.end(), [&](const auto& i) { return is(i, Put::loop_merge); });
  const bool works = std::any_of(body.begin(), body.end(), [](const Instruction& i) {
    return i.op() == Op::load || i.op() == Op::store || (i.op() >= Op::atomic_load && i.op() <= Op::atomic_xor) ||
           (i.op() >= Op::image_sample && i.op() <= Op::image_write);
  });
  can_split_ = true;
  if (merge == body.end() || !works) {
    for (const Instruction& i : body.subspan(1)) instruction(i);
  } else {
    const Instruction& branch = body.back();
    const auto leaves = [&](uint32_t target) { return target == (*merge)[0] || target == (*merge)[1]; };
    can_split_ = !is(branch, Put::branch_conditional) || leaves(branch[1]) || leaves(branch[2]);
    for (const Instruction& i : body)
      if (i.op() == Op::phi) put(copy_of(i), false);
    if (can_split_) {
      put(copy_of(*merge), false);
      label_ = patch_.id();
      put(line_of(Put::branch, {label_}));
      put(line_of(Put::label, {label_}));
    }
    for (const Instruction& i : body.subspan(1))
      if (i.op() != Op::phi && !(can_split_ && is(i, Put::loop_merge))) instruction(i);
  }
  if (label_ != block_) tails_[block_] = label_;
}

void Rewriter::instruction(const Instruction& i) {
  const auto number = static_cast<Put>(i.op());
  if (number == Put::line) {
    place_ = {texts_[i[0]], i[1]};
  } else if (number == Put::no_line) {
    place_ = {};
  } else if (number == Put::ext_inst && print_set_ && i[2] == print_set_ && i[3] == kPrintInstruction) {
    return print(i);
  } else if (checks_ && (i.op() == Op::access_chain || i.op() == Op::in_bounds_access_chain)) {
    return access(i);
  } else if (checks_ && image(i)) {
    return;
  } else if (checks_ && i.op() == Op::store) {
    return guarded(i, i[0], false);
  } else if (checks_ && i.op() == Op::copy_object && pointers_.contains(i[2])) {
    pointers_[i[1]] = pointers_[i[2]];
  } else if (checks_ && i.op() >= Op::atomic_load && i.op() <= Op::atomic_xor) {
    const bool has_result = i.op() != Op::atomic_store;
    return guarded(i, i[has_result ? 2 : 0], has_result);
  } else if (checks_ && (i.op() == Op::load || i.op() == Op::atomic_float_add || i.op() == Op::atomic_float_min ||
                         i.op() == Op::atomic_float_max)) {
    return guarded(i, i[2], true);
  }
  put(copy_of(i), false);
}

// ---------------------------------------------------------------- indices

struct Rewriter::Walk {
  const Instruction& chain;
  uint32_t type;  // of what the indices so far lead to
  Storage storage;
  Pointer pointer;
  std::vector<uint32_t> indices;  // as they may be used: in range
  uint32_t struct_type = 0;       // that holds the runtime array reached last
  uint32_t member = 0;
  size_t struct_depth = 0;
};

uint32_t Rewriter::as_uint(uint32_t value) {
  const uint32_t type = type_of(value);
  const Instruction& i = module_.get(type);
  const uint32_t number = patch_.uint_type();
  if (i[1] == 32) return i[2] == 0 ? value : emit(Put::bitcast, number, {value});
  if (i[1] < 32) {
    if (i[2] == 0) return emit(Put::u_convert, number, {value});
    return emit(Put::bitcast, number, {emit(Put::s_convert, patch_.int_type(), {value})});
  }
  // 64 bits: what is beyond 32 is beyond every array that 32 can count.
  const uint32_t wide = i[2] == 0 ? value : emit(Put::bitcast, patch_.type(Op::type_int, {64, 0}), {value});
  const uint32_t wide_type = patch_.type(Op::type_int, {64, 0});
  const uint32_t most = patch_.global(Op::constant, wide_type, {~0u, 0});
  const uint32_t beyond = emit(Put::u_greater_than, patch_.bool_type(), {wide, most});
  return emit(Op::select, number, {beyond, patch_.constant(~0u), emit(Put::u_convert, number, {wide})});
}

// Puts the check in front and gives an index that may be used in any case.
uint32_t Rewriter::checked(Walk& walk, uint32_t index, uint32_t size, uint32_t argument) {
  const Instruction* type = module_.find(type_of(index));
  if (!type || type->op() != Op::type_int) return index;
  IndexSite site{place_, walk.pointer.path, walk.pointer.pointee, (*type)[2] != 0 && (*type)[1] <= 32};
  out_.indices.push_back(std::move(site));
  const uint32_t number = patch_.constant(static_cast<uint32_t>(out_.indices.size()));
  const uint32_t ok = call(functions_->check(), patch_.bool_type(), {number, as_uint(index), size, argument});
  walk.pointer.ok = walk.pointer.ok ? emit(Put::logical_and, patch_.bool_type(), {walk.pointer.ok, ok}) : ok;
  return emit(Op::select, type_of(index), {ok, index, patch_.null(type_of(index))});
}

void Rewriter::step_struct(Walk& walk, uint32_t index) {
  const uint32_t member = module_.constant(index);
  const std::string name = module_.member_name(walk.type, member);
  walk.pointer.path += (walk.pointer.path.empty() && walk.pointer.pointee.empty() ? "" : ".") + name;
  walk.struct_type = walk.type;
  walk.member = member;
  walk.struct_depth = walk.indices.size();
  walk.type = module_.get(walk.type)[member + 1];
  walk.indices.push_back(index);
}

void Rewriter::begin_address(Walk& walk) {
  const uint32_t pair = patch_.uvec_type(2);
  const uint32_t address = emit(Put::bitcast, pair, {walk.chain[2]});
  walk.pointer.argument = call(functions_->find(), patch_.uint_type(), {address});
  walk.pointer.pointee = module_.name(walk.type);
  walk.pointer.path.clear();
}

// The number of the array of descriptors that an id is the variable of.
std::optional<uint32_t> Rewriter::list_of(uint32_t variable) const {
  const auto set = module_.decoration(variable, Decoration::descriptor_set).value_or(0);
  const auto binding = module_.decoration(variable, Decoration::binding);
  for (uint32_t i = 0; i < out_.lists.size(); ++i)
    if (out_.lists[i].set == set && out_.lists[i].binding == binding) return i;
  return std::nullopt;
}

// Elements of the runtime array that the walk has reached.
uint32_t Rewriter::runtime_size(Walk& walk) {
  const auto list = list_of(walk.chain[2]);
  if (walk.indices.empty() && list && out_.lists[*list].open)
    return call(functions_->list_count(), patch_.uint_type(), {patch_.constant(*list)});
  if (walk.indices.empty()) return walk.pointer.size;  // the base points to it
  if (walk.storage == Storage::physical) {
    const Instruction& array = module_.get(walk.type);
    const AddressedArray row{module_.member_decoration(walk.struct_type, walk.member, Decoration::offset).value_or(0),
                             module_.decoration(array[0], Decoration::array_stride).value_or(4)};
    const auto found = std::find(out_.arrays.begin(), out_.arrays.end(), row);
    if (found == out_.arrays.end() || out_.layout.pointers == 0 || !walk.pointer.argument) return 0;
    return call(functions_->size(), patch_.uint_type(),
                {walk.pointer.argument, patch_.constant(static_cast<uint32_t>(found - out_.arrays.begin()))});
  }
  if (walk.storage != Storage::storage_buffer && walk.storage != Storage::uniform) return 0;
  // Not asked of the driver: of an element that each invocation chooses for itself none at hand gives the right one.
  if (list && walk.struct_depth == 1)
    return call(functions_->list_size(), patch_.uint_type(), {patch_.constant(*list), as_uint(walk.indices[0])});
  if (module_.has(walk.chain[2], Decoration::non_uniform)) return 0;
  uint32_t block = walk.chain[2];
  if (walk.struct_depth > 0) {
    const uint32_t result = patch_.id(), type = patch_.pointer(walk.storage, walk.struct_type);
    Line line = line_of(Op::access_chain, {type, result, block});
    line.insert(line.end(), walk.indices.begin(), walk.indices.begin() + static_cast<ptrdiff_t>(walk.struct_depth));
    line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(Op::access_chain);
    put(std::move(line));
    block = result;
  }
  return emit(Op::array_length, patch_.uint_type(), {block, walk.member});
}

void Rewriter::step(Walk& walk, uint32_t index) {
  const Instruction& type = module_.get(walk.type);
  if (type.op() == Op::type_struct) return step_struct(walk, index);
  uint32_t size = 0;
  if (type.op() == Op::type_array) {
    const bool plain = is_constant(index) && is_constant(type[2]);
    if (!plain || module_.constant(index) >= module_.constant(type[2])) size = as_uint(type[2]);
  } else if (type.op() == Op::type_runtime_array) {
    size = runtime_size(walk);
  } else if (!is_constant(index)) {
    size = patch_.constant(type[2]);  // a vector's components, a matrix's columns
  }
  const uint32_t argument =
      walk.storage == Storage::physical && walk.pointer.argument ? walk.pointer.argument : patch_.constant(~0u);
  walk.indices.push_back(size ? checked(walk, index, size, argument) : index);
  walk.type = type[1];
  if (type.op() == Op::type_array || type.op() == Op::type_runtime_array) walk.pointer.path += "[]";
}

void Rewriter::access(const Instruction& i) {
  const Instruction* pointer_type = module_.find(type_of(i[2]));
  if (!pointer_type || pointer_type->op() != Op::type_pointer) return put(copy_of(i), false);
  Walk walk{i, (*pointer_type)[2], static_cast<Storage>((*pointer_type)[1]), {}, {}};
  const auto known = pointers_.find(i[2]);
  if (known != pointers_.end()) walk.pointer = known->second;
  if (walk.storage == Storage::input || walk.storage == Storage::output) return put(copy_of(i), false);
  const bool by_address = walk.storage == Storage::physical && known == pointers_.end();
  if (by_address && out_.layout.pointers > 0) begin_address(walk);
  if (by_address) walk.pointer.pointee = module_.name(walk.type);
  for (const uint32_t index : i.from(3)) step(walk, index);
  walk.pointer.size = 0;
  if (module_.get(walk.type).op() == Op::type_runtime_array) walk.pointer.size = runtime_size(walk);
  Line line = line_of(i.op(), {i[0], i[1], i[2]});
  line.insert(line.end(), walk.indices.begin(), walk.indices.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(i.op());
  put(std::move(line), false);
  pointers_[i[1]] = std::move(walk.pointer);
}

// Out of range a read gives zeros and a write does nothing.
void Rewriter::guarded(const Instruction& i, uint32_t pointer, bool has_result) {
  const auto found = pointers_.find(pointer);
  const uint32_t ok = found == pointers_.end() ? 0 : found->second.ok;
  if (!ok || !can_split_ || (has_result && !can_be_null(i[0]))) return put(copy_of(i), false);
  const uint32_t then = patch_.id(), merge = patch_.id(), before = label_;
  put(line_of(Put::selection_merge, {merge, 0}));
  put(line_of(Put::branch_conditional, {ok, then, merge}));
  put(line_of(Put::label, {then}));
  Line inner = copy_of(i);
  if (has_result) inner[2] = patch_.id();
  const uint32_t value = has_result ? inner[2] : 0;
  put(std::move(inner));
  put(line_of(Put::branch, {merge}));
  put(line_of(Put::label, {merge}));
  label_ = merge;
  if (has_result) put(line_of(Op::phi, {i[0], i[1], value, then, patch_.null(i[0]), before}));
  if (place_.line) {
    for (const auto& [id, text] : texts_)
      if (text == place_.file) {
        put(line_of(Put::line, {id, place_.line, 0}));
        break;
      }
  }
}

// Images chosen from an array by an index: of a wrong one a read gives zeros and a write does nothing. An image with its
// sampler must stand in the block that uses it, and blocks are cut where something is checked: it is put there anew, and
// what is read through it is then of the array's first element.
bool Rewriter::image(const Instruction& i) {
  const auto inherit = [&] {
    if (const auto found = pointers_.find(i[2]); found != pointers_.end()) pointers_[i[1]] = Pointer(found->second);
    put(copy_of(i), false);
    return true;
  };
  if (i.op() == Op::load) {
    const Instruction* type = module_.find(i[0]);
    const bool loaded = type && (type->op() == Op::type_image || type->op() == Op::type_sampled_image);
    return loaded && inherit();
  }
  if (i.op() == Op::image_texel_pointer) return inherit();
  if (i.op() == Op::image_write) return guarded(i, i[0], false), true;
  if (i.op() == Op::sampled_image) return sampled_[i[1]] = {copy_of(i), 0}, true;
  if (i.op() < Op::image_sample || i.op() > Op::image_query_samples) return false;
  const auto with_sampler = sampled_.find(i[2]);
  if (with_sampler == sampled_.end()) {
    if (i.op() > Op::image_read) return false;
    return guarded(i, i[2], true), true;
  }
  Sampled& sampled = with_sampler->second;
  Line line = copy_of(i);
  if (sampled.block != label_) {
    if (sampled.block != 0) sampled.line[2] = patch_.id();
    sampled.block = label_;
    put(Line(sampled.line));
  }
  line[3] = sampled.line[2];
  put(std::move(line));
  return true;
}

void Rewriter::fix_phi(Emitted& emitted) {
  Line& line = emitted.line;
  if (emitted.ours || (line[0] & 0xffff) != static_cast<uint16_t>(Op::phi)) return;
  for (size_t at = 4; at < line.size(); at += 2)
    if (const auto tail = tails_.find(line[at]); tail != tails_.end()) line[at] = tail->second;
}

// ---------------------------------------------------------------- text

void Rewriter::scalar_words(uint32_t value, uint32_t type, std::vector<uint32_t>& words) {
  const Instruction& i = module_.get(type);
  const uint32_t number = patch_.uint_type();
  if (i.op() == Op::type_bool) {
    words.push_back(emit(Op::select, number, {value, patch_.constant(1), patch_.constant(0)}));
  } else if (i[1] == 64) {
    const uint32_t pair = emit(Put::bitcast, patch_.uvec_type(2), {value});
    for (uint32_t half = 0; half < 2; ++half) words.push_back(emit(Put::composite_extract, number, {pair, half}));
  } else if (i.op() == Op::type_float) {
    const uint32_t single = patch_.type(Op::type_float, {32});
    words.push_back(emit(Put::bitcast, number, {i[1] == 32 ? value : emit(Put::f_convert, single, {value})}));
  } else {
    words.push_back(as_uint(value));
  }
}

Scalar scalar_of(const Instruction& type) {
  if (type.op() == Op::type_bool) return Scalar::boolean;
  if (type.op() == Op::type_float) return type[1] == 64 ? Scalar::f64 : Scalar::f32;
  if (type[1] == 64) return type[2] ? Scalar::i64 : Scalar::u64;
  return type[2] ? Scalar::i32 : Scalar::u32;
}

void Rewriter::words_of(uint32_t value, uint32_t type, PrintSite& site, std::vector<uint32_t>& words) {
  const Instruction& i = module_.get(type);
  if (i.op() != Op::type_vector) {
    site.arguments.push_back({scalar_of(i), 1});
    return scalar_words(value, type, words);
  }
  site.arguments.push_back({scalar_of(module_.get(i[1])), i[2]});
  for (uint32_t k = 0; k < i[2]; ++k) scalar_words(emit(Put::composite_extract, i[1], {value, k}), i[1], words);
}

void Rewriter::print(const Instruction& i) {
  PrintSite site{place_, texts_[i[4]], {}};
  std::vector<uint32_t> words;
  for (const uint32_t value : i.from(5)) words_of(value, type_of(value), site, words);
  out_.prints.push_back(std::move(site));
  const uint32_t function = functions_->print(static_cast<uint32_t>(words.size()));
  Line line = line_of(Op::function_call,
                      {patch_.void_type(), i[1], function, patch_.constant(static_cast<uint32_t>(out_.prints.size()))});
  line.insert(line.end(), words.begin(), words.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(Op::function_call);
  put(std::move(line));
}

// Without its import the module asks nothing of the driver.
void Rewriter::drop_print_set() {
  if (!print_set_) return;
  size_t others = 0;
  const Instruction* extension = nullptr;
  for (const Instruction& i : module_.globals()) {
    if (static_cast<Put>(i.op()) == Put::ext_inst_import && i.text(1).starts_with("NonSemantic.")) {
      if (i[0] == print_set_)
        patch_.drop(i);
      else
        ++others;
    }
    if (i.op() == Op::extension && i.text(0) == "SPV_KHR_non_semantic_info") extension = &i;
  }
  if (extension && others == 0) patch_.drop(*extension);
}

}  // namespace

bool has_prints(std::span<const uint32_t> words) { return print_import(Module(words)) != nullptr; }

Instrumented instrument(std::span<const uint32_t> words, const Reflection& reflection, bool check_indices) {
  return Rewriter(words, reflection, check_indices).run();
}

}  // namespace forge::shader
