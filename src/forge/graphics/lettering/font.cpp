#include "forge/graphics/lettering/font.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <compare>
#include <map>
#include <mutex>
#include <numbers>

#include "forge/core/error.hpp"
#include "forge/graphics/file.hpp"
#include "forge/graphics/lettering/freetype.hpp"
#include "forge/graphics/lettering/utf8.hpp"

namespace forge::graphics {

namespace {

constexpr size_t kMostKept = 32 << 20;   // bytes of glyphs; then all are let go
constexpr int32_t kLargestKept = 512;    // pixels an em
constexpr double kFarthest = 1 << 20;    // pixels; beyond lies no picture
constexpr int kBins = 4;                 // places of a glyph within a pixel, along each axis
constexpr double kMissingAdvance = 0.6;  // of an em
constexpr const char* kFailed = "failed to open font";
constexpr const char* kExpected = "an outline font (TrueType, OpenType, Type 1)";
constexpr FT_Int32 kHinted = FT_LOAD_NO_BITMAP | FT_LOAD_TARGET_LIGHT;  // moves edges up and down, never sideways
constexpr FT_Int32 kPlain = FT_LOAD_NO_BITMAP | FT_LOAD_NO_HINTING;

struct GlyphKey {
  FT_UInt glyph = 0;
  int32_t size = 0, halo = 0;  // 1/64 pixel
  int32_t angle = 0;           // 1/64 degree
  uint8_t x = 0, y = 0;        // of kBins
  bool hinted = true;
  auto operator<=>(const GlyphKey&) const = default;

  double radians() const { return angle / 64.0 * std::numbers::pi / 180; }
};

struct Glyph {
  Coverage letters, halo;
  size_t bytes() const { return letters.data.size() + halo.data.size() + sizeof(Glyph); }
};

/// A place on the grid of bins: whole pixels, and the rest.
struct Pen {
  int32_t pixel;
  uint8_t bin;
  explicit Pen(double at) {
    const double bins = std::floor(at * kBins + 0.5), whole = std::floor(bins / kBins);
    pixel = static_cast<int32_t>(whole);
    bin = static_cast<uint8_t>(bins - whole * kBins);
  }
};

Clip moved(const Clip& clip, int32_t x, int32_t y) {
  return {clip.left + x, clip.top + y, clip.right + x, clip.bottom + y};
}

/// The pixels that some coverages touch.
class Extent {
 public:
  explicit Extent(const Clip& clip) : clip_(clip) {}
  void add(const Coverage& part, int32_t x, int32_t y) {
    if (part.empty()) return;
    left_ = std::min(left_, part.left + x), right_ = std::max(right_, part.right() + x);
    top_ = std::min(top_, part.top + y), bottom_ = std::max(bottom_, part.bottom() + y);
  }
  Coverage area() const {
    return Coverage::blank({std::max(left_, clip_.left), std::max(top_, clip_.top), std::min(right_, clip_.right),
                            std::min(bottom_, clip_.bottom)});
  }

