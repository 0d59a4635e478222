#include "forge/array/ops/fft_programs.hpp"

#include <bit>
#include <cstdio>

#include "forge/array/ops/fft_pieces.hpp"

namespace forge::array {

namespace {

std::string text_of(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.17e", value);
  return text.data();
}

std::string roots_text(uint32_t radix, bool float64) {
  const std::string suffix = float64 ? "lf" : "";
  std::string text;
  for (uint32_t k = 0; k < radix; ++k) {
    const auto root = root_of_unity(k, radix);
    text.append(k ? ", COMPLEX(" : "COMPLEX(").append(text_of(root.real())).append(suffix);
    text.append(", ").append(text_of(root.imag())).append(suffix).append(")");
  }
  return text;
}

}  // namespace

void add_radix(shader::Defines& defines, Radix radix, bool float64, const std::string& ending) {
  defines["RADIX" + ending] = std::to_string(radix.size());
  defines["FIRST" + ending] = std::to_string(radix.first);
  defines["SECOND" + ending] = std::to_string(radix.second);
  defines["ROOTS" + ending] = roots_text(radix.size(), float64);
}

std::array<uint32_t, 2> fft_scale_bits(double scale, bool float64) {
  if (!float64) return {std::bit_cast<uint32_t>(static_cast<float>(scale)), 0};
  const auto bits = std::bit_cast<uint64_t>(scale);
  return {word(bits), word(bits >> 32)};
}

shader::Program& FftPrograms::get(const std::string& name, const std::function<shader::Program&()>& make) {
  const std::lock_guard lock(mutex_);
  shader::Program*& known = known_[name];
  if (!known) known = &make();
  return *known;
}

FftPrograms& fft_programs(vk::Device& device) {
  static constexpr char kPrograms{};
  return device.shared_object<FftPrograms>(&kPrograms, [] { return std::make_shared<FftPrograms>(); });
}

}  // namespace forge::array
