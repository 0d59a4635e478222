#pragma once

#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "forge/array/ops/fft_plan.hpp"
#include "forge/shader/launch.hpp"

// What the kernels of transforms are made of, and where they are kept.
namespace forge::array {

/// Values from which on large kernels pay for their compilation.
inline constexpr uint64_t kFftMuchWork = uint64_t{1} << 18;

/// RADIX, FIRST, SECOND and ROOTS of butterfly.glsl, each with this ending. Roots are constants: no driver works out a sine.
void add_radix(shader::Defines& defines, Radix radix, bool float64, const std::string& ending = "");

/// The bits of a factor as kernels take it.
std::array<uint32_t, 2> fft_scale_bits(double scale, bool float64);

/// Programs by a short name: their macros hold whole tables of roots, too long to look up by.
class FftPrograms {
 public:
  shader::Program& get(const std::string& name, const std::function<shader::Program&()>& make);

 private:
  std::mutex mutex_;
  std::map<std::string, shader::Program*> known_;
};

FftPrograms& fft_programs(vk::Device& device);

}  // namespace forge::array
