#include "forge/infer/llm/linear.hpp"

#include <algorithm>
#include <cstring>

#include "forge/array/array.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/llm/linear.hpp"

namespace forge::llm {

namespace {

uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

vk::BufferRef upload(const std::shared_ptr<vk::Device>& device, std::span<const uint32_t> words, const char* label) {
  const auto count = static_cast<int64_t>(words.size());
  return array::Array::from_values(device, DType::uint32, {count}, {4}, words.data(), label).bytes();
}

/// Weights as lanes read them, one group of lanes after another.
class Packer {
 public:
  Packer(std::shared_ptr<vk::Device> device, std::span<const RowOf> rows)
      : device_(std::move(device)),
        rows_(rows),
        quant_(*rows[0].tensor->quant),
        lanes_(device_->limits().subgroup_size),
        columns_(static_cast<uint32_t>(rows[0].tensor->columns())),
        blocks_(columns_ / quant_.unit()) {
    for (const RowOf& row : rows) FORGE_ASSERT(row.tensor->quant == &quant_ && row.tensor->columns() == columns_);
    FORGE_ASSERT(columns_ % quant_.unit() == 0);
  }

  Weights pack(std::span<const float> bias, uint32_t first, bool paired) {
    const uint32_t each = paired ? 2 : 1, count = static_cast<uint32_t>(rows_.size()) / each;
    const uint32_t groups = ceil_div(ceil_div(count, lanes_) * each, kMostVectors) * kMostVectors;
    const uint64_t group_words = uint64_t{blocks_} * quant_.words() * lanes_;
    auto buffer = vk::Buffer::create(device_, groups * group_words * 4, vk::Memory::device, "weights");
    std::vector<uint32_t> group(group_words);
    for (uint32_t g = 0; g < groups; ++g) {
      for (uint32_t lane = 0; lane < lanes_; ++lane) fill_lane(group, lane, row_of(g, lane, each));
      const vk::BufferRef to(buffer, g * group_words * 4, group_words * 4);
      array::Array::over(to, DType::uint32, {static_cast<int64_t>(group_words)}).copy_from({4}, group.data());
    }
    Weights weights{&quant_, columns_, first, count, paired, groups, buffer, std::nullopt};
    if (!bias.empty()) weights.bias = packed_bias(bias, groups, each);
    return weights;
  }

 private:
  // The row that a lane of a group holds; past the last one: none.
  size_t row_of(uint32_t group, uint32_t lane, uint32_t each) const {
    return (size_t{group} / each * lanes_ + lane) * each + group % each;
  }

  void place_words(std::vector<uint32_t>& group, uint32_t b, uint32_t lane,
                   const std::array<uint32_t, 64>& block) const {
    const uint32_t words = quant_.words(), single = words % 2;
    uint32_t* to = &group[size_t{b} * words * lanes_];
    if (single) to[lane] = block[0];
    to += size_t{single} * lanes_ + size_t{lane} * 2;
    for (uint32_t w = single; w < words; w += 2, to += size_t{lanes_} * 2) to[0] = block[w], to[1] = block[w + 1];
  }

  void fill_lane(std::vector<uint32_t>& group, uint32_t lane, size_t index) const {
    std::array<uint32_t, 64> block{};
    if (index >= rows_.size()) {
      for (uint32_t b = 0; b < blocks_; ++b) place_words(group, b, lane, block);
      return;
    }
    const auto bytes = rows_[index].tensor->row(rows_[index].row);
    const size_t size = bytes.size() / blocks_;
    for (uint32_t b = 0; b < blocks_; ++b) {
      load_words(quant_, bytes.subspan(b * size, size), block.data());
      place_words(group, b, lane, block);
    }
  }

  vk::BufferRef packed_bias(std::span<const float> bias, uint32_t groups, uint32_t each) const {
    std::vector<uint32_t> list(size_t{groups} * lanes_, 0);
    for (uint32_t g = 0; g < groups; ++g)
      for (uint32_t lane = 0; lane < lanes_; ++lane)
        if (const size_t index = row_of(g, lane, each); index < bias.size())
          std::memcpy(&list[size_t{g} * lanes_ + lane], &bias[index], 4);
    return upload(device_, list, "biases");
  }

