#include "forge/shader/spirv_access.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace forge::shader::spirv {

namespace {

// An id of the code that leads to a resource: a pointer into it, or an image loaded from its variable.
struct Lead {
  uint32_t root = 0;
  bool address = false;  // points to the start of a block by address: whoever gets it knows the block from its type
};

bool is_atomic(Op op) {
  return (op >= Op::atomic_load && op <= Op::atomic_xor) || op == Op::atomic_flag_test_and_set ||
         op == Op::atomic_flag_clear || op == Op::atomic_float_min || op == Op::atomic_float_max ||
         op == Op::atomic_float_add;
}

bool is_image_query(Op op) { return op >= Op::image_query_format && op <= Op::image_query_samples; }

// Handing an address on unchanged; its later uses are seen under the type they have there.
bool keeps_address(Op op) {
  switch (op) {
    case Op::function_call:
    case Op::composite_construct:
    case Op::composite_insert:
    case Op::select:
    case Op::phi:
    case Op::return_value:
    case Op::copy_logical: return true;
    default: return false;
  }
}

class Tracer {
 public:
  explicit Tracer(const Module& module) : module_(module) {}

  Uses trace() {
    for (const Instruction& i : module_.globals())
      if (i.op() == Op::variable) leads_.insert_or_assign(i[1], Lead{i[1]});
    for (const Instruction& i : module_.code()) visit(i);
    return std::move(uses_);
  }

 private:
  void visit(const Instruction& i);
  void load(const Instruction& i);
  void store(const Instruction& i);
  void atomic(const Instruction& i);
  void others(const Instruction& i);
  void index(const Instruction& i);

  const Lead* lead(uint32_t id) const {
    const auto found = leads_.find(id);
    return found == leads_.end() ? nullptr : &found->second;
  }
  void mark(uint32_t id, Access access, uint32_t alignment = 0) {
    const Lead* found = lead(id);
    if (!found) return;
    Use& use = uses_[found->root];
    use.access = static_cast<Access>(static_cast<unsigned>(use.access) | static_cast<unsigned>(access));
    use.alignment = std::max(use.alignment, alignment);
  }
  void follow(uint32_t result, uint32_t base) {
    if (const Lead* found = lead(base)) leads_.insert_or_assign(result, Lead{found->root});
  }
  void follow_by_type(const Instruction& i);
  static uint32_t alignment(const Instruction& i, size_t mask_at);

  const Module& module_;
  std::unordered_map<uint32_t, Lead> leads_;
  std::unordered_set<uint32_t> each_;  // pointers that differ from invocation to invocation
  Uses uses_;
};

uint32_t Tracer::alignment(const Instruction& i, size_t mask_at) {
  if (i.count() <= mask_at + 1 || !(i[mask_at] & kMemoryAligned)) return 0;
  const uint32_t bytes = i[mask_at + 1];
  return bytes <= 4096 ? bytes : 0;
}

// Any instruction whose result is an address leads to the type it points to. Only a result's type can stand first in an
// instruction and be a type.
void Tracer::follow_by_type(const Instruction& i) {
  if (i.count() < 2) return;
  const Instruction* type = module_.find(i[0]);
  if (!type || type->op() != Op::type_pointer || static_cast<Storage>((*type)[1]) != Storage::physical) return;
  leads_.insert_or_assign(i[1], Lead{(*type)[2], true});
}

void Tracer::load(const Instruction& i) {
  const Instruction* type = module_.find(i[0]);
  const bool image = type && (type->op() == Op::type_image || type->op() == Op::type_sampled_image);
  if (image) return follow(i[1], i[2]);
  mark(i[2], Access::read, alignment(i, 3));
  follow_by_type(i);
}

void Tracer::store(const Instruction& i) {
  mark(i[0], Access::write, alignment(i, 2));
  if (const Lead* value = lead(i[1]); value && !value->address) mark(i[1], Access::read_write);
}

void Tracer::atomic(const Instruction& i) {
  const bool has_result = i.op() != Op::atomic_store && i.op() != Op::atomic_flag_clear;
  const Instruction* type = has_result ? module_.find(i[0]) : nullptr;
  const bool is_short = type && type->count() > 1 && (*type)[1] <= 32;
  const Access access = i.op() == Op::atomic_load    ? Access::read
                        : i.op() == Op::atomic_store ? Access::write
                                                     : Access::read_write;
  mark(i[has_result ? 2 : 0], access, is_short ? 4 : 8);
}

// The first index into a variable: of a block its member, always a constant.
void Tracer::index(const Instruction& i) {
  const Instruction* variable = module_.find(i[2]);
  if (variable && variable->op() == Op::variable && i.count() > 3) {
    if (!module_.find(i[3])) uses_[i[2]].indexed = true;
    // glslang decorates the index alone where the length is all that is asked for
    if (module_.has(i[1], Decoration::non_uniform) || module_.has(i[3], Decoration::non_uniform)) each_.insert(i[1]);
  }
  if (each_.contains(i[2])) each_.insert(i[1]);
}

void Tracer::others(const Instruction& i) {
  for (uint32_t id : i.from(0)) {
    const Lead* found = lead(id);
    if (found && !(found->address && keeps_address(i.op()))) mark(id, Access::read_write);
  }
  follow_by_type(i);
}

void Tracer::visit(const Instruction& i) {
  if (is_atomic(i.op())) return atomic(i);
  if (is_image_query(i.op())) return;
  switch (i.op()) {
    case Op::load: return load(i);
    case Op::store: return store(i);
    case Op::access_chain:
    case Op::in_bounds_access_chain: index(i); return follow(i[1], i[2]);
    case Op::ptr_access_chain:
    case Op::in_bounds_ptr_access_chain:
    case Op::image_texel_pointer: return follow(i[1], i[2]);
    case Op::copy_object:
      if (const Lead* found = lead(i[2])) leads_.insert_or_assign(i[1], Lead(*found));
      return;
    case Op::copy_memory: mark(i[0], Access::write, alignment(i, 2)); return mark(i[1], Access::read, alignment(i, 2));
    case Op::image_read:
    case Op::image_sparse_read: return mark(i[2], Access::read);
    case Op::image_write: return mark(i[0], Access::write);
    case Op::array_length:
      if (const Lead* found = lead(i[2]); found && each_.contains(i[2])) uses_[found->root].measured = true;
      return;
    default: return others(i);
  }
}

}  // namespace

Uses find_uses(const Module& module) { return Tracer(module).trace(); }

}  // namespace forge::shader::spirv