 private:
  Clip clip_;
  int32_t left_ = INT32_MAX, top_ = INT32_MAX, right_ = INT32_MIN, bottom_ = INT32_MIN;
};

bool is_unseen(char32_t c) {  // marks that steer text: nothing of them is drawn
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF;
}

/// Where neither font has a glyph that can be drawn: a frame, as high as a capital.
Coverage missing_box(FT_Library library, const GlyphKey& key, const Clip& clip) {
  const double em = key.size / 64.0, left = em * 0.06, right = em * 0.54, high = em * 0.72;
  freetype::OwnOutline frame(library, 8, 2);
  FT_Outline* outline = frame.get();
  for (const double inset : {0.0, std::max(em * 0.06, 0.75)}) {
    Point corners[] = {
        {left + inset, inset}, {left + inset, high - inset}, {right - inset, high - inset}, {right - inset, inset}};
    if (inset > 0) std::reverse(std::begin(corners), std::end(corners));
    for (const Point& at : corners) {
      outline->points[outline->n_points] = {std::lround(at.x * 64), std::lround(at.y * 64)};
      outline->tags[outline->n_points++] = FT_CURVE_TAG_ON;
    }
    outline->contours[outline->n_contours++] = static_cast<short>(outline->n_points - 1);
  }
  freetype::place(outline, key.radians(), FT_Pos{key.x} * (64 / kBins), FT_Pos{key.y} * (64 / kBins));
  return freetype::rendered(library, outline, clip);
}

/// Puts a glyph into a line. Glyphs that meet in a pixel cover different parts of it; surrounds overlap.
void merge(Coverage& line, const Coverage& glyph, int32_t x, int32_t y, bool adds) {
  const int32_t left = std::max(line.left, glyph.left + x), right = std::min(line.right(), glyph.right() + x);
  const int32_t top = std::max(line.top, glyph.top + y), bottom = std::min(line.bottom(), glyph.bottom() + y);
  for (int32_t row = top; row < bottom; ++row)
    for (int32_t column = left; column < right; ++column) {
      uint8_t& to = line.at(column, row);
      const uint8_t from = glyph.at(column - x, row - y);
      to = adds ? static_cast<uint8_t>(std::min(to + from, 255)) : std::max(to, from);
    }
}

void check_range(const char* name, double got, double least, double most) {
  if (got >= least && got <= most) return;
  throw Error(ErrorCode::INVALID_ARGUMENT, std::string(name) + " of text is out of range",
              std::to_string(std::lround(least)) + " to " + std::to_string(std::lround(most)), std::to_string(got));
}

void check(const Setting& how, Point origin) {
  check_range("size", how.size, 1, 4096);
  check_range("halo", how.halo, 0, 256);
  check_range("angle", how.angle_deg, -360, 360);
  check_range("x", origin.x, -kFarthest, kFarthest);
  check_range("y", origin.y, -kFarthest, kFarthest);
}

std::string read_file(const std::filesystem::path& path) {
  const FileHandle file(std::fopen(path.c_str(), "rb"));
  if (!file) throw file_error(ErrorCode::FILE_READ, kFailed, kExpected, path, errno);
  std::string bytes;
  std::vector<char> piece(1 << 16);
  while (!std::feof(file.get()) && !std::ferror(file.get()))
    bytes.append(piece.data(), std::fread(piece.data(), 1, piece.size(), file.get()));
  if (std::ferror(file.get())) throw file_error(ErrorCode::FILE_READ, kFailed, kExpected, path, errno);
  return bytes;
}

}  // namespace

/// A glyph of a line, before any rasterising.
struct Font::Placed {
  const Font* font;
  FT_UInt glyph;
  double x = 0;  // of an em
};

struct Font::State {
  std::string bytes;
  freetype::Handle<FT_Library> library = freetype::open_library();
  freetype::Handle<FT_Face> face;
  std::shared_ptr<const Font> fallback;
  std::string family, style;
  double units = 1;  // an em
  double cap = 0.7;  // of an em
  std::mutex mutex;  // of all below, and of the face
  std::map<GlyphKey, std::shared_ptr<const Glyph>> glyphs;
  size_t kept = 0;
  int32_t size_set = 0;

  double advance_of(FT_UInt glyph) const {
    FT_Fixed advance = 0;
    const bool known = !FT_Get_Advance(face.get(), glyph, FT_LOAD_NO_SCALE, &advance);
    return known && (advance > 0 || glyph != 0) ? static_cast<double>(advance) / units : kMissingAdvance;
  }
  double kerning(FT_UInt left, FT_UInt right) const {
    FT_Vector by{};
    if (!FT_HAS_KERNING(face.get()) || FT_Get_Kerning(face.get(), left, right, FT_KERNING_UNSCALED, &by)) return 0;
    return static_cast<double>(by.x) / units;
  }
  /// The outline of a glyph in its slot, turned and moved; null where there is none to draw.
  FT_Outline* load(const GlyphKey& key);
  std::shared_ptr<const Glyph> glyph(const GlyphKey& key, const Clip& clip);
};

FT_Outline* Font::State::load(const GlyphKey& key) {
  if (size_set != key.size && FT_Set_Char_Size(face.get(), key.size, key.size, 72, 72)) return nullptr;
  size_set = key.size;
  if (FT_Load_Glyph(face.get(), key.glyph, key.hinted ? kHinted : kPlain)) return nullptr;
  FT_Outline* outline = &face->glyph->outline;
  const bool missing = key.glyph == 0 && outline->n_points == 0;
  if (face->glyph->format != FT_GLYPH_FORMAT_OUTLINE || missing) return nullptr;
  freetype::place(outline, key.radians(), FT_Pos{key.x} * (64 / kBins), FT_Pos{key.y} * (64 / kBins));
  return outline;
}

/// Glyphs of usual sizes are kept whole, others drawn where they are seen.
std::shared_ptr<const Glyph> Font::State::glyph(const GlyphKey& key, const Clip& clip) {
  const std::lock_guard lock(mutex);
  if (const auto found = glyphs.find(key); found != glyphs.end()) return found->second;
  auto made = std::make_shared<Glyph>();
  FT_Outline* outline = load(key);
  FT_BBox box{};
  if (outline) FT_Outline_Get_CBox(outline, &box);
  const FT_Pos most = FT_Pos{8} * key.size;
  const bool keeps = key.size <= kLargestKept * 64 && box.xMax - box.xMin < most && box.yMax - box.yMin < most;
  const Clip seen = keeps ? Clip{} : clip;
  if (outline && key.halo)
    made->halo = freetype::stroked(library.get(), outline, key.halo, false, FT_STROKER_LINECAP_ROUND, seen);
  made->letters = outline ? freetype::rendered(library.get(), outline, seen) : missing_box(library.get(), key, seen);
  if (!keeps) return made;
  if (kept + made->bytes() > kMostKept) {
    glyphs.clear();
    kept = 0;
  }
  kept += made->bytes();
  return glyphs.emplace(key, std::move(made)).first->second;
}

Font::Font(std::string bytes, unsigned face, std::shared_ptr<const Font> fallback, const std::filesystem::path& name)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.bytes = std::move(bytes);
  state.fallback = std::move(fallback);
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::FILE_READ, kFailed, kExpected, quoted(name, why));
  };
  FT_Face raw = nullptr;
  const FT_Error error = FT_New_Memory_Face(state.library.get(), reinterpret_cast<const FT_Byte*>(state.bytes.data()),
                                            static_cast<FT_Long>(state.bytes.size()), static_cast<FT_Long>(face), &raw);
  if (error) throw refuse(face ? "no face " + std::to_string(face) : freetype::words(error));
  state.face.reset(raw);
  if (!FT_IS_SCALABLE(raw) || raw->units_per_EM == 0) throw refuse("it has no outlines");
  if (raw->family_name) state.family = raw->family_name;
  if (raw->style_name) state.style = raw->style_name;
  state.units = raw->units_per_EM;
  if (!raw->charmap && raw->num_charmaps > 0) FT_Set_Charmap(raw, raw->charmaps[0]);  // of symbols
  if (!FT_Load_Char(raw, 'H', FT_LOAD_NO_SCALE) && raw->glyph->metrics.horiBearingY > 0)
    state.cap = static_cast<double>(raw->glyph->metrics.horiBearingY) / state.units;
}

