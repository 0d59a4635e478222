#include "forge/infer/llm/engine.hpp"

#include <algorithm>
#include <cmath>

#include "forge/core/error.hpp"
#include "forge/shader/loop_watch.hpp"

namespace forge::llm {

namespace {

uint32_t pages_of(const EngineOptions& options) {
  const uint32_t each = (options.scheduler.context + kPage - 1) / kPage;
  return options.pages != 0 ? options.pages : each * options.scheduler.most_sessions;
}

ModelOptions model_options(const EngineOptions& options, uint32_t pages) {
  const SchedulerOptions& s = options.scheduler;
  const uint32_t most_biases = 1024;
  return {pages + 1,
          s.batch_tokens,
          s.most_sessions,
          s.most_sessions * ((s.context + kPage - 1) / kPage),
          s.most_sessions * (s.context + most_biases),
          options.half,
          options.loaded};
}

// What sample.comp does for one row, on devices that end an invocation's loops early and without a word.
void check_loops(const std::shared_ptr<vk::Device>& device, uint64_t vocabulary, const Sampling& s, uint64_t edits) {
  const uint64_t budget = shader::loop_budget(device), lanes = device->limits().subgroup_size;
  const uint64_t walk = (vocabulary + 8 * lanes - 1) / (8 * lanes) + 1;  // of all tokens
  const uint64_t walks = 4 + s.logprobs + (s.temperature > 0 ? 20 : 0);  // digits of two bounds are 16
  const uint64_t passes = walks * walk + edits / lanes + 64;
  if (budget != 0 && passes > budget)
    throw Error(ErrorCode::MISSING_FEATURE, "this device ends loops before a token of so many could be chosen",
                std::to_string(budget) + " passes at most", std::to_string(passes) + " passes",
                "ask for fewer logprobs, sample with temperature 0, or use a newer driver");
}

}  // namespace

Engine::Engine(std::shared_ptr<vk::Device> device, ModelSource source, const EngineOptions& options)
    : scheduler_(options.scheduler, pages_of(options), kPage) {
  if (options.scheduler.context > source.shape.context)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "the context is longer than the model was made for",
                "at most " + std::to_string(source.shape.context) + " tokens",
                std::to_string(options.scheduler.context))
        .with("limit", std::to_string(source.shape.context));
  model_ = std::make_unique<Model>(std::move(device), std::move(source), model_options(options, pages_of(options)));
}

void Engine::check_ids(std::span<const uint32_t> ids) const {
  const uint32_t vocabulary = model_->shape().vocabulary;
  for (size_t i = 0; i < ids.size(); ++i)
    if (ids[i] >= vocabulary)
      throw Error(ErrorCode::OUT_OF_RANGE, "a token is not in the model's vocabulary",
                  "0 to " + std::to_string(vocabulary - 1), std::to_string(ids[i]) + " at " + std::to_string(i));
}

void Engine::note(Chooser& chooser, uint32_t token, bool said) const {
  const Sampling& s = chooser.sampling;
  if (s.repetition == 1 && s.frequency == 0 && s.presence == 0) return;
  SampleEdit& edit = chooser.edits.try_emplace(token, SampleEdit{token, 0, 0, 0}).first->second;
  ++edit.seen;
  if (said) ++edit.said;
}

SessionId Engine::add(std::vector<uint32_t> prompt, const Sampling& sampling, int32_t priority) {
  const std::lock_guard lock(mutex_);
  check_ids(prompt);
  Chooser chooser{sampling, static_cast<uint32_t>(prompt.size()), {}};
  for (const auto& [token, bias] : sampling.biases) {
    check_ids(std::span(&token, 1));
    chooser.edits[token] = {token, bias, 0, 0};
  }
  for (const uint32_t token : prompt) note(chooser, token, false);
  const Shape& shape = model_->shape();
  check_loops(model_->device(), shape.vocabulary, sampling,
              chooser.edits.size() + std::min(sampling.most_tokens, shape.context));
  const SessionId id = scheduler_.add(std::move(prompt), sampling.most_tokens, priority);
  choosers_.emplace(id, std::move(chooser));
  return id;
}

bool Engine::cancel(SessionId id) {
  const std::lock_guard lock(mutex_);
  choosers_.erase(id);
  const bool was_there = scheduler_.remove(id);
  cancelled_ += was_there ? 1 : 0;
  return was_there;
}

bool Engine::idle() const {
  const std::lock_guard lock(mutex_);
  return scheduler_.idle();
}

uint32_t Engine::computed(SessionId id) const {
  const std::lock_guard lock(mutex_);
  const auto session = scheduler_.find(id);
  return session ? session->computed : 0;
}

SchedulerCounts Engine::counts() const {
  const std::lock_guard lock(mutex_);
  SchedulerCounts counts = scheduler_.counts();
  counts.cancelled = cancelled_;
  return counts;
}

void Engine::add_wish(StepBatch& batch, SessionId id) const {
  const Chooser& chooser = choosers_.at(id);
  const Sampling& s = chooser.sampling;
  SampleWish wish{1, s.temperature, s.top_k, s.top_p, s.min_p, s.repetition, s.frequency, s.presence};
  wish.seed_low = static_cast<uint32_t>(s.seed), wish.seed_high = static_cast<uint32_t>(s.seed >> 32);
  wish.position = static_cast<uint32_t>(scheduler_.find(id)->tokens.size()) - chooser.prompt;
  wish.first_edit = static_cast<uint32_t>(batch.edits.size()), wish.edits = static_cast<uint32_t>(chooser.edits.size());
  wish.logprobs = s.logprobs;
  for (const auto& [token, edit] : chooser.edits) batch.edits.push_back(edit);
  batch.wishes.push_back(wish);
}

