#include <algorithm>
#include <cmath>
#include <numbers>

#include "forge/core/error.hpp"
#include "forge/infer/llm/family.hpp"

namespace forge::llm {

namespace {

// The same things by their two names: in GGUF (behind the architecture's name) and in config.json.
struct Names {
  const char *layers, *width, *heads, *key_heads, *head, *hidden, *context, *epsilon, *base, *turned, *window;
};
constexpr Names kGguf{
    "block_count",          "embedding_length",     "attention.head_count",    "attention.head_count_kv",
    "attention.key_length", "feed_forward_length",  "context_length",          "attention.layer_norm_rms_epsilon",
    "rope.freq_base",       "rope.dimension_count", "attention.sliding_window"};
constexpr Names kHuggingFace{"num_hidden_layers", "hidden_size",       "num_attention_heads",     "num_key_value_heads",
                             "head_dim",          "intermediate_size", "max_position_embeddings", "rms_norm_eps",
                             "rope_theta",        "rotary_dim",        "sliding_window"};

struct LayerNames {
  const char *attention_norm, *query, *key, *value, *output, *hidden_norm, *gate, *up, *down;
};
constexpr LayerNames kGgufLayer{"attn_norm", "attn_q",   "attn_k", "attn_v",  "attn_output",
                                "ffn_norm",  "ffn_gate", "ffn_up", "ffn_down"};
constexpr LayerNames kHuggingFaceLayer{"input_layernorm",  "self_attn.q_proj", "self_attn.k_proj",
                                       "self_attn.v_proj", "self_attn.o_proj", "post_attention_layernorm",
                                       "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj"};

class Reader {
 public:
  explicit Reader(const std::shared_ptr<const ModelFile>& file)
      : file_(file),
        gguf_(file->kind() == ModelFile::Kind::gguf),
        architecture_(file->architecture()),
        names_(gguf_ ? kGguf : kHuggingFace) {}

  bool known() const { return architecture_ == "llama" || architecture_ == "mistral" || architecture_ == "qwen2"; }

  ModelSource read() {
    read_shape();
    ModelSource source{file_,  shape_,
                       rope(), tensor(gguf_ ? "token_embd" : "model.embed_tokens", {shape_.vocabulary, shape_.width}),
                       {},     tensor(gguf_ ? "output_norm" : "model.norm", {shape_.width}),
                       {}};
    for (uint32_t i = 0; i < shape_.layers; ++i) source.layers.push_back(layer(i));
    const char* output = gguf_ ? "output" : "lm_head";
    const bool has_output = file_->find(std::string(output) + ".weight").has_value();
    source.output = has_output ? tensor(output, {shape_.vocabulary, shape_.width}) : source.embedding;
    return source;
  }

 private:
  std::string key(const char* name) const { return gguf_ ? architecture_ + "." + name : name; }
  uint32_t count(const char* name) const { return static_cast<uint32_t>(file_->count(key(name))); }
  std::optional<double> number(const char* name) const { return file_->number(key(name)); }

  TensorView tensor(const std::string& name, std::initializer_list<uint64_t> shape) const {
    return file_->tensor(name + ".weight", std::span(shape.begin(), shape.size()));
  }

  void read_shape() {
    shape_.layers = count(names_.layers), shape_.width = count(names_.width), shape_.heads = count(names_.heads);
    shape_.key_heads = number(names_.key_heads) ? count(names_.key_heads) : shape_.heads;
    if (!number(names_.head) && shape_.width % shape_.heads != 0) cannot_be("a width of whole heads", shape_.width);
    shape_.head = number(names_.head) ? count(names_.head) : shape_.width / shape_.heads;
    shape_.hidden = count(names_.hidden), shape_.context = count(names_.context);
    shape_.epsilon = static_cast<float>(number(names_.epsilon).value_or(1e-5));
    shape_.window = number(names_.window) && uses_window() ? count(names_.window) : 0;
    const auto embedding = file_->find(gguf_ ? "token_embd.weight" : "model.embed_tokens.weight");
    shape_.vocabulary = embedding ? static_cast<uint32_t>(embedding->rows()) : 0;
    if (shape_.heads % shape_.key_heads != 0) cannot_be("query heads that share key heads evenly", shape_.key_heads);
    if (shape_.head % 2 != 0 || shape_.head > 256) cannot_be("heads of an even number up to 256", shape_.head);
    if (shape_.width % 32 != 0 || shape_.hidden % 32 != 0 || shape_.heads * shape_.head % 32 != 0)
      cannot_be("widths that are multiples of 32", shape_.width);
    if (!(shape_.epsilon > 0 && shape_.epsilon < 1)) cannot_be("a norm's epsilon above 0", shape_.epsilon);
  }

  // Qwen 2 names a window that it does not use.
  bool uses_window() const { return architecture_ != "qwen2"; }

