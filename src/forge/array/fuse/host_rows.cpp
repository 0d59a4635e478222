#include "forge/array/fuse/host_rows.hpp"

#include <array>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "forge/core/clones.hpp"
#include "forge/core/error.hpp"

// Behind all other headers: it defines what GLSL has and C++ lacks.
#include "forge/array/fuse/glsl_host.hpp"

// The expressions of the table, compiled for the host. One file holds them all: with -ffp-contract=off they give the bits of
// a device that rounds as IEEE 754 says, in registers of any width.

namespace forge::array {

namespace {

namespace shared {  // what the devices' kernels include
using namespace glsl;
#ifdef __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#endif
#include "elementary.glsl"
#include "elementwise.glsl"
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

struct None {};
constexpr None none{};  // NOLINT(readability-identifier-naming): as the table has it

template <class T>
constexpr char kind_of() {
  if constexpr (std::is_same_v<T, bool>)
    return 'b';
  else if constexpr (std::is_floating_point_v<T>)
    return 'f';
  else if constexpr (std::is_integral_v<T>)
    return 'i';
  else
    return 'c';
}

// Each row as a function of values of T; `choose` has a condition in front.
#define FORGE_ELEMENTWISE(name, count, rule, real, integer, boolean, complex)             \
  struct row_##name {                                                                     \
    template <class T, class A>                                                           \
    static auto apply([[maybe_unused]] A a, [[maybe_unused]] T b, [[maybe_unused]] T c) { \
      if constexpr (kind_of<T>() == 'f')                                                  \
        return real;                                                                      \
      else if constexpr (kind_of<T>() == 'i')                                             \
        return integer;                                                                   \
      else if constexpr (kind_of<T>() == 'b')                                             \
        return boolean;                                                                   \
      else                                                                                \
        return complex;                                                                   \
    }                                                                                     \
  };
#include "forge/array/fuse/elementwise.def"
#undef FORGE_ELEMENTWISE
}  // namespace shared

// `out` may be an operand's own memory: each element is read before it is written.
template <class Row, class T, DtypeRule rule, size_t operands>
FORGE_CLONES void run_row(void* out, const void* const* in, size_t count) {
  using A = std::conditional_t<rule == DtypeRule::choose, bool, T>;
  using Result = decltype(Row::template apply<T, A>(std::declval<A>(), std::declval<T>(), std::declval<T>()));
  auto* const to = static_cast<Result*>(out);
  const auto* const a = static_cast<const A*>(in[0]);
  const auto* const b = static_cast<const T*>(in[operands > 1 ? 1 : 0]);
  const auto* const c = static_cast<const T*>(in[operands > 2 ? 2 : operands > 1 ? 1 : 0]);
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) to[i] = Row::template apply<T, A>(a[i], b[i], c[i]);
}

template <class Row, class T, DtypeRule rule, size_t operands>
constexpr HostRow row_for() {
  using A = std::conditional_t<rule == DtypeRule::choose, bool, T>;
  using Result = decltype(Row::template apply<T, A>(std::declval<A>(), std::declval<T>(), std::declval<T>()));
  if constexpr (std::is_same_v<std::remove_cv_t<Result>, shared::None>)
    return nullptr;
  else if constexpr (rule == DtypeRule::choose &&
                     std::is_floating_point_v<T>)  // its bits are moved: no branch for each
    return &run_row<Row, std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>, rule, operands>;
  else
    return &run_row<Row, T, rule, operands>;
}

using Forms = std::array<HostRow, 9>;

template <class Row, DtypeRule rule, size_t operands>
constexpr Forms forms_of() {
  return {row_for<Row, bool, rule, operands>(),       row_for<Row, int32_t, rule, operands>(),
          row_for<Row, uint32_t, rule, operands>(),   row_for<Row, int64_t, rule, operands>(),
          row_for<Row, uint64_t, rule, operands>(),   row_for<Row, float, rule, operands>(),
          row_for<Row, double, rule, operands>(),     row_for<Row, glsl::vec2, rule, operands>(),
          row_for<Row, glsl::dvec2, rule, operands>()};
}

constexpr std::array kForms{
#define FORGE_ELEMENTWISE(name, operands, rule, ...) forms_of<shared::row_##name, DtypeRule::rule, operands>(),
#include "forge/array/fuse/elementwise.def"
#undef FORGE_ELEMENTWISE
};

// Floats that no integer holds give what GLSL leaves open; here they do not trap, nor are they undefined.
template <class To, class From>
To whole(From value) {
  if (!(value > From(-9.3e18))) return static_cast<To>(std::is_signed_v<To> ? INT64_MIN : 0);
  if (value >= From(9.223372036854775807e18)) {
    if (std::is_signed_v<To> || value >= From(1.8446744073709551616e19)) return static_cast<To>(INT64_MAX);
    return static_cast<To>(static_cast<uint64_t>(value));
  }
  return static_cast<To>(static_cast<int64_t>(value));
}

