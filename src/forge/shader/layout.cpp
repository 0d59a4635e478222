#include "forge/shader/layout.hpp"

#include <algorithm>

#include "forge/core/error.hpp"

namespace forge::shader {

namespace {

struct Axis {
  uint32_t extent;
  uint32_t stride;
};

[[noreturn]] void refuse_layout(const Type& type) {
  throw Error(ErrorCode::NOT_CONTIGUOUS, "NumPy has no dtype for a member's layout", "strides that are whole elements",
              to_string(type), "hand in raw bytes (vf.Buffer)");
}

// Outermost first. Arrays of structures leave the innermost axis to the structure's itemsize.
std::vector<Axis> axes_of(const Type& type) {
  std::vector<Axis> axes;
  for (size_t i = 0; i < type.array.size(); ++i) axes.push_back({type.array[i], type.strides[i]});
  const uint32_t scalar = size_of(type.scalar);
  if (type.kind == Type::Kind::matrix) {
    axes.push_back({type.row_major ? type.rows : type.columns, type.matrix_stride});
    axes.push_back({type.row_major ? type.columns : type.rows, scalar});
  } else if (type.kind == Type::Kind::vector) {
    axes.push_back({type.rows, scalar});
  }
  return axes;
}

// Padding widens the axis inside it.
std::vector<int64_t> shape_of(const Type& type, const std::vector<Axis>& axes, uint64_t item) {
  std::vector<int64_t> shape;
  uint64_t inner = item;  // bytes of one step of the axis last added
  uint64_t size = item;   // bytes of everything added so far
  for (size_t i = axes.size(); i-- > 0;) {
    const Axis& axis = axes[i];
    if (axis.stride < size || axis.stride % inner != 0) refuse_layout(type);
    if (axis.stride != size) {
      const auto wide = static_cast<int64_t>(axis.stride / inner);
      if (shape.empty())
        shape.push_back(wide);
      else
        shape.front() = wide;
    }
    shape.insert(shape.begin(), axis.extent);
    inner = axis.stride;
    size = uint64_t{axis.stride} * std::max(axis.extent, 1u);
  }
  return shape;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

std::string item_text(const HostType& type) {
  if (!type.is_record()) return "'" + std::string(dtype_row(type.dtype).numpy) + "'";
  std::string names, formats, offsets;
  for (const HostField& field : type.fields) {
    const char* comma = names.empty() ? "" : ", ";
    names += comma + ("'" + field.name + "'");
    formats +=
        comma + (field.type.shape.empty() ? item_text(field.type)
                                          : "(" + item_text(field.type) + ", " + shape_text(field.type.shape) + ")");
    offsets += comma + std::to_string(field.offset);
  }
  return "{'names': [" + names + "], 'formats': [" + formats + "], 'offsets': [" + offsets +
         "], 'itemsize': " + std::to_string(type.size) + "}";
}

// True where an array of arrays has padding after each inner array: its elements are then not one run.
bool outer_gaps(const Type& type) {
  for (size_t i = 0; i + 1 < type.array.size(); ++i)
    if (type.strides[i] != type.array[i + 1] * type.strides[i + 1]) return true;
  return false;
}

}  // namespace

DType dtype_of(Scalar scalar) {
  switch (scalar) {
    case Scalar::boolean:
    case Scalar::u32: return DType::uint32;
    case Scalar::i8: return DType::int8;
    case Scalar::u8: return DType::uint8;
    case Scalar::i16: return DType::int16;
    case Scalar::u16: return DType::uint16;
    case Scalar::i32: return DType::int32;
    case Scalar::i64: return DType::int64;
    case Scalar::u64: return DType::uint64;
    case Scalar::f16: return DType::float16;
    case Scalar::f32: return DType::float32;
    case Scalar::f64: return DType::float64;
  }
  return DType::uint32;
}

Scalar scalar_of(DType dtype) {
  if (dtype == DType::bool_) return Scalar::boolean;
  if (dtype == DType::complex64) return Scalar::f32;
  if (dtype == DType::complex128) return Scalar::f64;
  for (auto scalar = Scalar::i8; scalar <= Scalar::f64; scalar = static_cast<Scalar>(static_cast<int>(scalar) + 1))
    if (dtype_of(scalar) == dtype) return scalar;  // from the first after bool
  throw Error(ErrorCode::BAD_DTYPE, "GLSL has no such numbers", "one of NumPy's own dtypes",
              std::string(name_of(dtype)));
}

bool same_element(DType dtype, DType wanted, uint32_t components) {
  if (dtype == wanted) return true;
  if (dtype == DType::bool_) return wanted == DType::uint8;
  if (components == 2 && dtype == DType::complex64) return wanted == DType::float32;
  return components == 2 && dtype == DType::complex128 && wanted == DType::float64;
}

uint64_t HostType::bytes() const {
  uint64_t total = size;
  for (const int64_t extent : shape) total *= static_cast<uint64_t>(extent);
  return total;
}

HostType host_type(const Type& type) {
  HostType host;
  std::vector<Axis> axes = axes_of(type);
  if (type.kind == Type::Kind::structure) {
    host = host_type(type.nested.front());
    if (!axes.empty()) {
      if (axes.back().stride < host.size) refuse_layout(type);
      host.size = axes.back().stride;
    }
  } else {
    host.dtype = dtype_of(type.scalar);
    host.size = size_of(type.scalar);
  }
  host.shape = shape_of(type, axes, host.size);
  return host;
}

HostType host_type(const Block& block) {
  HostType host;
  for (const Member& member : block.members)
    host.fields.push_back({member.name, member.offset, host_type(member.type)});
  host.size = block.size;
  for (const HostField& field : host.fields) host.size = std::max(host.size, field.offset + field.type.bytes());
  return host;
}

HostType host_element(const Block& block) {
  if (block.members.size() != 1 || block.members.front().offset != 0) return host_type(block);
  const Type& type = block.members.front().type;
  HostType host = host_type(type);
  if (type.array.size() > 1 && outer_gaps(type)) return host_type(block);
  host.shape.erase(host.shape.begin(), host.shape.begin() + static_cast<ptrdiff_t>(type.array.size()));
  return host;
}

std::string numpy_text(const HostType& type) {
  if (type.shape.empty()) return "np.dtype(" + item_text(type) + ")";
  return "np.dtype((" + item_text(type) + ", " + shape_text(type.shape) + "))";
}

}  // namespace forge::shader
