#include "forge/array/ops/elements.hpp"

#include <algorithm>

#include "forge/core/error.hpp"

namespace forge::array {

namespace {

using shader::Defines;

struct OperationRow {
  Operation op;
  const char* name;
  const char* macro;
  const char* kinds;  // of dtypes it has a meaning for
};
constexpr OperationRow kOperations[] = {
    {Operation::sum, "sum", "OP_SUM", "biufc"},      {Operation::prod, "prod", "OP_PROD", "biufc"},
    {Operation::min, "min", "OP_MIN", "biuf"},       {Operation::max, "max", "OP_MAX", "biuf"},
    {Operation::any, "any", "OP_ANY", "biufc"},      {Operation::all, "all", "OP_ALL", "biufc"},
    {Operation::argmin, "argmin", "OP_MIN", "biuf"}, {Operation::argmax, "argmax", "OP_MAX", "biuf"},
};

const OperationRow& row_of(Operation op) { return kOperations[static_cast<size_t>(op)]; }

// Infinities and extremes as GLSL says them; for exclusive scans they are values of the dtype itself.
struct ExtremeRow {
  DType dtype;
  const char* lowest;
  const char* highest;
};
constexpr ExtremeRow kExtremes[] = {
    {DType::bool_, "0u", "1u"},
    {DType::int8, "-128", "127"},
    {DType::int16, "-32768", "32767"},
    {DType::int32, "(-2147483647 - 1)", "2147483647"},
    {DType::int64, "packInt2x32(ivec2(0, int(0x80000000u)))", "packInt2x32(ivec2(-1, 2147483647))"},
    {DType::uint8, "0u", "255u"},
    {DType::uint16, "0u", "65535u"},
    {DType::uint32, "0u", "4294967295u"},
    {DType::uint64, "packUint2x32(uvec2(0))", "packUint2x32(uvec2(0xFFFFFFFFu))"},
    {DType::float16, "uintBitsToFloat(0xFF800000u)", "uintBitsToFloat(0x7F800000u)"},
    {DType::float32, "uintBitsToFloat(0xFF800000u)", "uintBitsToFloat(0x7F800000u)"},
    {DType::float64, "packDouble2x32(uvec2(0, 0xFFF00000u))", "packDouble2x32(uvec2(0, 0x7FF00000u))"},
};

const char* extreme(DType dtype, bool highest) {
  for (const ExtremeRow& row : kExtremes)
    if (row.dtype == dtype) return highest ? row.highest : row.lowest;
  return "0";
}

bool sums(Operation op) { return op == Operation::sum || op == Operation::prod; }
bool tests(Operation op) { return op == Operation::any || op == Operation::all; }

DType out_dtype(Operation op, DType dtype) {
  if (is_indexed(op)) return DType::int64;
  if (tests(op)) return DType::bool_;
  const char kind = dtype_row(dtype).kind;
  if (!sums(op) || kind == 'f' || kind == 'c') return dtype;
  return kind == 'u' ? DType::uint64 : DType::int64;
}

std::string identity_of(Operation op, DType dtype, const std::string& acc, bool pair) {
  switch (op) {
    case Operation::sum: return acc + "(0)";
    case Operation::prod:
      if (pair) return "uvec2(1, 0)";
      return dtype_row(dtype).kind == 'c' ? acc + "(1, 0)" : acc + "(1)";
    case Operation::any: return "0u";
    case Operation::all: return "1u";
    case Operation::min:
    case Operation::argmin: return extreme(dtype, true);
    default: return extreme(dtype, false);
  }
}

// Which overloads of lane_shuffle are wanted: a device without the type must not see them.
void add_lane_types(Defines& defines, const std::string& acc) {
  if (acc == "int64_t" || acc == "uint64_t") defines["LANES_INT64"] = "1";
  if (acc == "double" || acc == "dvec2") defines["LANES_FLOAT64"] = "1";
}

size_t bytes_of(const std::string& acc) {
  if (acc == "dvec2") return 16;
  return acc == "float" || acc == "int" || acc == "uint" ? 4 : 8;
}

// 64-bit integers as two words where the device has none.
void use_pairs(Defines& defines, DType dtype) {
  defines["PAIR"] = "1";
  defines["OUT"] = "uvec2";
  const DTypeRow& row = dtype_row(dtype);
  if (row.size == 8) {
    defines["IN"] = defines["WIDE_IN"] = "uvec2";
    defines["IN_KIND"] = "KIND_pair";
    return;
  }
  defines[row.kind == 'i' ? "FROM_PAIR_SIGNED" : "FROM_PAIR"] = "1";
}

std::string kind_macro(DType dtype) {
  return "KIND_" + (dtype == DType::bool_ ? "uint8" : std::string(name_of(dtype)));
}

}  // namespace

std::string wide_type(DType dtype) {
  check_computes(dtype);
  const DTypeRow& row = dtype_row(dtype);
  if (row.size >= 4) return std::string(row.glsl);
  if (row.kind == 'f') return "float";
  return row.kind == 'i' ? "int" : "uint";
}

Operation operation_of(const std::string& name, std::initializer_list<Operation> offered, const std::string& what) {
  std::string names;
  for (const Operation op : offered) {
    if (row_of(op).name == name) return op;
    names.append(names.empty() ? "" : ", ").append(row_of(op).name);
  }
  throw Error(ErrorCode::INVALID_ARGUMENT, what + " does not know this op", names, "\"" + name + "\"");
}

Combining combining(const vk::Device& device, Operation op, DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  if (std::string_view(row_of(op).kinds).find(row.kind) == std::string_view::npos)
    throw Error(ErrorCode::BAD_DTYPE, std::string(row_of(op).name) + " has no meaning for this dtype",
                "integers or real floats", std::string(row.name));
  Combining result{{}, dtype, out_dtype(op, dtype), 0};
  Defines& d = result.defines;
  const bool integer = row.kind == 'b' || row.kind == 'i' || row.kind == 'u';
  const bool pair = sums(op) && integer && !device.has("shaderInt64");
  std::string acc = wide_type(dtype);
  if (sums(op) && integer) acc = pair ? "uvec2" : row.kind == 'u' ? "uint64_t" : "int64_t";
  if (tests(op)) acc = "uint";
  d[row_of(op).macro] = "1";
  d["IN"] = row.glsl;
  d["WIDE_IN"] = wide_type(dtype);
  d["IN_KIND"] = kind_macro(dtype);
  d["ACC"] = acc;
  d["OUT"] = dtype_row(result.out).glsl;
  d["IDENTITY"] = identity_of(op, dtype, acc, pair);
  if (pair) use_pairs(d, dtype);
  if (tests(op)) d[row.kind == 'c' ? "FROM_NONZERO_COMPLEX" : "FROM_NONZERO"] = "1";
  if (row.kind == 'f' && !tests(op)) d["FLOATING"] = "1";
  if (row.kind == 'c') d["COMPLEX"] = "1";
  if (is_indexed(op)) d["INDEXED"] = "1";
  add_lane_types(d, acc);
  result.state_bytes = bytes_of(acc) * (is_indexed(op) ? 2 : 1);  // an index brings its alignment
  return result;
}

Combining counting(DType dtype, bool plain) {
  Combining how{{{"OP_SUM", "1"}, {"ACC", "uint"}, {"OUT", "uint"}, {"IDENTITY", "0u"}}, dtype, DType::uint32, 4};
  how.defines["IN"] = dtype_row(dtype).glsl;
  how.defines["WIDE_IN"] = wide_type(dtype);
  how.defines["IN_KIND"] = kind_macro(dtype);
  if (!plain) how.defines[dtype_row(dtype).kind == 'c' ? "FROM_NONZERO_COMPLEX" : "FROM_NONZERO"] = "1";
  return how;
}

AxisView view_of(const Dims& shape, int64_t axis) {
  AxisView view{1, shape[static_cast<size_t>(axis)], 1};
  for (size_t i = 0; i < shape.size(); ++i) {
    if (static_cast<int64_t>(i) < axis) view.outer *= shape[i];
    if (static_cast<int64_t>(i) > axis) view.inner *= shape[i];
  }
  return view;
}

int64_t normal_axis(const Dims& shape, int64_t axis, const std::string& what) {
  const auto dims = static_cast<int64_t>(shape.size());
  if (axis < -dims || axis >= dims)
    throw Error(ErrorCode::OUT_OF_RANGE, what + ": the axis lies outside of the array",
                std::to_string(-dims) + " to " + std::to_string(dims - 1), std::to_string(axis));
  return axis < 0 ? axis + dims : axis;
}

}  // namespace forge::array
