#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <optional>

#include "forge/array/array.hpp"

// The one door for NumPy arrays: checked here, never cast, never copied in silence.
namespace forge::bind {

/// A NumPy array as the library sees it; points into the array's own memory.
struct HostArray {
  DType dtype = DType::float32;
  Dims shape;
  Dims strides;  // bytes
  void* data = nullptr;
  bool writable = false;
  bool contiguous() const { return is_contiguous(shape, strides, size_of(dtype)); }
};

/// Throws BAD_TYPE for a masked array: its mask would be lost.
void refuse_masked(pybind11::handle value, const char* what);

/// Throws BAD_TYPE for what is no ndarray, BAD_DTYPE for byte-swapped, object, string and other foreign types.
HostArray check_ndarray(pybind11::handle value, const char* what);
/// The same, and BAD_DTYPE for bfloat16: what is no part of an expression computes with NumPy's own dtypes.
HostArray check_numbers(pybind11::handle value, const char* what);

/// The dtype that a NumPy dtype, type or name stands for.
DType to_dtype(pybind11::handle value, const char* what = "dtype");
pybind11::dtype numpy_dtype(DType dtype);
Dims to_dims(pybind11::handle value, const char* what);  // an int or a sequence of ints
pybind11::tuple to_tuple(const Dims& dims);

/// "ndarray float32 (3, 4)" for messages.
std::string describe_value(pybind11::handle value);

}  // namespace forge::bind
