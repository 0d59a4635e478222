#include "bind/shader/fill.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "bind/shader/arguments.hpp"
#include "forge/array/fuse/host_rows.hpp"
#include "forge/vk/same_memory.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

void refuse_read_only(const PyArray& array) {
  if (!array.array().writable())
    throw Error(ErrorCode::READ_ONLY, "the array is read-only", "a writable array", "one over read-only memory");
}

// The 32-bit word that these bytes repeat; none where they repeat none.
std::optional<uint32_t> repeated_word(const std::string& bytes) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data(), sizeof word);
  for (size_t i = 0; i < bytes.size(); i += sizeof word)
    if (std::memcmp(bytes.data() + i, &word, sizeof word) != 0) return std::nullopt;
  return word;
}

[[noreturn]] void refuse_pattern(DType dtype, const std::string& value) {
  throw Error(ErrorCode::INVALID_ARGUMENT, "fill repeats one 32-bit pattern over whole words",
              "a value that is one (zero is, for every dtype) and a multiple of 4 bytes",
              value + " as " + std::string(name_of(dtype)), "use a kernel");
}

// 0 is a value of every dtype, bool too.
void pack(const shader::Number& number, DType dtype, std::byte* to) {
  const std::string what = "value of a fill";
  const auto* whole = std::get_if<int64_t>(&number);
  if (dtype == DType::bool_ && whole && (*whole == 0 || *whole == 1))
    return shader::pack_number(*whole == 1, shader::Scalar::boolean, to, what);
  if (dtype != DType::bfloat16) return shader::pack_number(number, shader::scalar_of(dtype), to, what);
  shader::pack_number(number, shader::Scalar::f32, to, what);  // refuses what is no float
  const double value = std::visit([](auto one) { return static_cast<double>(one); }, number);
  const void* const operand = &value;
  float rounded = 0;
  array::host_conversion_to_short(dtype)(&rounded, &operand, 1);
  const auto half = static_cast<uint16_t>(std::bit_cast<uint32_t>(rounded) >> 16);
  std::memcpy(to, &half, sizeof half);
}

}  // namespace

uint32_t fill_word(const PyArray& to, py::handle value) {
  refuse_read_only(to);
  const DType dtype = to.array().dtype();
  const vk::BufferRef target = to.array().bytes();
  if ((target.buffer->origin() + target.offset) % 4 != 0 || target.size % 4 != 0)
    refuse_pattern(dtype, py::str(value).cast<std::string>());
  return fill_word(dtype, {"value", to_numbers_argument(value, "value")});
}

uint32_t fill_word(DType dtype, const shader::NamedArgument& value) {
  const auto* numbers = std::get_if<shader::NumbersArgument>(&value.value);
  if (!numbers || numbers->is_sequence() || numbers->values.size() != 1)
    throw Error(ErrorCode::BAD_TYPE, "the value to fill with", "one number of the array's dtype",
                numbers ? "several numbers" : "something else");
  const size_t size = size_of(dtype);
  std::string bytes(std::max<size_t>(size, 4), '\0');
  std::byte packed[8]{};
  pack(numbers->values.front(), dtype, packed);
  // Of a complex number the imaginary part stays 0; bool packs as a word of which the first byte counts.
  const size_t part = dtype == DType::complex64 || dtype == DType::complex128 ? size / 2 : size;
  for (size_t at = 0; at < bytes.size(); at += size) std::memcpy(bytes.data() + at, packed, part);
  const auto word = repeated_word(bytes);
  if (!word) refuse_pattern(dtype, "another value");
  return *word;
}

std::pair<vk::BufferRef, vk::BufferRef> copied_ranges(const PyArray& from, const PyArray& to) {
  const vk::BufferRef source = from.array().bytes(), target = to.array().bytes();
  if (source.size != target.size)
    throw Error(ErrorCode::BAD_SHAPE, "a copy between arrays of different sizes",
                std::to_string(target.size) + " bytes", std::to_string(source.size) + " bytes");
  if (&from.array().device() != &to.array().device())
    throw Error(ErrorCode::INVALID_ARGUMENT, "a copy from one device to another", from.array().device().info().name,
                to.array().device().info().name, "go through NumPy: vf.asarray(np.asarray(x), device=...)");
  if (vk::overlap(source, target))
    throw Error(ErrorCode::INVALID_ARGUMENT, "a copy between arrays that share memory", "two separate ranges",
                "overlapping ones", "copy by way of a third array");
  refuse_read_only(to);
  return {source, target};
}

}  // namespace forge::bind
