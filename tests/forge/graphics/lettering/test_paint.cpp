#include "forge/graphics/lettering/paint.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace forge::graphics {
namespace {

double decode(double byte) {
  const double v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

double encode(double light) {
  return 255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * std::pow(light, 1 / 2.4) - 0.055);
}

Coverage one(uint8_t part) {
  Coverage area = Coverage::blank({0, 0, 1, 1});
  area.data[0] = part;
  return area;
}

Color painted(Color under, uint8_t part, const Color& color) {
  paint({under.data(), 1, 1, 4}, one(part), color);
  return under;
}

TEST(Paint, MixesLight) {
  for (int under = 0; under < 256; under += 15)
    for (int over = 0; over < 256; over += 17)
      for (int part = 0; part < 256; part += 51) {
        const auto u = static_cast<uint8_t>(under), o = static_cast<uint8_t>(over), p = static_cast<uint8_t>(part);
        const double a = part / 255.0, wanted = encode(a * decode(over) + (1 - a) * decode(under));
        EXPECT_NEAR(painted({u, 0, 255, 255}, p, {o, 0, 255, 255})[0], wanted, 0.75);
      }
}

TEST(Paint, WhatIsSeenThroughKeepsItsColour) {
  EXPECT_EQ(painted({9, 9, 9, 0}, 128, {200, 100, 50, 255}), (Color{200, 100, 50, 128}));
  EXPECT_EQ(painted({9, 9, 9, 0}, 255, {200, 100, 50, 64}), (Color{200, 100, 50, 64}));
  EXPECT_EQ(painted({200, 100, 50, 128}, 255, {200, 100, 50, 128})[3], 192);
  EXPECT_EQ(painted({1, 2, 3, 77}, 0, {200, 100, 50, 255}), (Color{1, 2, 3, 77}));
  EXPECT_EQ(painted({1, 2, 3, 77}, 255, {200, 100, 50, 255}), (Color{200, 100, 50, 255}));
}

TEST(Paint, StaysInThePicture) {
  Coverage large = Coverage::blank({-5, -5, 9, 9});
  std::fill(large.data.begin(), large.data.end(), uint8_t{255});
  std::array<uint8_t, 4 * 6> pixels{};  // one row of 4 pixels, and what must not be touched
  paint({pixels.data(), 4, 1, 16}, large, {1, 2, 3, 255});
  EXPECT_EQ(pixels[15], 255);
  EXPECT_EQ(pixels[16], 0);
  Coverage beside = Coverage::blank({10, 10, 20, 20});
  paint({pixels.data(), 4, 1, 16}, beside, {1, 2, 3, 255});
}

}  // namespace
}  // namespace forge::graphics
