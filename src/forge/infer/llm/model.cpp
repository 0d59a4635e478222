#include "forge/infer/llm/model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "forge/array/array.hpp"
#include "forge/core/error.hpp"
#include "forge/vk/pipelines_ahead.hpp"
#include "forge_shaders/llm/add_normed.hpp"
#include "forge_shaders/llm/attend.hpp"
#include "forge_shaders/llm/norm_rows.hpp"
#include "forge_shaders/llm/place_heads.hpp"
#include "forge_shaders/llm/sample.hpp"

namespace forge::llm {

namespace {

constexpr uint32_t kMostRowTokens = 8;  // beyond, panels are quicker
constexpr uint32_t kHeadTokens = 8;     // rows of logits a workgroup
constexpr uint32_t kMostQueryRows = 12; // of a workgroup of attention, for heads of 64 numbers
constexpr size_t kMostGraphs = 128;
constexpr uint32_t kChosenWords = 2 + 2 * kMostLogprobs;
constexpr uint64_t kAlignment = 256;

uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }
uint32_t round_up(uint32_t a, uint32_t b) { return ceil_div(a, b) * b; }

void copy_in(const vk::BufferRef& to, uint64_t offset, const void* from, uint64_t bytes) {
  FORGE_ASSERT(offset + bytes <= to.size);
  if (bytes > 0) std::memcpy(to.buffer->mapped() + to.offset + offset, from, bytes);
}

// Which number of a head stands at place `i` when pairs that turn are neighbours.
uint32_t turned_place(const Rope& rope, uint32_t i) {
  const bool by_halves = rope.pairing == Pairing::halves && i < rope.turned;
  return by_halves ? i / 2 + i % 2 * (rope.turned / 2) : i;
}

std::vector<RowOf> turned_rows(const TensorView& tensor, const Shape& shape, const Rope& rope, uint32_t heads) {
  std::vector<RowOf> rows;
  for (uint32_t h = 0; h < heads; ++h)
    for (uint32_t i = 0; i < shape.head; ++i)
      rows.push_back({&tensor, uint64_t{h} * shape.head + turned_place(rope, i)});
  return rows;
}

std::vector<RowOf> all_rows(const TensorView& tensor) {
  std::vector<RowOf> rows;
  for (uint64_t i = 0; i < tensor.rows(); ++i) rows.push_back({&tensor, i});
  return rows;
}

// The same numbers as float32, where they have to stand in a stack with others.
struct Widened {
  TensorView view;
  std::vector<float> values;
  explicit Widened(const TensorView& from) : view(from), values(from.values()) {
    view.quant = &quant_row(Quant::F32);
    view.bytes = std::as_bytes(std::span(values));
  }
};

}  // namespace

std::string Model::Sizes::key() const {
  return std::to_string(layout.tokens) + (layout.panels ? "p" : "t") + std::to_string(tiles) + " " +
         std::to_string(items) + " " + std::to_string(rows) + (sampled ? "s" : "");
}

Model::Model(std::shared_ptr<vk::Device> device, ModelSource source, const ModelOptions& options)
    : device_(std::move(device)), source_(std::move(source)), options_(options) {
  options_.batch_tokens = round_up(options_.batch_tokens, panel_layout(*device_).tokens);
  options_.batch_rows = round_up(options_.batch_rows, kHeadTokens);
  load();
  make_buffers();
}

uint64_t Model::page_bytes() const {
  const Shape& s = shape();
  return uint64_t{s.layers} * 2 * s.key_heads * s.head * kPage * (options_.half ? 2 : 4);
}

// -- weights --

vk::BufferRef Model::upload_gain(const TensorView& tensor) const {
  std::vector<float> values = tensor.values();
  for (float& value : values) value += shape().gain;
  const auto count = static_cast<int64_t>(values.size());
  return array::Array::from_values(device_, DType::float32, {count}, {4}, values.data(), "norms").bytes();
}

