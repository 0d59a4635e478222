#include "forge/array/ops/index_types.hpp"

#include <array>
#include <cstring>

#include "forge/core/error.hpp"
#include "forge/vk/staging.hpp"

namespace forge::array {

shader::Defines index_defines(DType dtype, const std::string& what) {
  const DTypeRow& row = dtype_row(dtype);
  if ((row.kind != 'i' && row.kind != 'u') || row.size < 4)
    throw Error(ErrorCode::BAD_DTYPE, what + " have the wrong dtype", "int32, uint32, int64 or uint64",
                std::string(row.name), "convert them: .astype(np.int64)");
  shader::Defines defines{{"INDEX", row.size == 8 ? "uvec2" : row.kind == 'i' ? "int" : "uint"}};
  if (row.kind == 'i') defines["SIGNED_INDEX"] = "1";
  return defines;
}

std::string index_text(const Array& indices, uint64_t position) {
  const size_t size = size_of(indices.dtype());
  std::array<std::byte, 8> bytes{};
  vk::download(bytes.data(), indices.bytes().part(position * size, size));
  int64_t wide = 0;
  int32_t narrow = 0;
  std::memcpy(&wide, bytes.data(), sizeof wide);
  std::memcpy(&narrow, bytes.data(), sizeof narrow);
  const bool is_signed = dtype_row(indices.dtype()).kind == 'i';
  if (size == 8) return is_signed ? std::to_string(wide) : std::to_string(static_cast<uint64_t>(wide));
  return is_signed ? std::to_string(narrow) : std::to_string(static_cast<uint32_t>(narrow));
}

}  // namespace forge::array
