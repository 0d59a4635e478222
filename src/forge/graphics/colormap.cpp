#include "forge/graphics/colormap.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "forge/core/error.hpp"
#include "forge/graphics/srgb.hpp"

namespace forge::graphics {

namespace {

struct Table {
  std::string_view name;
  std::array<std::array<uint8_t, 3>, 256> colors;
};

constexpr Table kTables[] = {
#include "forge/graphics/colormaps.inc"
};

struct Colormap {
  std::string_view name;
  Lut srgb;
  Lut linear;
};

uint8_t decode(uint8_t byte) { return static_cast<uint8_t>(std::lround(decoded(byte / 255.0) * 255)); }

Colormap expand(const Table& table) {
  Colormap map{table.name, {}, {}};
  for (size_t i = 0; i < 256; ++i) {
    const auto [r, g, b] = table.colors[i];
    map.srgb[i] = {r, g, b, 255};
  }
  map.linear = decoded_to_linear(map.srgb);
  return map;
}

const std::vector<Colormap>& colormaps() {
  static const std::vector<Colormap> all = [] {
    std::vector<Colormap> maps;
    std::transform(std::begin(kTables), std::end(kTables), std::back_inserter(maps), expand);
    return maps;
  }();
  return all;
}

const Colormap& find(std::string_view name) {
  for (const Colormap& map : colormaps())
    if (map.name == name) return map;
  std::string text = "Unknown colormap '";
  text.append(name).append("'. Supported: ");
  for (const Colormap& map : colormaps()) text.append(&map == colormaps().data() ? "" : ", ").append(map.name);
  throw Error(ErrorCode::INVALID_ARGUMENT, std::move(text));
}

}  // namespace

std::vector<std::string_view> colormap_names() {
  std::vector<std::string_view> names;
  for (const Table& table : kTables) names.push_back(table.name);
  return names;
}

Lut decoded_to_linear(const Lut& srgb) {
  Lut linear = srgb;
  for (auto& entry : linear)
    for (size_t k = 0; k < 3; ++k) entry[k] = decode(entry[k]);
  return linear;
}

const Lut& colormap_lut(std::string_view name) { return find(name).srgb; }
const Lut& colormap_lut_linear(std::string_view name) { return find(name).linear; }

}  // namespace forge::graphics
