#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "forge/shader/reflect.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/refs.hpp"

// What the structs that shader_pack generates (namespace forge::k) hand to whoever launches them.
namespace forge::shader {

/// A shader of the library, compiled at build time.
struct EmbeddedModule {
  std::string_view name;  // verb and variant: "gemm_f16_tile64"; a vertex and a fragment shader may share one
  Stage stage;
  std::span<const uint32_t> words;
};

/// A compute shader of the library that is compiled at run time, once for each choice of its macros.
struct TemplateSource {
  std::string_view name;
  std::string_view text;
};

/// Every module of the library, by name and stage.
std::span<const EmbeddedModule> embedded_modules();

/// A buffer whose address stands in the push constants.
struct AddressArgument {
  static constexpr uint32_t kElsewhere = vk::BufferTouch::kNoAddress;
  vk::BufferRef buffer;
  Access access;
  uint32_t push_offset;
};

struct BoundArgument {
  uint32_t set;
  uint32_t binding;
  Access access;
  std::variant<vk::BufferRef, vk::TextureRef> resource;
};

/// The arguments of one dispatch or draw: push constants as bytes, and each resource with what is done to it.
class PackedArguments {
 public:
  static constexpr size_t kMostPush = 256;  // bytes; the devices' own limit is checked where the program is made

  void pointer(uint32_t push_offset, const vk::BufferRef& buffer, Access access);
  /// Memory that a shader finds by an address in other memory.
  void touch(const vk::BufferRef& buffer, Access access) {
    addressed_.push_back({buffer, access, AddressArgument::kElsewhere});
  }
  void value(uint32_t push_offset, const void* bytes, size_t size);
  void bind(uint32_t set, uint32_t binding, const vk::BufferRef& buffer, Access access);
  void bind(uint32_t set, uint32_t binding, const vk::TextureRef& texture, Access access = Access::read);

  std::span<const std::byte> push() const { return std::span(push_).first((push_size_ + 3) / 4 * 4); }
  const std::vector<AddressArgument>& addressed() const { return addressed_; }
  const std::vector<BoundArgument>& bound() const { return bound_; }

 private:
  alignas(8) std::array<std::byte, kMostPush> push_{};
  size_t push_size_ = 0;
  std::vector<AddressArgument> addressed_;
  std::vector<BoundArgument> bound_;
};

}  // namespace forge::shader
