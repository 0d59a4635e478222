#include "forge/infer/llm/model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "forge/array/array.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/llm/attend.hpp"
#include "forge_shaders/llm/norm_rows.hpp"
#include "forge_shaders/llm/sample.hpp"

namespace forge::llm {

namespace {

constexpr uint32_t kMostRowTokens = 8;  // beyond, panels are quicker
constexpr uint32_t kHeadTokens = 8;     // rows of logits a workgroup
constexpr uint32_t kMostQueryRows = 12; // of a workgroup of attention
constexpr size_t kMostGraphs = 128;
constexpr uint32_t kChosenWords = 2 + 2 * kMostLogprobs;
constexpr uint64_t kAlignment = 256;

uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }
uint32_t round_up(uint32_t a, uint32_t b) { return ceil_div(a, b) * b; }

void copy_in(const vk::BufferRef& to, uint64_t offset, const void* from, uint64_t bytes) {
  FORGE_ASSERT(offset + bytes <= to.size);
  if (bytes > 0) std::memcpy(to.buffer->mapped() + to.offset + offset, from, bytes);
}

// Rows of a head in the order in which pairs turn.
std::vector<RowOf> turned_rows(const TensorView& tensor, const Shape& shape, const Rope& rope, uint32_t heads) {
  std::vector<RowOf> rows;
  const uint32_t half = rope.turned / 2;
  for (uint32_t h = 0; h < heads; ++h)
    for (uint32_t i = 0; i < shape.head; ++i) {
      const bool by_halves = rope.pairing == Pairing::halves && i < rope.turned;
      rows.push_back({&tensor, uint64_t{h} * shape.head + (by_halves ? i / 2 + i % 2 * half : i)});
    }
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

vk::BufferRef Model::upload_values(const TensorView& tensor, const char* label) const {
  const std::vector<float> values = tensor.values();
  const auto count = static_cast<int64_t>(values.size());
  return array::Array::from_values(device_, DType::float32, {count}, {4}, values.data(), label).bytes();
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

Model::Layer Model::load_layer(LayerTensors& t) {
  const Shape& s = shape();
  std::vector<RowOf> heads = turned_rows(t.query, s, source_.rope, s.heads);
  for (const RowOf& row : turned_rows(t.key, s, source_.rope, s.key_heads)) heads.push_back(row);
  for (const RowOf& row : all_rows(t.value)) heads.push_back(row);
  std::vector<float> bias;
  if (t.query_bias || t.key_bias || t.value_bias) {
    std::map<const TensorView*, std::vector<float>> lists;
    if (t.query_bias) lists[&t.query] = t.query_bias->values();
    if (t.key_bias) lists[&t.key] = t.key_bias->values();
    if (t.value_bias) lists[&t.value] = t.value_bias->values();
    for (const RowOf& row : heads) bias.push_back(lists.contains(row.tensor) ? lists[row.tensor][row.row] : 0.0f);
  }
  std::optional<Widened> gate, up;
  if (t.gate.quant != t.up.quant) gate.emplace(t.gate), up.emplace(t.up);
  std::vector<RowOf> gated;
  for (uint64_t i = 0; i < s.hidden; ++i) {
    gated.push_back({gate ? &gate->view : &t.gate, i});
    gated.push_back({up ? &up->view : &t.up, i});
  }
  const uint64_t bytes = uint64_t{options_.pages} * kPage * 2 * s.key_heads * s.head * (options_.half ? 2 : 4);
  Layer layer{upload_values(t.attention_norm, "norms"),
              upload_values(t.hidden_norm, "norms"),
              vk::Buffer::create(device_, bytes, vk::Memory::device, "keys and values"),
              pack_stack(std::move(heads), bias, true),
              pack_stack(all_rows(t.output), {}, false),
              pack_stack(std::move(gated), {}, true),
              pack_stack(all_rows(t.down), {}, false)};
  for (const TensorView* tensor : {&t.query, &t.key, &t.value, &t.output, &t.gate, &t.up, &t.down})
    source_.file->let_go(*tensor);
  return layer;
}

void Model::load() {
  // Pages are left as they are: no place is read before it was written, and unused ones cost a CPU driver no memory.
  for (LayerTensors& tensors : source_.layers) layers_.push_back(load_layer(tensors));
  norm_ = upload_values(source_.norm, "norms");
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
                                                 place(tokens * s.head * 4),
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

// Embeddings and turns of each token, and where its keys and values go. Padding goes to page 0.
void Model::write_tokens(const StepBatch& batch, const Sizes& sizes) {
  const Shape& s = shape();
  const uint32_t all = sizes.tiles * sizes.layout.tokens, tile = sizes.layout.tile(), half = s.head / 2;
  auto* x = reinterpret_cast<float*>(uploads_->x.buffer->mapped() + uploads_->x.offset);
  std::vector<float> row(s.width), turns(size_t{all} * s.head, 0.0f);
  std::vector<uint32_t> slots(all, 0);
  for (uint32_t t = 0; t < all; ++t) {
    if (t < batch.tokens.size()) {
      const BatchToken& token = batch.tokens[t];
      dequantise(source_.embedding.quant->quant, source_.embedding.row(token.id), row);
      slots[t] = token.slot;
      for (uint32_t i = 0; i < half; ++i) {
        const double angle = token.position * source_.rope.frequencies[i];
        float* turn = &turns[size_t{t} * s.head + size_t{2} * i];
        turn[0] = static_cast<float>(std::cos(angle)), turn[1] = static_cast<float>(std::sin(angle));
      }
    } else {
      std::fill(row.begin(), row.end(), 0.0f);
    }
    const size_t start = size_t{t / tile} * s.width * tile + t % tile;
    for (uint32_t k = 0; k < s.width; ++k) x[start + size_t{k} * tile] = row[k];
  }
  copy_in(uploads_->turns, 0, turns.data(), turns.size() * 4);
  copy_in(uploads_->slots, 0, slots.data(), slots.size() * 4);
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
  return layout.panels ? std::max(1u, kMostQueryRows / (shape().heads / shape().key_heads)) : 1;
}

void Model::record_attention(vk::Commands& commands, const Layer& layer, const Sizes& sizes) const {
  const Shape& s = shape();
  const shader::Defines defines{{"HEAD", std::to_string(s.head)},
                                {"SHARING", std::to_string(s.heads / s.key_heads)},
                                {"QUERIES", std::to_string(queries_of(sizes.layout))},
                                {"HALF_KV", options_.half ? "1" : "0"},
                                {"PAGE", std::to_string(kPage)},
                                {"TILE", std::to_string(sizes.layout.tile())}};
  shader::dispatch(commands, shader::program_of<k::attend>(*device_, defines),
                   k::attend{.queries = *queries_,
                             .pages = layer.pages,
                             .items = uploads_->items,
                             .tables = uploads_->tables,
                             .target = *attended_,
                             .width = s.heads * s.head,
                             .key_heads = s.key_heads,
                             .window = s.window},
                   {sizes.items, s.key_heads, 1});
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

// The whole of a Llama: five dispatches a layer.
void Model::record(vk::Commands& commands, const Sizes& sizes) const {
  const Shape& s = shape();
  const Layout& layout = sizes.layout;
  const auto apply = [&](const std::vector<Weights>& stack, const vk::BufferRef& x, const vk::BufferRef& target,
                         const std::optional<vk::BufferRef>& gain, Ending ending, uint32_t width,
                         const std::optional<Heads>& heads = std::nullopt) {
    for (const Weights& weights : stack)
      record_linear(commands, {weights, x, target, gain, s.epsilon, ending, width, heads}, layout, sizes.tiles);
  };
  const uint32_t queries = s.heads * s.head;
  commands.copy(uploads_->x.part(0, uint64_t{sizes.tiles} * layout.tokens * s.width * 4),
                x_->part(0, uint64_t{sizes.tiles} * layout.tokens * s.width * 4));
  for (const Layer& layer : layers_) {
    const Heads heads{layer.pages,
                      uploads_->turns,
                      uploads_->slots,
                      s.head,
                      s.heads,
                      s.key_heads,
                      1.0f / std::sqrt(static_cast<float>(s.head)),
                      options_.half};
    apply(layer.heads, *x_, *queries_, layer.attention_gain, Ending::heads, queries, heads);
    record_attention(commands, layer, sizes);
    apply(layer.output, *attended_, *x_, std::nullopt, Ending::add, s.width);
    apply(layer.gated, *x_, *hidden_, layer.hidden_gain, Ending::gated, s.hidden);
    apply(layer.down, *hidden_, *x_, std::nullopt, Ending::add, s.width);
  }
  if (sizes.rows == 0) return;
  shader::dispatch(commands, shader::program_of<k::norm_rows>(*device_, {{"TILE", std::to_string(layout.tile())}}),
                   k::norm_rows{.x = *x_,
                                .gain = *norm_,
                                .tokens = uploads_->rows,
                                .target = *picked_,
                                .width = s.width,
                                .epsilon = s.epsilon},
                   {sizes.rows, 1, 1});
  const Layout rows{std::min(sizes.rows, kHeadTokens), false};
  for (const Weights& weights : head_)
    record_linear(commands,
                  {weights, *picked_, *logits_, std::nullopt, s.epsilon, Ending::store, s.vocabulary, std::nullopt},
                  rows, sizes.rows / rows.tokens);
  if (sizes.sampled) record_sampling(commands, sizes);
}

vk::Graph& Model::graph_of(const Sizes& sizes) {
  if (graphs_.size() >= kMostGraphs) graphs_.clear();  // sizes come and go; recording anew costs less than a step
  std::unique_ptr<vk::Graph>& graph = graphs_[sizes.key()];
  if (!graph) {
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
