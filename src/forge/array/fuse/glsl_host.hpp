#pragma once

// What GLSL has and C++ lacks, so far as shaders/include/elementwise.glsl and elementary.glsl use it. Include this after all
// other headers, since it defines `precise` and the files' switches, then the two files in a namespace of forge::array that
// says `using namespace glsl;`. Compiled with -ffp-contract=off they give the bits that a device gives.

#include <bit>
#include <cmath>
#include <cstdint>

#define precise  // C++ regroups nothing
#define USES_INT64
#define USES_COMPLEX
#define USES_FLOAT64
#define USES_EXP
#define USES_LOG
#define USES_TRIG
#define USES_ARC
#define USES_HYPERBOLIC
#define USES_AREA
#define USES_POW
#define USES_LOGADDEXP
#define USES_ROOTS
#define USES_DIVISION
#define USES_NEXTAFTER
#define USES_COMPLEX_EXP
#define USES_COMPLEX_LOG
#define USES_COMPLEX_WAVES
#define USES_COMPLEX_ARC
#define USES_COMPLEX_ATAN

namespace forge::array::glsl {

// NOLINTBEGIN(readability-identifier-naming): the names are GLSL's

using uint = uint32_t;
using std::int64_t;
using std::uint64_t;

template <class T>
struct Vector2 {
  T x, y;
  constexpr Vector2(T x_, T y_) : x(x_), y(y_) {}
  friend constexpr bool operator==(const Vector2&, const Vector2&) = default;
  friend constexpr Vector2 operator+(const Vector2& a, const Vector2& b) { return {a.x + b.x, a.y + b.y}; }
  friend constexpr Vector2 operator-(const Vector2& a, const Vector2& b) { return {a.x - b.x, a.y - b.y}; }
  friend constexpr Vector2 operator-(const Vector2& a) { return {-a.x, -a.y}; }
  constexpr explicit Vector2(T both) : x(both), y(both) {}
  friend constexpr Vector2 operator&(const Vector2& a, const Vector2& b) { return {a.x & b.x, a.y & b.y}; }
};
using vec2 = Vector2<float>;
using dvec2 = Vector2<double>;
using uvec2 = Vector2<uint>;

template <class T>
struct Vector3 {
  T x, y, z;
  constexpr Vector3(T x_, T y_, T z_) : x(x_), y(y_), z(z_) {}
};
using vec3 = Vector3<float>;
using dvec3 = Vector3<double>;

struct uvec4 {
  uint x, y, z, w;
  constexpr uvec4(uint x_, uint y_, uint z_, uint w_) : x(x_), y(y_), z(z_), w(w_) {}
};

constexpr uint floatBitsToUint(float x) { return std::bit_cast<uint>(x); }
constexpr float uintBitsToFloat(uint bits) { return std::bit_cast<float>(bits); }
constexpr uint64_t packUint2x32(uvec2 words) { return uint64_t{words.y} << 32 | words.x; }
constexpr uvec2 unpackUint2x32(uint64_t bits) { return {static_cast<uint>(bits), static_cast<uint>(bits >> 32)}; }
constexpr double packDouble2x32(uvec2 words) { return std::bit_cast<double>(packUint2x32(words)); }
constexpr uvec2 unpackDouble2x32(double x) { return unpackUint2x32(std::bit_cast<uint64_t>(x)); }
constexpr void umulExtended(uint a, uint b, uint& high, uint& low) {
  const uint64_t product = uint64_t{a} * b;
  high = static_cast<uint>(product >> 32);
  low = static_cast<uint>(product);
}
constexpr int findMSB(uint x) { return static_cast<int>(std::bit_width(x)) - 1; }

// By value as GLSL's: the second where either is NaN.
template <class T>
constexpr T min(T x, T y) {
  return x < y ? x : y;
}
template <class T>
constexpr T max(T x, T y) {
  return x > y ? x : y;
}
constexpr float abs(float x) { return uintBitsToFloat(floatBitsToUint(x) & 0x7FFFFFFFu); }
constexpr double abs(double x) { return std::bit_cast<double>(std::bit_cast<uint64_t>(x) & ~(uint64_t{1} << 63)); }
inline float sqrt(float x) { return std::sqrt(x); }
inline double sqrt(double x) { return std::sqrt(x); }
inline float floor(float x) { return std::floor(x); }
inline double floor(double x) { return std::floor(x); }
inline float ceil(float x) { return std::ceil(x); }
inline double ceil(double x) { return std::ceil(x); }
inline float trunc(float x) { return std::trunc(x); }

// To the nearest, by adding what leaves no room for a fraction: twice as quick as a call of std::nearbyint.
inline float roundEven(float x) {
  const float big = 8388608.0F, size = abs(x);
  return std::copysign(size < big ? (size + big) - big : x, x);
}

template <class T>
constexpr T bitfieldExtract(T value, int offset, int bits) {
  return static_cast<T>(value << (32 - offset - bits)) >> (32 - bits);
}

// NOLINTEND(readability-identifier-naming)

}  // namespace forge::array::glsl
