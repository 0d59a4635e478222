#include "forge/graphics/lettering/font.hpp"

#include <cmath>
#include <map>
#include <mutex>

#include "bind/gil.hpp"
#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/lettering/painted.hpp"
#include "forge/core/error.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using Face = std::shared_ptr<const graphics::Font>;

/// The fonts beside the extension, opened once.
Face bundled(bool bold) {
  static std::mutex mutex;
  static std::map<bool, Face> faces;
  const auto module = py::module_::import("vulkan_forge._vulkan_forge");
  const std::filesystem::path file = to_path(module.attr("__file__"));
  const GilRelease nogil;
  const std::lock_guard lock(mutex);
  Face& face = faces[bold];
  const char* name = bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf";
  if (!face) face = graphics::Font::from_file(file.parent_path() / "fonts" / name);
  return face;
}

/// UTF-8 of a str; halves of surrogate pairs become "?".
std::string to_text(py::handle text) {
  if (!py::isinstance<py::str>(text))
    throw Error(ErrorCode::BAD_TYPE, "text has the wrong type", "a str", describe(text));
  const auto bytes = py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "replace"));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

double to_number(py::handle value, const char* name) {
  return to_numbers(py::make_tuple(value), 1, std::string(name) + " must be a number")[0];
}

graphics::Setting to_setting(py::handle size, py::handle halo, py::handle angle, bool hinted) {
  return {to_number(size, "size"), to_number(halo, "halo"), to_number(angle, "angle"), hinted};
}

struct PyFont {
  Face face;

  PyFont(const py::object& path, const py::object& number, bool bold) {
    if (path.is_none()) {
      face = bundled(bold);
      return;
    }
    const std::filesystem::path file = to_path(path);
    const int64_t which = to_integer(number, "face must be an integer");
    if (which < 0 || which > 0xFFFF)
      throw Error(ErrorCode::OUT_OF_RANGE, "face is out of range", "0 to 65535", std::to_string(which));
    const Face fallback = bundled(bold);
    const GilRelease nogil;
    face = graphics::Font::from_file(file, static_cast<unsigned>(which), fallback);
  }

  double advance(const py::object& text, const py::object& size) const {
    const std::string letters = to_text(text);
    const double pixels = to_number(size, "size");
    const GilRelease nogil;
    return face->advance(letters, pixels);
  }

  graphics::Line line(const py::object& text, const py::object& size, const py::object& at, const py::object& halo,
                      const py::object& angle, bool hinted, const graphics::Clip& clip) const {
    const std::string letters = to_text(text);
    const auto origin = to_numbers(at, 2, "at must be two numbers");
    const graphics::Setting how = to_setting(size, halo, angle, hinted);
    const GilRelease nogil;
    return face->line(letters, how, {origin[0], origin[1]}, clip);
  }

  py::tuple box(const py::object& text, const py::object& size, const py::object& at, const py::object& halo,
                const py::object& angle, bool hinted) const {
    const graphics::Line made = line(text, size, at, halo, angle, hinted, {});
    const graphics::Coverage& all = made.halo.empty() ? made.letters : made.halo;
    return py::make_tuple(all.left, all.top, all.right(), all.bottom());
  }

  py::tuple coverage(const py::object& text, const py::object& size, const py::object& at, const py::object& halo,
                     const py::object& angle, bool hinted) const {
    const graphics::Line made = line(text, size, at, halo, angle, hinted, {});
    const auto give = [](const graphics::Coverage& from) {
      py::array_t<uint8_t> cells({static_cast<py::ssize_t>(from.height), static_cast<py::ssize_t>(from.width)});
      std::copy(from.data.begin(), from.data.end(), cells.mutable_data());
      return py::make_tuple(cells, from.left, from.top);
    };
    return py::make_tuple(give(made.letters), give(made.halo));
  }

  void draw(const py::object& picture, const py::object& text, const py::object& size, const py::object& at,
            const py::object& color, const py::object& halo, const py::object& halo_color, const py::object& angle,
            bool hinted) const {
    const graphics::PaintedPicture target = to_painted(picture);
    const graphics::Color ink = to_color(color, "color"), surround = to_color(halo_color, "halo_color");
    const graphics::Line made = line(text, size, at, halo, angle, hinted, target.clip());
    const GilRelease nogil;
    graphics::paint(target, made.halo, surround);
    graphics::paint(target, made.letters, ink);
  }
};

constexpr const char* kFontDoc = R"doc(An outline font for pictures: TrueType, OpenType or Type 1, by FreeType.

Letters are set with the font's kerning at quarters of a pixel, and rasterised once for each size. Characters that a font
lacks come from DejaVu Sans; those that it lacks, too, show as a box. Text runs from left to right, a character a glyph:
scripts that join or reorder letters need a shaping engine, which this is not, and kerning that a font has in its GPOS
table alone is not used.

Args:
    path: A font file, str or os.PathLike; None: DejaVu Sans, which the package brings.
    face: Which font of a collection (.ttc).
    bold: The bundled font's bold form; with `path`, that of the characters which the font lacks.

