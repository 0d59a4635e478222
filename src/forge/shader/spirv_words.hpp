#pragma once

#include <cstdint>

// The numbers of SPIR-V that reflection reads, out of some 2,000 in the registry.
namespace forge::shader::spirv {

inline constexpr uint32_t kMagic = 0x07230203;

enum class Op : uint16_t {
  name = 5,
  member_name = 6,
  extension = 10,
  entry_point = 15,
  execution_mode = 16,
  capability = 17,
  type_void = 19,
  type_bool = 20,
  type_int = 21,
  type_float = 22,
  type_vector = 23,
  type_matrix = 24,
  type_image = 25,
  type_sampler = 26,
  type_sampled_image = 27,
  type_array = 28,
  type_runtime_array = 29,
  type_struct = 30,
  type_pointer = 32,
  constant_true = 41,
  constant_false = 42,
  constant = 43,
  constant_composite = 44,
  spec_constant_true = 48,
  spec_constant_false = 49,
  spec_constant = 50,
  spec_constant_composite = 51,
  spec_constant_op = 52,
  function = 54,
  function_call = 57,
  variable = 59,
  image_texel_pointer = 60,
  load = 61,
  store = 62,
  copy_memory = 63,
  access_chain = 65,
  in_bounds_access_chain = 66,
  ptr_access_chain = 67,
  array_length = 68,
  in_bounds_ptr_access_chain = 70,
  decorate = 71,
  member_decorate = 72,
  composite_construct = 80,
  composite_insert = 82,
  copy_object = 83,
  sampled_image = 86,
  image_sample = 87,
  image_fetch = 95,
  image_read = 98,
  image_write = 99,
  image_query_format = 101,
  image_query_samples = 107,
  select = 169,
  atomic_load = 227,
  atomic_store = 228,
  atomic_xor = 242,
  phi = 245,
  return_value = 254,
  atomic_flag_test_and_set = 318,
  atomic_flag_clear = 319,
  image_sparse_read = 320,
  execution_mode_id = 331,
  copy_logical = 400,
  atomic_float_min = 5614,
  atomic_float_max = 5615,
  atomic_float_add = 6035
};

enum class Decoration : uint32_t {
  spec_id = 1,
  buffer_block = 3,
  row_major = 4,
  array_stride = 6,
  matrix_stride = 7,
  built_in = 11,
  non_writable = 24,
  non_readable = 25,
  location = 30,
  component = 31,
  binding = 33,
  descriptor_set = 34,
  offset = 35,
  non_uniform = 5300
};

enum class Storage : uint32_t {
  uniform_constant = 0,
  input = 1,
  uniform = 2,
  output = 3,
  workgroup = 4,
  push_constant = 9,
  storage_buffer = 12,
  physical = 5349
};

enum class Dim : uint32_t { d1 = 0, d3 = 2, cube = 3, buffer = 5 };

inline constexpr uint32_t kModelVertex = 0, kModelFragment = 4, kModelCompute = 5;
inline constexpr uint32_t kModeLocalSize = 17, kModeLocalSizeId = 38;
inline constexpr uint32_t kBuiltInWorkgroupSize = 25;
inline constexpr uint32_t kMemoryAligned = 2;

}  // namespace forge::shader::spirv
