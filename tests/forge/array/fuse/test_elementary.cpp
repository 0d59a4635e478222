// The elementary functions in their host form, against long double: the largest error over all exponents and near the points
// where methods change or results vanish; and the special values of the Python array API standard.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <fstream>
#include <limits>
#include <map>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "forge/array/fuse/glsl_host.hpp"

namespace forge::array::elementary_test {

using namespace glsl;
#include "elementary.glsl"

using Wide = long double;  // 64 digits and more
constexpr double kInf = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kPi = std::numbers::pi;

// What docs/accuracy.md promises, in units in the last place: its tables' last column.
double promised(const std::string& name) {
  static const std::map<std::string, double> bounds = [] {
    std::map<std::string, double> table;
    std::ifstream page(FORGE_SOURCE_DIR "/docs/accuracy.md");
    for (std::string line; std::getline(page, line);) {
      if (!line.starts_with("| `") && !line.starts_with("| complex `")) continue;
      std::string row = line.substr(2, line.find(" |", 2) - 2);
      std::erase(row, '`');
      table[row] = std::stod(line.substr(line.rfind('|', line.size() - 2) + 1));
    }
    return table;
  }();
  return bounds.at(name);
}

// Units in the last place of `scale` between a result and what it should be; infinite where only one is finite or a NaN.
template <class T>
double units(T got, Wide wanted, Wide scale) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(wanted) || std::isnan(got)) return std::isnan(wanted) == std::isnan(got) ? 0 : kInf;
  const Wide overflow = std::ldexp(Wide{1}, Limits::max_exponent);
  const auto within = [&](Wide x) { return std::clamp(x, -overflow, overflow); };
  const int exponent = std::max(std::ilogb(scale == 0 ? Wide{Limits::denorm_min()} : scale), Limits::min_exponent - 1);
  return static_cast<double>(std::abs(within(got) - within(wanted)) /
                             std::ldexp(Wide{1}, std::min(exponent, Limits::max_exponent - 1) - Limits::digits + 1));
}

template <class T>
T number(uint64_t bits) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<float>(static_cast<uint>(bits));
  else
    return std::bit_cast<double>(bits);
}

// Every exponent, subnormal numbers with them, with random mantissas and signs; then numbers about `points`, from the next
// ones to a thousandth away.
template <class T>
std::vector<T> samples(const std::vector<double>& points, int each, std::mt19937_64& random) {
  constexpr int digits = std::numeric_limits<T>::digits - 1, exponents = 2 * std::numeric_limits<T>::max_exponent - 1;
  std::vector<T> out;
  for (int i = 0; i < each; ++i)
    for (uint64_t e = 0; e < exponents; ++e)
      for (const uint64_t sign : {uint64_t{0}, uint64_t{1}})
        out.push_back(number<T>(sign << (8 * sizeof(T) - 1) | e << digits | random() >> (64 - digits)));
  std::uniform_real_distribution<double> shift(-1, 1);
  for (const double point : points) {
    T above = static_cast<T>(point), below = above;
    for (int i = 0; i < 300; ++i) {
      for (const T x : {above, below, static_cast<T>(point * (1 + shift(random) * 1e-3)),
                        static_cast<T>(point * (1 + shift(random)))})
        out.insert(out.end(), {x, -x});
      above = std::nextafter(above, static_cast<T>(kInf)), below = std::nextafter(below, static_cast<T>(-kInf));
    }
  }
  return out;
}

template <class T>
struct Unary {
  const char* name;
  T (*f)(T);
  Wide (*exact)(Wide);
  std::vector<double> points;
};

