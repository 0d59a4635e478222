#include <cmath>

#include "forge/core/error.hpp"
#include "forge/infer/llm/facts.hpp"

namespace forge::llm {

namespace {

constexpr Name kWindow{"attention.sliding_window", "sliding_window"};
constexpr uint32_t kPattern = 6;         // each so many layers one sees everything
constexpr uint32_t kLargestLayers = 62;  // of the model with 27 billion weights, whose GGUF files do not say its factor

Shape shape_of(const Facts& facts) {
  Shape shape = facts.shape();
  shape.gate = Gate::gelu;
  shape.embedding_factor = std::sqrt(static_cast<float>(shape.width));
  shape.gain = facts.gguf() ? 0 : 1;  // GGUF files have it in the gains
  const uint32_t scaled = shape.layers == kLargestLayers ? shape.width / shape.heads : shape.head;
  const double squared = facts.gguf() ? scaled : facts.file()->number("query_pre_attn_scalar").value_or(scaled);
  if (!(squared > 0))
    throw Error(ErrorCode::MISSING_FEATURE, "a Gemma model scales queries in a way that does not work here",
                "query_pre_attn_scalar above 0", std::to_string(squared));
  shape.query_factor = static_cast<float>(1 / std::sqrt(squared));
  shape.score_cap = static_cast<float>(facts.number({"attn_logit_softcapping", "attn_logit_softcapping"}).value_or(0));
  shape.logit_cap =
      static_cast<float>(facts.number({"final_logit_softcapping", "final_logit_softcapping"}).value_or(0));
  return shape;
}

// Ropes of layers that see everything and of those that see a window: the first alone is stretched.
std::vector<Rope> ropes_of(const Facts& facts, const Shape& shape) {
  const auto base = [&](const char* part, Name name, double otherwise) {
    const auto of_part =
        facts.gguf() ? std::nullopt : facts.file()->number(std::string("rope_scaling.") + part + "rope_theta");
    return of_part ? *of_part : facts.number(name).value_or(otherwise);
  };
  const bool by_part = !facts.gguf() && facts.file()->text("rope_scaling.full_attention.rope_type").has_value();
  const double whole = base("full_attention.", {"rope.freq_base", "rope_theta"}, 1e6);
  const double local = base("sliding_attention.", {"rope.freq_base_swa", "rope_local_base_freq"}, 1e4);
  return {make_rope(Pairing::halves, shape.head, shape.head, whole, facts.stretch(by_part ? "full_attention." : "")),
          make_rope(Pairing::halves, shape.head, shape.head, local,
                    by_part ? facts.stretch("sliding_attention.") : Stretch{})};
}

bool sees_all(const Facts& facts, uint32_t layer) {
  const auto said = facts.gguf() ? std::nullopt : facts.file()->text("layer_types." + std::to_string(layer));
  if (said) return *said == "full_attention";
  constexpr Name pattern{"attention.sliding_window_pattern", "sliding_window_pattern"};
  return (layer + 1) % (facts.number(pattern) ? facts.count(pattern) : kPattern) == 0;
}

}  // namespace

std::optional<ModelSource> read_gemma3(const std::shared_ptr<const ModelFile>& file) {
  const Facts facts(file);
  if (facts.architecture() != "gemma3") return std::nullopt;
  const Shape shape = shape_of(facts);
  ModelSource source = facts.source(shape);
  source.ropes = ropes_of(facts, shape);
  const uint64_t width = shape.width;
  for (uint32_t i = 0; i < shape.layers; ++i) {
    LayerTensors& layer = source.layers.emplace_back(facts.layer(i, shape));
    layer.query_norm = facts.tensor(i, {"attn_q_norm", "self_attn.q_norm"}, {shape.head});
    layer.key_norm = facts.tensor(i, {"attn_k_norm", "self_attn.k_norm"}, {shape.head});
    layer.attended_norm = facts.tensor(i, {"post_attention_norm", "post_attention_layernorm"}, {width});
    layer.hidden_norm = facts.tensor(i, {"ffn_norm", "pre_feedforward_layernorm"}, {width});
    layer.fed_norm = facts.tensor(i, {"post_ffw_norm", "post_feedforward_layernorm"}, {width});
    const bool all = sees_all(facts, i);
    layer.window = all ? 0 : facts.count(kWindow);
    layer.rope = all ? 0 : 1;
  }
  return source;
}

}  // namespace forge::llm