Raises:
    FileError: The file is missing, broken, or has no outlines (also an OSError and a RuntimeError).

Example:
    >>> from vulkan_forge import graphics
    >>> font = graphics.Font()
    >>> font.family, font.has("°"), font.has("\u4e2d")
    ('DejaVu Sans', True, False)
    >>> round(font.advance("AV", 100) - font.advance("A", 100) - font.advance("V", 100))  # kerning
    -6
    >>> picture = np.full((40, 200, 4), 255, np.uint8)
    >>> font.draw(picture, "47° N", size=24, at=(10, 30), color=(20, 30, 60))
    >>> bool((picture[..., 0] < 60).any())
    True
)doc";

}  // namespace

void bind_font(py::module_& module) {
  py::class_<PyFont> cls(module, "Font", kFontDoc);
  cls.def(py::init<const py::object&, const py::object&, bool>(), "path"_a = py::none(), py::kw_only(), "face"_a = 0,
          "bold"_a = false);
  cls.def_property_readonly("family", [](const PyFont& self) { return self.face->family(); }, "Its name.");
  cls.def_property_readonly(
      "style", [](const PyFont& self) { return self.face->style(); }, "Such as \"Book\" or \"Bold\".");
  cls.def_property_readonly("faces", [](const PyFont& self) { return self.face->faces(); }, "Fonts in its file.");
  cls.def_property_readonly(
      "ascent", [](const PyFont& self) { return self.face->ascent(); }, "Over the line, of the size.");
  cls.def_property_readonly(
      "descent", [](const PyFont& self) { return self.face->descent(); }, "Under the line, of the size.");
  cls.def_property_readonly(
      "cap_height", [](const PyFont& self) { return self.face->cap_height(); }, "Of a capital, of the size.");
  cls.def_property_readonly(
      "line_height", [](const PyFont& self) { return self.face->line_height(); }, "From line to line, of the size.");
  cls.def_property_readonly(
      "kept_glyphs", [](const PyFont& self) { return self.face->kept_glyphs(); },
      "Glyphs that are rasterised already, one for each size and quarter of a pixel that was drawn.");
  cls.def(
      "has",
      [](const PyFont& self, const py::object& character) {
        const std::string text = to_text(character);
        if (py::len(character) != 1)
          throw Error(ErrorCode::INVALID_ARGUMENT, "has() asks for one character", "a str of length 1", text);
        return self.face->has(static_cast<char32_t>(PyUnicode_ReadChar(character.ptr(), 0)));
      },
      "character"_a, "Whether the font itself has a glyph for a character.");
  cls.def("advance", &PyFont::advance, "text"_a, "size"_a,
          R"doc(Pixels from the start of a line to where more would go on.

Args:
    text: The line.
    size: Pixels an em, 1 to 4096.
)doc");
  cls.def("box", &PyFont::box, "text"_a, "size"_a, "at"_a = py::make_tuple(0, 0), py::kw_only(), "halo"_a = 0,
          "angle"_a = 0, "hinted"_a = true, R"doc(The pixels that a line would touch.

Args:
    text: The line.
    size: Pixels an em, 1 to 4096.
    at: x and y of its start, on the baseline, in pixels from the upper left corner; horizontal hinted text goes to
        whole y.
    halo: Pixels that a surround reaches beyond the letters, 0 to 256.
    angle: Degrees counter-clockwise about `at`.
    hinted: Move horizontal edges to rows of pixels, which is crisper.

Returns:
    left, top, right, bottom, half open; all equal where nothing is drawn.
)doc");
  cls.def("coverage", &PyFont::coverage, "text"_a, "size"_a, "at"_a = py::make_tuple(0, 0), py::kw_only(), "halo"_a = 0,
          "angle"_a = 0, "hinted"_a = true, R"doc(How much of each pixel a line covers.

Args:
    text: The line.
    size: Pixels an em, 1 to 4096.
    at: As for box().
    halo: As for box().
    angle: As for box().
    hinted: As for box().

Returns:
    (cells, left, top) of the letters and of the surround; cells are uint8 (height, width), 255 where all is covered.
)doc");
  cls.def("draw", &PyFont::draw, "picture"_a, "text"_a, py::kw_only(), "size"_a, "at"_a,
          "color"_a = py::make_tuple(0, 0, 0), "halo"_a = 0, "halo_color"_a = py::make_tuple(255, 255, 255),
          "angle"_a = 0, "hinted"_a = true, R"doc(Draw a line of text into a picture, mixed as light.

Args:
    picture: C-contiguous writable uint8 of shape (H, W, 4): sRGB with straight alpha.
    text: The line. Line ends and other marks that steer text draw nothing.
    size: Pixels an em, 1 to 4096.
    at: As for box().
    color: (r, g, b) or (r, g, b, a), 0 to 255.
    halo: As for box().
    halo_color: As color.
    angle: As for box().
    hinted: As for box().

Raises:
    InputError: An argument of the wrong kind or out of its range (subclasses say which).
)doc");
  cls.def("__repr__",
          [](const PyFont& self) { return "Font(" + self.face->family() + " " + self.face->style() + ")"; });
}

}  // namespace forge::bind
