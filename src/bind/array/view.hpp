#pragma once

#include <pybind11/numpy.h>

#include "bind/ndarray.hpp"
#include "bind/objects.hpp"

namespace forge::bind {

/// An ndarray over an array's own memory, which it keeps alive by itself; in_place() arrays only.
/// Waits (without the GIL) for pending writes, or for all use where the view is writable.
pybind11::array view_of(const std::shared_ptr<const array::Array>& array, bool writable);

/// A writable view of memory that the device may still write.
pybind11::array view_without_waiting(const std::shared_ptr<const array::Array>& array);

/// A fresh ndarray with the values.
pybind11::array copy_of(const array::Array& array);

/// Installs bf_getbuffer and bf_releasebuffer: read-only, and a view that outlives close().
void setup_buffer_protocol(PyHeapTypeObject* type);

}  // namespace forge::bind
