#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a SPIR-V module says about itself. Everything that binds arguments, packs constants, makes layouts or derives
// barriers reads these values; nothing about a shader is typed twice.
namespace forge::shader {

using Words = std::vector<uint32_t>;  // a SPIR-V module

enum class Stage : unsigned char { compute, vertex, fragment };

enum class Scalar : unsigned char { boolean, i8, u8, i16, u16, i32, u32, i64, u64, f16, f32, f64 };

/// Bits: what a shader does with a buffer or an image. `write` says nothing about every byte: what a kernel leaves out
/// keeps its value.
enum class Access : unsigned char { none = 0, read = 1, write = 2, read_write = 3 };

struct Block;

/// Type of a block member or an interface variable.
struct Type {
  enum class Kind : unsigned char { scalar, vector, matrix, structure, pointer } kind = Kind::scalar;
  Scalar scalar = Scalar::f32;       // of scalars, vectors and matrices
  uint32_t rows = 1;                 // components of a vector, rows of a matrix
  uint32_t columns = 1;              // of a matrix
  uint32_t matrix_stride = 0;        // bytes between columns (rows when row_major)
  bool row_major = false;
  std::vector<uint32_t> array;       // extents, outermost first; 0: runtime-sized
  std::vector<uint32_t> strides;     // bytes between elements of each array extent
  std::vector<Block> nested;         // one entry: the members of a structure, or what a pointer points to (without
                                     // members where that is a block it stands in: a linked list)
};

struct Member {
  std::string name;
  Type type;
  uint32_t offset = 0;  // bytes from the start of the block
  uint32_t size = 0;    // bytes without trailing padding; 0 where runtime-sized
};

/// A structure in memory: push constants, a uniform or storage block, or what a buffer reference points to.
struct Block {
  std::string name;
  std::vector<Member> members;
  uint32_t size = 0;                  // bytes of the fixed part, up to the end of the last fixed member
  uint32_t runtime_stride = 0;        // bytes an element of a trailing runtime array; 0: none
  uint32_t alignment = 16;  // of a buffer reference: the most that any load or store promises to the driver
  Access access = Access::read_write;  // pointees and storage blocks: readonly / writeonly, else what the code does
};

enum class BindingKind : unsigned char {
  storage_buffer,
  uniform_buffer,
  combined_image,
  sampled_image,
  sampler,
  storage_image,
  texel_buffer,
  storage_texel_buffer
};

struct Binding {
  std::string name;  // the word GLSL code uses: the instance; else the block's only member; else the block
  BindingKind kind = BindingKind::storage_buffer;
  uint32_t set = 0;
  uint32_t binding = 0;
  uint32_t count = 1;  // of an array of descriptors; 0: runtime-sized
  uint32_t array_depth = 0;  // 1: an array of descriptors; more: arrays of them
  std::optional<uint32_t> count_spec;  // the specialisation constant that `count` is the default of
  bool indexed = false;  // elements are chosen while the shader runs
  bool measured = false;  // the length is asked for of an element that each invocation chooses for itself
  Access access = Access::read;
  Block block;  // of buffers
  uint32_t image_dims = 0;  // 1, 2, 3 of images
  bool image_arrayed = false;
  bool image_cube = false;
  bool image_multisampled = false;
  uint32_t image_format = 0;  // SpvImageFormat of storage images; 0: not said
  Scalar image_scalar = Scalar::f32;
};

struct SpecConstant {
  std::string name;
  uint32_t id = 0;
  Scalar type = Scalar::u32;
  uint64_t default_bits = 0;
};

/// A vertex attribute, a fragment output, or what goes from one stage to the next.
struct InterfaceVariable {
  std::string name;
  uint32_t location = 0;
  Type type;
};

struct Reflection {
  Stage stage = Stage::compute;
  std::string entry = "main";
  uint32_t version = 0x10000;  // of SPIR-V, as in the header
  std::array<uint32_t, 3> workgroup{1, 1, 1};  // defaults where specialised
  std::array<std::optional<uint32_t>, 3> workgroup_spec;  // specialisation ids (local_size_x_id)
  std::optional<Block> push;  // push constants; pointer members are buffer arguments
  std::vector<Binding> bindings;  // by (set, binding); only those the entry point's module declares
  std::vector<SpecConstant> spec_constants;  // by id; workgroup-size constants too
  std::vector<InterfaceVariable> inputs;  // vertex attributes, by location
  std::vector<InterfaceVariable> outputs;  // fragment outputs, by location
  std::vector<InterfaceVariable> between;  // what vertices hand on, or what fragments read of that, by location
  bool between_is_whole = true;  // neither blocks nor parts of locations are among it, which `between` leaves out
  std::vector<uint32_t> capabilities;  // SpvCapability values the module declares
  std::vector<std::string> extensions;  // SPV_* names
  uint64_t shared_bytes = 0;                   // of a workgroup's shared variables, saturating at 2**32 - 1
};

/// Reads a module that has names (OpName, OpMemberName). Throws SHADER_INVALID for anything damaged, never reads out of
/// bounds, and bounds its memory by the module's size.
Reflection reflect(std::span<const uint32_t> words);

std::string_view name_of(Scalar scalar);  // "float", "uint", ...
uint32_t size_of(Scalar scalar);  // bytes in memory
std::string to_string(const Type& type);  // as GLSL would write it: "vec3", "float[]", "mat4[2]"
std::string_view name_of(Stage stage);  // "compute", "vertex", "fragment"
std::string type_text(const Binding& binding);  // "readonly float[]", "sampler2D"

/// "binding 0 storage buffer x: readonly float[]" ... one line a resource, for kernel.explain() and shaders/report.txt.
std::string describe(const Reflection& reflection);

}  // namespace forge::shader