template <class T>
std::vector<Unary<T>> unary_functions() {
#define FUNCTION(NAME, ...)                                            \
  {                                                                    \
    #NAME, vf_##NAME, [](Wide x) { return std::NAME(x); }, __VA_ARGS__ \
  }
  return {
      FUNCTION(exp, {1, 0.3466, 88.7, 103, 709.7, 744.9}),
      FUNCTION(exp2, {0.5, 1, 127, 149, 1023, 1074}),
      FUNCTION(expm1, {0.3466, 0.6931, 1.04, 17, 37, 88.7, 709.7}),
      FUNCTION(log, {0.7071, 1, 1.4142, 2.8284, 1e-40}),
      FUNCTION(log2, {0.7071, 1, 1.4142, 2.8284, 1e-40}),
      FUNCTION(log10, {0.7071, 1, 1.4142, 2.8284, 1e-40}),
      FUNCTION(log1p, {0.2929, 0.4142, 1, 1.8284, 1e-5, 1e-9, 16777216}),
      FUNCTION(sin, {kPi / 4, kPi / 2, kPi, 100 * kPi, 6400, 51000, 12345 * kPi}),
      FUNCTION(cos, {kPi / 4, kPi / 2, kPi, 100 * kPi, 6400, 51000, 12345.5 * kPi}),
      FUNCTION(tan, {kPi / 4, kPi / 2, kPi, 100 * kPi, 6400, 51000, 12345 * kPi}),
      FUNCTION(asin, {0.5, 0.7071, 1}),
      FUNCTION(acos, {0.5, 0.7071, 1}),
      FUNCTION(atan, {0.4142, 1, 2.4142}),
      FUNCTION(sinh, {1, 88.7, 89.4, 709.7, 710.4}),
      FUNCTION(cosh, {1, 88.7, 89.4, 709.7, 710.4}),
      FUNCTION(tanh, {0.25, 0.5, 1, 9, 19}),
      FUNCTION(asinh, {0.01, 0.5, 1, 100, 1.15e18}),
      FUNCTION(acosh, {1, 2, 100, 1.15e18}),
      FUNCTION(atanh, {0.1, 0.333, 0.5, 1}),
      FUNCTION(cbrt, {1, 8, 1e-40, 27}),
      {"reciprocal", vf_reciprocal, [](Wide x) { return 1 / x; }, {1}},
  };
#undef FUNCTION
}

// Where a result is a difference of larger numbers, `scale` says of what size.
template <class T>
struct Binary {
  const char* name;
  T (*f)(T, T);
  Wide (*exact)(Wide, Wide);
  bool of_largest = false;
};

template <class T>
std::vector<Binary<T>> binary_functions() {
  return {
      {"atan2", vf_atan2, [](Wide y, Wide x) { return std::atan2(y, x); }},
      {"hypot", vf_hypot, [](Wide x, Wide y) { return std::hypot(x, y); }},
      {"pow", vf_pow, [](Wide x, Wide y) { return std::pow(x, y); }},
      {"logaddexp", vf_logaddexp,
       [](Wide a, Wide b) {
         return a == b ? a + std::log(Wide{2}) : std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
       },
       true},
  };
}

template <class T>
std::string place(T x) {
  std::array<char, 40> text;
  return {text.data(), static_cast<size_t>(std::snprintf(text.data(), text.size(), "%.17g", static_cast<double>(x)))};
}

template <class T>
class Elementary : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Elementary, Reals);

TYPED_TEST(Elementary, FunctionsOfOneNumberAreWithinTheirBounds) {
  using T = TypeParam;
  std::mt19937_64 random(1);
  for (const Unary<T>& function : unary_functions<T>()) {
    double worst = 0;
    T at = 0;
    for (const T x : samples<T>(function.points, sizeof(T) == 4 ? 40 : 5, random)) {
      const Wide wanted = function.exact(x);
      if (const double error = units(function.f(x), wanted, wanted); error > worst) worst = error, at = x;
    }
    EXPECT_LE(worst, promised(function.name)) << function.name << " of " << place(at) << ": " << place(function.f(at))
                                              << ", not " << place(static_cast<double>(function.exact(at)));
    this->RecordProperty(function.name, place(worst));
  }
}

