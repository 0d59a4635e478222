#pragma once

#include <pybind11/numpy.h>

#include <optional>
#include <string>

#include "bind/ndarray.hpp"
#include "forge/shader/layout.hpp"

// NumPy arrays on their way to a kernel: numbers, and structures with their layout.
namespace forge::bind {

/// The elements of a C-contiguous ndarray; exactly one of dtype and record is there.
struct HostElements {
  std::optional<DType> dtype;
  std::optional<shader::HostType> record;
  Dims shape;
  void* data = nullptr;
  uint64_t bytes = 0;
  bool writable = false;
};

/// True for ndarrays and NumPy scalars of a structured dtype.
bool is_structured(pybind11::handle value);

/// Throws BAD_TYPE, BAD_DTYPE or NOT_CONTIGUOUS.
HostElements check_elements(pybind11::handle value, const std::string& what);

/// A structured dtype taken apart; throws BAD_DTYPE, naming the field, for what devices do not know.
shader::HostType to_host_type(const pybind11::dtype& dtype, const std::string& what);
pybind11::dtype to_numpy(const shader::HostType& type);

}  // namespace forge::bind
