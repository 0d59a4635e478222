#pragma once

#include "forge/shader/launch.hpp"

namespace forge::graphics {

/// The program of one variant of a generated struct on a device, made once.
template <class K>
shader::Program& variant_of(vk::Device& device, typename K::Variant variant) {
  static const char keys[K::kVariants]{};
  return device.shared_object<shader::Program>(&keys[static_cast<size_t>(variant)], [&] {
    return std::make_shared<shader::Program>(device, K::modules(variant));
  });
}

}  // namespace forge::graphics