TYPED_TEST(Elementary, FunctionsOfTwoNumbersAreWithinTheirBounds) {
  using T = TypeParam;
  std::mt19937_64 random(2);
  const auto wide =
      samples<T>({0.5, 1, 2, 3, 10, 100, kPi, 0.49 * std::numeric_limits<T>::max()}, sizeof(T) == 4 ? 10 : 2, random);
  std::uniform_real_distribution<double> logarithm(-1.01, 1.01);
  for (const Binary<T>& function : binary_functions<T>()) {
    double worst = 0;
    T at_x = 0, at_y = 0;
    const auto check = [&](T x, T y) {
      const Wide wanted = function.exact(x, y);
      const Wide scale =
          function.of_largest ? std::max(std::abs(wanted), std::max(Wide{std::abs(x)}, Wide{std::abs(y)})) : wanted;
      if (const double error = units(function.f(x, y), wanted, scale); error > worst) worst = error, at_x = x, at_y = y;
    };
    for (const T x : wide) {
      check(x, wide[random() % wide.size()]);
      check(x, static_cast<T>(std::ldexp(x, static_cast<int>(random() % 9) - 4)));  // of like size
      check(x, static_cast<T>(x * (1 + 0.1 * logarithm(random))));
      if (x == 0 || std::string_view(function.name) != "pow") continue;
      // powers that do not overflow: the logarithm of the result is evenly spread
      const Wide base = std::abs(Wide{x}), most = std::numeric_limits<T>::max_exponent * std::numbers::ln2;
      check(std::abs(x), static_cast<T>(most * logarithm(random) / std::log(base)));
      const T near = static_cast<T>(1 + 0.3 * logarithm(random));
      check(near, static_cast<T>(most * logarithm(random) / std::log(Wide{near})));
    }
    EXPECT_LE(worst, promised(function.name))
        << function.name << " of " << place(at_x) << " and " << place(at_y) << ": " << place(function.f(at_x, at_y))
        << ", not " << place(static_cast<double>(function.exact(at_x, at_y)));
    this->RecordProperty(function.name, place(worst));
  }
}

template <class T>
bool same(T a, double b) {
  return std::isnan(a) ? std::isnan(b) : static_cast<double>(a) == b && std::signbit(a) == std::signbit(b);
}

TYPED_TEST(Elementary, SpecialValuesOfOneNumberAreTheStandards) {
  using T = TypeParam;
  struct Row {
    const char* name;
    T (*f)(T);
    double of_minus_inf, of_minus_0, of_0, of_inf;
    std::vector<std::array<double, 2>> more;
  };
  const double half_pi = static_cast<T>(kPi / 2), quarter_pi = static_cast<T>(kPi / 4), pi = static_cast<T>(kPi);
  const std::vector<Row> rows{
      {"exp", vf_exp, 0, 1, 1, kInf, {}},
      {"exp2", vf_exp2, 0, 1, 1, kInf, {{1, 2}, {-3, 0.125}, {10, 1024}, {-0.0, 1}}},
      {"expm1", vf_expm1, -1, -0.0, 0, kInf, {}},
      {"log", vf_log, kNan, -kInf, -kInf, kInf, {{-1, kNan}, {1, 0}}},
      {"log2", vf_log2, kNan, -kInf, -kInf, kInf, {{-1, kNan}, {1, 0}, {8, 3}, {0.25, -2}}},
      {"log10", vf_log10, kNan, -kInf, -kInf, kInf, {{-1, kNan}, {1, 0}, {10, 1}, {1000, 3}}},
      {"log1p", vf_log1p, kNan, -0.0, 0, kInf, {{-1, -kInf}, {-2, kNan}}},
      {"sin", vf_sin, kNan, -0.0, 0, kNan, {}},
      {"cos", vf_cos, kNan, 1, 1, kNan, {}},
      {"tan", vf_tan, kNan, -0.0, 0, kNan, {}},
      {"asin", vf_asin, kNan, -0.0, 0, kNan, {{1.5, kNan}, {-1.5, kNan}, {1, half_pi}, {-1, -half_pi}}},
      {"acos", vf_acos, kNan, half_pi, half_pi, kNan, {{1.5, kNan}, {-1.5, kNan}, {1, 0}, {-1, pi}}},
      {"atan", vf_atan, -half_pi, -0.0, 0, half_pi, {{1, quarter_pi}, {-1, -quarter_pi}}},
      {"sinh", vf_sinh, -kInf, -0.0, 0, kInf, {}},
      {"cosh", vf_cosh, kInf, 1, 1, kInf, {}},
      {"tanh", vf_tanh, -1, -0.0, 0, 1, {}},
      {"asinh", vf_asinh, -kInf, -0.0, 0, kInf, {}},
      {"acosh", vf_acosh, kNan, kNan, kNan, kInf, {{1, 0}, {0.5, kNan}}},
      {"atanh", vf_atanh, kNan, -0.0, 0, kNan, {{1, kInf}, {-1, -kInf}, {1.5, kNan}, {-1.5, kNan}}},
      {"cbrt", vf_cbrt, -kInf, -0.0, 0, kInf, {{27, 3}, {-8, -2}, {1, 1}}},
      {"reciprocal", vf_reciprocal, -0.0, -kInf, kInf, 0, {{4, 0.25}}},
  };
  for (const Row& row : rows) {
    auto cases = row.more;
    cases.insert(cases.end(),
                 {{-kInf, row.of_minus_inf}, {-0.0, row.of_minus_0}, {0, row.of_0}, {kInf, row.of_inf}, {kNan, kNan}});
    for (const auto& [x, wanted] : cases)
      EXPECT_TRUE(same(row.f(static_cast<T>(x)), wanted))
          << row.name << " of " << x << ": " << row.f(static_cast<T>(x)) << ", not " << wanted;
  }
}

