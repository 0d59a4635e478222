#include "forge/graphics/lettering/freetype.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "forge/core/error.hpp"

namespace forge::graphics::freetype {

namespace {

constexpr FT_Pos kFarthest = 1 << 21;  // pixels; broken fonts have glyphs of any size

/// The smallest integer that is no less than a coordinate of 1/64 pixels.
int32_t pixels_up(FT_Pos at) { return static_cast<int32_t>(std::clamp((at + 63) >> 6, -kFarthest, kFarthest)); }
int32_t pixels_down(FT_Pos at) { return static_cast<int32_t>(std::clamp(at >> 6, -kFarthest, kFarthest)); }

}  // namespace

Handle<FT_Library> open_library() {
  FT_Library library = nullptr;
  if (const FT_Error error = FT_Init_FreeType(&library))
    throw Error(error == FT_Err_Out_Of_Memory ? ErrorCode::OUT_OF_HOST_MEMORY : ErrorCode::INTERNAL,
                "FreeType does not start", {}, words(error));
  // Mixed as light, dark letters on bright paper look thinner than they are: FreeType's hinter makes up for it.
  FT_Bool off = 0;
  FT_Property_Set(library, "autofitter", "no-stem-darkening", &off);
  return Handle<FT_Library>(library);
}

const char* words(FT_Error error) {
  const char* text = FT_Error_String(error);  // null where FreeType was built without its texts
  if (text) return text;
  switch (error) {
    case FT_Err_Unknown_File_Format: return "unknown file format";
    case FT_Err_Invalid_File_Format: return "broken file";
    case FT_Err_Out_Of_Memory: return "out of memory";
    case FT_Err_Invalid_Argument: return "invalid argument";
    case FT_Err_Raster_Overflow: return "raster overflow";
    default: {
      thread_local std::string number;
      number = "FreeType's error " + std::to_string(error);
      return number.c_str();
    }
  }
}

OwnOutline::OwnOutline(FT_Library library, FT_UInt points, FT_Int contours) : library_(library) {
  if (const FT_Error error = FT_Outline_New(library, points, contours, &outline_))
    throw Error(error == FT_Err_Out_Of_Memory ? ErrorCode::OUT_OF_HOST_MEMORY : ErrorCode::LIMIT_EXCEEDED,
                "an outline does not fit", "32767 points at most", words(error));
  outline_.n_points = 0;  // FT_Stroker_Export appends
  outline_.n_contours = 0;
}

void place(FT_Outline* outline, double radians, FT_Pos x, FT_Pos y) {
  const auto c = static_cast<FT_Fixed>(std::lround(std::cos(radians) * 65536));
  const auto s = static_cast<FT_Fixed>(std::lround(std::sin(radians) * 65536));
  const FT_Matrix turn{c, -s, s, c};
  if (radians != 0) FT_Outline_Transform(outline, &turn);
  FT_Outline_Translate(outline, x, y);
}

Coverage rendered(FT_Library library, FT_Outline* outline, const Clip& clip) {
  FT_BBox box;
  FT_Outline_Get_CBox(outline, &box);
  if (outline->n_points == 0) return {};
  Coverage area =
      Coverage::blank({std::max(pixels_down(box.xMin), clip.left), std::max(-pixels_up(box.yMax), clip.top),
                       std::min(pixels_up(box.xMax), clip.right), std::min(-pixels_down(box.yMin), clip.bottom)});
  if (area.empty()) return area;
  FT_Outline_Translate(outline, -FT_Pos{area.left} * 64, FT_Pos{area.bottom()} * 64);
  FT_Bitmap bitmap{};
  bitmap.rows = area.height;
  bitmap.width = area.width;
  bitmap.pitch = static_cast<int>(area.width);
  bitmap.buffer = area.data.data();
  bitmap.num_grays = 256;
  bitmap.pixel_mode = FT_PIXEL_MODE_GRAY;
  const FT_Error error = FT_Outline_Get_Bitmap(library, outline, &bitmap);
  if (error == FT_Err_Out_Of_Memory) throw Error(ErrorCode::OUT_OF_HOST_MEMORY, "no memory for a glyph");
  if (error) return {};
  return area;
}

Coverage stroked(FT_Library library, FT_Outline* outline, FT_Fixed radius, bool opened, FT_Stroker_LineCap cap,
                 const Clip& clip) {
  FT_Stroker raw = nullptr;
  if (FT_Stroker_New(library, &raw)) throw Error(ErrorCode::OUT_OF_HOST_MEMORY, "no memory for a stroke");
  const Handle<FT_Stroker> stroker(raw);
  FT_Stroker_Set(raw, radius, cap, FT_STROKER_LINEJOIN_ROUND, 0);
  FT_UInt points = 0, contours = 0;
  if (FT_Stroker_ParseOutline(raw, outline, opened) || FT_Stroker_GetCounts(raw, &points, &contours)) return {};
  if (points > 32767 || contours > 32767)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a line has too many points", "32767 with its round corners",
                std::to_string(points), "draw it in parts");
  OwnOutline border(library, points, static_cast<FT_Int>(contours));
  FT_Stroker_Export(raw, border.get());
  return rendered(library, border.get(), clip);
}

}  // namespace forge::graphics::freetype
