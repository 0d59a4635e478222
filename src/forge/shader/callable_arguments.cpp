// Checks of single arguments: does what the caller gave arrive in the shader unchanged?
#include <algorithm>
#include <cmath>
#include <cstring>

#include "forge/shader/callable.hpp"

namespace forge::shader {

namespace {

std::string number_text(const Number& number) {
  return std::visit(
      [](auto value) -> std::string {
        if constexpr (std::is_same_v<decltype(value), bool>)
          return value ? "True" : "False";
        else
          return std::to_string(value);
      },
      number);
}

template <class T>
void put(T value, std::byte* to) {
  std::memcpy(to, &value, sizeof value);
}

// IEEE binary16, round to nearest even; from double directly, since rounding twice is not rounding once.
uint16_t to_half(double value) {
  const auto sign = static_cast<uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double size = std::abs(value);
  if (std::isnan(value)) return sign | 0x7E00;
  if (size >= 65520) return sign | 0x7C00;  // halfway to what would be the next one
  if (size < 0x1p-14) return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(size * 0x1p24)));
  const int exponent = std::ilogb(size);
  const auto steps = static_cast<uint32_t>(std::nearbyint(std::ldexp(size, 10 - exponent)));  // 1024 to 2048
  return static_cast<uint16_t>(sign | ((static_cast<uint32_t>(exponent + 14) << 10) + steps));
}

struct IntegerRange {
  int64_t low;
  uint64_t high;
};

IntegerRange range_of(Scalar scalar) {
  switch (scalar) {
    case Scalar::i8: return {INT8_MIN, INT8_MAX};
    case Scalar::u8: return {0, UINT8_MAX};
    case Scalar::i16: return {INT16_MIN, INT16_MAX};
    case Scalar::u16: return {0, UINT16_MAX};
    case Scalar::i32: return {INT32_MIN, INT32_MAX};
    case Scalar::i64: return {INT64_MIN, INT64_MAX};
    case Scalar::u64: return {0, UINT64_MAX};
    default: return {0, UINT32_MAX};
  }
}

bool in_range(const Number& number, IntegerRange range) {
  if (const auto* value = std::get_if<int64_t>(&number))
    return *value < 0 ? *value >= range.low : static_cast<uint64_t>(*value) <= range.high;
  return std::get<uint64_t>(number) <= range.high;
}

double as_double(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

void pack_float(const Number& number, Scalar scalar, std::byte* to, const std::string& name) {
  const double value = as_double(number);
  if (scalar == Scalar::f64) return put(value, to);
  const auto single = static_cast<float>(value);
  const bool beyond = scalar == Scalar::f16 ? std::abs(value) >= 65520 : std::isinf(single);
  if (std::isfinite(value) && beyond)
    throw Error(ErrorCode::INVALID_ARGUMENT, "value of " + name, "a " + std::string(name_of(scalar)),
                number_text(number), "it would become infinite");
  if (scalar == Scalar::f16) return put(to_half(value), to);
  put(single, to);
}

void pack_integer(const Number& number, Scalar scalar, std::byte* to, const std::string& name) {
  if (std::holds_alternative<double>(number))
    throw Error(ErrorCode::BAD_TYPE, "value of " + name, "an integer (" + std::string(name_of(scalar)) + ")",
                "the float " + number_text(number), "round it yourself, e.g. int(x)");
  if (!in_range(number, range_of(scalar)))
    throw Error(ErrorCode::INVALID_ARGUMENT, "value of " + name + " does not fit",
                std::string(name_of(scalar)) + " (" + std::to_string(range_of(scalar).low) + " to " +
                    std::to_string(range_of(scalar).high) + ")",
                number_text(number));
  const uint64_t bits = std::holds_alternative<int64_t>(number) ? static_cast<uint64_t>(std::get<int64_t>(number))
                                                                : std::get<uint64_t>(number);
  std::memcpy(to, &bits, size_of(scalar));
}

// What NumPy would call the shape of a value, matrices written row by row as in mathematics.
Dims shape_of(const Type& type) {
  Dims shape;
  for (const uint32_t extent : type.array) shape.push_back(extent);
  if (type.rows > 1 || type.columns > 1) shape.push_back(type.rows);
  if (type.columns > 1) shape.push_back(type.columns);
  return shape;
}

// Where in the block number i of a value lies.
uint32_t offset_of(const Member& member, uint32_t i, bool row_by_row) {
  const Type& type = member.type;
  const uint32_t per_element = type.rows * type.columns, inner = i % per_element;
  const uint32_t column = row_by_row ? inner % type.columns : inner / type.rows;
  const uint32_t row = row_by_row ? inner / type.columns : inner % type.rows;
  const uint32_t vector_bytes = type.matrix_stride ? type.matrix_stride : type.rows * size_of(type.scalar);
  uint32_t offset = member.offset;
  for (size_t axis = type.array.size(), rest = i / per_element; axis-- > 0; rest /= type.array[axis])
    offset += static_cast<uint32_t>(rest % type.array[axis]) * type.strides[axis];
  return offset + (type.row_major ? row * vector_bytes + column * size_of(type.scalar)
                                  : column * vector_bytes + row * size_of(type.scalar));
}

}  // namespace