template <class To, class From>
To converted(From value) {
  using shared::kind_of;
  if constexpr (kind_of<From>() == 'c' && kind_of<To>() == 'c')
    return To(static_cast<decltype(To::x)>(value.x), static_cast<decltype(To::x)>(value.y));
  else if constexpr (kind_of<To>() == 'c')
    return To(static_cast<decltype(To::x)>(value), 0);
  else if constexpr (kind_of<From>() == 'c')
    return To(value.x != 0 || value.y != 0);  // to bool alone
  else if constexpr (kind_of<To>() == 'b')
    return value != From(0);
  else if constexpr (kind_of<From>() == 'f' && kind_of<To>() == 'i')
    return whole<To>(value);
  else
    return static_cast<To>(value);
}

template <class From, class To>
FORGE_CLONES void run_conversion(void* out, const void* const* in, size_t count) {
  auto* const to = static_cast<To*>(out);
  const auto* const from = static_cast<const From*>(in[0]);
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) to[i] = converted<To>(from[i]);
}

struct Half {
  static float rounded(auto value) { return shared::half_rounded(value); }
};
struct Brain {
  static float rounded(auto value) { return shared::brain_rounded(value); }
};

template <class Short>
void run_rounded_double(void* out, const void* const* in, size_t count) {
  auto* const to = static_cast<float*>(out);
  const auto* const from = static_cast<const double*>(in[0]);
  for (size_t i = 0; i < count; ++i) to[i] = Short::rounded(from[i]);
}

template <class From>
constexpr Forms conversions_of() {
  return {&run_conversion<From, bool>,    &run_conversion<From, int32_t>,    &run_conversion<From, uint32_t>,
          &run_conversion<From, int64_t>, &run_conversion<From, uint64_t>,   &run_conversion<From, float>,
          &run_conversion<From, double>,  &run_conversion<From, glsl::vec2>, &run_conversion<From, glsl::dvec2>};
}

constexpr std::array kConversions{
    conversions_of<bool>(),    conversions_of<int32_t>(),    conversions_of<uint32_t>(),
    conversions_of<int64_t>(), conversions_of<uint64_t>(),   conversions_of<float>(),
    conversions_of<double>(),  conversions_of<glsl::vec2>(), conversions_of<glsl::dvec2>()};

template <class Value, class Narrow>
void fit_integers(void* values, size_t count) {
  auto* const at = static_cast<Value*>(values);
  for (size_t i = 0; i < count; ++i)
    at[i] = static_cast<Narrow>(at[i]);  // NOLINT(bugprone-signed-char-misuse): its sign is meant
}

template <class Short>
void fit_short(void* values, size_t count) {
  auto* const at = static_cast<float*>(values);
  for (size_t i = 0; i < count; ++i) at[i] = Short::rounded(at[i]);
}

}  // namespace

HostValue host_value(DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  const bool wide = row.size >= 8;
  switch (row.kind) {
    case 'b': return HostValue::boolean;
    case 'i': return wide ? HostValue::int64 : HostValue::int32;
    case 'u': return wide ? HostValue::uint64 : HostValue::uint32;
    case 'f': return wide ? HostValue::float64 : HostValue::float32;
    default: return row.size == 16 ? HostValue::complex128 : HostValue::complex64;
  }
}

size_t host_size(HostValue value) {
  constexpr std::array<size_t, 9> sizes{1, 4, 4, 8, 8, 4, 8, 8, 16};
  return sizes[static_cast<size_t>(value)];
}

HostRow host_row(const ElementwiseRow& row, HostValue computed) {
  return kForms[static_cast<size_t>(row.op)][static_cast<size_t>(computed)];
}

HostRow host_conversion(HostValue from, HostValue to) {
  return kConversions[static_cast<size_t>(from)][static_cast<size_t>(to)];
}

HostRow host_conversion_to_short(DType dtype) {
  return dtype == DType::float16 ? &run_rounded_double<Half> : &run_rounded_double<Brain>;
}

void (*host_fit(DType dtype))(void* values, size_t count) {
  switch (dtype) {
    case DType::int8: return &fit_integers<int32_t, int8_t>;
    case DType::int16: return &fit_integers<int32_t, int16_t>;
    case DType::uint8: return &fit_integers<uint32_t, uint8_t>;
    case DType::uint16: return &fit_integers<uint32_t, uint16_t>;
    case DType::float16: return &fit_short<Half>;
    case DType::bfloat16: return &fit_short<Brain>;
    default: return nullptr;
  }
}

}  // namespace forge::array
