#include "forge/graphics/png/huffman.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace forge::graphics::png {
namespace {

std::vector<uint8_t> lengths_of(const std::vector<uint32_t>& counts, unsigned most) {
  std::vector<uint8_t> lengths(counts.size());
  code_lengths(counts, most, lengths);
  return lengths;
}

/// 1 for a code that uses every string of bits.
double fullness(const std::vector<uint8_t>& lengths) {
  double sum = 0;
  for (const uint8_t length : lengths) sum += length ? std::ldexp(1.0, -length) : 0;
  return sum;
}

TEST(Huffman, FrequentSymbolsAreShort) {
  EXPECT_EQ(lengths_of({8, 4, 2, 1, 1}, 15), (std::vector<uint8_t>{1, 2, 3, 4, 4}));
  EXPECT_EQ(lengths_of({1, 1, 1, 1}, 15), (std::vector<uint8_t>{2, 2, 2, 2}));
  EXPECT_EQ(lengths_of({0, 5, 0, 9}, 15), (std::vector<uint8_t>{0, 1, 0, 1}));
}

TEST(Huffman, OneSymbolHasOneBitAndNoneHasNone) {
  EXPECT_EQ(lengths_of({0, 7, 0}, 15), (std::vector<uint8_t>{0, 1, 0}));
  EXPECT_EQ(lengths_of({0, 0}, 15), (std::vector<uint8_t>{0, 0}));
}

TEST(Huffman, NoCodeIsLongerThanAllowedAndAllAreComplete) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    std::vector<uint32_t> counts(2 + random() % 285);
    const double steep = 1 + static_cast<double>(random() % 100) / 60;
    double scale = 1;
    for (uint32_t& count : counts) {
      count = random() % 4 ? static_cast<uint32_t>(std::min(scale, 4e9)) + random() % 3 : 0;
      scale = std::min(scale * steep, 4e9);
    }
    counts[0] = counts[1] = 1;
    for (const unsigned most : {9U, 12U, 15U}) {
      const auto lengths = lengths_of(counts, most);
      EXPECT_LE(*std::ranges::max_element(lengths), most);
      EXPECT_EQ(fullness(lengths), 1.0);
      for (size_t i = 0; i < counts.size(); ++i) EXPECT_EQ(lengths[i] == 0, counts[i] == 0);
    }
  }
}

TEST(Huffman, CodesAreThoseOfTheStandardsExample) {  // RFC 1951, section 3.2.2
  const std::vector<uint8_t> lengths{3, 3, 3, 3, 3, 2, 4, 4};
  std::vector<uint16_t> codes(8);
  codes_of(lengths, codes);
  EXPECT_EQ(codes, (std::vector<uint16_t>{0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111}));
}

}  // namespace
}  // namespace forge::graphics::png
