#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <optional>
#include <span>

#include "bind/objects.hpp"
#include "forge/array/fuse/elementwise.hpp"

// What stands beside an Array in an expression.
namespace forge::bind {

/// A Python number, which takes a dtype from the arrays around it as NumPy 2 has it, or values of a dtype of their own: an
/// `Array`, a NumPy scalar, an ndarray of one element. Nothing where it is none of them. Throws BAD_TYPE for larger ndarrays:
/// they would be copied to the device unasked.
class Term {
 public:
  static std::optional<Term> of(pybind11::handle value);

  const array::Lazy* values() const { return values_ ? &*values_ : nullptr; }
  /// What becomes of an integer that its dtype does not hold: OUT_OF_RANGE is thrown, or it is infinite, which compares as it.
  enum class Beyond : unsigned char { refused, infinite };
  /// A number as part of an expression in this dtype, or in the one that its kind needs beside it.
  array::Lazy beside(DType dtype, const vk::Device& device, Beyond beyond = Beyond::refused) const;

 private:
  enum class Kind : unsigned char { values, boolean, integer, real, complex };
  std::optional<array::Lazy> integer_beside(DType dtype) const;

  Kind kind_ = Kind::values;
  std::optional<array::Lazy> values_;
  pybind11::object number_;
};

/// Operands of one operation: numbers take their dtype from the others, but a condition's. Nothing where one of them is no
/// operand. Throws BAD_TYPE where none is an Array.
class Terms {
 public:
  static std::optional<Terms> of(std::span<const pybind11::handle> values, const array::ElementwiseRow& row);
  std::span<const array::Lazy> lazies() const { return {lazies_.data(), lazies_.size()}; }

 private:
  std::vector<array::Lazy> lazies_;
};

/// An Array, or NotImplemented: what functions that make Arrays say that they return.
class ArrayObject : public pybind11::object {
 public:
  PYBIND11_OBJECT_DEFAULT(ArrayObject, pybind11::object, is_array)
 private:
  static bool is_array(PyObject* object) { return pybind11::isinstance<PyArray>(object); }
};

/// An expression as a new Array.
ArrayObject to_array(const array::Lazy& values);
/// The same where the values may be those of another Array, whose memory it must not share.
ArrayObject to_own_array(const array::Lazy& values, const PyArray& other);
/// Any operand as values of exactly this dtype.
array::Lazy to_lazy(pybind11::handle value, DType dtype, const std::shared_ptr<vk::Device>& device, const char* what);

/// As NumPy's "same kind": in-place operators may narrow what an array holds, but change neither its kind of values, where
/// unsigned integers are the lesser kind, nor its shape.
void check_in_place(const PyArray& self, const array::Lazy& result);
/// Writes values over an array's memory, or records that: what was built before the recording is computed now.
void write_values(const array::Array& memory, const array::Lazy& values);
/// What was built before this thread's recording is computed now: the graph takes it for what it is.
void compute_earlier(const std::shared_ptr<vk::Device>& device, std::span<const array::Lazy> wanted);

}  // namespace forge::bind

template <>
struct pybind11::detail::handle_type_name<forge::bind::ArrayObject> {
  static constexpr auto name = const_name("vulkan_forge._vulkan_forge.Array");  // NOLINT(readability-identifier-naming)
};
