#pragma once

#include <vector>

#include "forge/shader/reflect.hpp"
#include "forge/shader/spirv_access.hpp"
#include "forge/shader/spirv_module.hpp"

namespace forge::shader::spirv {

/// Reads types into reflect.hpp's values. Work is bounded: types that nest deeper or wider than any real shader's are
/// refused, since a few hundred hostile words could else ask for gigabytes.
class TypeReader {
 public:
  TypeReader(const Module& module, const Uses& uses) : module_(module), uses_(uses) {}

  Scalar scalar(uint32_t id);
  Type type(uint32_t id);
  Block block(uint32_t struct_id);

 private:
  struct Visit;
  void array(const Instruction& i, Type& type);
  void vector(const Instruction& i, Type& type);
  void matrix(const Instruction& i, Type& type);
  Block pointee(const Instruction& pointer);
  Block used(uint32_t target, Block block) const;
  Member member(uint32_t struct_id, uint32_t index, uint32_t type_id);

  const Module& module_;
  const Uses& uses_;
  std::vector<uint32_t> open_;  // ids on the way down, to find a structure that holds itself
  size_t types_ = 0;
};

/// Bytes without trailing padding; 0 where runtime-sized.
uint64_t byte_size(const Type& type);

/// What readonly / writeonly on every member of a block say.
Access declared_access(const Module& module, uint32_t struct_id);

}  // namespace forge::shader::spirv
