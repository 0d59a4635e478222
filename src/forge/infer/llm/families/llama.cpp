#include <cmath>

#include "forge/core/error.hpp"
#include "forge/infer/llm/facts.hpp"

namespace forge::llm {

namespace {

constexpr Name kHiddenNorm{"ffn_norm", "post_attention_layernorm"};
constexpr Name kWindow{"attention.sliding_window", "sliding_window"};

// Factors of frequencies that a GGUF file lists.
void divide_by_list(const Facts& facts, Rope& rope) {
  if (!facts.file()->find("rope_freqs.weight")) return;
  const std::vector<float> list = facts.tensor({"rope_freqs", "rope_freqs"}, {rope.turned / 2}).values();
  for (size_t i = 0; i < list.size(); ++i) {
    if (!(list[i] > 0 && std::isfinite(list[i])))
      throw Error(ErrorCode::MISSING_FEATURE, "a Llama model turns its heads in a way that does not work here",
                  "factors of frequencies above 0", std::to_string(list[i]));
    rope.frequencies[i] /= list[i];
  }
}

Rope rope_of(const Facts& facts, const Shape& shape) {
  constexpr Name turned{"rope.dimension_count", "rotary_dim"};
  const bool neighbours = facts.gguf() && facts.architecture() != "qwen2";
  Rope rope = make_rope(neighbours ? Pairing::neighbours : Pairing::halves, shape.head,
                        facts.number(turned) ? facts.count(turned) : shape.head,
                        facts.number({"rope.freq_base", "rope_theta"}).value_or(10000.0), facts.stretch());
  divide_by_list(facts, rope);
  return rope;
}

}  // namespace

std::optional<ModelSource> read_llama(const std::shared_ptr<const ModelFile>& file) {
  const Facts facts(file);
  const std::string& name = facts.architecture();
  if (name != "llama" && name != "mistral" && name != "qwen2") return std::nullopt;
  const Shape shape = facts.shape();
  ModelSource source = facts.source(shape);
  source.ropes = {rope_of(facts, shape)};
  const bool has_window = facts.number(kWindow) && name != "qwen2";  // which names one that it does not use
  for (uint32_t i = 0; i < shape.layers; ++i) {
    LayerTensors& layer = source.layers.emplace_back(facts.layer(i, shape));
    layer.hidden_norm = facts.tensor(i, kHiddenNorm, {shape.width});
    layer.window = has_window ? facts.count(kWindow) : 0;
  }
  return source;
}

}  // namespace forge::llm
