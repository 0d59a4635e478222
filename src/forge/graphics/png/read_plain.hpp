#pragma once

#include <filesystem>
#include <optional>

#include "forge/graphics/png.hpp"

namespace forge::graphics::png {

/// The quick way for the files that nearly all are: 8-bit gray, RGB or RGBA without interlacing and transparent colours, whole
/// and right. Nothing for any other, which libpng then reads, or refuses with its reasons.
std::optional<Pixels> read_plain(const std::filesystem::path& path, const PngLimits& limits);

}  // namespace forge::graphics::png
