#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/core/shape.hpp"
#include "forge/shader/reflect.hpp"

// What a shader's memory looks like from NumPy, and whether an array looks like that.
namespace forge::shader {

struct HostField;

/// A NumPy dtype taken apart. Of a matrix the shape is (columns, rows), (rows, columns) where it is row_major; padding
/// between numbers widens the axis inside it: `float a[5]` in std140 is (5, 4).
struct HostType {
  DType dtype = DType::uint8;     // of numbers
  std::vector<HostField> fields;  // of a structure; numbers have none
  std::vector<int64_t> shape;     // of a subarray; 0: a runtime array's extent
  uint64_t size = 0;              // bytes of one item, without the subarray; of a structure its itemsize

  bool is_record() const { return !fields.empty(); }
  uint64_t bytes() const;  // with the subarray
};

struct HostField {
  std::string name;
  uint64_t offset = 0;
  HostType type;
};

/// An array from NumPy whose elements are structures, seen from outside.
struct HostRecords {
  HostType type;
  Dims shape;
};

DType dtype_of(Scalar scalar);  // GLSL's bool is a uint in every block
Scalar scalar_of(DType dtype);  // of complex numbers: of their parts
/// True where elements of a dtype are the numbers wanted: bool is uint8, a complex number is a vector of two.
bool same_element(DType dtype, DType wanted, uint32_t components);

/// Throws NOT_CONTIGUOUS for what NumPy has no dtype for (only modules that no GLSL compiler writes).
HostType host_type(const Type& type);
HostType host_type(const Block& block);
/// What the elements of an array for this block are: of its only member where it has one, else the whole block.
HostType host_element(const Block& block);

/// "np.dtype({'names': ['at', 'kind'], 'formats': [('<f4', (2,)), '<u4'], 'offsets': [0, 8], 'itemsize': 16})".
std::string numpy_text(const HostType& type);

/// Refuses elements that do not lie in memory as the shader reads them; names the first field that differs. Fields whose
/// names begin with "_" are padding. `helper` makes the right dtype: `kernel.dtype("particles")`.
void check_records(const Block& block, const HostRecords& given, const std::string& where, std::string_view helper);
/// The same for a push constant that is a structure or an array of them.
void check_records(const Member& member, const HostRecords& given, const std::string& where, std::string_view helper);

}  // namespace forge::shader
