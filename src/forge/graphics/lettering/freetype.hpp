#pragma once

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_ADVANCES_H
#include FT_MODULE_H
#include FT_OUTLINE_H
#include FT_STROKER_H

#include <memory>
#include <type_traits>

#include "forge/graphics/lettering/coverage.hpp"

// FreeType's objects as values; for .cpp files of this folder alone.
namespace forge::graphics::freetype {

struct Close {
  void operator()(FT_Library library) const { FT_Done_FreeType(library); }
  void operator()(FT_Face face) const { FT_Done_Face(face); }
  void operator()(FT_Stroker stroker) const { FT_Stroker_Done(stroker); }
};
template <class T>
using Handle = std::unique_ptr<std::remove_pointer_t<T>, Close>;

/// Throws OUT_OF_HOST_MEMORY or INTERNAL.
Handle<FT_Library> open_library();

/// FreeType's words for a failure.
const char* words(FT_Error error);

/// An outline whose memory is ours.
class OwnOutline {
 public:
  OwnOutline(FT_Library library, FT_UInt points, FT_Int contours);
  ~OwnOutline() { FT_Outline_Done(library_, &outline_); }
  OwnOutline(const OwnOutline&) = delete;
  OwnOutline& operator=(const OwnOutline&) = delete;
  FT_Outline* get() { return &outline_; }

 private:
  FT_Library library_;
  FT_Outline outline_{};
};

/// Turns an outline counter-clockwise and moves it.
void place(FT_Outline* outline, double radians, FT_Pos x, FT_Pos y);

/// The area within `radius` (1/64 pixel) of an outline's edge, both sides of it.
Coverage stroked(FT_Library library, FT_Outline* outline, FT_Fixed radius, bool opened, FT_Stroker_LineCap cap,
                 const Clip& clip);

/// What an outline in 1/64 pixels, y up, covers. Moves it. Nothing where FreeType cannot render it.
Coverage rendered(FT_Library library, FT_Outline* outline, const Clip& clip);

}  // namespace forge::graphics::freetype
