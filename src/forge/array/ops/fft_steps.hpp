#pragma once

#include <functional>
#include <string>
#include <vector>

#include "forge/array/ops/fft_plan.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/commands.hpp"

// The kernels of a transform, one after another.
namespace forge::array {

/// One kernel whose buffers are not chosen yet.
struct FftStep {
  uint64_t bytes;  // of what it writes
  std::function<void(const vk::BufferRef& from, const vk::BufferRef& to)> record;
};

/// Transforms along one axis of an array (batch, length, inner).
struct FftLines {
  uint64_t batch, length, inner;
  uint64_t elements() const { return batch * length * inner; }
};

/// What the first pass reads and the last one writes, where it is more than complex values as they come.
struct FftEdges {
  std::string load = "COMPLEX";   // REAL, PAIRS, HERMITIAN: see shaders/fft/pass.comp
  std::string store = "COMPLEX";  // REAL, PAIRS
  uint64_t in_pitch = 0;          // elements from batch to batch
  uint64_t in_count = 0;          // elements of a batch that are there
  uint64_t out_pitch = 0;
  uint64_t out_count = 0;         // values of a batch that are stored
  bool inverse = false;
  double scale = 1;
  bool reads_reals() const { return load == "REAL" || load == "PAIRS"; }
  bool writes_reals() const { return store != "COMPLEX"; }
};

/// Appends the steps of transforms; holds what they share.
class FftBuilder {
 public:
  FftBuilder(vk::Commands& commands, bool float64) : commands_(commands), float64_(float64) {}

  /// A complex transform of any length.
  void lines(const FftLines& lines, const FftEdges& edges);
  /// From the transform of pairs to the spectrum of reals, and back: `half` values of (batch, half, inner).
  void split(const FftLines& half);
  void join(const FftLines& half, uint64_t in_pitch, uint64_t in_count);

  std::vector<FftStep>& steps() { return steps_; }

 private:
  struct Pass {
    FftLines lines{};
    FftEdges edges{};
    Radix radix{};
    uint64_t neighbours = 1;  // transformed by earlier passes
    bool first = true, last = true;
    uint64_t logical = 0;  // length of what is transformed: the lines' own, or what a chirp pads
    std::shared_ptr<vk::Buffer> twiddles = {}, in_factors = {}, out_factors = {};
    bool guarded = false, cropped = false;
    uint32_t conjugations = 0;
  };
  void smooth(const FftLines& lines, const FftEdges& edges, const Pass& common);
  void chirped(const FftLines& lines, const FftEdges& edges);
  void add(const Pass& pass);
  shader::Program& program(const Pass& pass);
  shader::Program& compiled(const Pass& pass, const std::string& load, const std::string& store) const;
  shader::Defines defines_of(const Pass& pass, const std::string& load, const std::string& store) const;
  std::string name_of(const Pass& pass, const std::string& load, const std::string& store) const;
  bool in_shared_memory(const FftLines& lines, const std::vector<Radix>& radices) const;
  void add_rows(Pass rows, const std::vector<Radix>& radices);
  shader::Program& rows_program(const Pass& rows, const std::vector<Radix>& radices, uint64_t group) const;
  std::shared_ptr<vk::Buffer> twiddles(uint64_t neighbours, uint32_t radix);
  std::shared_ptr<vk::Buffer> chirp(uint64_t length, uint64_t padded);
  std::shared_ptr<vk::Buffer> chirp_spectrum(uint64_t length, uint64_t padded);
  std::shared_ptr<vk::Buffer> half_roots(uint64_t half);
  bool packed() const;
  uint32_t most_radix(uint64_t elements) const;
  uint64_t size() const { return float64_ ? 16 : 8; }  // bytes of a complex value

  vk::Commands& commands_;
  bool float64_;
  std::vector<FftStep> steps_;
};

/// Runs the steps from `from` to `to`, through memory of its own in between.
void run_steps(vk::Commands& commands, const std::vector<FftStep>& steps, const vk::BufferRef& from,
               const vk::BufferRef& to);

}  // namespace forge::array