Font::~Font() = default;

std::shared_ptr<const Font> Font::from_file(const std::filesystem::path& path, unsigned face,
                                            std::shared_ptr<const Font> fallback) {
  return std::make_shared<const Font>(read_file(path), face, std::move(fallback), path);
}

const std::string& Font::family() const { return state_->family; }
const std::string& Font::style() const { return state_->style; }
unsigned Font::faces() const { return static_cast<unsigned>(state_->face->num_faces); }
double Font::ascent() const { return state_->face->ascender / state_->units; }
double Font::descent() const { return -state_->face->descender / state_->units; }
double Font::cap_height() const { return state_->cap; }
double Font::line_height() const { return state_->face->height / state_->units; }

bool Font::has(char32_t character) const {
  const std::lock_guard lock(state_->mutex);
  return FT_Get_Char_Index(state_->face.get(), character) != 0;
}

size_t Font::kept_glyphs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->glyphs.size();
}

Font::Placed Font::resolve(char32_t character) const {
  {
    const std::lock_guard lock(state_->mutex);
    const FT_UInt glyph = FT_Get_Char_Index(state_->face.get(), character);
    if (glyph || !state_->fallback) return {this, glyph};
  }
  const Placed other = state_->fallback->resolve(character);
  return other.glyph ? other : Placed{this, 0};
}

std::vector<Font::Placed> Font::placed(std::string_view utf8, double& end) const {
  std::vector<Placed> line;
  end = 0;
  for (char32_t character : decode_utf8(utf8)) {
    if (character == U'\t') character = U' ';
    if (is_unseen(character)) continue;
    Placed next = resolve(character);
    State& state = *next.font->state_;
    const std::lock_guard lock(state.mutex);
    if (!line.empty() && line.back().font == next.font) end += state.kerning(line.back().glyph, next.glyph);
    next.x = end;
    end += state.advance_of(next.glyph);
    line.push_back(next);
  }
  return line;
}

double Font::advance(std::string_view utf8, double size) const {
  check({.size = size}, {});
  double end = 0;
  placed(utf8, end);
  return end * size;
}

Line Font::line(std::string_view utf8, const Setting& how, Point origin, const Clip& clip) const {
  check(how, origin);
  GlyphKey key{.size = static_cast<int32_t>(std::lround(how.size * 64)),
               .halo = static_cast<int32_t>(std::lround(how.halo * 64)),
               .angle = static_cast<int32_t>(std::lround(how.angle_deg * 64))};
  key.hinted = how.hinted && key.angle == 0;
  if (key.hinted) origin.y = std::round(origin.y);
  struct Set {
    std::shared_ptr<const Glyph> glyph;
    int32_t x, y;
  };
  double end = 0;
  std::vector<Set> sets;
  Extent letters(clip), halo(clip);
  for (const Placed& at : placed(utf8, end)) {
    const Point pen{origin.x + at.x * how.size * std::cos(key.radians()),
                    origin.y - at.x * how.size * std::sin(key.radians())};
    if (!(std::abs(pen.x) < kFarthest && std::abs(pen.y) < kFarthest)) continue;
    const Pen right(pen.x), up(-pen.y);
    key.glyph = at.glyph;
    key.x = right.bin;
    key.y = up.bin;
    const Set set{at.font->state_->glyph(key, moved(clip, -right.pixel, up.pixel)), right.pixel, -up.pixel};
    letters.add(set.glyph->letters, set.x, set.y);
    halo.add(set.glyph->halo, set.x, set.y);
    sets.push_back(set);
  }
  Line line{letters.area(), halo.area()};
  for (const Set& set : sets) {
    merge(line.letters, set.glyph->letters, set.x, set.y, true);
    merge(line.halo, set.glyph->halo, set.x, set.y, false);
  }
  return line;
}

}  // namespace forge::graphics
