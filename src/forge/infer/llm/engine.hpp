#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "forge/infer/llm/model.hpp"
#include "forge/infer/llm/scheduler.hpp"

// Sessions on one model: a step computes parts of many of them together.
namespace forge::llm {

struct EngineOptions {
  SchedulerOptions scheduler;
  uint32_t pages = 0;  // 0: what most_sessions contexts need
  bool half = true;    // keys and values are float16
  std::function<void(uint32_t, uint32_t)> loaded = {};  // as in ModelOptions
};

/// How tokens of a session are chosen.
struct Sampling {
  float temperature = 0;
  uint32_t top_k = 0;
  float top_p = 1, min_p = 0, repetition = 1, frequency = 0, presence = 0;
  uint64_t seed = 0;
  uint32_t most_tokens = 16;
  uint32_t logprobs = 0;
  std::vector<uint32_t> stops;                      // tokens that end the answer
  std::vector<std::pair<uint32_t, float>> biases;   // added to logits
};

enum class Finish : unsigned char { none, length, stop };

/// What a step has to tell of a session.
struct Said {
  SessionId session;
  Sampled sampled;
  Finish finish;
};

class Engine {
 public:
  Engine(std::shared_ptr<vk::Device> device, ModelSource source, const EngineOptions& options);

  const Model& model() const { return *model_; }
  SessionId add(std::vector<uint32_t> prompt, const Sampling& sampling, int32_t priority);
  bool cancel(SessionId id);
  bool idle() const;
  /// Tokens of a session whose keys and values are there; 0 where it is over.
  uint32_t computed(SessionId id) const;
  /// Computes one step; empty where nobody has anything to compute, or only prompts were read.
  std::vector<Said> step();
  SchedulerCounts counts() const;
  /// The logits after the last of these tokens, or after each of them: (rows, vocabulary).
  std::vector<float> logits(std::span<const uint32_t> ids, bool all);
  /// The logarithm of the probability of each of these tokens but the first, after those before it.
  std::vector<float> log_probabilities(std::span<const uint32_t> ids);

 private:
  struct Chooser {
    Sampling sampling;
    uint32_t prompt;
    std::unordered_map<uint32_t, SampleEdit> edits;  // by token
  };
  void check_ids(std::span<const uint32_t> ids) const;
  StepBatch batch_of(std::span<const Part> parts) const;
  void add_part(StepBatch& batch, const Part& part, uint32_t queries) const;
  void add_wish(StepBatch& batch, SessionId id) const;
  void note(Chooser& chooser, uint32_t token, bool said) const;
  std::vector<Said> finish(std::span<const Part> parts, const std::vector<Sampled>& sampled);
  /// Hands the logits after each of the tokens, or after the last, to `take`, with the token's index.
  template <class Take>
  void walk_logits(std::span<const uint32_t> ids, bool all, Take&& take);

  std::unique_ptr<Model> model_;
  Scheduler scheduler_;
  std::map<SessionId, Chooser> choosers_;
  uint64_t cancelled_ = 0;
  mutable std::mutex mutex_;
};

}  // namespace forge::llm