std::optional<vk::BufferRef> Model::upload_head_gain(const std::optional<TensorView>& tensor, const Rope& rope) const {
  if (!tensor) return std::nullopt;
  const std::vector<float> values = tensor->values();
  std::vector<float> turned(values.size());
  for (uint32_t i = 0; i < shape().head; ++i) turned[i] = values[turned_place(rope, i)];
  TensorView view{tensor->name, &quant_row(Quant::F32), tensor->shape, std::as_bytes(std::span(turned))};
  return upload_gain(view);
}

// Neighbouring rows of one format go together: usually all do.
std::vector<Weights> Model::pack_stack(std::vector<RowOf> rows, const std::vector<float>& bias, bool paired) {
  std::vector<Weights> stack;
  const uint32_t each = paired ? 2 : 1;
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && rows[end].tensor->quant == rows[begin].tensor->quant) ++end;
    const auto part = std::span(rows).subspan(begin, end - begin);
    const auto part_bias = bias.empty() ? std::span<const float>() : std::span(bias).subspan(begin, end - begin);
    const auto first = static_cast<uint32_t>(begin) / each;
    stack.push_back(paired ? pack_pairs(device_, part, part_bias, first) : pack_rows(device_, part, part_bias, first));
    weight_bytes_ += stack.back().memory.size;
  }
  return stack;
}

// Queries, keys and values: in pairs that turn, where nothing stands between the products and that.
std::vector<Weights> Model::pack_heads(LayerTensors& t) {
  const Shape& s = shape();
  const Rope& rope = source_.ropes[t.rope];
  std::vector<RowOf> heads = turned_rows(t.query, s, rope, s.heads);
  for (const RowOf& row : turned_rows(t.key, s, rope, s.key_heads)) heads.push_back(row);
  for (const RowOf& row : all_rows(t.value)) heads.push_back(row);
  std::vector<float> bias;
  if (t.query_bias || t.key_bias || t.value_bias) {
    std::map<const TensorView*, std::vector<float>> lists;
    if (t.query_bias) lists[&t.query] = t.query_bias->values();
    if (t.key_bias) lists[&t.key] = t.key_bias->values();
    if (t.value_bias) lists[&t.value] = t.value_bias->values();
    for (const RowOf& row : heads) bias.push_back(lists.contains(row.tensor) ? lists[row.tensor][row.row] : 0.0f);
  }
  return pack_stack(std::move(heads), bias, !t.query_norm);
}

std::vector<Weights> Model::pack_gated(LayerTensors& t) {
  std::optional<Widened> gate, up;
  if (t.gate.quant != t.up.quant) gate.emplace(t.gate), up.emplace(t.up);
  std::vector<RowOf> gated;
  for (uint64_t i = 0; i < shape().hidden; ++i) {
    gated.push_back({gate ? &gate->view : &t.gate, i});
    gated.push_back({up ? &up->view : &t.up, i});
  }
  return pack_stack(std::move(gated), {}, true);
}

Model::Layer Model::load_layer(LayerTensors& t) {
  const Shape& s = shape();
  const auto gain = [&](const std::optional<TensorView>& tensor) {
    return tensor ? std::optional(upload_gain(*tensor)) : std::nullopt;
  };
  const uint64_t bytes = uint64_t{options_.pages} * kPage * 2 * s.key_heads * s.head * (options_.half ? 2 : 4);
  Layer layer{upload_gain(t.attention_norm),
              upload_gain(t.hidden_norm),
              vk::Buffer::create(device_, bytes, vk::Memory::device, "keys and values"),
              pack_heads(t),
              pack_stack(all_rows(t.output), {}, false),
              pack_gated(t),
              pack_stack(all_rows(t.down), {}, false),
              upload_head_gain(t.query_norm, source_.ropes[t.rope]),
              upload_head_gain(t.key_norm, source_.ropes[t.rope]),
              gain(t.attended_norm),
              gain(t.fed_norm),
              t.window,
              t.rope};
  for (const TensorView* tensor : {&t.query, &t.key, &t.value, &t.output, &t.gate, &t.up, &t.down})
    source_.file->let_go(*tensor);
  return layer;
}

