// printf on the host, from what a shader wrote down.
#include <algorithm>
#include <bit>
#include <cstdio>
#include <optional>
#include <string_view>

#include "forge/shader/watch.hpp"

namespace forge::shader {

namespace {

// "%-8.3v4f" taken apart.
struct Directive {
  std::string flags;  // with width and precision, as written
  uint32_t components = 1;
  bool is_long = false;
  char conversion = 0;
  size_t length = 0;
};

std::optional<Directive> directive_at(std::string_view text) {
  Directive d;
  size_t at = 1;
  while (at < text.size() && std::string_view("-+ #0123456789.").find(text[at]) != std::string_view::npos)
    d.flags += text[at++];
  if (at < text.size() && text[at] == 'v' && at + 1 < text.size() && text[at + 1] >= '2' && text[at + 1] <= '4') {
    d.components = static_cast<uint32_t>(text[at + 1] - '0');
    at += 2;
  }
  while (at < text.size() && (text[at] == 'l' || text[at] == 'h')) d.is_long |= text[at++] == 'l';
  if (at >= text.size() || std::string_view("diuxXofFeEgGaAc").find(text[at]) == std::string_view::npos ||
      d.flags.size() > 16)
    return std::nullopt;
  d.conversion = text[at];
  d.length = at + 1;
  return d;
}

struct Value {
  Scalar scalar;
  uint64_t bits;
};

double as_double(Value value) {
  switch (value.scalar) {
    case Scalar::f32: return std::bit_cast<float>(static_cast<uint32_t>(value.bits));
    case Scalar::f64: return std::bit_cast<double>(value.bits);
    case Scalar::i32: return static_cast<int32_t>(value.bits);
    case Scalar::i64: return static_cast<double>(static_cast<int64_t>(value.bits));
    default: return static_cast<double>(value.bits);
  }
}

long long as_integer(Value value, bool is_signed) {
  if (value.scalar == Scalar::i32 && !is_signed) return static_cast<uint32_t>(value.bits);
  if (value.scalar == Scalar::i32) return static_cast<int32_t>(value.bits);
  if (value.scalar == Scalar::f32 || value.scalar == Scalar::f64) return static_cast<long long>(as_double(value));
  return static_cast<long long>(value.bits);
}

// The directive is ours, of known characters: no text of a shader reaches snprintf as a format.
std::string written(const Directive& d, Value value) {
  char out[512];
  const bool floating = std::string_view("fFeEgGaA").find(d.conversion) != std::string_view::npos;
  const std::string format = "%" + d.flags + (floating || d.conversion == 'c' ? "" : "ll") + d.conversion;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  int length = 0;
  if (floating)
    length = std::snprintf(out, sizeof out, format.c_str(), as_double(value));
  else if (d.conversion == 'c')
    length = std::snprintf(out, sizeof out, format.c_str(), static_cast<int>(value.bits & 0x7F));
  else
    length =
        std::snprintf(out, sizeof out, format.c_str(), as_integer(value, d.conversion == 'd' || d.conversion == 'i'));
#pragma GCC diagnostic pop
  return {out, static_cast<size_t>(std::min<int>(std::max(length, 0), sizeof out - 1))};
}

// The arguments' words, one component after another.
class Values {
 public:
  Values(const PrintSite& site, const uint32_t* words) {
    for (const auto& argument : site.arguments)
      for (uint32_t k = 0; k < argument.components; ++k) {
        uint64_t bits = *words++;
        if (argument.scalar == Scalar::i64 || argument.scalar == Scalar::u64 || argument.scalar == Scalar::f64)
          bits |= uint64_t{*words++} << 32;
        values_.push_back({argument.scalar, bits});
      }
  }
  std::optional<Value> next() {
    if (at_ >= values_.size()) return std::nullopt;
    return values_[at_++];
  }

 private:
  std::vector<Value> values_;
  size_t at_ = 0;
};

}  // namespace

std::string format_print(const PrintSite& site, const uint32_t* words) {
  const std::string_view format = site.format;
  Values values(site, words);
  std::string text;
  for (size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      text += format[at++];
      continue;
    }
    if (format.substr(at).starts_with("%%")) {
      text += '%';
      at += 2;
      continue;
    }
    const auto directive = directive_at(format.substr(at));
    if (!directive) {
      text += format[at++];  // not ours to know: as it stands
      continue;
    }
    at += directive->length;
    for (uint32_t k = 0; k < directive->components; ++k) {
      const auto value = values.next();
      text += k ? ", " : "";
      text += value ? written(*directive, *value) : "(no argument)";
    }
  }
  return text;
}

}  // namespace forge::shader
