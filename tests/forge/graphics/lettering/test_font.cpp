#include "forge/graphics/lettering/font.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <thread>

#include "forge/core/error.hpp"
#include "forge/graphics/lettering/utf8.hpp"

namespace forge::graphics {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string kSans = FORGE_FONTS "/DejaVuSans.ttf";

std::shared_ptr<const Font> sans() {
  static const auto font = Font::from_file(kSans);
  return font;
}

size_t ink(const Coverage& area) { return std::accumulate(area.data.begin(), area.data.end(), size_t{0}); }

TEST(Font, SaysWhatItIs) {
  EXPECT_EQ(sans()->family(), "DejaVu Sans");
  EXPECT_EQ(sans()->faces(), 1U);
  EXPECT_NEAR(sans()->cap_height(), 1493 / 2048.0, 1e-9);  // of its OS/2 table
  EXPECT_GT(sans()->ascent(), sans()->cap_height());
  EXPECT_TRUE(sans()->has(U'°'));
  EXPECT_TRUE(sans()->has(U'\u2212'));
  EXPECT_FALSE(sans()->has(U'\u4E2D'));
}

TEST(Font, AdvancesGrowWithTheSizeAndKern) {
  const double at_10 = sans()->advance("Matterhorn", 10), at_1000 = sans()->advance("Matterhorn", 1000);
  EXPECT_NEAR(at_1000, 100 * at_10, 1e-6);
  const double apart = sans()->advance("A", 100) + sans()->advance("V", 100);
  EXPECT_LT(sans()->advance("AV", 100), apart - 5);
  EXPECT_EQ(sans()->advance("", 10), 0);
}

TEST(Font, ALineLiesWhereItWasAsked) {
  const Line line = sans()->line("H", {.size = 100, .hinted = false}, {20.0, 120.0});
  EXPECT_EQ(line.letters.bottom(), 120);
  EXPECT_EQ(line.letters.top, 120 - 73);
  EXPECT_NEAR(line.letters.left, 20 + 9.8, 1);
  EXPECT_TRUE(line.halo.empty());
}

TEST(Font, QuartersOfAPixelMoveInkAndKeepItsAmount) {
  const Setting how{.size = 20, .hinted = false};
  const Coverage at = sans()->line("l", how, {5, 30}).letters;
  for (const double part : {0.25, 0.5, 0.75}) {
    const Coverage moved = sans()->line("l", how, {5 + part, 30}).letters;
    EXPECT_NE(moved.data, at.data);
    EXPECT_NEAR(static_cast<double>(ink(moved)), static_cast<double>(ink(at)), 0.01 * static_cast<double>(ink(at)));
  }
}

TEST(Font, AGlyphIsRasterisedOnce) {
  const Font font(bytes_of(kSans));
  font.line("aaaaaaaa", {.size = 33}, {0, 40});
  const size_t first = font.kept_glyphs();
  EXPECT_LE(first, 4U);  // an "a" at each quarter of a pixel
  font.line("aaaaaaaa", {.size = 33}, {0, 90});
  EXPECT_EQ(font.kept_glyphs(), first);
  font.line("a", {.size = 34}, {0, 40});
  EXPECT_EQ(font.kept_glyphs(), first + 1);
}

TEST(Font, AHaloReachesAsFarAsItSaysRoundEachLetter) {
  const Line line = sans()->line("i", {.size = 64, .halo = 5, .hinted = false}, {50, 100});
  EXPECT_NEAR(line.halo.left, line.letters.left - 5, 1);
  EXPECT_NEAR(line.halo.right(), line.letters.right() + 5, 1);
  EXPECT_NEAR(line.halo.top, line.letters.top - 5, 1);
  EXPECT_NEAR(line.halo.bottom(), line.letters.bottom() + 5, 1);
}

TEST(Font, TextTurnsCounterClockwise) {
  const Coverage up = sans()->line("llllll", {.size = 40, .angle_deg = 90}, {100, 200}).letters;
  EXPECT_GT(up.height, up.width);
  EXPECT_LE(up.bottom(), 201);
  EXPECT_LE(up.right(), 101);
}

TEST(Font, WhatAFontLacksComesFromAnotherOrShowsAsABox) {
  const Coverage box = sans()->line("\u4E2D", {.size = 40}, {0, 50}).letters;
  EXPECT_GT(ink(box), 0U);
  EXPECT_GT(ink(sans()->line("\xFF", {.size = 40}, {0, 50}).letters), 0U);  // U+FFFD, which it has
  const auto bold = Font::from_file(FORGE_FONTS "/DejaVuSans-Bold.ttf", 0, sans());
  for (const char32_t rare : {U'\u2800', U'\u0B83', U'\U0001D49C'})
    if (!bold->has(rare) && sans()->has(rare)) {
      std::string utf8;  // three bytes, or four
      if (rare < 0x10000) {
        utf8 = {static_cast<char>(0xE0 | rare >> 12), static_cast<char>(0x80 | (rare >> 6 & 63)),
                static_cast<char>(0x80 | (rare & 63))};
      } else {
        utf8 = {static_cast<char>(0xF0 | rare >> 18), static_cast<char>(0x80 | (rare >> 12 & 63)),
                static_cast<char>(0x80 | (rare >> 6 & 63)), static_cast<char>(0x80 | (rare & 63))};
      }
      EXPECT_EQ(bold->line(utf8, {.size = 40}, {0, 50}).letters.data,
                sans()->line(utf8, {.size = 40}, {0, 50}).letters.data);
    }
}

TEST(Font, MarksThatSteerTextDrawNothing) {
  EXPECT_TRUE(sans()->line("\n\r\u200B\u00AD\uFEFF", {.size = 40}, {0, 50}).letters.empty());
  EXPECT_EQ(sans()->advance("a\u200Bb", 40), sans()->advance("ab", 40));
  EXPECT_EQ(sans()->advance("\t", 40), sans()->advance(" ", 40));
}

TEST(Font, OnlyWhatIsSeenIsMade) {
  const std::string text(100'000, 'x');
  const Line line = sans()->line(text, {.size = 4000}, {-5000, 2000}, {0, 0, 640, 480});
  EXPECT_LE(line.letters.width, 640U);
  EXPECT_LE(line.letters.height, 480U);
  EXPECT_THROW(sans()->line(text, {.size = 500}, {0, 0}), Error);  // 2^28 pixels
}

TEST(Font, SettingsOutOfRangeAreRefused) {
  const double nan = std::nan("");
  for (const Setting& how : {Setting{.size = 0}, Setting{.size = 5000}, Setting{.size = nan}, Setting{.halo = -1},
                             Setting{.halo = 300}, Setting{.angle_deg = 400}, Setting{.angle_deg = nan}})
    EXPECT_THROW(sans()->line("a", how, {}), Error);
  EXPECT_THROW(sans()->line("a", {}, {nan, 0}), Error);
}

TEST(Font, BrokenFilesAreRefused) {
  EXPECT_THROW(Font(""), Error);
  EXPECT_THROW(Font(std::string(1000, 'x')), Error);
  EXPECT_THROW(Font(bytes_of(kSans), 3), Error);
  EXPECT_THROW(Font::from_file("/nonexistent.ttf"), Error);
  EXPECT_THROW(Font::from_file("/"), Error);
}

// What is damaged is refused, or drawn somehow; it never reads beyond its bytes (sanitizers would say so).
TEST(Font, DamagedFilesDoNoHarm) {
  const std::string whole = bytes_of(kSans);
  uint32_t chance = 1;
  const auto next = [&](size_t below) { return (chance = chance * 1664525 + 1013904223) % below; };
  int drawn = 0;
  for (int i = 0; i < 60; ++i) {
    std::string broken = i % 3 ? whole : whole.substr(0, 64 + next(whole.size() - 64));
    const size_t head = i % 2 ? 4096 : broken.size();  // tables' directory and headers, or anywhere
    for (int k = 0; k < 1 + i * 4; ++k) broken[next(std::min(head, broken.size()))] = static_cast<char>(next(256));
    try {
      const Font font(broken);
      const Line line = font.line("Höhe 12°", {.size = 20, .halo = 2}, {5, 30}, {0, 0, 200, 60});
      drawn += ink(line.letters) > 0;
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::FILE_READ || error.code() == ErrorCode::LIMIT_EXCEEDED) << error.what();
    }
  }
  EXPECT_GT(drawn, 0);
}

TEST(Font, ThreadsShareIt) {
  const Font font(bytes_of(kSans));
  const Coverage alone = sans()->line("Gipfel 4158", {.size = 21}, {3, 30}).letters;
  std::vector<std::thread> threads;
  std::atomic<int> equal{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        font.line("Gipfel", {.size = 10.0 + k, .halo = 1}, {0, 40});
        equal += font.line("Gipfel 4158", {.size = 21}, {3, 30}).letters.data == alone.data;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal, 80);
}

TEST(Utf8, IsDecodedAndMendedByteByByte) {
  EXPECT_EQ(decode_utf8("a\xC3\xA9\xE2\x88\x92\xF0\x9F\x98\x80"), U"aé\u2212\U0001F600");
  EXPECT_EQ(decode_utf8("\xC3"), U"\uFFFD");
  EXPECT_EQ(decode_utf8("\xC0\x80"), U"\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xED\xA0\x80x"), U"\uFFFD\uFFFD\uFFFDx");
  EXPECT_EQ(decode_utf8("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xE2\x88("), U"\uFFFD\uFFFD(");
}

}  // namespace
}  // namespace forge::graphics
