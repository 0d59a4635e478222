#pragma once

#include "bind/array/ops/operands.hpp"
#include "forge/array/ops/random.hpp"

namespace forge::bind {

/// A generator, and the device that its arrays are made on.
class PyGenerator {
 public:
  PyGenerator(uint64_t seed, uint64_t stream, uint64_t position, pybind11::object device)
      : device(std::move(device)), words(seed, stream, position) {}

  /// Records and submits what makes an array.
  template <class Make>
  std::unique_ptr<PyArray> run(Make&& make) {
    const Operands operands(device_or_default(device));
    return std::make_unique<PyArray>(operands.run(make));
  }

  pybind11::object device;
  array::Generator words;
  uint64_t children = 0;  // spawned so far
};

/// shuffle and choice.
void bind_choice(pybind11::class_<PyGenerator>& cls);

}  // namespace forge::bind
