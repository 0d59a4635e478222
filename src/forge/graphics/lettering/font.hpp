#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "forge/graphics/lettering/coverage.hpp"

namespace forge::graphics {

/// How a line of text is set.
struct Setting {
  double size = 16;      // pixels an em, 1 to 4096
  double halo = 0;       // pixels that the surround reaches beyond the letters
  double angle_deg = 0;  // counter-clockwise, about the origin
  bool hinted = true;    // horizontal text: edges along the line meet rows of pixels
};

/// The letters of a line, and their surround (empty without a halo).
struct Line {
  Coverage letters, halo;
};

/// An outline font, by FreeType. Glyphs are rasterised once for each size and quarter of a pixel, and kept.
/// Characters that it lacks come from `fallback`; those that neither has show as a box. Threads may share it.
class Font {
 public:
  /// Throws FILE_READ for what is no font, or has no outlines.
  /// `name` is what errors call it.
  explicit Font(std::string bytes, unsigned face = 0, std::shared_ptr<const Font> fallback = nullptr,
                const std::filesystem::path& name = "memory");
  static std::shared_ptr<const Font> from_file(const std::filesystem::path& path, unsigned face = 0,
                                               std::shared_ptr<const Font> fallback = nullptr);
  ~Font();
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  const std::string& family() const;
  const std::string& style() const;
  unsigned faces() const;              // in its file
  double ascent() const;               // of an em, over the line
  double descent() const;              // under it
  double cap_height() const;           // of an H
  double line_height() const;          // from line to line
  bool has(char32_t character) const;  // itself, without its fallback
  /// Pixels to where more text would go on.
  double advance(std::string_view utf8, double size) const;

  /// Draws a line whose origin, left on the baseline, lies at a place in a picture. Coverage is relative to pixel (0, 0).
  /// Throws INVALID_ARGUMENT for settings that cannot work, LIMIT_EXCEEDED for a line of more than 2^28 pixels.
  Line line(std::string_view utf8, const Setting& how, Point origin, const Clip& clip = {}) const;
  size_t kept_glyphs() const;

 private:
  struct Placed;
  struct State;
  Placed resolve(char32_t character) const;
  std::vector<Placed> placed(std::string_view utf8, double& end) const;
  std::unique_ptr<State> state_;
};

}  // namespace forge::graphics