  template <class T>
  [[noreturn]] static void cannot_be(const char* expected, T got) {
    throw Error(ErrorCode::MISSING_FEATURE, "a Llama model has sizes that do not work here", expected,
                std::to_string(got));
  }

  Rope rope() const {
    Rope rope{gguf_ && architecture_ != "qwen2" ? Pairing::neighbours : Pairing::halves,
              number(names_.turned) ? count(names_.turned) : shape_.head, std::vector<double>(shape_.head / 2, 0.0)};
    if (rope.turned > shape_.head || rope.turned % 2 != 0)
      cannot_be("as many turned numbers as a head has", rope.turned);
    const double base = number(names_.base).value_or(10000.0);
    if (!(base > 1)) cannot_be("a rope base above 1", base);
    for (uint32_t i = 0; i < rope.turned / 2; ++i) rope.frequencies[i] = std::pow(base, -2.0 * i / rope.turned);
    scale(rope);
    return rope;
  }

  void scale(Rope& rope) const {
    if (file_->find("rope_freqs.weight")) {
      const std::vector<float> list = tensor("rope_freqs", {rope.turned / 2}).values();
      for (size_t i = 0; i < list.size(); ++i) {
        if (!(list[i] > 0 && std::isfinite(list[i]))) cannot_be("factors of frequencies above 0", list[i]);
        rope.frequencies[i] /= list[i];
      }
    }
    const std::string type =
        file_->text(gguf_ ? architecture_ + ".rope.scaling.type" : "rope_scaling.rope_type").value_or("none");
    const double factor =
        file_->number(gguf_ ? architecture_ + ".rope.scaling.factor" : "rope_scaling.factor").value_or(1);
    if (type == "none" || type == "default") return;
    if (!(factor > 0 && std::isfinite(factor)))
      cannot_be("a finite factor above 0 that positions are stretched by", factor);
    if (type == "linear") {
      for (double& frequency : rope.frequencies) frequency /= factor;
    } else if (type == "llama3" && !gguf_) {
      scale_as_llama3(rope, factor);
    } else {
      throw Error(ErrorCode::MISSING_FEATURE, "a model stretches its positions in a way that is not known here",
                  "linear or llama3", type);
    }
  }

  // Slow turns are stretched, quick ones stay, those between are blended.
  void scale_as_llama3(Rope& rope, double factor) const {
    const double low = file_->number("rope_scaling.low_freq_factor").value_or(1);
    const double high = file_->number("rope_scaling.high_freq_factor").value_or(4);
    const double context = file_->number("rope_scaling.original_max_position_embeddings").value_or(8192);
    for (double& frequency : rope.frequencies) {
      const double turns = context * frequency / (2 * std::numbers::pi);
      const double blend = std::clamp((turns - low) / (high - low), 0.0, 1.0);
      frequency = blend * frequency + (1 - blend) * frequency / factor;
    }
  }

  LayerTensors layer(uint32_t index) const {
    const LayerNames& n = gguf_ ? kGgufLayer : kHuggingFaceLayer;
    const std::string at = (gguf_ ? "blk." : "model.layers.") + std::to_string(index) + ".";
    const uint64_t queries = uint64_t{shape_.heads} * shape_.head, keys = uint64_t{shape_.key_heads} * shape_.head;
    const auto bias = [&](const char* name, uint64_t rows) -> std::optional<TensorView> {
      const std::string full = at + name + ".bias";
      if (!file_->find(full)) return std::nullopt;
      return file_->tensor(full, std::span(&rows, 1));
    };
    if (file_->find(at + n.output + ".bias") || file_->find(at + n.gate + ".bias"))
      throw Error(ErrorCode::MISSING_FEATURE, "a Llama model has biases that are not known here",
                  "none but those of queries, keys and values", at);
    return {tensor(at + n.attention_norm, {shape_.width}),
            tensor(at + n.query, {queries, shape_.width}),
            tensor(at + n.key, {keys, shape_.width}),
            tensor(at + n.value, {keys, shape_.width}),
            bias(n.query, queries),
            bias(n.key, keys),
            bias(n.value, keys),
            tensor(at + n.output, {shape_.width, queries}),
            tensor(at + n.hidden_norm, {shape_.width}),
            tensor(at + n.gate, {shape_.hidden, shape_.width}),
            tensor(at + n.up, {shape_.hidden, shape_.width}),
            tensor(at + n.down, {shape_.width, shape_.hidden})};
  }

  std::shared_ptr<const ModelFile> file_;
  bool gguf_;
  std::string architecture_;
  const Names& names_;
  Shape shape_{};
};

}  // namespace

std::optional<ModelSource> read_llama(const std::shared_ptr<const ModelFile>& file) {
  Reader reader(file);
  if (!reader.known()) return std::nullopt;
  return reader.read();
}

}  // namespace forge::llm
