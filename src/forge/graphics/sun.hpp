#pragma once

#include <array>
#include <span>

namespace forge::graphics {

/// Unit vector towards the sun; x east, y up, z south. Azimuth is the compass's: 0 north, 90 east.
std::array<double, 3> sun_direction(double elevation_deg, double azimuth_deg);

/// By how much slopes are steepened for shading only: it brings the 95th percentile slope to 30 degrees, at most five
/// times and never below once. `heights` is (rows, columns); dx, dz are the distances between columns and rows.
/// Slopes next to a hole (NaN, infinity) do not count; flat ground gives 1.
double slope_factor(std::span<const float> heights, size_t rows, size_t columns, double dx, double dz);

}  // namespace forge::graphics