void Model::load() {
  // Pages are left as they are: no place is read before it was written, and unused ones cost a CPU driver no memory.
  for (LayerTensors& tensors : source_.layers) {
    layers_.push_back(load_layer(tensors));
    if (options_.loaded) options_.loaded(static_cast<uint32_t>(layers_.size()), shape().layers);
  }
  norm_ = upload_gain(source_.norm);
  head_ = pack_stack(all_rows(source_.output), {}, false);
  source_.file->let_go(source_.output);
}

void Model::make_buffers() {
  const Shape& s = shape();
  const auto make = [&](uint64_t elements, vk::Memory intent, const char* label) {
    return vk::BufferRef(vk::Buffer::create(device_, std::max<uint64_t>(elements, 1) * 4, intent, label));
  };
  const uint64_t tokens = options_.batch_tokens, rows = options_.batch_rows;
  x_ = make(tokens * s.width, vk::Memory::device, "activations");
  queries_ = make(tokens * s.heads * s.head, vk::Memory::device, "activations");
  attended_ = make(tokens * s.heads * s.head, vk::Memory::device, "activations");
  hidden_ = make(tokens * s.hidden, vk::Memory::device, "activations");
  branch_ = make(tokens * std::max(s.width, (s.heads + 2 * s.key_heads) * s.head), vk::Memory::device, "activations");
  picked_ = make(rows * s.width, vk::Memory::device, "activations");
  logits_ = make(rows * s.vocabulary, vk::Memory::device, "logits");
  scratch_ = make(rows * 2 * s.vocabulary, vk::Memory::device, "logits");
  chosen_ = make(rows * kChosenWords, vk::Memory::readback, "chosen tokens");
  uint64_t end = 0;
  const auto place = [&](uint64_t bytes) {
    const uint64_t at = end;
    end = (at + bytes + kAlignment - 1) / kAlignment * kAlignment;
    return std::pair(at, bytes);
  };
  const std::pair<uint64_t, uint64_t> parts[] = {place(tokens * s.width * 4),
                                                 place(source_.ropes.size() * tokens * s.head * 4),
                                                 place(tokens * 4),
                                                 place(tokens * sizeof(BatchItem)),
                                                 place(std::max(options_.table_words, 1u) * uint64_t{4}),
                                                 place(rows * 4),
                                                 place(rows * sizeof(SampleWish)),
                                                 place(options_.edits * sizeof(SampleEdit))};
  const auto buffer = vk::Buffer::create(device_, end, vk::Memory::upload, "a step");
  const auto part = [&](int i) { return vk::BufferRef(buffer, parts[i].first, parts[i].second); };
  uploads_ = Uploads{part(0), part(1), part(2), part(3), part(4), part(5), part(6), part(7)};
}

// -- a step --

Layout Model::layout_of(uint32_t tokens) const {
  return tokens > kMostRowTokens ? panel_layout(*device_) : Layout{std::bit_ceil(tokens), false};
}

Model::Sizes Model::sizes_of(const StepBatch& batch) const {
  const auto tokens = static_cast<uint32_t>(batch.tokens.size()), items = static_cast<uint32_t>(batch.items.size());
  Sizes sizes{1, std::min(std::bit_ceil(items), options_.batch_tokens), 0, layout_of(tokens), !batch.wishes.empty()};
  sizes.tiles = ceil_div(tokens, sizes.layout.tokens);
  const auto rows = static_cast<uint32_t>(batch.rows.size());
  sizes.rows = rows <= kHeadTokens ? (rows == 0 ? 0 : std::bit_ceil(rows)) : round_up(rows, kHeadTokens);
  FORGE_ASSERT(tokens >= 1 && tokens <= options_.batch_tokens && sizes.rows <= options_.batch_rows);
  FORGE_ASSERT(batch.tables.size() <= options_.table_words && batch.edits.size() <= options_.edits);
  return sizes;
}

