#include "forge/shader/spirv_types.hpp"

#include <algorithm>
#include <limits>

namespace forge::shader::spirv {

namespace {

constexpr size_t kDeepest = 64;
constexpr size_t kMostTypes = 1 << 16;

uint32_t narrowed(uint64_t bytes) {
  if (bytes > std::numeric_limits<uint32_t>::max()) damaged("a block is beyond 4 GiB");
  return static_cast<uint32_t>(bytes);
}

// Of one element, without the array round it.
uint64_t element_size(const Type& type) {
  const uint64_t scalar = size_of(type.scalar);
  switch (type.kind) {
    case Type::Kind::scalar: return scalar;
    case Type::Kind::vector: return scalar * type.rows;
    case Type::Kind::pointer: return 8;
    case Type::Kind::structure: return type.nested.front().size;
    case Type::Kind::matrix: break;
  }
  const uint64_t lines = type.row_major ? type.rows : type.columns;
  const uint64_t across = type.row_major ? type.columns : type.rows;
  return (lines - 1) * type.matrix_stride + across * scalar;
}

}  // namespace

struct TypeReader::Visit {
  Visit(TypeReader& reader, uint32_t id) : reader_(reader) {
    if (reader.open_.size() >= kDeepest) damaged("types are nested too deeply");
    if (++reader.types_ > kMostTypes) damaged("it has too many types");
    reader.open_.push_back(id);
  }
  ~Visit() { reader_.open_.pop_back(); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  TypeReader& reader_;
};

Scalar TypeReader::scalar(uint32_t id) {
  const Instruction& i = module_.get(id);
  if (i.op() == Op::type_bool) return Scalar::boolean;
  if (i.op() == Op::type_float && i.count() == 2) {  // a third operand names another encoding: bfloat16, fp8
    if (i[1] == 16) return Scalar::f16;
    if (i[1] == 32) return Scalar::f32;
    if (i[1] == 64) return Scalar::f64;
  }
  if (i.op() == Op::type_int) {
    const bool is_signed = i[2] != 0;
    if (i[1] == 8) return is_signed ? Scalar::i8 : Scalar::u8;
    if (i[1] == 16) return is_signed ? Scalar::i16 : Scalar::u16;
    if (i[1] == 32) return is_signed ? Scalar::i32 : Scalar::u32;
    if (i[1] == 64) return is_signed ? Scalar::i64 : Scalar::u64;
  }
  damaged("type " + std::to_string(id) + " is not one that memory or a constant can hold");
}

Type TypeReader::type(uint32_t id) {
  const Visit visit(*this, id);
  const Instruction& i = module_.get(id);
  Type type;
  switch (i.op()) {
    case Op::type_array:
    case Op::type_runtime_array: array(i, type); break;
    case Op::type_vector: vector(i, type); break;
    case Op::type_matrix: matrix(i, type); break;
    case Op::type_struct:
      type.kind = Type::Kind::structure;
      type.nested.push_back(block(id));
      break;
    case Op::type_pointer:
      type.kind = Type::Kind::pointer;
      type.scalar = Scalar::u64;
      type.nested.push_back(pointee(i));
      break;
    default: type.scalar = scalar(id);
  }
  return type;
}

void TypeReader::array(const Instruction& i, Type& type) {
  const bool sized = i.op() == Op::type_array;
  const uint32_t extent = sized ? module_.constant(i[2]) : 0;
  if (sized && extent == 0) damaged("an array has no elements");
  type = this->type(i[1]);
  type.array.insert(type.array.begin(), extent);
  type.strides.insert(type.strides.begin(), module_.decoration(i[0], Decoration::array_stride).value_or(0));
}

void TypeReader::vector(const Instruction& i, Type& type) {
  type.kind = Type::Kind::vector;
  type.scalar = scalar(i[1]);
  type.rows = i[2];
  if (type.rows < 2 || type.rows > 4) damaged("a vector does not have 2 to 4 components");
}

void TypeReader::matrix(const Instruction& i, Type& type) {
  const Instruction& column = module_.get(i[1]);
  if (column.op() != Op::type_vector) damaged("a matrix is not made of vectors");
  vector(column, type);
  type.kind = Type::Kind::matrix;
  type.columns = i[2];
  if (type.columns < 2 || type.columns > 4) damaged("a matrix does not have 2 to 4 columns");
}

Block TypeReader::pointee(const Instruction& pointer) {
  if (static_cast<Storage>(pointer[1]) != Storage::physical) damaged("a block holds a pointer that is no address");
  const uint32_t target = pointer[2];
  Block block;
  if (std::find(open_.begin(), open_.end(), target) != open_.end()) {
    block.name = module_.name(target);
    block.access = declared_access(module_, target);
  } else if (module_.get(target).op() == Op::type_struct) {
    block = this->block(target);
  } else {  // a pointer to a bare type: other compilers than glslang make these
    block.members.push_back({"", type(target), 0, 0});
    block.members[0].size = block.size = narrowed(byte_size(block.members[0].type));
  }
  return used(target, std::move(block));
}

// What the code does with these addresses narrows what is declared, and says how they must be aligned. An address that
// is not followed still counts as read.
Block TypeReader::used(uint32_t target, Block block) const {
  const auto found = uses_.find(target);
  const Access access = found == uses_.end() ? Access::read : found->second.access;
  const unsigned both = static_cast<unsigned>(block.access) & static_cast<unsigned>(access);
  // Touched in none of its declared ways: what a template's other forms do to it is what it declares.
  block.access = both ? static_cast<Access>(both) : block.access == Access::write ? Access::write : Access::read;
  if (found != uses_.end() && found->second.alignment) block.alignment = found->second.alignment;
  return block;
}

Block TypeReader::block(uint32_t struct_id) {
  const Visit visit(*this, struct_id);
  const Instruction& i = module_.get(struct_id);
  if (i.op() != Op::type_struct) damaged("a block is no structure");
  Block block;
  block.name = module_.name(struct_id);
  block.access = declared_access(module_, struct_id);
  for (uint32_t index = 0; index + 1 < i.count(); ++index) {
    const Member& last = block.members.emplace_back(member(struct_id, index, i[index + 1]));
    if (!last.type.array.empty() && last.type.array.front() == 0)
      block.runtime_stride = last.type.strides.front();
    else
      block.size = std::max(block.size, narrowed(uint64_t{last.offset} + last.size));
  }
  return block;
}

Member TypeReader::member(uint32_t struct_id, uint32_t index, uint32_t type_id) {
  Member member;
  member.name = module_.member_name(struct_id, index);
  member.type = type(type_id);
  member.offset = module_.member_decoration(struct_id, index, Decoration::offset).value_or(0);
  if (member.type.kind == Type::Kind::matrix) {
    member.type.matrix_stride = module_.member_decoration(struct_id, index, Decoration::matrix_stride).value_or(0);
    member.type.row_major = module_.member_decoration(struct_id, index, Decoration::row_major).has_value();
  }
  member.size = narrowed(byte_size(member.type));
  return member;
}

uint64_t byte_size(const Type& type) {
  uint64_t size = element_size(type);
  for (size_t i = 0; i < type.array.size(); ++i) {
    if (type.array[i] == 0) return 0;
    size += uint64_t{type.array[i] - 1} * type.strides[i];
    narrowed(size);
  }
  return size;
}

Access declared_access(const Module& module, uint32_t struct_id) {
  const size_t members = module.get(struct_id).count() - 1;
  const auto all = [&](Decoration which) {
    for (uint32_t m = 0; m < members; ++m)
      if (!module.member_decoration(struct_id, m, which)) return false;
    return members > 0;
  };
  unsigned bits = static_cast<unsigned>(Access::read_write);
  if (all(Decoration::non_writable)) bits &= ~static_cast<unsigned>(Access::write);
  if (all(Decoration::non_readable)) bits &= ~static_cast<unsigned>(Access::read);
  return static_cast<Access>(bits);
}

}  // namespace forge::shader::spirv
