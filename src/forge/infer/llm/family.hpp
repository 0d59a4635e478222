#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forge/infer/llm/model_file.hpp"
#include "forge/infer/llm/rope.hpp"

// What a family of models makes of a file: sizes, and each layer's tensors. A family is one file in families/.
namespace forge::llm {

/// What a gate lets through.
enum class Gate : unsigned char { silu, gelu };  // gelu: the form with tanh

/// What never changes.
struct Shape {
  uint32_t layers, width, heads, key_heads, head, hidden, vocabulary, context;
  float epsilon = 1e-5f;
  float query_factor = 1;
  Gate gate = Gate::silu;
  float embedding_factor = 1;
  float gain = 0;                                  // added to what norms multiply by
  float score_cap = 0, logit_cap = 0;              // y becomes cap * tanh(y / cap); 0: it stays
};

struct LayerTensors {
  TensorView attention_norm;                       // (width)
  TensorView query, key, value;                    // (heads * head, width), (key_heads * head, width)
  std::optional<TensorView> query_bias, key_bias, value_bias;
  TensorView output;                               // (width, heads * head)
  std::optional<TensorView> query_norm, key_norm;  // (head), of each head
  TensorView hidden_norm;                          // (width)
  TensorView gate, up;                             // (hidden, width)
  TensorView down;                                 // (width, hidden)
  std::optional<TensorView> attended_norm, fed_norm;  // (width), of what attention and gates give
  uint32_t window = 0;                             // places that a query sees; 0: all
  uint32_t rope = 0;                               // which of ModelSource::ropes
};

struct ModelSource {
  std::shared_ptr<const ModelFile> file;
  Shape shape;
  std::vector<Rope> ropes;
  TensorView embedding;                            // (vocabulary, width)
  std::vector<LayerTensors> layers;
  TensorView norm;                                 // (width)
  TensorView output;                               // (vocabulary, width); the embedding where they are tied
};

/// Throws MISSING_FEATURE, naming what there is, for an architecture of no family.
ModelSource read_model(std::shared_ptr<const ModelFile> file);

/// Llama and its kin: Mistral, Qwen 2, SmolLM. None for other architectures.
std::optional<ModelSource> read_llama(const std::shared_ptr<const ModelFile>& file);
/// Gemma 3, the part that reads and writes text.
std::optional<ModelSource> read_gemma3(const std::shared_ptr<const ModelFile>& file);

}  // namespace forge::llm
