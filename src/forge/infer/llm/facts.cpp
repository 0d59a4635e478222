#include "forge/infer/llm/facts.hpp"

#include <cmath>

#include "forge/core/error.hpp"

namespace forge::llm {

namespace {

constexpr Name kEmbedding{"token_embd", "model.embed_tokens"}, kOutput{"output", "lm_head"},
    kNorm{"output_norm", "model.norm"}, kQuery{"attn_q", "self_attn.q_proj"}, kKey{"attn_k", "self_attn.k_proj"},
    kValue{"attn_v", "self_attn.v_proj"}, kAttended{"attn_output", "self_attn.o_proj"},
    kGate{"ffn_gate", "mlp.gate_proj"}, kUp{"ffn_up", "mlp.up_proj"}, kDown{"ffn_down", "mlp.down_proj"};

void require(bool good, const char* expected, double got) {
  if (!good)
    throw Error(ErrorCode::MISSING_FEATURE, "a model has sizes that do not work here", expected, std::to_string(got));
}

}  // namespace

Facts::Facts(std::shared_ptr<const ModelFile> file)
    : file_(std::move(file)), gguf_(file_->kind() == ModelFile::Kind::gguf), architecture_(file_->architecture()) {}

std::string Facts::key(Name name) const { return gguf_ ? architecture_ + "." + name.gguf : name.folder; }
std::string Facts::name_of(uint32_t layer, Name name) const {
  return (gguf_ ? "blk." : "model.layers.") + std::to_string(layer) + "." + (gguf_ ? name.gguf : name.folder);
}

std::optional<double> Facts::number(Name name) const { return file_->number(key(name)); }
std::optional<std::string> Facts::text(Name name) const { return file_->text(key(name)); }
uint32_t Facts::count(Name name) const { return static_cast<uint32_t>(file_->count(key(name))); }

TensorView Facts::tensor(Name name, std::initializer_list<uint64_t> shape) const {
  return file_->tensor(std::string(gguf_ ? name.gguf : name.folder) + ".weight",
                       std::span(shape.begin(), shape.size()));
}

TensorView Facts::tensor(uint32_t layer, Name name, std::initializer_list<uint64_t> shape) const {
  return file_->tensor(name_of(layer, name) + ".weight", std::span(shape.begin(), shape.size()));
}

bool Facts::has_bias(uint32_t layer, Name name) const {
  return file_->find(name_of(layer, name) + ".bias").has_value();
}

std::optional<TensorView> Facts::bias(uint32_t layer, Name name, uint64_t rows) const {
  if (!has_bias(layer, name)) return std::nullopt;
  return file_->tensor(name_of(layer, name) + ".bias", std::span(&rows, 1));
}

Shape Facts::shape() const {
  constexpr Name heads{"attention.head_count", "num_attention_heads"},
      key_heads{"attention.head_count_kv", "num_key_value_heads"}, head{"attention.key_length", "head_dim"};
  Shape shape{};
  shape.layers = count({"block_count", "num_hidden_layers"}), shape.width = count({"embedding_length", "hidden_size"});
  shape.heads = count(heads), shape.key_heads = number(key_heads) ? count(key_heads) : shape.heads;
  require(number(head) || shape.width % shape.heads == 0, "a width of whole heads", shape.width);
  shape.head = number(head) ? count(head) : shape.width / shape.heads;
  shape.hidden = count({"feed_forward_length", "intermediate_size"});
  shape.context = count({"context_length", "max_position_embeddings"});
  shape.epsilon =
      static_cast<float>(number({"attention.layer_norm_rms_epsilon", "rms_norm_eps"}).value_or(shape.epsilon));
  const auto embedding = file_->find(std::string(gguf_ ? kEmbedding.gguf : kEmbedding.folder) + ".weight");
  shape.vocabulary = embedding ? static_cast<uint32_t>(embedding->rows()) : 0;
  require(shape.heads % shape.key_heads == 0, "query heads that share key heads evenly", shape.key_heads);
  require(shape.head % 2 == 0 && shape.head <= 256, "heads of an even number up to 256", shape.head);
  for (const uint32_t width : {shape.width, shape.hidden, shape.heads * shape.head})
    require(width % 32 == 0, "widths that are multiples of 32", width);
  require(shape.epsilon > 0 && shape.epsilon < 1, "a norm's epsilon above 0", shape.epsilon);
  shape.query_factor = 1.0f / std::sqrt(static_cast<float>(shape.head));
  return shape;
}

Stretch Facts::stretch(const std::string& part) const {
  const std::string group = gguf_ ? architecture_ + ".rope.scaling." : "rope_scaling." + part;
  const auto own_number = [&](const char* key) { return file_->number(group + key); };
  const auto number = [&](const char* gguf, const char* folder) { return own_number(gguf_ ? gguf : folder); };
  Stretch stretch;
  stretch.type = file_->text(group + (gguf_ ? "type" : "rope_type")).value_or("none");
  stretch.factor = number("factor", "factor").value_or(1);
  const double context = static_cast<double>(count({"context_length", "max_position_embeddings"}));
  const auto own = number("original_context_length", "original_max_position_embeddings");
  stretch.context = own.value_or(stretch.type == "llama3" ? 8192 : context);
  stretch.low = number("low_freq_factor", "low_freq_factor").value_or(1);
  stretch.high = number("high_freq_factor", "high_freq_factor").value_or(4);
  stretch.fast = number("yarn_beta_fast", "beta_fast").value_or(32);
  stretch.slow = number("yarn_beta_slow", "beta_slow").value_or(1);
  stretch.whole = number("truncate", "truncate").value_or(1) != 0;
  if (gguf_) {
    stretch.times = own_number("attn_factor").value_or(1);
    return stretch;
  }
  stretch.size = own_number("attention_factor");
  const double weight = own_number("mscale").value_or(0), other = own_number("mscale_all_dim").value_or(0);
  if (!stretch.size && weight != 0 && other != 0)
    stretch.size = yarn_growth(stretch.factor, weight) / yarn_growth(stretch.factor, other);
  return stretch;
}

ModelSource Facts::source(const Shape& shape) const {
  ModelSource source{
      file_, shape, {}, tensor(kEmbedding, {shape.vocabulary, shape.width}), {}, tensor(kNorm, {shape.width}), {}};
  const bool has_output = file_->find(std::string(gguf_ ? kOutput.gguf : kOutput.folder) + ".weight").has_value();
  source.output = has_output ? tensor(kOutput, {shape.vocabulary, shape.width}) : source.embedding;
  return source;
}

LayerTensors Facts::layer(uint32_t i, const Shape& s) const {
  const uint64_t queries = uint64_t{s.heads} * s.head, keys = uint64_t{s.key_heads} * s.head;
  for (const Name& name : {kAttended, kGate, kUp, kDown})
    if (has_bias(i, name))
      throw Error(ErrorCode::MISSING_FEATURE, "a model has biases that are not known here",
                  "none but those of queries, keys and values", name_of(i, name));
  LayerTensors layer{};
  layer.attention_norm = tensor(i, {"attn_norm", "input_layernorm"}, {s.width});
  layer.query = tensor(i, kQuery, {queries, s.width}), layer.query_bias = bias(i, kQuery, queries);
  layer.key = tensor(i, kKey, {keys, s.width}), layer.key_bias = bias(i, kKey, keys);
  layer.value = tensor(i, kValue, {keys, s.width}), layer.value_bias = bias(i, kValue, keys);
  layer.output = tensor(i, kAttended, {s.width, queries});
  layer.gate = tensor(i, kGate, {s.hidden, s.width});
  layer.up = tensor(i, kUp, {s.hidden, s.width});
  layer.down = tensor(i, kDown, {s.width, s.hidden});
  return layer;
}

}  // namespace forge::llm
