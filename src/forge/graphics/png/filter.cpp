#include "forge/graphics/png/filter.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "forge/core/clones.hpp"

// Compiled with full optimisation in every build: the loops below become vector instructions.
namespace forge::graphics::png {

namespace {

constexpr size_t kSample = 64, kSampled = 512;  // bytes of every so many that a quick choice looks at

/// The one of left, above and above-left that is nearest to left + above - above-left.
inline uint8_t paeth(uint8_t left, uint8_t above, uint8_t corner) {
  const auto p = static_cast<int16_t>(above - corner), q = static_cast<int16_t>(left - corner);
  const auto to_left = static_cast<int16_t>(std::abs(p)), to_above = static_cast<int16_t>(std::abs(q));
  const auto to_corner = static_cast<int16_t>(std::abs(static_cast<int16_t>(p + q)));
  const uint8_t rather = to_above <= to_corner ? above : corner;
  return (to_left <= to_above) & (to_left <= to_corner) ? left : rather;
}

/// Calls each(i, left, above, corner) for bytes begin .. end, all of them behind the first pixel.
template <class Guess>
inline void differences(const uint8_t* __restrict row, const uint8_t* __restrict above, size_t unit, size_t begin,
                        size_t end, uint8_t* __restrict to, const Guess& guess) {
  for (size_t i = begin; i < end; ++i)
    to[i] = static_cast<uint8_t>(row[i] - guess(row[i - unit], above[i], above[i - unit]));
}

inline void filter_part(Filter filter, const uint8_t* row, const uint8_t* above, size_t unit, size_t begin, size_t end,
                        uint8_t* to) {
  switch (filter) {
    case Filter::none: std::memcpy(to + begin, row + begin, end - begin); return;
    case Filter::sub:
      return differences(row, above, unit, begin, end, to, [](uint8_t left, uint8_t, uint8_t) { return left; });
    case Filter::up:
      return differences(row, above, unit, begin, end, to, [](uint8_t, uint8_t up, uint8_t) { return up; });
    case Filter::average:
      return differences(row, above, unit, begin, end, to,
                         [](uint8_t left, uint8_t up, uint8_t) { return static_cast<uint8_t>((left + up) / 2); });
    case Filter::paeth: return differences(row, above, unit, begin, end, to, paeth);
  }
}

inline uint32_t sum_of_sizes(const uint8_t* differences, size_t count) {
  uint32_t sum = 0;
  for (size_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(std::abs(static_cast<int8_t>(differences[i])));
  return sum;
}

FORGE_CLONES uint64_t looks_of(Filter filter, const uint8_t* row, const uint8_t* above, RowShape shape, bool thorough) {
  uint8_t part[kSampled];
  uint64_t sum = 0;
  for (size_t begin = shape.unit; begin < shape.bytes; begin += kSampled) {
    const size_t count = std::min(thorough ? kSampled : kSample, shape.bytes - begin);
    filter_part(filter, row + begin - shape.unit, above + begin - shape.unit, shape.unit, shape.unit,
                shape.unit + count, part - shape.unit);
    sum += sum_of_sizes(part, count);
  }
  return sum;
}

FORGE_CLONES void add(const uint8_t* from, const uint8_t* above, size_t bytes, uint8_t* to) {
  for (size_t i = 0; i < bytes; ++i) to[i] = static_cast<uint8_t>(from[i] + above[i]);
}

/// Serial by nature: each byte needs the one left of it. Bytes of a pixel go side by side.
template <size_t kUnit, class Guess>
void accumulate(const uint8_t* from, const uint8_t* above, size_t bytes, uint8_t* to, const Guess& guess) {
  uint8_t left[kUnit] = {}, corner[kUnit] = {};
  for (size_t i = 0; i + kUnit <= bytes; i += kUnit)
    for (size_t k = 0; k < kUnit; ++k) {
      const uint8_t up = above[i + k];
      to[i + k] = left[k] = static_cast<uint8_t>(from[i + k] + guess(left[k], up, corner[k]));
      corner[k] = up;
    }
}

template <class Guess>
void accumulate_units(const uint8_t* from, const uint8_t* above, RowShape shape, uint8_t* to, const Guess& guess) {
  switch (shape.unit) {
    case 1: return accumulate<1>(from, above, shape.bytes, to, guess);
    case 2: return accumulate<2>(from, above, shape.bytes, to, guess);
    case 3: return accumulate<3>(from, above, shape.bytes, to, guess);
    case 4: return accumulate<4>(from, above, shape.bytes, to, guess);
    case 6: return accumulate<6>(from, above, shape.bytes, to, guess);
    default: return accumulate<8>(from, above, shape.bytes, to, guess);
  }
}

#ifdef __SSE2__
__m128i load4(const uint8_t* at) {
  int32_t word;
  std::memcpy(&word, at, sizeof word);
  return _mm_unpacklo_epi8(_mm_cvtsi32_si128(word), _mm_setzero_si128());
}

__m128i magnitude(__m128i x) { return _mm_max_epi16(x, _mm_sub_epi16(_mm_setzero_si128(), x)); }

__m128i either(__m128i mask, __m128i yes, __m128i no) {
  return _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no));
}

/// The pixel whose differences lie at `from`, in words of 16 bits.
__m128i paeth4(__m128i left, __m128i up, __m128i corner, const uint8_t* from) {
  const __m128i p = _mm_sub_epi16(up, corner), q = _mm_sub_epi16(left, corner);
  const __m128i to_left = magnitude(p), to_above = magnitude(q), to_corner = magnitude(_mm_add_epi16(p, q));
  const __m128i nearest = _mm_min_epi16(to_corner, _mm_min_epi16(to_left, to_above));
  const __m128i rather = either(_mm_cmpeq_epi16(nearest, to_above), up, corner);
  const __m128i guess = either(_mm_cmpeq_epi16(nearest, to_left), left, rather);
  return _mm_and_si128(_mm_add_epi16(load4(from), guess), _mm_set1_epi16(0xFF));
}

void store4(uint8_t* to, __m128i pixel) {
  const int32_t word = _mm_cvtsi128_si32(_mm_packus_epi16(pixel, pixel));
  std::memcpy(to, &word, sizeof word);
}

/// accumulate<4> with paeth.
void accumulate_paeth4(const uint8_t* from, const uint8_t* above, size_t bytes, uint8_t* to) {
  __m128i left = _mm_setzero_si128(), corner = left;
  for (size_t i = 0; i + 4 <= bytes; i += 4) {
    const __m128i up = load4(above + i);
    left = paeth4(left, up, corner, from + i);
    store4(to + i, left);
    corner = up;
  }
}

/// The same for two rows, the second a pixel behind the first.
void accumulate_paeth4_pair(const uint8_t* first, const uint8_t* second, const uint8_t* above, size_t bytes,
                            uint8_t* to_first, uint8_t* to_second) {
  const __m128i zero = _mm_setzero_si128();
  __m128i corner = load4(above), left = paeth4(zero, corner, zero, first);
  __m128i second_left = zero, second_corner = zero;
  store4(to_first, left);
  for (size_t i = 4; i + 4 <= bytes; i += 4) {
    const __m128i up = load4(above + i), before = left;
    left = paeth4(left, up, corner, first + i);
    second_left = paeth4(second_left, before, second_corner, second + i - 4);
    store4(to_first + i, left);
    store4(to_second + i - 4, second_left);
    corner = up;
    second_corner = before;
  }
  store4(to_second + bytes - 4, paeth4(second_left, left, second_corner, second + bytes - 4));
}
#endif

void accumulate_paeth(const uint8_t* from, const uint8_t* above, RowShape shape, uint8_t* to) {
#ifdef __SSE2__
  if (shape.unit == 4) return accumulate_paeth4(from, above, shape.bytes, to);
#endif
  accumulate_units(from, above, shape, to, paeth);
}

FORGE_CLONES void filter_rest(Filter filter, const uint8_t* row, const uint8_t* above, RowShape shape, uint8_t* to) {
  filter_part(filter, row, above, shape.unit, shape.unit, shape.bytes, to);
}

}  // namespace

