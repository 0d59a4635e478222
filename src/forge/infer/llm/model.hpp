#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "forge/infer/llm/family.hpp"
#include "forge/infer/llm/linear.hpp"
#include "forge/vk/graph.hpp"

// A model on a device: weights, pages of keys and values, and the forward pass, recorded once for each size and sent again.
namespace forge::llm {

struct ModelOptions {
  uint32_t pages;  // of kPage tokens; page 0 takes what nobody reads
  uint32_t batch_tokens;  // most tokens of a step
  uint32_t batch_rows;  // most rows of logits of a step
  uint32_t table_words;  // most page numbers of a step
  uint32_t edits;  // most of a step
  bool half;  // keys and values are float16
  std::function<void(uint32_t, uint32_t)> loaded = {};  // told how many layers are on the device, and of how many
};

struct BatchToken {
  uint32_t id, position, slot;  // slot: page * kPage + place in it
};
/// Queries of one session that stand together in the batch.
struct BatchItem {
  uint32_t first, count, position, table;  // table: where its pages begin in StepBatch::tables
};

/// What shaders/llm/sample.comp is told of a row, word for word.
struct SampleWish {
  uint32_t wanted = 0;
  float temperature = 0;
  uint32_t top_k = 0;
  float top_p = 1, min_p = 0, repetition = 1, frequency = 0, presence = 0;
  uint32_t seed_low = 0, seed_high = 0;
  uint32_t position = 0;
  uint32_t first_edit = 0, edits = 0;
  uint32_t logprobs = 0;
};
struct SampleEdit {
  uint32_t token;
  float bias;
  uint32_t seen, said;
};
inline constexpr uint32_t kMostLogprobs = 20;

struct StepBatch {
  std::vector<BatchToken> tokens;
  std::vector<BatchItem> items;
  std::vector<uint32_t> tables;
  std::vector<uint32_t> rows;  // tokens whose logits are wanted
  std::vector<SampleWish> wishes;  // one a row, or none: logits only
  std::vector<SampleEdit> edits;
};

struct Sampled {
  uint32_t token;
  float logprob;
  std::vector<std::pair<uint32_t, float>> top;
};

class Model {
 public:
  Model(std::shared_ptr<vk::Device> device, ModelSource source, const ModelOptions& options);

  const Shape& shape() const { return source_.shape; }
  const ModelOptions& options() const { return options_; }
  const std::shared_ptr<vk::Device>& device() const { return device_; }
  uint64_t weight_bytes() const { return weight_bytes_; }
  uint64_t page_bytes() const;  // of all layers together

  /// Most queries of an item in a step of so many tokens.
  uint32_t item_queries(uint32_t tokens) const { return queries_of(layout_of(tokens)); }
  /// Runs a step and waits for it; what was chosen, row by row.
  std::vector<Sampled> run(const StepBatch& batch);
  /// The logits of a row of the last step.
  std::vector<float> logits(uint32_t row) const;

 private:
  struct Layer {
    vk::BufferRef attention_gain, hidden_gain, pages;
    std::vector<Weights> heads, output, gated, down;
    std::optional<vk::BufferRef> query_gain, key_gain;  // norms of each head
    std::optional<vk::BufferRef> attended_gain, fed_gain;  // norms behind products
    uint32_t window, rope;
  };
  struct Sizes {
    uint32_t tiles, items, rows;
    Layout layout;
    bool sampled;
    std::string key() const;
  };
  struct Uploads {  // parts of one buffer that the host writes before a step
    vk::BufferRef x, turns, slots, items, tables, rows, wishes, edits;  // turns: (rope, batch_tokens, head / 2, 2)
  };

  void load();
  Layer load_layer(LayerTensors& tensors);
  std::vector<Weights> pack_stack(std::vector<RowOf> rows, const std::vector<float>& bias, bool paired);
  std::vector<Weights> pack_heads(LayerTensors& tensors);
  std::vector<Weights> pack_gated(LayerTensors& tensors);
  vk::BufferRef upload_gain(const TensorView& tensor) const;
  std::optional<vk::BufferRef> upload_head_gain(const std::optional<TensorView>& tensor, const Rope& rope) const;
  void make_buffers();
  Sizes sizes_of(const StepBatch& batch) const;
  void write(const StepBatch& batch, const Sizes& sizes);
  void write_tokens(const StepBatch& batch, const Sizes& sizes);
  void write_turns(const StepBatch& batch, uint32_t all) const;
  vk::Graph& graph_of(const Sizes& sizes);
  void record(vk::Commands& commands, const Sizes& sizes) const;
  struct Step;  // what is being recorded
  void record_layer(const Step& step, const Layer& layer) const;
  void record_heads(const Step& step, const Layer& layer) const;
  void record_attention(const Step& step, const Layer& layer) const;
  void record_branch(const Step& step, const std::vector<Weights>& stack, const vk::BufferRef& from,
                     const std::optional<vk::BufferRef>& gain) const;
  void record_logits(const Step& step) const;
  void record_sampling(vk::Commands& commands, const Sizes& sizes) const;
  std::vector<Sampled> results(uint32_t rows) const;
  Layout layout_of(uint32_t tokens) const;
  uint32_t queries_of(const Layout& layout) const;
  vk::BufferRef turns_of(uint32_t rope) const;

  std::shared_ptr<vk::Device> device_;
  ModelSource source_;
  ModelOptions options_;
  uint64_t weight_bytes_ = 0;
  std::vector<Layer> layers_;
  std::vector<Weights> head_;
  std::optional<vk::BufferRef> norm_;
  std::optional<Uploads> uploads_;
  std::optional<vk::BufferRef> x_, queries_, attended_, hidden_, branch_, picked_, logits_, scratch_, chosen_;
  std::map<std::string, std::unique_ptr<vk::Graph>> graphs_;
};

}  // namespace forge::llm
