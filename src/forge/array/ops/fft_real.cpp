#include "forge/array/ops/divider.hpp"
#include "forge/array/ops/fft_pieces.hpp"
#include "forge/array/ops/fft_plan.hpp"
#include "forge/array/ops/fft_steps.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/fft/join.hpp"
#include "forge_shaders/fft/split.hpp"

// Spectra of reals from transforms of their pairs, and back.
namespace forge::array {

std::shared_ptr<vk::Buffer> FftBuilder::half_roots(uint64_t half) {
  return fft_tables(commands_.device()).get("half roots " + std::to_string(half), float64_, [&] {
    FftTables::Values values;
    for (uint64_t k = 0; k <= half / 2; ++k) values.push_back(root_of_unity(k, 2 * half));
    return values;
  });
}

void FftBuilder::split(const FftLines& half) {
  shader::Program& program = shader::program_of<k::split>(
      commands_.device(), {{"FLOAT64", float64_ ? "1" : "0"}, {"PACKED", packed() ? "1" : "0"}});
  const auto roots = half_roots(half.length);
  const uint64_t in_bytes = half.length * half.inner * size(), out_bytes = (half.length + 1) * half.inner * size();
  const uint64_t rows = (half.length / 2 + 1) * half.inner;
  steps_.push_back({half.batch * out_bytes, [=, this, &program](const vk::BufferRef& from, const vk::BufferRef& to) {
                      in_pieces(out_bytes, half.batch, [&](uint64_t start, uint64_t batches) {
                        shader::dispatch(commands_, program,
                                         k::split{.source = from_offset(from, start * in_bytes),
                                                  .target = from_offset(to, start * out_bytes),
                                                  .roots = roots,
                                                  .threads = word(batches * rows),
                                                  .rows = word(rows),
                                                  .half_length = word(half.length),
                                                  .inner = word(half.inner),
                                                  .by_rows = divider(word(rows)),
                                                  .by_inner = divider(word(half.inner))},
                                         grid_of(batches * rows, kGroup));
                      });
                    }});
}

void FftBuilder::join(const FftLines& half, uint64_t in_pitch, uint64_t in_count) {
  shader::Program& program = shader::program_of<k::join>(
      commands_.device(), {{"FLOAT64", float64_ ? "1" : "0"}, {"PACKED", packed() ? "1" : "0"}});
  const auto roots = half_roots(half.length);
  const uint64_t in_bytes = in_pitch * size(), out_bytes = half.length * half.inner * size();
  const uint64_t rows = (half.length / 2 + 1) * half.inner;
  steps_.push_back({half.batch * out_bytes, [=, this, &program](const vk::BufferRef& from, const vk::BufferRef& to) {
                      const uint64_t widest = std::max(in_bytes, out_bytes + half.inner * size());
                      in_pieces(widest, half.batch, [&](uint64_t start, uint64_t batches) {
                        shader::dispatch(commands_, program,
                                         k::join{.source = from_offset(from, start * in_bytes),
                                                 .target = from_offset(to, start * out_bytes),
                                                 .roots = roots,
                                                 .threads = word(batches * rows),
                                                 .rows = word(rows),
                                                 .half_length = word(half.length),
                                                 .inner = word(half.inner),
                                                 .by_rows = divider(word(rows)),
                                                 .by_inner = divider(word(half.inner)),
                                                 .in_pitch = word(in_pitch),
                                                 .in_count = word(in_count)},
                                         grid_of(batches * rows, kGroup));
                      });
                    }});
}

}  // namespace forge::array