void filter_row(Filter filter, const uint8_t* row, const uint8_t* above, RowShape shape, uint8_t* to) {
  const size_t first = std::min(shape.unit, shape.bytes);
  for (size_t i = 0; i < first; ++i) {
    const int up = above[i], half = up / 2;
    const int guess = filter == Filter::up || filter == Filter::paeth ? up : filter == Filter::average ? half : 0;
    to[i] = static_cast<uint8_t>(row[i] - guess);
  }
  if (first < shape.bytes) filter_rest(filter, row, above, shape, to);
}

Filter smallest_filter(const uint8_t* row, const uint8_t* above, RowShape shape, bool thorough) {
  Filter best = Filter::paeth;  // wins where others are as good
  uint64_t least = looks_of(best, row, above, shape, thorough);
  const auto consider = [&](Filter filter) {
    const uint64_t sum = looks_of(filter, row, above, shape, thorough);
    if (sum < least) best = filter, least = sum;
  };
  consider(Filter::sub);
  consider(Filter::up);
  if (thorough) consider(Filter::average), consider(Filter::none);
  return best;
}

bool unfilter_row(uint8_t filter, const uint8_t* from, const uint8_t* above, RowShape shape, uint8_t* to) {
  switch (filter) {
    case 0:
      if (to != from) std::memcpy(to, from, shape.bytes);
      return true;
    case 1: accumulate_units(from, above, shape, to, [](uint8_t left, uint8_t, uint8_t) { return left; }); return true;
    case 2: add(from, above, shape.bytes, to); return true;
    case 3:
      accumulate_units(from, above, shape, to,
                       [](uint8_t left, uint8_t up, uint8_t) { return static_cast<uint8_t>((left + up) / 2); });
      return true;
    case 4: accumulate_paeth(from, above, shape, to); return true;
    default: return false;
  }
}

void unfilter_paeth_pair(const uint8_t* first, const uint8_t* second, const uint8_t* above, RowShape shape,
                         uint8_t* to_first, uint8_t* to_second) {
#ifdef __SSE2__
  if (shape.unit == 4 && shape.bytes >= 4)
    return accumulate_paeth4_pair(first, second, above, shape.bytes, to_first, to_second);
#endif
  accumulate_paeth(first, above, shape, to_first);
  accumulate_paeth(second, to_first, shape, to_second);
}

}  // namespace forge::graphics::png
