#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "forge/graphics/matrix.hpp"
#include "forge/graphics/owned.hpp"

// How graphics takes and gives Python values.
namespace forge::bind {

/// An array over the memory itself; it is freed with the last view.
template <class T>
pybind11::array_t<T> to_numpy(graphics::Owned<T>&& owned, std::vector<pybind11::ssize_t> shape) {
  T* const data = owned.data.get();
  pybind11::capsule owner(data, [](void* memory) { delete[] static_cast<T*>(memory); });
  (void)owned.data.release();
  return pybind11::array_t<T>(std::move(shape), data, owner);
}

/// str, bytes or os.PathLike; any file name the system can hold.
std::filesystem::path to_path(pybind11::handle path);

/// Anything with __index__; what does not fit is the nearest end of int64. BAD_TYPE with the given text otherwise.
int64_t to_integer(pybind11::handle value, const char* failed);

/// Anything with __float__ or __index__, an int beyond float as infinity; BAD_TYPE with the given text otherwise.
double to_real(pybind11::handle value, const std::string& failed);

/// `count` numbers out of a sequence; BAD_TYPE for what is none, and for another length.
std::vector<double> to_numbers(pybind11::handle sequence, size_t count, const std::string& failed);

graphics::Vec3 to_vec3(pybind11::handle sequence, const char* name);

/// "float32 (3, 4)" for an array, the type's name for anything else.
std::string describe(pybind11::handle value);

}  // namespace forge::bind
