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

inline constexpr uint64_t kFftMuchWork = uint64_t{1}
                                         << 18;  // values from which on large kernels pay for their compilation

/// The roots of a radix as GLSL constants: no driver works out a sine.
std::string fft_roots_text(uint32_t radix, bool float64);

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