TYPED_TEST(Elementary, SpecialValuesOfTwoNumbersAreTheCLibrarys) {  // which for these functions are the standard's
  using T = TypeParam;
  const std::array<T, 20> values{T(kNan),
                                 T(kInf),
                                 T(-kInf),
                                 0,
                                 T(-0.0),
                                 1,
                                 -1,
                                 2,
                                 -2,
                                 3,
                                 -3,
                                 0.5,
                                 -0.5,
                                 T(1e30),
                                 T(-1e30),
                                 1.5,
                                 -1.5,
                                 std::numeric_limits<T>::denorm_min(),
                                 std::numeric_limits<T>::max(),
                                 T(16777217)};
  for (const T x : values)
    for (const T y : values) {
      const auto expect = [&](const char* name, T got, T wanted) {
        const bool close = std::isfinite(wanted) && wanted != 0 && units(got, Wide{wanted}, Wide{wanted}) <= 2;
        EXPECT_TRUE(close || same(got, wanted))
            << name << " of " << x << " and " << y << ": " << got << ", not " << wanted;
      };
      expect("atan2", vf_atan2(x, y), static_cast<T>(std::atan2(Wide{x}, Wide{y})));
      expect("hypot", vf_hypot(x, y), static_cast<T>(std::hypot(Wide{x}, Wide{y})));
      expect("pow", vf_pow(x, y), static_cast<T>(std::pow(Wide{x}, Wide{y})));
      expect("copysign", vf_copysign(x, y), std::copysign(x, y));
      expect("nextafter", vf_nextafter(x, y), std::nextafter(x, y));
    }
  EXPECT_TRUE(same(vf_logaddexp(T(kInf), T(kInf)), kInf));
  EXPECT_TRUE(same(vf_logaddexp(T(-kInf), T(-kInf)), -kInf));
  EXPECT_TRUE(same(vf_logaddexp(T(-kInf), T(1)), 1));
  EXPECT_TRUE(same(vf_logaddexp(T(-kInf), T(kInf)), kInf));
  EXPECT_TRUE(same(vf_logaddexp(T(kNan), T(kInf)), kNan));
  EXPECT_TRUE(same(vf_logaddexp(T(1), T(kNan)), kNan));
}

TYPED_TEST(Elementary, PowersThatAreWholeAreExact) {
  using T = TypeParam;
  for (int base = 2; base <= 30; ++base) {
    Wide exact = 1;
    for (int power = 0; exact <= std::ldexp(Wide{1}, std::numeric_limits<T>::digits); ++power, exact *= base)
      EXPECT_EQ(vf_pow(static_cast<T>(base), static_cast<T>(power)), static_cast<T>(exact)) << base << "^" << power;
  }
}

using WideComplex = std::complex<Wide>;

WideComplex wide_log1p(WideComplex z) {
  const Wide x = z.real(), y = z.imag(), near = x * (2 + x) + y * y;  // |1 + z|^2 - 1
  const WideComplex far = std::log(Wide{1} + z);
  return std::abs(z) < Wide{0.5} ? WideComplex(std::log1p(near) / 2, far.imag()) : far;
}

WideComplex wide_expm1(WideComplex z) {
  const Wide x = z.real(), half = std::sin(z.imag() / 2);
  const WideComplex e = std::exp(z);
  return {x < 1 ? std::expm1(x) * std::cos(z.imag()) - 2 * half * half : e.real() - 1, e.imag()};
}

WideComplex wide_reciprocal(WideComplex z) {
  const Wide large = std::max(std::abs(z.real()), std::abs(z.imag()));
  const WideComplex unit = z / large;
  return std::conj(unit) / (std::norm(unit) * large);
}

template <class T>
struct ComplexFunction {
  using V = Vector2<T>;
  const char* name;
  V (*f)(V);
  WideComplex (*exact)(WideComplex);
};

