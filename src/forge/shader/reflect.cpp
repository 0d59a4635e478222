#include "forge/shader/reflect.hpp"

#include <algorithm>

#include "forge/core/error.hpp"
#include "forge/shader/spirv_access.hpp"
#include "forge/shader/spirv_module.hpp"
#include "forge/shader/spirv_shared.hpp"
#include "forge/shader/spirv_types.hpp"

namespace forge::shader {

namespace {

using namespace spirv;

constexpr uint32_t kMostResources = 4096;

Access both(Access a, Access b) { return static_cast<Access>(static_cast<unsigned>(a) & static_cast<unsigned>(b)); }

class Reader {
 public:
  explicit Reader(std::span<const uint32_t> words)
      : module_(words), uses_(find_uses(module_)), types_(module_, uses_) {}

  Reflection read() {
    entry_point();
    for (const Instruction& i : module_.globals()) global(i);
    workgroup();
    sort();
    return std::move(out_);
  }

 private:
  void entry_point();
  void global(const Instruction& i);
  void variable(const Instruction& i);
  void push_constants(uint32_t type);
  void interface(const Instruction& i, uint32_t type, std::vector<InterfaceVariable>& list);
  void between(const Instruction& i, uint32_t type);
  void binding(const Instruction& i, uint32_t type, Storage storage);
  void buffer(Binding& binding, uint32_t variable, uint32_t type, Storage storage);
  void resource(Binding& binding, const Instruction& type);
  void image(Binding& binding, const Instruction& type);
  uint32_t length(uint32_t constant, Binding& binding) const;
  uint32_t unwrap_arrays(uint32_t type, Binding& binding);
  Access access_of(uint32_t variable, Access declared) const;
  void spec_constant(const Instruction& i);
  void workgroup();
  void workgroup_axis(size_t axis, uint32_t constant);
  void sort();

