#pragma once

#include <optional>
#include <span>
#include <vector>

#include "forge/infer/llm/family.hpp"
#include "forge/shader/launch.hpp"

// Linear maps whose weights stay as they are quantised (shaders/llm/linear.comp). Lanes are rows: block b of the row group r begins
// at word (r * blocks + b) * words * subgroup, with word 0 of each lane where their number is odd; then come pairs of words,
// (pair, lane, 2), so that a load brings two. Rows come alone, or in pairs that end up in one lane: groups 2 p and 2 p + 1 then
// hold the first and the second ones.
namespace forge::llm {

/// Where a row of weights comes from.
struct RowOf {
  const TensorView* tensor;
  uint64_t row;
};

/// Weights in the device's memory.
struct Weights {
  const QuantRow* quant;
  uint32_t columns;
  uint32_t first;  // row or pair of y
  uint32_t rows;  // rows or pairs
  bool paired;
  uint32_t groups;  // of lanes, whole kMostVectors
  vk::BufferRef memory;
  std::optional<vk::BufferRef> bias;
};

inline constexpr uint32_t kMostVectors = 4;  // rows a lane, but for single tokens

/// Packs rows, all of one format. `bias` has a number for each, or is empty.
Weights pack_rows(const std::shared_ptr<vk::Device>& device, std::span<const RowOf> rows, std::span<const float> bias,
                  uint32_t first);
/// The same of pairs: rows 2 i and 2 i + 1 of the list.
Weights pack_pairs(const std::shared_ptr<vk::Device>& device, std::span<const RowOf> rows, std::span<const float> bias,
                   uint32_t first);

enum class Ending : unsigned char { store, add, gated, heads };

/// How tokens lie in memory: rows (token, value), or panels of `tile` tokens (tile, value, token).
struct Layout {
  uint32_t tokens;  // of a workgroup
  bool panels;
  uint32_t tile() const { return panels ? tokens : 1; }
};
/// Panels that suit the device.
Layout panel_layout(const vk::Device& device);

/// What an `Ending::heads` needs.
struct Heads {
  vk::BufferRef pages, turns, slots;
  uint32_t head, query_heads, key_heads;
  float factor;
  bool half;
};

struct Linear {
  vk::BufferRef x, target;
  std::optional<vk::BufferRef> gain = std::nullopt;  // of a root mean square norm before it
  float epsilon = 0;
  Ending ending = Ending::store;
  uint32_t width = 0;  // rows of y
  std::optional<Heads> heads = std::nullopt;
  Gate gate = Gate::silu;  // of Ending::gated
  float cap = 0;  // of Ending::store: what is stored is cap * tanh(y / cap); 0: y
};

/// Records y = W norm(x), or what the ending makes of it, for `tiles` times layout.tokens tokens.
void record_linear(vk::Commands& commands, const Weights& weights, const Linear& linear, const Layout& layout,
                   uint32_t tiles);

inline constexpr uint32_t kPage = 16;  // tokens a page of keys and values

}  // namespace forge::llm
