#include <algorithm>

#include "forge/array/ops/fft_pieces.hpp"
#include "forge/array/ops/fft_programs.hpp"
#include "forge/array/ops/fft_steps.hpp"
#include "forge_shaders/fft/rows.hpp"

// Contiguous rows that fit shared memory are transformed by one kernel: memory is read once, in order, and written once.
namespace forge::array {

namespace {

constexpr uint64_t kValuesOfGroup = 1024;  // that a workgroup takes, in one row or more
constexpr size_t kMostSteps = 3;

uint64_t group_of(uint64_t length) { return std::max<uint64_t>(1, kValuesOfGroup / length); }

bool is_cpu(const vk::Device& device) { return device.info().type == vk::AdapterType::cpu; }

// Threads that need no loop: SwiftShader, known by its lack of 64-bit integers, takes minutes and gigabytes to compile steps
// within a loop.
bool without_loops(const vk::Device& device) { return is_cpu(device) && !device.has("shaderInt64"); }

// A CPU driver wants one subgroup, whose lanes need not wait for others.
uint64_t threads_of(const vk::Device& device, uint64_t values, const std::vector<Radix>& radices) {
  if (without_loops(device)) return values / radices.back().size();
  if (is_cpu(device)) return device.limits().subgroup_size;
  return std::clamp<uint64_t>(values / radices.front().size(), 32, std::min(256u, device.limits().max_invocations));
}

}  // namespace

bool FftBuilder::in_shared_memory(const FftLines& lines, const std::vector<Radix>& radices) const {
  const uint64_t values = group_of(lines.length) * lines.length, cells = packed() ? values : values * 17 / 16 + 1;
  const vk::Device& device = commands_.device();
  return lines.inner == 1 && lines.length > 1 && lines.elements() >= kFftMuchWork && radices.size() <= kMostSteps &&
         cells * size() <= device.limits().max_shared_bytes &&
         threads_of(device, values, radices) <= device.limits().max_invocations;
}

shader::Program& FftBuilder::rows_program(const Pass& rows, const std::vector<Radix>& radices, uint64_t group) const {
  const auto compiled = [&]() -> shader::Program& {
    const uint64_t values = group * rows.lines.length;
    const uint64_t threads = threads_of(commands_.device(), values, radices);
    shader::Defines defines = defines_of(rows, rows.edges.load, rows.edges.store);
    defines["LENGTH"] = std::to_string(rows.lines.length);
    defines["GROUP"] = std::to_string(group);
    defines["THREADS"] = std::to_string(threads);
    defines["MOST_RADIX"] = std::to_string(radices.front().size());
    for (size_t i = 0; i < kMostSteps; ++i)
      add_radix(defines, i < radices.size() ? radices[i] : Radix{}, float64_, "_" + std::to_string(i));
    return shader::program_of<k::rows>(commands_.device(), defines);
  };
  const std::string name =
      "rows of " + std::to_string(rows.lines.length) + " " + name_of(rows, rows.edges.load, rows.edges.store);
  return fft_programs(commands_.device()).get(name, compiled);
}

void FftBuilder::add_rows(Pass rows, const std::vector<Radix>& radices) {
  const uint64_t length = rows.lines.length, group = group_of(length);
  shader::Program& program = rows_program(rows, radices, group);
  const uint64_t in_bytes = rows.edges.in_pitch * size() / (rows.edges.reads_reals() ? 2 : 1);
  const uint64_t out_bytes = rows.edges.out_pitch * size() / (rows.edges.writes_reals() ? 2 : 1);
  std::array<std::shared_ptr<vk::Buffer>, 2> tables;
  uint64_t rest = length;
  for (size_t i = 0; i + 1 < radices.size(); ++i) {
    rest /= radices[i].size();
    tables[i] = twiddles(rest, radices[i].size());
  }
  const auto record = [=, this, &program](const vk::BufferRef& from, const vk::BufferRef& to) {
    in_pieces(std::max(in_bytes, out_bytes), rows.lines.batch, [&](uint64_t start, uint64_t batches) {
      const vk::BufferRef source = from_offset(from, start * in_bytes), target = from_offset(to, start * out_bytes);
      const auto table = [&](const std::shared_ptr<vk::Buffer>& held) { return held ? vk::BufferRef(held) : source; };
      shader::dispatch(commands_, program,
                       k::rows{.source = source,
                               .target = target,
                               .twiddles_0 = table(tables[0]),
                               .twiddles_1 = table(tables[1]),
                               .in_factors = table(rows.in_factors),
                               .out_factors = table(rows.out_factors),
                               .rows = word(batches),
                               .in_pitch = word(rows.edges.in_pitch),
                               .in_count = word(rows.edges.in_count),
                               .out_pitch = word(rows.edges.out_pitch),
                               .out_count = word(rows.edges.out_count),
                               .length = word(rows.logical),
                               .scale = fft_scale_bits(rows.edges.scale, float64_),
                               .conjugations = rows.conjugations},
                       grid_of(batches, group));
    });
  };
  steps_.push_back({rows.lines.batch * out_bytes, record});
}

}  // namespace forge::array