  Module module_;
  Uses uses_;
  TypeReader types_;
  Reflection out_;
  uint32_t entry_id_ = 0;
  std::vector<uint32_t> interface_;
};

Stage stage_of(uint32_t model) {
  if (model == kModelVertex) return Stage::vertex;
  if (model == kModelFragment) return Stage::fragment;
  if (model == kModelCompute) return Stage::compute;
  throw Error(ErrorCode::SHADER_INVALID, "the SPIR-V module is of a stage that is not used here",
              "compute, vertex or fragment", "execution model " + std::to_string(model));
}

void Reader::entry_point() {
  const Instruction* found = nullptr;
  for (const Instruction& i : module_.globals()) {
    if (i.op() != Op::entry_point) continue;
    if (found) throw Error(ErrorCode::SHADER_INVALID, "the SPIR-V module has several entry points", "one");
    found = &i;
  }
  if (!found) damaged("it has no entry point");
  size_t next = 0;
  out_.version = module_.version();
  out_.stage = stage_of((*found)[0]);
  entry_id_ = (*found)[1];
  out_.entry = found->text(2, &next);
  const auto ids = found->from(next);
  interface_.assign(ids.begin(), ids.end());
  std::sort(interface_.begin(), interface_.end());
}

void Reader::global(const Instruction& i) {
  switch (i.op()) {
    case Op::capability: out_.capabilities.push_back(i[0]); break;
    case Op::extension: out_.extensions.push_back(i.text(0)); break;
    case Op::variable: variable(i); break;
    case Op::spec_constant_true:
    case Op::spec_constant_false:
    case Op::spec_constant: spec_constant(i); break;
    default: break;
  }
}

void Reader::variable(const Instruction& i) {
  const Instruction& pointer = module_.get(i[0]);
  if (pointer.op() != Op::type_pointer) damaged("a variable's type is no pointer");
  const uint32_t type = pointer[2];
  const auto storage = static_cast<Storage>(i[2]);
  switch (storage) {
    case Storage::push_constant: return push_constants(type);
    case Storage::workgroup:
      out_.shared_bytes = std::min<uint64_t>(out_.shared_bytes + shared_size(module_, type), UINT32_MAX);
      return;
    case Storage::uniform:
    case Storage::storage_buffer:
    case Storage::uniform_constant: return binding(i, type, storage);
    case Storage::input:
      if (out_.stage == Stage::vertex) interface(i, type, out_.inputs);
      if (out_.stage == Stage::fragment) between(i, type);
      return;
    case Storage::output:
      if (out_.stage == Stage::fragment) interface(i, type, out_.outputs);
      if (out_.stage == Stage::vertex) between(i, type);
      return;
    default: return;
  }
}

void Reader::push_constants(uint32_t type) {
  if (out_.push) damaged("it has two blocks of push constants");
  out_.push = types_.block(type);
  out_.push->access = Access::read;
}

void Reader::interface(const Instruction& i, uint32_t type, std::vector<InterfaceVariable>& list) {
  const auto location = module_.decoration(i[1], Decoration::location);
  const bool ours = std::binary_search(interface_.begin(), interface_.end(), i[1]);
  if (location && ours) list.push_back({module_.name(i[1]), *location, types_.type(type)});
}

void Reader::between(const Instruction& i, uint32_t type) {
  const auto use = uses_.find(i[1]);
  const bool is_read = use != uses_.end() && both(use->second.access, Access::read) == Access::read;
  if (out_.stage == Stage::fragment && !is_read) return;
  uint32_t element = type;
  for (int depth = 0; depth < 8 && module_.get(element).op() == Op::type_array; ++depth)
    element = module_.get(element)[1];
  const bool is_block = module_.get(element).op() == Op::type_struct;
  if (is_block && !module_.has(i[1], Decoration::location) &&
      module_.member_decoration(element, 0, Decoration::built_in))
    return;  // gl_Position and its like
  if (is_block || module_.has(i[1], Decoration::component)) {
    out_.between_is_whole = false;
    return;
  }
  interface(i, type, out_.between);
}

uint32_t Reader::length(uint32_t constant, Binding& binding) const {
  const Instruction* i = module_.find(constant);
  if (!i || (i->op() != Op::constant && i->op() != Op::spec_constant))
    throw Error(ErrorCode::SHADER_INVALID, "the length of \"" + binding.name + "\" is computed from constants",
                "a number, or one specialisation constant", "an expression",
                "give the length a constant of its own (constant_id)");
  binding.count_spec = module_.decoration(constant, Decoration::spec_id);
  return module_.constant(constant);
}

// Arrays of descriptors; the type of one of them.
uint32_t Reader::unwrap_arrays(uint32_t type, Binding& binding) {
  for (int depth = 0; depth < 8; ++depth) {
    const Instruction& i = module_.get(type);
    if (i.op() != Op::type_array && i.op() != Op::type_runtime_array) return type;
    const uint64_t count = i.op() == Op::type_array ? uint64_t{binding.count} * length(i[2], binding) : 0;
    if (count > 1u << 24) damaged("an array of bindings is too long");
    if (count == 0 && i.op() == Op::type_array) damaged("an array of bindings has no elements");
    binding.count = static_cast<uint32_t>(count);
    ++binding.array_depth;
    type = i[1];
  }
  damaged("an array of bindings has too many dimensions");
}

Access Reader::access_of(uint32_t variable, Access declared) const {
  const auto found = uses_.find(variable);
  Access bits = both(declared, found == uses_.end() ? Access::read : found->second.access);
  if (module_.has(variable, Decoration::non_writable)) bits = both(bits, Access::read);
  if (module_.has(variable, Decoration::non_readable)) bits = both(bits, Access::write);
  return bits == Access::none ? Access::read : bits;  // declared but not touched: it must still be alive
}

void Reader::binding(const Instruction& i, uint32_t type, Storage storage) {
  if (out_.bindings.size() >= kMostResources) damaged("it has too many bindings");
  Binding binding;
  const auto number = module_.decoration(i[1], Decoration::binding);
  binding.set = module_.decoration(i[1], Decoration::descriptor_set).value_or(0);
  binding.name = module_.name(i[1]);
  type = unwrap_arrays(type, binding);
  if (const auto use = uses_.find(i[1]); use != uses_.end())
    binding.indexed = use->second.indexed, binding.measured = use->second.measured;
  if (!number) {
    if (module_.get(type).op() != Op::type_struct && storage == Storage::uniform_constant) return;
    damaged("\"" + binding.name + "\" has no binding number");
  }
  binding.binding = *number;
  if (storage == Storage::uniform_constant)
    resource(binding, module_.get(type));
  else
    buffer(binding, i[1], type, storage);
  if (binding.kind == BindingKind::storage_image || binding.kind == BindingKind::storage_texel_buffer)
    binding.access = access_of(i[1], Access::read_write);
  out_.bindings.push_back(std::move(binding));
}

void Reader::buffer(Binding& binding, uint32_t variable, uint32_t type, Storage storage) {
  const bool stored = storage == Storage::storage_buffer || module_.has(type, Decoration::buffer_block);
  binding.kind = stored ? BindingKind::storage_buffer : BindingKind::uniform_buffer;
  binding.block = types_.block(type);
  binding.access = stored ? access_of(variable, binding.block.access) : Access::read;
  binding.block.access = binding.access;
  if (!binding.name.empty()) return;
  const auto& members = binding.block.members;
  binding.name = members.size() == 1 && !members[0].name.empty() ? members[0].name : binding.block.name;
}

void Reader::resource(Binding& binding, const Instruction& type) {
  switch (type.op()) {
    case Op::type_sampler: binding.kind = BindingKind::sampler; return;
    case Op::type_image:
      binding.kind = type[6] == 2 ? BindingKind::storage_image : BindingKind::sampled_image;
      return image(binding, type);
    case Op::type_sampled_image: {
      const Instruction& inner = module_.get(type[1]);
      if (inner.op() != Op::type_image) damaged("a sampled image has no image");
      binding.kind = BindingKind::combined_image;
      return image(binding, inner);
    }
    default: damaged("\"" + binding.name + "\" is a resource of a kind that is not used here");
  }
}

void Reader::image(Binding& binding, const Instruction& type) {
  const auto dim = static_cast<Dim>(type[2]);
  const bool stored = binding.kind == BindingKind::storage_image;
  if (dim > Dim::buffer) damaged("\"" + binding.name + "\" is an input attachment, which is not used here");
  if (dim == Dim::buffer) binding.kind = stored ? BindingKind::storage_texel_buffer : BindingKind::texel_buffer;
  binding.image_dims = dim == Dim::d1 || dim == Dim::buffer ? 1 : dim == Dim::d3 ? 3 : 2;
  binding.image_cube = dim == Dim::cube;
  binding.image_arrayed = type[4] == 1;
  binding.image_multisampled = type[5] == 1;
  binding.image_format = type[7];
  binding.image_scalar = types_.scalar(type[1]);
}

void Reader::spec_constant(const Instruction& i) {
  const auto id = module_.decoration(i[1], Decoration::spec_id);
  if (!id) return;
  if (out_.spec_constants.size() >= kMostResources) damaged("it has too many specialisation constants");
  SpecConstant constant{module_.name(i[1]), *id, types_.scalar(i[0]), 0};
  const bool is_bool = i.op() != Op::spec_constant;
  if (is_bool != (constant.type == Scalar::boolean)) damaged("a specialisation constant has the wrong type");
  if (is_bool)
    constant.default_bits = i.op() == Op::spec_constant_true;
  else
    constant.default_bits = i[2] | (size_of(constant.type) == 8 ? uint64_t{i[3]} << 32 : 0);
  if (size_of(constant.type) < 4 && !is_bool) constant.default_bits &= (1u << 8 * size_of(constant.type)) - 1;
  for (SpecConstant& known : out_.spec_constants) {  // glslang says a workgroup size twice
    if (known.id != constant.id) continue;
    if (known.name.empty()) known.name = constant.name;
    return;
  }
  out_.spec_constants.push_back(std::move(constant));
}

void Reader::workgroup_axis(size_t axis, uint32_t constant) {
  out_.workgroup[axis] = module_.constant(constant);
  const auto id = module_.decoration(constant, Decoration::spec_id);
  out_.workgroup_spec[axis] = id;
  if (!id) return;
  for (SpecConstant& known : out_.spec_constants)
    if (known.id == *id && known.name.empty()) known.name = std::string("local_size_") + "xyz"[axis];
}

// SPIR-V says it in one of three ways; the constant decorated as the builtin counts more than a mode.
void Reader::workgroup() {
  for (const Instruction& i : module_.globals()) {
    const bool by_id = i.op() == Op::execution_mode_id && i[1] == kModeLocalSizeId;
    const bool by_value = i.op() == Op::execution_mode && i[1] == kModeLocalSize;
    if ((!by_id && !by_value) || i[0] != entry_id_) continue;
    for (size_t axis = 0; axis < 3; ++axis)
      if (by_id)
        workgroup_axis(axis, i[2 + axis]);
      else
        out_.workgroup[axis] = i[2 + axis];
  }
  for (const Instruction& i : module_.globals()) {
    if (i.op() != Op::spec_constant_composite && i.op() != Op::constant_composite) continue;
    if (module_.decoration(i[1], Decoration::built_in) != kBuiltInWorkgroupSize) continue;
    for (size_t axis = 0; axis < 3; ++axis) workgroup_axis(axis, i[2 + axis]);
  }
}

void Reader::sort() {
  const auto by = [](auto& list, auto key) {
    std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  };
  by(out_.bindings, [](const Binding& b) { return std::pair(b.set, b.binding); });
  by(out_.spec_constants, [](const SpecConstant& c) { return c.id; });
  by(out_.inputs, [](const InterfaceVariable& v) { return v.location; });
  by(out_.outputs, [](const InterfaceVariable& v) { return v.location; });
  by(out_.between, [](const InterfaceVariable& v) { return v.location; });
}

}  // namespace

Reflection reflect(std::span<const uint32_t> words) { return Reader(words).read(); }

}  // namespace forge::shader
