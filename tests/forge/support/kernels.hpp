#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "forge/shader/compile.hpp"
#include "forge/shader/kernel.hpp"
#include "forge/vk/commands.hpp"

namespace forge::test {

template <class T>
shader::Number number(T value) {
  if constexpr (std::is_same_v<T, bool>)
    return value;
  else if constexpr (std::is_floating_point_v<T>)
    return static_cast<double>(value);
  else if constexpr (std::is_signed_v<T>)
    return static_cast<int64_t>(value);
  else
    return static_cast<uint64_t>(value);
}

template <class T>
shader::NamedArgument value(const std::string& name, T v) {
  return {name, shader::NumbersArgument{{number(v)}, {}}};
}

template <class T>
shader::NamedArgument values(const std::string& name, const std::vector<T>& list) {
  shader::NumbersArgument numbers{{}, {static_cast<int64_t>(list.size())}};
  for (const T v : list) numbers.values.push_back(number(v));
  return {name, numbers};
}

inline shader::NamedArgument raw(const std::string& name, vk::BufferRef buffer) {
  return {name, shader::ArrayArgument{std::move(buffer), {}, {}, true}};
}

inline shader::NamedArgument array(const std::string& name, vk::BufferRef buffer, DType dtype, const Dims& shape,
                                   bool writable = true) {
  return {name, shader::ArrayArgument{std::move(buffer), dtype, shape, writable}};
}

inline shader::Grid threads(uint64_t x, uint64_t y = 1, uint64_t z = 1) {
  return {std::array<uint64_t, 3>{x, y, z}, {}};
}
inline shader::Grid groups(uint64_t x, uint64_t y = 1, uint64_t z = 1) {
  return {{}, std::array<uint64_t, 3>{x, y, z}};
}

/// `body` stands below the version and the extensions that the library's users usually name.
inline std::unique_ptr<shader::Kernel> kernel_of(const std::shared_ptr<vk::Device>& device, const std::string& body,
                                                 const shader::KernelOptions& options = {}) {
  const std::string head =
      "#version 450\n"
      "#extension GL_EXT_buffer_reference : require\n"
      "#extension GL_EXT_scalar_block_layout : require\n"
      "#extension GL_EXT_shader_explicit_arithmetic_types : require\n"
      "#extension GL_EXT_shader_16bit_storage : require\n"
      "#extension GL_EXT_shader_8bit_storage : require\n";
  return std::make_unique<shader::Kernel>(device, shader::compile(head + body, {}), options);
}

using Arguments = std::vector<shader::NamedArgument>;

/// Records one call.
inline void record(vk::Commands& commands, shader::Kernel& kernel, const Arguments& arguments,
                   const shader::Grid& grid) {
  kernel.bind(arguments, grid).record(commands);
}

/// Runs one call to its end.
inline void run(shader::Kernel& kernel, const Arguments& arguments, const shader::Grid& grid) {
  vk::Commands commands(kernel.device());
  record(commands, kernel, arguments, grid);
  kernel.device()->wait(commands.submit());
}

/// Adds `add` to n counters; bound by descriptor.
inline constexpr char kAdd[] =
    "layout(local_size_x = 64) in;\n"
    "layout(binding = 0) buffer C { uint c[]; };\n"
    "layout(push_constant) uniform P { uint n; uint add; };\n"
    "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) c[i] += add; }\n";

/// The same, by address.
inline constexpr char kAddAt[] =
    "layout(local_size_x = 64) in;\n"
    "layout(buffer_reference, scalar) buffer C { uint at[]; };\n"
    "layout(push_constant, scalar) uniform P { C c; uint n; uint add; };\n"
    "void main() { uint i = gl_GlobalInvocationID.x; if (i < n) c.at[i] += add; }\n";

/// Takes long: `turns` rounds of a generator that no compiler shortens.
inline constexpr char kSlow[] =
    "layout(local_size_x = 64) in;\n"
    "layout(binding = 0) buffer C { uint c[]; };\n"
    "layout(push_constant) uniform P { uint turns; };\n"
    "void main() {\n"
    "  uint x = gl_GlobalInvocationID.x + 1u;\n"
    "  for (uint i = 0; i < turns; ++i) { x ^= x << 13; x ^= x >> 17; x ^= x << 5; }\n"
    "  c[gl_GlobalInvocationID.x] = x;\n"
    "}\n";

inline uint32_t slow_result(uint32_t thread, uint32_t turns) {
  uint32_t x = thread + 1;
  for (uint32_t i = 0; i < turns; ++i) x ^= x << 13, x ^= x >> 17, x ^= x << 5;
  return x;
}

}  // namespace forge::test
