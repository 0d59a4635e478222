#pragma once

// An Array's own memory as an xtensor expression, for host-side mathematics in C++.
#if __has_include(<xtensor/containers/xadapt.hpp>)
#include <xtensor/containers/xadapt.hpp>
#else
#include <xtensor/xadapt.hpp>
#endif

#include <complex>
#include <type_traits>
#include <vector>

#include "forge/array/array.hpp"

namespace forge::array {

/// The dtype of a C++ type, as far as it has one.
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DType::bool_;
  else if constexpr (std::is_same_v<T, int8_t>)
    return DType::int8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return DType::int16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return DType::int32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return DType::int64;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return DType::uint8;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return DType::uint16;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return DType::uint32;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return DType::uint64;
  else if constexpr (std::is_same_v<T, float>)
    return DType::float32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::float64;
  else if constexpr (std::is_same_v<T, std::complex<float>>)
    return DType::complex64;
  else {
    static_assert(std::is_same_v<T, std::complex<double>>, "a type that stands for a dtype");
    return DType::complex128;
  }
}

/// A view of an in_place() array with its shape and strides; no copy. Const T waits for pending writes, T for all use.
/// The array must outlive the view.
template <class T>
auto host_view(const Array& array) {
  using Value = std::remove_const_t<T>;
  if (array.dtype() != dtype_of<Value>())
    throw Error(ErrorCode::BAD_DTYPE, "a host view of another type", std::string(name_of(array.dtype())),
                std::string(name_of(dtype_of<Value>())));
  if (!array.in_place())
    throw Error(ErrorCode::INTEROP, "the host cannot see this array's memory",
                "a device that shares memory with the host", array.device().info().name, "copy it out with copy_to");
  const bool writes = !std::is_const_v<T>;
  if (writes && !array.writable())
    throw Error(ErrorCode::READ_ONLY, "a writable view of a read-only array", "host_view<const T>", "host_view<T>");
  std::vector<size_t> shape(array.shape().begin(), array.shape().end());
  std::vector<std::ptrdiff_t> strides;
  for (size_t i = 0; i < shape.size(); ++i)  // xtensor wants 0 where an axis has one element
    strides.push_back(shape[i] == 1 ? 0 : array.strides()[i] / static_cast<int64_t>(sizeof(Value)));
  auto* first = reinterpret_cast<T*>(array.host(writes));
  return xt::adapt(first, static_cast<size_t>(array.size()), xt::no_ownership(), shape, strides);
}

}  // namespace forge::array
