#pragma once

#include <pybind11/pybind11.h>

#include "forge/graphics/lettering/paint.hpp"

namespace forge::bind {

/// The array's own memory: C-contiguous writable uint8 (H, W, 4); the caller keeps the array while it is used.
graphics::PaintedPicture to_painted(pybind11::handle picture);

/// Three or four numbers, 0 to 255.
graphics::Color to_color(pybind11::handle color, const char* name);

void bind_font(pybind11::module_& module);
void bind_paint(pybind11::module_& module);

}  // namespace forge::bind