void pack_number(const Number& number, Scalar scalar, std::byte* to, const std::string& name) {
  if (scalar == Scalar::boolean) {
    if (!std::holds_alternative<bool>(number))
      throw Error(ErrorCode::BAD_TYPE, "value of " + name, "True or False", number_text(number));
    return put<uint32_t>(std::get<bool>(number), to);
  }
  // GLSL's bool is a uint in every block, and SPIR-V does not tell which the user wrote.
  if (scalar == Scalar::u32 && std::holds_alternative<bool>(number)) return put<uint32_t>(std::get<bool>(number), to);
  if (std::holds_alternative<bool>(number))
    throw Error(ErrorCode::BAD_TYPE, "value of " + name, "a number (" + std::string(name_of(scalar)) + ")", "a bool",
                "give 0 or 1");
  if (scalar == Scalar::f16 || scalar == Scalar::f32 || scalar == Scalar::f64)
    return pack_float(number, scalar, to, name);
  pack_integer(number, scalar, to, name);
}

void pack_numbers(const Member& member, const NumbersArgument& argument, std::byte* push, const std::string& where) {
  const Type& type = member.type;
  const Dims shape = shape_of(type);
  const auto count = static_cast<uint32_t>(element_count(shape));
  const bool in_one_row = !shape.empty() && argument.shape == Dims{count};
  if (argument.shape != shape && !in_one_row) {
    const bool one_row_too = shape.size() > 1;
    const auto text = [](const Dims& dims) {
      if (dims.empty()) return std::string("one number");
      return dims.size() == 1 ? std::to_string(dims[0]) + " numbers" : "shape " + to_string(dims);
    };
    throw Error(
        ErrorCode::BAD_SHAPE, where,
        to_string(type) + (shape.empty() ? "" : ", " + text(shape)) + (one_row_too ? " or " + text(Dims{count}) : ""),
        text(argument.shape));
  }
  for (uint32_t i = 0; i < count; ++i)
    pack_number(argument.values[i], type.scalar, push + offset_of(member, i, !in_one_row), where);
}

namespace {

// Elements that the caller padded himself, as (..., 4) floats for vec3s, lie as the shader wants them.
bool has_trailing_shape(const Dims& shape, const std::vector<int64_t>& wanted) {
  if (wanted.empty() || shape.size() < wanted.size()) return false;
  return std::equal(wanted.begin(), wanted.end(), shape.end() - wanted.size());
}

void check_padding(const Type& type, const HostType& element, const std::string& where) {
  const uint32_t tight = type.rows * type.columns * size_of(type.scalar);
  const uint32_t stride = type.strides.empty() ? tight : type.strides.back();
  const bool padded_columns = type.kind == Type::Kind::matrix &&
                              type.matrix_stride != (type.row_major ? type.columns : type.rows) * size_of(type.scalar);
  if (stride == tight && !padded_columns) return;
  Dims wanted;
  for (const int64_t extent : element.shape) wanted.push_back(extent);
  const std::string shown = to_string(wanted);
  const std::string mend = "declare the block `layout(scalar)`, or give an array whose shape ends in " + shown;
  if (padded_columns)
    throw Error(ErrorCode::NOT_CONTIGUOUS, where + " has padded matrices in the shader",
                std::to_string(type.matrix_stride) + " bytes from column to column", "none between NumPy's numbers",
                mend);
  throw Error(ErrorCode::NOT_CONTIGUOUS, where + " has padded elements in the shader",
              std::to_string(stride) + " bytes from element to element", std::to_string(tight) + " bytes", mend);
}

}  // namespace

void check_elements(const Block& block, DType dtype, const Dims& shape, const std::string& where) {
  const std::string got = std::string(name_of(dtype)) + " array";
  const HostType element = host_element(block);
  if (block.members.size() != 1)
    throw Error(ErrorCode::BAD_DTYPE, where + " is a block of several members",
                "a structured array, or raw bytes (vf.Buffer)", got, "give one structure of " + numpy_text(element));
  const Type& type = block.members.front().type;
  if (element.is_record())
    throw Error(ErrorCode::BAD_DTYPE, where + " holds structures", "a structured array, or raw bytes (vf.Buffer)", got,
                "its dtype is " + numpy_text(element));
  if (type.kind == Type::Kind::pointer)
    throw Error(ErrorCode::BAD_DTYPE, where + " holds addresses", "raw bytes (vf.Buffer)", got,
                "fill a vf.Buffer with the addresses");
  const uint32_t components = type.rows * type.columns;
  const DType wanted = dtype_of(type.scalar);
  if (!same_element(dtype, wanted, components))
    throw Error(ErrorCode::BAD_DTYPE, where + " has the wrong dtype",
                std::string(name_of(wanted)) + " (the shader's " + to_string(type) + ")", std::string(name_of(dtype)),
                "convert it: .astype(np." + std::string(name_of(wanted)) + ")");
  const bool complex = dtype == DType::complex64 || dtype == DType::complex128;
  // A complex number is two of the shader's: its extents are others.
  const bool as_in_the_shader = !complex && has_trailing_shape(shape, element.shape);
  if (!as_in_the_shader) check_padding(type, element, where);
  const auto given = static_cast<uint64_t>(element_count(shape)) * (complex ? 2 : 1);
  if (components > 1 && !as_in_the_shader && given % components != 0)
    throw Error(ErrorCode::BAD_SHAPE, where,
                "a multiple of " + std::to_string(components) + " numbers (" + to_string(type) + ")",
                "shape " + to_string(shape));
}

}  // namespace forge::shader
