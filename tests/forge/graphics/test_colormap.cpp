#include "forge/graphics/colormap.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "errors.hpp"

namespace forge::graphics {
namespace {

using Entry = std::array<uint8_t, 4>;

TEST(Colormap, NamesInOrder) {
  EXPECT_EQ(colormap_names(), (std::vector<std::string_view>{"viridis", "magma", "terrain"}));
}

TEST(Colormap, KnownEntries) {
  const Lut& viridis = colormap_lut("viridis");
  EXPECT_EQ(viridis[0], (Entry{68, 1, 84, 255}));
  EXPECT_EQ(viridis[128], (Entry{32, 144, 140, 255}));
  EXPECT_EQ(viridis[255], (Entry{253, 231, 36, 255}));
  const Lut& magma = colormap_lut("magma");
  EXPECT_EQ(magma[0], (Entry{0, 0, 3, 255}));
  EXPECT_EQ(magma[128], (Entry{182, 54, 121, 255}));
  EXPECT_EQ(magma[255], (Entry{251, 252, 191, 255}));
  const Lut& terrain = colormap_lut("terrain");
  EXPECT_EQ(terrain[0], (Entry{0, 0, 127, 255}));
  EXPECT_EQ(terrain[64], (Entry{0, 102, 126, 255}));
  EXPECT_EQ(terrain[128], (Entry{52, 177, 25, 255}));
  EXPECT_EQ(terrain[192], (Entry{179, 154, 130, 255}));
  EXPECT_EQ(terrain[255], (Entry{255, 255, 255, 255}));
}

TEST(Colormap, LinearEntriesAreTheDecodedOnes) {
  for (std::string_view name : colormap_names())
    for (size_t i = 0; i < 256; ++i)
      for (size_t c = 0; c < 3; ++c) {
        const double v = colormap_lut(name)[i][c] / 255.0;
        const double linear = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
        EXPECT_NEAR(colormap_lut_linear(name)[i][c], linear * 255, 0.5);
        EXPECT_EQ(colormap_lut_linear(name)[i][3], 255);
      }
  EXPECT_EQ(colormap_lut_linear("terrain")[255], (Entry{255, 255, 255, 255}));
}

TEST(Colormap, UnknownNamesListTheKnownOnes) {
  for (const char* name : {"VIRIDIS", "MAGMA", "TERRAIN", "jet", "", " viridis"})
    EXPECT_EQ(message_of(ErrorCode::INVALID_ARGUMENT, [&] { colormap_lut(name); }),
              "Unknown colormap '" + std::string(name) + "'. Supported: viridis, magma, terrain");
  message_of(ErrorCode::INVALID_ARGUMENT, [] { colormap_lut_linear("jet"); });
}

}  // namespace
}  // namespace forge::graphics