  std::shared_ptr<vk::Device> device_;
  std::span<const RowOf> rows_;
  const QuantRow& quant_;
  uint32_t lanes_, columns_, blocks_;
};

shader::Defines format_defines(const QuantRow& quant) {
  shader::Defines defines{{"WORDS", std::to_string(quant.words())},
                          {"UNIT", std::to_string(quant.unit())},
                          {"GROUP", std::to_string(quant.group)},
                          {"BIAS", std::to_string(quant.bias)}};
  if (quant.is_float()) {
    defines.insert({{"VALUE", std::string(quant.value)}, {"HAS_OFFSET", "0"}});
    return defines;
  }
  const bool has_offset = quant.bias != 0 || quant.offset != "0.0f";
  defines.insert({{"SCALE", std::string(quant.scale)},
                  {"OFFSET", std::string(quant.offset)},
                  {"CODES", std::string(quant.codes)},
                  {"QUANT_FUNCTIONS", quant_functions()},
                  {"HAS_OFFSET", has_offset ? "1" : "0"}});
  return defines;
}

shader::Defines defines_of(const vk::Device& device, const Weights& weights, const Linear& linear, const Layout& layout,
                           uint32_t vectors) {
  shader::Defines defines = format_defines(*weights.quant);
  const bool long_words = device.has("shaderInt64");
  defines.insert({{"TOKENS", std::to_string(layout.tokens)},
                  {"LANES_ARE_TOKENS", layout.panels ? "1" : "0"},
                  {"VECTORS", std::to_string(vectors)},
                  {"NORM", linear.gain ? "1" : "0"},
                  {"ENDING", std::to_string(static_cast<int>(linear.ending))},
                  {"GATE", std::to_string(static_cast<int>(linear.gate))},
                  {"CAPPED", linear.cap > 0 ? "1" : "0"},
                  {"HAS_BIAS", weights.bias ? "1" : "0"},
                  {"PAIR", long_words ? "uint64_t" : "uvec2"},
                  {"UNPAIRED", long_words ? "unpackUint2x32" : "uvec2"},
                  {"PAGE", std::to_string(kPage)},
                  {"HALF_KV", linear.heads && linear.heads->half ? "1" : "0"},
                  {"HEAD", std::to_string(linear.heads ? linear.heads->head : 64)}});
  return defines;
}

// A host's vectors of 16 lanes: as many sums as with 8 would be twice the memory.
constexpr uint32_t kWideTokens = 16, kWideVectors = 2;

// Rows a lane: more of them share what is loaded of x, where there are registers for the sums.
uint32_t vectors_of(const Weights& weights, const Layout& layout) {
  if (layout.panels && layout.tokens == kWideTokens) return kWideVectors;
  return layout.tokens == 1 && weights.groups % 8 == 0 ? 8 : kMostVectors;
}

}  // namespace

Weights pack_rows(const std::shared_ptr<vk::Device>& device, std::span<const RowOf> rows, std::span<const float> bias,
                  uint32_t first) {
  return Packer(device, rows).pack(bias, first, false);
}

Weights pack_pairs(const std::shared_ptr<vk::Device>& device, std::span<const RowOf> rows, std::span<const float> bias,
                   uint32_t first) {
  return Packer(device, rows).pack(bias, first, true);
}

Layout panel_layout(const vk::Device& device) {
  const uint32_t lanes = device.limits().subgroup_size;
  const bool wide = device.info().type == vk::AdapterType::cpu && lanes == kWideTokens;
  return {wide ? kWideTokens : std::max(32u, lanes), true};
}

void record_linear(vk::Commands& commands, const Weights& w, const Linear& linear, const Layout& layout,
                   uint32_t tiles) {
  const uint32_t vectors = vectors_of(w, layout);
  FORGE_ASSERT(w.paired == (linear.ending >= Ending::gated) && w.groups % vectors == 0);
  const Heads none{linear.target, linear.x, linear.x, 0, 0, 0, 0, false};
  const Heads& heads = linear.heads ? *linear.heads : none;
  shader::dispatch(
      commands,
      shader::program_of<k::linear>(commands.device(), defines_of(commands.device(), w, linear, layout, vectors)),
      k::linear{.weights = w.memory,
                .x = linear.x,
                .gain = linear.gain.value_or(linear.x),
                .bias = w.bias.value_or(linear.x),
                .target = linear.target,
                .pages = heads.pages,
                .turns = heads.turns,
                .slots = heads.slots,
                .blocks = w.columns / w.quant->unit(),
                .columns = w.columns,
                .first = w.first,
                .rows = w.rows,
                .width = linear.width,
                .query_heads = heads.query_heads,
                .key_heads = heads.key_heads,
                .epsilon = linear.epsilon,
                .factor = heads.factor,
                .cap = linear.cap},
      {w.groups / vectors, tiles, 1});
}

}  // namespace forge::llm
