#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/infer/llm/blocks.hpp"

// Which tokens of which sessions are computed in a step: plain data, tested without a device.
namespace forge::llm {

/// Who comes first among those who wait.
enum class Policy : unsigned char {
  fcfs,      // who came first
  priority,  // the smallest number, then who came first; waiting lowers the number
};

struct SchedulerOptions {
  Policy policy = Policy::fcfs;
  uint32_t aging_steps = 64;      // of waiting that count as one step of priority; 0: none
  uint32_t most_sessions = 8;     // that run at a time
  uint32_t batch_tokens = 512;    // of a step
  uint32_t chunk_tokens = 128;    // of prompts in a step in which others speak
  uint32_t context = 2048;        // most tokens of a session
  bool share_prefixes = true;
};

using SessionId = uint64_t;

/// Tokens from `begin` to `end` of one session. Its last token's logits are wanted where `speaks`.
struct Part {
  SessionId session;
  uint32_t begin, end;
  bool speaks;
};

struct SchedulerCounts {
  uint32_t waiting = 0, running = 0, used_pages = 0, pages = 0;
  uint64_t preemptions = 0, prompt_tokens = 0, shared_tokens = 0, said_tokens = 0, steps = 0, cancelled = 0;
};

class Scheduler {
 public:
  Scheduler(const SchedulerOptions& options, uint32_t pages, uint32_t page_tokens);

  /// Throws LIMIT_EXCEEDED, with the numbers, for a session that could never run to its end.
  SessionId add(std::vector<uint32_t> prompt, uint32_t most_said, int32_t priority);
  /// Takes a session out, wherever it stands; its pages are free at once. False where it is not there.
  bool remove(SessionId id);

  /// What the next step computes; it must be followed by done(). Empty: nothing can or need be computed.
  std::vector<Part> plan();
  /// Notes the step's results: a token for each part that speaks, in order.
  void done(std::span<const Part> parts, std::span<const uint32_t> said);

  /// Pages for work outside of any session; none where fewer are free.
  std::optional<std::vector<uint32_t>> borrow(uint32_t count);
  void give_back(std::span<const uint32_t> pages);

  struct View {
    const std::vector<uint32_t>& tokens;  // prompt and answer
    const std::vector<uint32_t>& pages;
    uint32_t prompt;
    bool running;
    uint32_t computed;
  };
  std::optional<View> find(SessionId id) const;
  bool idle() const { return sessions_.empty(); }
  SchedulerCounts counts() const;
  const SchedulerOptions& options() const { return options_; }
  const Blocks& blocks() const { return blocks_; }

 private:
  struct Session {
    SessionId id;
    std::vector<uint32_t> tokens;
    uint32_t prompt;
    int32_t priority;
    uint64_t since = 0;      // the step from which it waits
    uint32_t computed = 0;   // tokens whose keys and values are there
    std::vector<uint32_t> pages = {};
    uint32_t known_pages = 0;
    Blocks::Content content = 0;  // of the last known page
    bool running = false;
  };

  // Smaller comes first.
  std::pair<int64_t, SessionId> rank(const Session& session) const;
  void admit(Session& session);
  bool make_room(Session& session, uint32_t end);
  bool preempt_for(const Session& session);
  void let_go(Session& session);
  void learn_pages(Session& session);
  std::vector<Session*> running_in_order();
  std::vector<Session*> waiting_in_order();

  SchedulerOptions options_;
  Blocks blocks_;
  std::map<SessionId, Session> sessions_;
  std::vector<SessionId> running_;
  SessionId last_id_ = 0;
  SchedulerCounts counts_;
};

}  // namespace forge::llm
