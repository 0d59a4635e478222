#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forge/infer/llm/model_file.hpp"

// What a family of models makes of a file: sizes, and each layer's tensors. A family is one file in families/.
namespace forge::llm {

/// What never changes.
struct Shape {
  uint32_t layers, width, heads, key_heads, head, hidden, vocabulary, context;
  float epsilon;
  uint32_t window = 0;  // places that a query sees; 0: all
};

/// Which two numbers of a head turn together.
enum class Pairing : unsigned char {
  neighbours,  // 2 i and 2 i + 1
  halves,      // i and i + turned / 2
};

/// Angles of positions: position * frequencies[i] for pair i, (head / 2); 0 where a pair does not turn.
struct Rope {
  Pairing pairing;
  uint32_t turned;  // numbers of a head
  std::vector<double> frequencies;
};

struct LayerTensors {
  TensorView attention_norm;                       // (width)
  TensorView query, key, value;                    // (heads * head, width), (key_heads * head, width)
  std::optional<TensorView> query_bias, key_bias, value_bias;
  TensorView output;                               // (width, heads * head)
  TensorView hidden_norm;                          // (width)
  TensorView gate, up;                             // (hidden, width)
  TensorView down;                                 // (width, hidden)
};

struct ModelSource {
  std::shared_ptr<const ModelFile> file;
  Shape shape;
  Rope rope;
  TensorView embedding;                            // (vocabulary, width)
  std::vector<LayerTensors> layers;
  TensorView norm;                                 // (width)
  TensorView output;                               // (vocabulary, width); the embedding where they are tied
};

/// Throws MISSING_FEATURE, naming what there is, for an architecture of no family.
ModelSource read_model(std::shared_ptr<const ModelFile> file);

/// Llama and its kin: Mistral, Qwen 2, SmolLM. None for other architectures.
std::optional<ModelSource> read_llama(const std::shared_ptr<const ModelFile>& file);

}  // namespace forge::llm
