#pragma once

#include <pybind11/pybind11.h>

#include <utility>

#include "bind/objects.hpp"

// What copies and fills check, in a Recorder as in a graph.
namespace forge::bind {

/// The 32-bit pattern that sets every element to `value`; refuses what is none, and arrays that may not be written.
uint32_t fill_word(const PyArray& to, pybind11::handle value);
/// The same for a number that checks out against the dtype as a push constant would.
uint32_t fill_word(DType dtype, const shader::NamedArgument& value);
/// Source and target of a copy of all bytes; refuses different sizes, and a target that may not be written.
std::pair<vk::BufferRef, vk::BufferRef> copied_ranges(const PyArray& from, const PyArray& to);

}  // namespace forge::bind