vk::BufferRef Model::turns_of(uint32_t rope) const {
  const uint64_t bytes = uint64_t{options_.batch_tokens} * shape().head * 4;
  return uploads_->turns.part(rope * bytes, bytes);
}

// Cosine and sine of each token and pair.
void Model::write_turns(const StepBatch& batch, uint32_t all) const {
  const uint32_t half = shape().head / 2;
  std::vector<float> turns(size_t{all} * shape().head, 0.0f);
  for (uint32_t r = 0; r < source_.ropes.size(); ++r) {
    const Rope& rope = source_.ropes[r];
    for (size_t t = 0; t < batch.tokens.size(); ++t)
      for (uint32_t i = 0; i < half; ++i) {
        const double angle = batch.tokens[t].position * rope.frequencies[i];
        const double size = i < rope.turned / 2 ? rope.size : 1;
        float* turn = &turns[t * shape().head + size_t{2} * i];
        turn[0] = static_cast<float>(size * std::cos(angle)), turn[1] = static_cast<float>(size * std::sin(angle));
      }
    copy_in(turns_of(r), 0, turns.data(), turns.size() * 4);
  }
}

// Embeddings and turns of each token, and where its keys and values go. Padding goes to page 0.
void Model::write_tokens(const StepBatch& batch, const Sizes& sizes) {
  const Shape& s = shape();
  const uint32_t all = sizes.tiles * sizes.layout.tokens, tile = sizes.layout.tile();
  auto* x = reinterpret_cast<float*>(uploads_->x.buffer->mapped() + uploads_->x.offset);
  std::vector<float> row(s.width);
  std::vector<uint32_t> slots(all, 0);
  for (uint32_t t = 0; t < all; ++t) {
    if (t < batch.tokens.size()) {
      const BatchToken& token = batch.tokens[t];
      dequantise(source_.embedding.quant->quant, source_.embedding.row(token.id), row);
      slots[t] = token.slot;
    } else {
      std::fill(row.begin(), row.end(), 0.0f);
    }
    const size_t start = size_t{t / tile} * s.width * tile + t % tile;
    for (uint32_t k = 0; k < s.width; ++k) x[start + size_t{k} * tile] = row[k] * s.embedding_factor;
  }
  copy_in(uploads_->slots, 0, slots.data(), slots.size() * 4);
  write_turns(batch, all);
}

void Model::write(const StepBatch& batch, const Sizes& sizes) {
  write_tokens(batch, sizes);
  std::vector<BatchItem> items = batch.items;
  items.resize(sizes.items, BatchItem{0, 0, 0, 0});
  copy_in(uploads_->items, 0, items.data(), items.size() * sizeof(BatchItem));
  copy_in(uploads_->tables, 0, batch.tables.data(), batch.tables.size() * 4);
  std::vector<uint32_t> rows = batch.rows;
  rows.resize(sizes.rows, 0);
  copy_in(uploads_->rows, 0, rows.data(), rows.size() * 4);
  std::vector<SampleWish> wishes = batch.wishes;
  wishes.resize(sizes.rows);
  copy_in(uploads_->wishes, 0, wishes.data(), wishes.size() * sizeof(SampleWish));
  copy_in(uploads_->edits, 0, batch.edits.data(), batch.edits.size() * sizeof(SampleEdit));
  uploads_->x.buffer->flush(0, uploads_->x.buffer->size());
}

uint32_t Model::queries_of(const Layout& layout) const {
  const uint32_t rows = kMostQueryRows * 64 / std::max(shape().head, 64u);
  return layout.panels ? std::max(1u, rows / (shape().heads / shape().key_heads)) : 1;
}

struct Model::Step {
  vk::Commands& commands;
  const Sizes& sizes;
  const Shape& shape;

  uint32_t tokens() const { return sizes.tiles * sizes.layout.tokens; }
  std::string tile() const { return std::to_string(sizes.layout.tile()); }
  void apply(const std::vector<Weights>& stack, Linear linear) const {
    linear.epsilon = shape.epsilon, linear.gate = shape.gate;
    for (const Weights& weights : stack) record_linear(commands, weights, linear, sizes.layout, sizes.tiles);
  }
};