template <class T>
std::vector<ComplexFunction<T>> complex_functions() {
#define FUNCTION(NAME)                                           \
  {                                                              \
    #NAME, vf_##NAME, [](WideComplex z) { return std::NAME(z); } \
  }
  return {
      FUNCTION(exp),
      FUNCTION(log),
      FUNCTION(sqrt),
      FUNCTION(sin),
      FUNCTION(cos),
      FUNCTION(tan),
      FUNCTION(asin),
      FUNCTION(acos),
      FUNCTION(atan),
      FUNCTION(sinh),
      FUNCTION(cosh),
      FUNCTION(tanh),
      FUNCTION(asinh),
      FUNCTION(acosh),
      FUNCTION(atanh),
      {"expm1", vf_expm1, wide_expm1},
      {"log1p", vf_log1p, wide_log1p},
      {"log2", vf_log2, [](WideComplex z) { return std::log(z) / std::log(Wide{2}); }},
      {"log10", vf_log10, [](WideComplex z) { return std::log(z) / std::log(Wide{10}); }},
      {"reciprocal", vf_reciprocal, wide_reciprocal},
  };
#undef FUNCTION
}

// Parts of all sizes, of like size, of moderate size; then numbers about those where a function vanishes or has a pole, and
// about the unit circle.
template <class T>
std::vector<Vector2<T>> complex_samples(int each, std::mt19937_64& random) {
  using V = Vector2<T>;
  std::uniform_real_distribution<double> even(-1, 1);
  std::normal_distribution<double> normal;
  const auto any = [&] {
    const T x = number<T>(random());
    return std::isfinite(x) ? x : T(1);
  };
  const auto sized = [&](double least, double most) {
    return normal(random) * std::pow(10.0, least + (most - least) * (even(random) + 1) / 2);
  };
  std::vector<V> out;
  for (int i = 0; i < each; ++i) {
    const T x = any();
    const double turn = kPi * even(random), radius = 1 + sized(-17, -1),
                 quarters = kPi / 2 * std::round(50 * even(random));
    const std::array<std::array<double, 2>, 6> points{{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}, {quarters, 0}}};
    for (const V z : {V(x, any()), V(x, T(x * std::exp2(6 * even(random)))), V(x, T(sized(-3, 3))),
                      V(T(sized(-3, 3)), x), V(T(sized(-3, 3)), T(sized(-3, 3))), V(T(sized(0, 2.5)), T(sized(-2, 2))),
                      V(T(radius * std::cos(turn)), T(radius * std::sin(turn)))})
      out.insert(out.end(), {z, V(z.y, z.x)});
    for (const auto& [re, im] : points) {
      const V z(T(re + sized(-16, -1)), T(im + sized(-16, -1)));
      out.insert(out.end(), {z, V(z.y, z.x)});
    }
  }
  std::erase_if(out, [](const V& z) { return !std::isfinite(z.x) || !std::isfinite(z.y); });
  return out;
}

// The larger error of both parts, in units of the larger part.
template <class T>
double complex_units(Vector2<T> got, WideComplex wanted) {
  const Wide scale = std::max(std::abs(wanted.real()), std::abs(wanted.imag()));
  return std::max(units(got.x, wanted.real(), scale), units(got.y, wanted.imag(), scale));
}

TYPED_TEST(Elementary, ComplexFunctionsAreWithinTheirBounds) {
  using T = TypeParam;
  std::mt19937_64 random(4);
  const auto samples = complex_samples<T>(1500, random);
  for (const ComplexFunction<T>& function : complex_functions<T>()) {
    double worst = 0;
    Vector2<T> at(0, 0);
    for (const Vector2<T>& z : samples)
      if (const double error = complex_units(function.f(z), function.exact(WideComplex(z.x, z.y))); error > worst)
        worst = error, at = z;
    EXPECT_LE(worst, promised("complex " + std::string(function.name)))
        << function.name << " of " << place(at.x) << ", " << place(at.y) << ": " << place(function.f(at).x) << ", "
        << place(function.f(at).y);
    this->RecordProperty(std::string("complex_") + function.name, place(worst));
  }
}

