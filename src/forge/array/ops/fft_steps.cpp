#include "forge/array/ops/fft_steps.hpp"

#include <algorithm>

#include "forge/array/ops/divider.hpp"
#include "forge/array/ops/fft_pieces.hpp"
#include "forge/array/ops/fft_programs.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/fft/pass.hpp"

namespace forge::array {

// One 64-bit integer for two floats, where the device loads and stores lane by lane.
bool FftBuilder::packed() const {
  const vk::Device& device = commands_.device();
  return !float64_ && device.info().type == vk::AdapterType::cpu && device.has("shaderInt64");
}

uint32_t FftBuilder::most_radix(uint64_t elements) const {
  if (commands_.device().info().type != vk::AdapterType::cpu) return 16;  // registers of one thread
  const uint32_t lanes = commands_.device().limits().subgroup_size;
  return std::clamp(elements < kFftMuchWork ? 2 * lanes : 4 * lanes, 8u, 32u);
}

std::shared_ptr<vk::Buffer> FftBuilder::twiddles(uint64_t neighbours, uint32_t radix) {
  const std::string name = "twiddles " + std::to_string(neighbours) + " " + std::to_string(radix);
  return fft_tables(commands_.device()).get(name, float64_, [&] {
    FftTables::Values values;
    for (uint64_t power = 1; power < radix; power *= 2)
      for (uint64_t k = 0; k < neighbours; ++k) values.push_back(root_of_unity(k * power, neighbours * radix));
    return values;
  });
}

shader::Defines FftBuilder::defines_of(const Pass& pass, const std::string& load, const std::string& store) const {
  shader::Defines defines{{"FLOAT64", float64_ ? "1" : "0"},
                          {"PACKED", packed() ? "1" : "0"},
                          {"LOAD_" + load, "1"},
                          {"STORE_" + store, "1"}};
  if (pass.guarded) defines["GUARDED"] = "1";
  if (pass.cropped) defines["CROPPED"] = "1";
  if (pass.in_factors) defines["MULTIPLY_IN"] = "1";
  if (pass.out_factors) defines["MULTIPLY_OUT"] = "1";
  return defines;
}

std::string FftBuilder::name_of(const Pass& pass, const std::string& load, const std::string& store) const {
  const unsigned flags = (pass.guarded ? 1u : 0u) | (pass.cropped ? 2u : 0u) | (pass.in_factors ? 4u : 0u) |
                         (pass.out_factors ? 8u : 0u) | (float64_ ? 16u : 0u);
  return load + store + std::to_string(flags);
}

shader::Program& FftBuilder::program(const Pass& pass) {
  const std::string load = pass.first ? pass.edges.load : "COMPLEX", store = pass.last ? pass.edges.store : "COMPLEX";
  const std::string name =
      std::to_string(pass.radix.first) + "x" + std::to_string(pass.radix.second) + name_of(pass, load, store);
  return fft_programs(commands_.device()).get(name, [&]() -> shader::Program& { return compiled(pass, load, store); });
}

shader::Program& FftBuilder::compiled(const Pass& pass, const std::string& load, const std::string& store) const {
  shader::Defines defines = defines_of(pass, load, store);
  add_radix(defines, pass.radix, float64_);
  return shader::program_of<k::pass>(commands_.device(), defines);
}

void FftBuilder::add(const Pass& pass) {
  shader::Program& program = this->program(pass);
  const uint64_t line = pass.lines.length * pass.lines.inner;
  const uint64_t in_pitch = pass.first ? pass.edges.in_pitch : line,
                 out_pitch = pass.last ? pass.edges.out_pitch : line;
  const bool reals_in = pass.first && pass.edges.reads_reals();
  const bool reals_out = pass.last && pass.edges.writes_reals();
  const uint64_t in_bytes = in_pitch * (reals_in ? size() / 2 : size());
  const uint64_t out_bytes = out_pitch * (reals_out ? size() / 2 : size());
  const uint64_t widest = std::max({in_bytes, out_bytes, line * size()});
  const auto record = [=, this, &program](const vk::BufferRef& from, const vk::BufferRef& to) {
    in_pieces(widest, pass.lines.batch, [&](uint64_t start, uint64_t batches) {
      const uint64_t rows = line / pass.radix.size();
      const vk::BufferRef source = from_offset(from, start * in_bytes), target = from_offset(to, start * out_bytes);
      const auto table = [&](const std::shared_ptr<vk::Buffer>& held) { return held ? vk::BufferRef(held) : source; };
      const uint64_t span = pass.neighbours * pass.lines.inner;
      shader::dispatch(commands_, program,
                       k::pass{.source = source,
                               .target = target,
                               .twiddles = table(pass.twiddles),
                               .in_factors = table(pass.in_factors),
                               .out_factors = table(pass.out_factors),
                               .threads = word(batches * rows),
                               .rows = word(rows),
                               .span = word(span),
                               .inner = word(pass.lines.inner),
                               .by_rows = divider(word(rows)),
                               .by_span = divider(word(span)),
                               .by_inner = divider(word(pass.lines.inner)),
                               .in_pitch = word(in_pitch),
                               .in_count = word(pass.edges.in_count),
                               .out_pitch = word(out_pitch),
                               .out_count = word(pass.edges.out_count),
                               .length = word(pass.logical),
                               .scale = fft_scale_bits(pass.last ? pass.edges.scale : 1.0, float64_),
                               .conjugations = pass.conjugations},
                       grid_of(batches * rows, kGroup));
    });
  };
  steps_.push_back({pass.lines.batch * out_bytes, record});
}

// Bits of Pass::conjugations.
constexpr uint32_t kLoaded = 1, kStored = 2, kFactors = 4;

// The inverse is the forward transform between two conjugations.
void FftBuilder::smooth(const FftLines& lines, const FftEdges& edges, const Pass& common) {
  const auto radices = radices_of(lines.length, most_radix(lines.elements()));
  FORGE_ASSERT(radices.has_value());
  Pass pass = common;
  pass.lines = lines;
  pass.edges = edges;
  if (in_shared_memory(lines, *radices)) return add_rows(pass, *radices);
  for (size_t i = 0; i < radices->size(); ++i) {
    pass.radix = (*radices)[i];
    pass.first = i == 0;
    pass.last = i + 1 == radices->size();
    pass.twiddles = pass.neighbours > 1 ? twiddles(pass.neighbours, pass.radix.size()) : nullptr;
    pass.guarded = common.guarded && pass.first;
    pass.cropped = common.cropped && pass.last;
    pass.in_factors = pass.first ? common.in_factors : nullptr;
    pass.out_factors = pass.last ? common.out_factors : nullptr;
    pass.conjugations = common.conjugations & ((pass.first ? kLoaded : 0) | (pass.last ? kStored | kFactors : 0));
    add(pass);
    pass.neighbours *= pass.radix.size();
  }
}

void FftBuilder::lines(const FftLines& lines, const FftEdges& edges) {
  if (!radices_of(lines.length, 64)) return chirped(lines, edges);
  const uint64_t line = lines.length * lines.inner;
  Pass common;
  common.logical = lines.length;
  common.guarded = edges.in_count < line;
  common.cropped = edges.out_count < line;
  common.conjugations = edges.inverse ? kLoaded | kStored : 0;
  smooth(lines, edges, common);
}

// exp(-pi i k^2 / length), with zeros up to the padded length.
std::shared_ptr<vk::Buffer> FftBuilder::chirp(uint64_t length, uint64_t padded) {
  return fft_tables(commands_.device()).get("chirp " + std::to_string(length), float64_, [&] {
    FftTables::Values values(padded);
    for (uint64_t k = 0; k < length; ++k) values[k] = root_of_unity(k * k % (2 * length), 2 * length);
    return values;
  });
}

// The conjugated transform of the conjugated chirp, which reaches to both sides of 0.
std::shared_ptr<vk::Buffer> FftBuilder::chirp_spectrum(uint64_t length, uint64_t padded) {
  FftTables& tables = fft_tables(commands_.device());
  const std::string name = "spectrum of chirp " + std::to_string(length) + (float64_ ? " f64" : " f32");
  return tables.get_made(name, [&] {
    FftTables::Values values(padded);
    for (uint64_t k = 0; k < length; ++k)
      values[k] = values[(padded - k) % padded] = std::conj(root_of_unity(k * k % (2 * length), 2 * length));
    const auto device = commands_.device_ptr();
    auto spectrum = vk::Buffer::create(tables.unowned(), padded * size(), vk::Memory::device);
    vk::Commands commands(device);  // submitted at once: the table may be used by other recordings before this one goes
    FftBuilder builder(commands, float64_);
    FftEdges edges{.in_pitch = padded, .in_count = padded, .out_pitch = padded, .out_count = padded};
    Pass common;
    common.logical = padded;
    common.conjugations = kStored;
    builder.smooth({1, padded, 1}, edges, common);
    run_steps(commands, builder.steps(), tables.upload(values, float64_), spectrum);
    commands.submit();
    return spectrum;
  });
}

// Bluestein: a transform of any length as a convolution with a chirp, by transforms of a length that is easy.
void FftBuilder::chirped(const FftLines& lines, const FftEdges& edges) {
  const uint64_t padded = padded_length(2 * lines.length - 1), line = padded * lines.inner;
  const FftLines wide{lines.batch, padded, lines.inner};
  const auto factors = chirp(lines.length, padded), spectrum = chirp_spectrum(lines.length, padded);

  Pass forward;
  forward.logical = lines.length;
  forward.guarded = true;
  forward.in_factors = factors;
  forward.conjugations = edges.inverse ? kLoaded : 0;
  FftEdges inside = edges;
  inside.store = "COMPLEX";
  inside.out_pitch = inside.out_count = line;
  inside.scale = 1;
  smooth(wide, inside, forward);

  Pass back;
  back.logical = lines.length;
  back.cropped = true;
  back.in_factors = spectrum;
  back.out_factors = factors;
  back.conjugations = kLoaded | (edges.inverse ? kFactors : kStored);
  FftEdges outside = edges;
  outside.load = "COMPLEX";
  outside.in_pitch = outside.in_count = line;
  outside.out_count = std::min(edges.out_count, lines.length * lines.inner);
  outside.scale = edges.scale / static_cast<double>(padded);
  smooth(wide, outside, back);
}

// Steps write by turns to the last one's memory, where what they write fits, and to scratch memory.
void run_steps(vk::Commands& commands, const std::vector<FftStep>& steps, const vk::BufferRef& from,
               const vk::BufferRef& to) {
  std::array<uint64_t, 2> bytes{};  // of scratch memory: for steps that share the last one's turn, and for the others
  const auto turn = [&](size_t i) { return (steps.size() - 1 - i) % 2; };
  const auto fits = [&](size_t i) { return turn(i) == 0 && steps[i].bytes <= to.size; };
  for (size_t i = 0; i + 1 < steps.size(); ++i)
    if (!fits(i)) bytes[turn(i)] = std::max(bytes[turn(i)], steps[i].bytes);
  std::array<std::optional<vk::BufferRef>, 2> scratch;
  for (size_t side = 0; side < 2; ++side)
    if (bytes[side] > 0)
      scratch[side] = vk::Buffer::create(commands.device_ptr(), bytes[side], vk::Memory::device, "fft scratch");
  vk::BufferRef source = from;
  for (size_t i = 0; i < steps.size(); ++i) {
    const vk::BufferRef target = i + 1 == steps.size() || fits(i) ? to : *scratch[turn(i)];
    steps[i].record(source, target);
    source = target;
  }
}

}  // namespace forge::array