void Model::record_heads(const Step& step, const Layer& layer) const {
  const Shape& s = shape();
  const Heads heads{layer.pages, turns_of(layer.rope), uploads_->slots, s.head,
                    s.heads,     s.key_heads,          s.query_factor,  options_.half};
  if (!layer.query_gain) {
    step.apply(layer.heads, {.x = *x_,
                             .target = *queries_,
                             .gain = layer.attention_gain,
                             .ending = Ending::heads,
                             .width = s.heads * s.head,
                             .heads = heads});
    return;
  }
  const uint32_t all = s.heads + 2 * s.key_heads;
  step.apply(
      layer.heads,
      {.x = *x_, .target = *branch_, .gain = layer.attention_gain, .ending = Ending::store, .width = all * s.head});
  const shader::Defines defines{{"HEAD", std::to_string(s.head)},
                                {"HALF_KV", options_.half ? "1" : "0"},
                                {"PAGE", std::to_string(kPage)},
                                {"TILE", step.tile()}};
  shader::dispatch(step.commands, shader::program_of<k::place_heads>(*device_, defines),
                   k::place_heads{.x = *branch_,
                                  .query_gain = *layer.query_gain,
                                  .key_gain = *layer.key_gain,
                                  .target = *queries_,
                                  .pages = layer.pages,
                                  .turns = heads.turns,
                                  .slots = heads.slots,
                                  .query_heads = s.heads,
                                  .key_heads = s.key_heads,
                                  .epsilon = s.epsilon,
                                  .factor = s.query_factor},
                   {step.tokens(), all, 1});
}

void Model::record_attention(const Step& step, const Layer& layer) const {
  const Shape& s = shape();
  const shader::Defines defines{{"HEAD", std::to_string(s.head)},
                                {"SHARING", std::to_string(s.heads / s.key_heads)},
                                {"QUERIES", std::to_string(queries_of(step.sizes.layout))},
                                {"HALF_KV", options_.half ? "1" : "0"},
                                {"CAPPED", s.score_cap > 0 ? "1" : "0"},
                                {"PAGE", std::to_string(kPage)},
                                {"TILE", step.tile()}};
  shader::dispatch(step.commands, shader::program_of<k::attend>(*device_, defines),
                   k::attend{.queries = *queries_,
                             .pages = layer.pages,
                             .items = uploads_->items,
                             .tables = uploads_->tables,
                             .target = *attended_,
                             .width = s.heads * s.head,
                             .key_heads = s.key_heads,
                             .window = layer.window,
                             .cap = s.score_cap},
                   {step.sizes.items, s.key_heads, 1});
}

// A product that is added to the activations; with a norm of it between, where the family has one.
void Model::record_branch(const Step& step, const std::vector<Weights>& stack, const vk::BufferRef& from,
                          const std::optional<vk::BufferRef>& gain) const {
  const Shape& s = shape();
  step.apply(
      stack,
      {.x = from, .target = gain ? *branch_ : *x_, .ending = gain ? Ending::store : Ending::add, .width = s.width});
  if (!gain) return;
  shader::dispatch(step.commands, shader::program_of<k::add_normed>(*device_, {{"TILE", step.tile()}}),
                   k::add_normed{.y = *branch_, .gain = *gain, .x = *x_, .width = s.width, .epsilon = s.epsilon},
                   {step.tokens(), 1, 1});
}

void Model::record_sampling(vk::Commands& commands, const Sizes& sizes) const {
  shader::dispatch(commands, shader::program_of<k::sample>(*device_, {}),
                   k::sample{.logits = *logits_,
                             .scratch = *scratch_,
                             .wishes = uploads_->wishes,
                             .edits = uploads_->edits,
                             .chosen = *chosen_,
                             .vocabulary = shape().vocabulary,
                             .most_logprobs = kMostLogprobs},
                   {sizes.rows, 1, 1});
}

