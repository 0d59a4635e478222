#pragma once

#include "forge/graphics/land/relief.hpp"
#include "forge/graphics/view.hpp"

namespace forge::graphics {

/// What a view shows of a raster.
struct Sight {
  Window window;     // without holes in between; empty where nothing is seen
  double pixel = 0;  // world units that a pixel covers where it covers least
};

/// Looks at a raster between two world heights. Where most of it is seen, all of it counts as seen.
Sight look_at_relief(const Relief& relief, double low, double high, const View& view);

constexpr double kRoom = 0.15;  // of a window's side, around it

/// A window with what lies beside it towards the sun, from where shadows may fall into it, and some room to move in.
Window with_margin(const Relief& relief, const Window& window, const Vec3& to_sun, double height, double room = kRoom);

}  // namespace forge::graphics