void Engine::add_part(StepBatch& batch, const Part& part, uint32_t queries) const {
  const Scheduler::View session = *scheduler_.find(part.session);
  const auto table = static_cast<uint32_t>(batch.tables.size());
  batch.tables.insert(batch.tables.end(), session.pages.begin(), session.pages.end());
  for (uint32_t at = part.begin; at < part.end; at += queries)
    batch.items.push_back(
        {static_cast<uint32_t>(batch.tokens.size()) + at - part.begin, std::min(queries, part.end - at), at, table});
  for (uint32_t at = part.begin; at < part.end; ++at)
    batch.tokens.push_back({session.tokens[at], at, session.pages[at / kPage] * kPage + at % kPage});
  if (!part.speaks) return;
  batch.rows.push_back(static_cast<uint32_t>(batch.tokens.size()) - 1);
  add_wish(batch, part.session);
}

StepBatch Engine::batch_of(std::span<const Part> parts) const {
  StepBatch batch;
  uint32_t tokens = 0;
  for (const Part& part : parts) tokens += part.end - part.begin;
  for (const Part& part : parts) add_part(batch, part, model_->item_queries(tokens));
  return batch;
}

std::vector<Said> Engine::step() {
  const std::lock_guard lock(mutex_);
  const std::vector<Part> parts = scheduler_.plan();
  if (parts.empty()) return {};
  return finish(parts, model_->run(batch_of(parts)));
}

std::vector<Said> Engine::finish(std::span<const Part> parts, const std::vector<Sampled>& sampled) {
  std::vector<uint32_t> tokens;
  for (const Sampled& one : sampled) tokens.push_back(one.token);
  scheduler_.done(parts, tokens);
  std::vector<Said> list;
  for (const Part& part : parts) {
    if (!part.speaks) continue;
    Chooser& chooser = choosers_.at(part.session);
    Said said{part.session, sampled[list.size()], Finish::none};
    said.sampled.top.resize(std::min<size_t>(chooser.sampling.logprobs, said.sampled.top.size()));
    const uint32_t token = said.sampled.token;
    note(chooser, token, true);
    const auto& stops = chooser.sampling.stops;
    const auto length = static_cast<uint32_t>(scheduler_.find(part.session)->tokens.size()) - chooser.prompt;
    if (std::find(stops.begin(), stops.end(), token) != stops.end())
      said.finish = Finish::stop;
    else if (length >= chooser.sampling.most_tokens)
      said.finish = Finish::length;
    if (said.finish != Finish::none) {
      scheduler_.remove(part.session);
      choosers_.erase(part.session);
    }
    list.push_back(std::move(said));
  }
  return list;
}

template <class Take>
void Engine::walk_logits(std::span<const uint32_t> ids, bool all, Take&& take) {
  const std::lock_guard lock(mutex_);
  check_ids(ids);
  const auto count = static_cast<uint32_t>(ids.size());
  const uint32_t context = scheduler_.options().context;
  if (count == 0 || count > context)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "these tokens have no logits", "1 to " + std::to_string(context) + " tokens",
                std::to_string(count))
        .with("limit", std::to_string(context));
  const auto pages = scheduler_.borrow((count + kPage - 1) / kPage);
  if (!pages)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "logits find no room beside the sessions that run",
                std::to_string((count + kPage - 1) / kPage) + " free pages", std::to_string(scheduler_.blocks().free()),
                "ask when they are done");
  struct GiveBack {
    Scheduler& scheduler;
    const std::vector<uint32_t>& pages;
    ~GiveBack() { scheduler.give_back(pages); }
  } const give_back{scheduler_, *pages};
  const uint32_t rows = model_->options().batch_rows, most = all ? rows : model_->options().batch_tokens;
  for (uint32_t begin = 0; begin < count; begin += most) {
    const uint32_t end = std::min(count, begin + most), queries = model_->item_queries(end - begin);
    StepBatch batch;
    batch.tables = *pages;
    for (uint32_t at = begin; at < end; at += queries)
      batch.items.push_back({at - begin, std::min(queries, end - at), at, 0});
    for (uint32_t at = begin; at < end; ++at)
      batch.tokens.push_back({ids[at], at, (*pages)[at / kPage] * kPage + at % kPage});
    for (uint32_t at = begin; at < end; ++at)
      if (all || at + 1 == count) batch.rows.push_back(at - begin);
    model_->run(batch);
    for (uint32_t r = 0; r < batch.rows.size(); ++r) take(begin + batch.rows[r], model_->logits(r));
  }
}

std::vector<float> Engine::logits(std::span<const uint32_t> ids, bool all) {
  std::vector<float> values;
  walk_logits(ids, all,
              [&](uint32_t, const std::vector<float>& row) { values.insert(values.end(), row.begin(), row.end()); });
  return values;
}

std::vector<float> Engine::log_probabilities(std::span<const uint32_t> ids) {
  std::vector<float> values;
  walk_logits(ids, true, [&](uint32_t at, const std::vector<float>& row) {
    if (at + 1 == ids.size()) return;
    const double most = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float logit : row) sum += std::exp(logit - most);
    values.push_back(static_cast<float>(row[ids[at + 1]] - most - std::log(sum)));
  });
  return values;
}

}  // namespace forge::llm