TYPED_TEST(Elementary, ComplexPowersLoseDigitsAsTheirLogarithmsGrow) {
  using T = TypeParam;
  using V = Vector2<T>;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  double worst = 0;
  for (int i = 0; i < 20000; ++i) {
    const V z(static_cast<T>(3 * normal(random)), static_cast<T>(3 * normal(random)));
    const V power(static_cast<T>(3 * normal(random)), static_cast<T>(3 * normal(random)));
    const WideComplex exponent = WideComplex(power.x, power.y) * std::log(WideComplex(z.x, z.y));
    worst = std::max(
        worst, complex_units(vf_pow(z, power), std::exp(exponent)) / (1 + static_cast<double>(std::abs(exponent))));
  }
  EXPECT_LE(worst, promised("complex pow"));
  const auto same_parts = [](V got, double re, double im) { return same(got.x, re) && same(got.y, im); };
  EXPECT_TRUE(same_parts(vf_pow(V(0, 0), V(0, 0)), 1, 0));
  EXPECT_TRUE(same_parts(vf_pow(V(T(kNan), 0), V(0, 0)), 1, 0));
  EXPECT_TRUE(same_parts(vf_pow(V(0, 0), V(2, 1)), 0, 0));
  EXPECT_TRUE(same_parts(vf_pow(V(0, 0), V(-1, 0)), kNan, kNan));
  EXPECT_TRUE(same_parts(vf_pow(V(3, -5), V(1, 0)), 3, -5));
}

TYPED_TEST(Elementary, SpecialValuesOfComplexNumbersAreTheCLibrarys) {  // Annex G's, which are the standard's
  using T = TypeParam;
  const std::array<double, 9> parts{kNan, kInf, -kInf, 0.0, -0.0, 1.0, -1.0, 2.5, -0.5};
  for (const ComplexFunction<T>& function : complex_functions<T>()) {
    const std::string name = function.name;
    if (name == "reciprocal" || name == "expm1" || name == "log1p" || name == "log2" || name == "log10") continue;
    for (const double x : parts)
      for (const double y : parts) {
        const auto got = function.f({static_cast<T>(x), static_cast<T>(y)});
        const WideComplex wanted = function.exact(WideComplex(x, y));
        // Beside a NaN signs are left open.
        const bool open = std::isnan(wanted.real()) || std::isnan(wanted.imag());
        const auto expect = [&](T value, Wide exact) {
          const bool close = std::isfinite(exact) && exact != 0 && units(value, exact, exact) <= 5;
          const bool equal = open && std::abs(static_cast<Wide>(value)) == std::abs(exact);
          EXPECT_TRUE(equal || close || same(value, static_cast<double>(exact)))
              << name << " of " << x << ", " << y << ": " << value << ", not " << exact;
        };
        expect(got.x, wanted.real()), expect(got.y, wanted.imag());
      }
  }
}

// Python's and NumPy's definition, with the C library's exact fmod.
template <class T>
std::array<T, 2> divmod(T a, T b) {
  T r = std::fmod(a, b);
  if (b == 0) return {a / b, r};
  T quotient = (a - r) / b;
  if (r != 0) {
    if ((b < 0) != (r < 0)) r += b, quotient -= 1;
  } else {
    r = std::copysign(T(0), b);
  }
  if (quotient == 0) return {std::copysign(T(0), a / b), r};
  const T whole = std::floor(quotient);
  return {quotient - whole > T(0.5) ? whole + 1 : whole, r};
}

TYPED_TEST(Elementary, DivisionIsNumPys) {
  using T = TypeParam;
  std::mt19937_64 random(3);
  auto values = samples<T>({1, 3, 10, 0.1, 1e10}, 2, random);
  for (const double x : {kNan, kInf, -kInf, 0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 0.5, 1e30})
    values.push_back(static_cast<T>(x));
  std::vector<std::array<T, 2>> pairs;
  for (const T a : values) {
    pairs.push_back({a, values[random() % values.size()]});
    pairs.push_back({a, static_cast<T>(std::ldexp(a * T(0.7), -static_cast<int>(random() % 60)))});
    pairs.push_back({static_cast<T>(a * static_cast<T>(random() % 1000)), a});
  }
  for (auto a = values.end() - 11; a != values.end(); ++a)
    for (auto b = values.end() - 11; b != values.end(); ++b) pairs.push_back({*a, *b});
  for (const auto& [a, b] : pairs) {
    const auto [quotient, rest] = divmod(a, b);
    EXPECT_TRUE(same(vf_floor_divide(a, b), quotient))
        << place(a) << " // " << place(b) << ": " << vf_floor_divide(a, b);
    EXPECT_TRUE(same(vf_remainder(a, b), rest)) << place(a) << " % " << place(b) << ": " << place(vf_remainder(a, b));
  }
}

}  // namespace forge::array::elementary_test
