#include "forge/shader/spirv_shared.hpp"

#include <algorithm>

namespace forge::shader::spirv {

namespace {
constexpr unsigned kDeepest = 16;
constexpr uint64_t kMost = uint64_t{1} << 40;

uint64_t times(uint64_t size, uint64_t count) { return size != 0 && count > kMost / size ? kMost : size * count; }
}  // namespace

uint64_t shared_size(const Module& module, uint32_t type, unsigned depth) {
  if (depth > kDeepest) damaged("a shared variable's type nests too deep");
  const Instruction& i = module.get(type);
  switch (i.op()) {
    case Op::type_bool: return 4;
    case Op::type_int:
    case Op::type_float: return i[1] / 8;
    case Op::type_vector:
    case Op::type_matrix: return times(shared_size(module, i[1], depth + 1), i[2]);
    case Op::type_array: return times(shared_size(module, i[1], depth + 1), module.constant(i[2]));
    case Op::type_struct: {
      uint64_t sum = 0;
      for (const uint32_t member : i.from(1)) {
        if (sum >= kMost) break;
        sum += shared_size(module, member, depth + 1);
      }
      return std::min(sum, kMost);
    }
    default: return 0;
  }
}

uint64_t shared_bytes(const Module& module) {
  uint64_t sum = 0;
  for (const Instruction& i : module.globals())
    if (i.op() == Op::variable && static_cast<Storage>(i[2]) == Storage::workgroup)
      sum = std::min(sum + shared_size(module, module.get(i[0])[2]), kMost);
  return sum;
}

}  // namespace forge::shader::spirv