// Five dispatches a layer of a Llama; norms of heads and behind products are one each.
void Model::record_layer(const Step& step, const Layer& layer) const {
  record_heads(step, layer);
  record_attention(step, layer);
  record_branch(step, layer.output, *attended_, layer.attended_gain);
  step.apply(
      layer.gated,
      {.x = *x_, .target = *hidden_, .gain = layer.hidden_gain, .ending = Ending::gated, .width = shape().hidden});
  record_branch(step, layer.down, *hidden_, layer.fed_gain);
}

void Model::record_logits(const Step& step) const {
  const Shape& s = shape();
  const uint32_t count = step.sizes.rows;
  shader::dispatch(step.commands, shader::program_of<k::norm_rows>(*device_, {{"TILE", step.tile()}}),
                   k::norm_rows{.x = *x_,
                                .gain = *norm_,
                                .tokens = uploads_->rows,
                                .target = *picked_,
                                .width = s.width,
                                .epsilon = s.epsilon},
                   {count, 1, 1});
  const Layout rows{std::min(count, kHeadTokens), false};
  const Linear linear{
      .x = *picked_, .target = *logits_, .ending = Ending::store, .width = s.vocabulary, .cap = s.logit_cap};
  for (const Weights& weights : head_) record_linear(step.commands, weights, linear, rows, count / rows.tokens);
}

void Model::record(vk::Commands& commands, const Sizes& sizes) const {
  const Step step{commands, sizes, shape()};
  const uint64_t bytes = uint64_t{step.tokens()} * shape().width * 4;
  commands.copy(uploads_->x.part(0, bytes), x_->part(0, bytes));
  for (const Layer& layer : layers_) record_layer(step, layer);
  if (sizes.rows == 0) return;
  record_logits(step);
  if (sizes.sampled) record_sampling(commands, sizes);
}

vk::Graph& Model::graph_of(const Sizes& sizes) {
  if (graphs_.size() >= kMostGraphs) graphs_.clear();  // sizes come and go; recording anew costs less than a step
  std::unique_ptr<vk::Graph>& graph = graphs_[sizes.key()];
  if (!graph) {
    const vk::PipelinesAhead ahead(*device_);
    vk::Capture capture;
    vk::Commands commands(device_, capture);
    record(commands, sizes);
    graph = std::make_unique<vk::Graph>(device_, capture.take());
  }
  return *graph;
}

std::vector<Sampled> Model::run(const StepBatch& batch) {
  const Sizes sizes = sizes_of(batch);
  uploads_->x.buffer->wait_writable();
  write(batch, sizes);
  vk::Graph& graph = graph_of(sizes);
  const std::string always = "step";  // what changes lies in memory: one recording serves all
  const std::optional<uint64_t> again = graph.submit_again(always);
  device_->wait(again ? *again : graph.submit({}, always));
  return sizes.sampled ? results(static_cast<uint32_t>(batch.rows.size())) : std::vector<Sampled>();
}

std::vector<Sampled> Model::results(uint32_t rows) const {
  chosen_->buffer->invalidate(0, chosen_->size);
  const auto* words = reinterpret_cast<const uint32_t*>(chosen_->buffer->mapped());
  std::vector<Sampled> list;
  for (uint32_t r = 0; r < rows; ++r, words += kChosenWords) {
    Sampled one{words[0], std::bit_cast<float>(words[1]), {}};
    for (uint32_t n = 0; n < kMostLogprobs; ++n)
      one.top.emplace_back(words[2 + 2 * n], std::bit_cast<float>(words[3 + 2 * n]));
    list.push_back(std::move(one));
  }
  return list;
}

std::vector<float> Model::logits(uint32_t row) const {
  const uint64_t bytes = uint64_t{shape().vocabulary} * 4;
  std::vector<float> values(shape().vocabulary);
  array::Array::over(logits_->part(row * bytes, bytes), DType::float32, {static_cast<int64_t>(values.size())})
      .copy_to(values.data());
  return values;
}

}  // namespace forge::llm
