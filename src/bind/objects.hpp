#pragma once

#include <memory>
#include <optional>

#include "bind/lifecycle.hpp"
#include "forge/array/array.hpp"
#include "forge/shader/kernel.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/texture.hpp"

// What the Python classes hold.
namespace forge::bind {

class PyDevice : public Owner<std::shared_ptr<vk::Device>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<vk::Device>& device() const { return live("Device"); }
};

class PyBuffer : public Owner<std::shared_ptr<vk::Buffer>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<vk::Buffer>& buffer() const { return live("Buffer"); }
};

class PyTexture : public Owner<std::shared_ptr<vk::Texture>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<vk::Texture>& share() const { return live("Texture"); }
};

/// Owns nothing: samplers belong to the device.
struct PySampler {
  vk::SamplerKind kind;
};

class PyArray : public Owner<std::shared_ptr<const array::Array>> {
 public:
  explicit PyArray(array::Array value) : Owner(std::make_shared<const array::Array>(std::move(value))) {}
  const array::Array& array() const { return *live("Array"); }
  const std::shared_ptr<const array::Array>& share() const { return live("Array"); }
  /// Something outside holds the bare address (__array_interface__): memory then stays until this object goes.
  void pin() { pinned_ = live("Array"); }

 private:
  std::shared_ptr<const array::Array> pinned_;
};

class PyKernel : public Owner<std::shared_ptr<shader::Kernel>> {
 public:
  using Owner::Owner;
  shader::Kernel& kernel() const { return *live("Kernel"); }
};

/// None: the shared default device.
std::shared_ptr<vk::Device> device_or_default(pybind11::handle device);

}  // namespace forge::bind
