#include "forge/infer/llm/scheduler.hpp"

#include <algorithm>

#include "forge/core/error.hpp"

namespace forge::llm {

Scheduler::Scheduler(const SchedulerOptions& options, uint32_t pages, uint32_t page_tokens)
    : options_(options), blocks_(pages, page_tokens) {
  if (options.most_sessions == 0 || options.batch_tokens < options.most_sessions || options.chunk_tokens == 0 ||
      options.context == 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a scheduler's sizes do not fit",
                "a session or more, and steps with a token or more for each",
                std::to_string(options.most_sessions) + " sessions, steps of " + std::to_string(options.batch_tokens) +
                    " tokens, chunks of " + std::to_string(options.chunk_tokens));
}

SessionId Scheduler::add(std::vector<uint32_t> prompt, uint32_t most_said, int32_t priority) {
  const uint64_t most = std::min<uint64_t>(options_.context, uint64_t{blocks_.pages()} * blocks_.page_tokens());
  if (prompt.empty() || prompt.size() + uint64_t{most_said} > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a session is too long for its context",
                "1 to " + std::to_string(most) + " tokens of prompt and answer",
                std::to_string(prompt.size()) + " of prompt and up to " + std::to_string(most_said) + " of answer",
                "shorten the prompt, lower max_tokens, or give the engine a larger context or cache")
        .with("limit", std::to_string(most));
  const SessionId id = ++last_id_;
  counts_.prompt_tokens += prompt.size();
  const auto length = static_cast<uint32_t>(prompt.size());
  sessions_.emplace(id, Session{id, std::move(prompt), length, priority, counts_.steps});
  return id;
}

bool Scheduler::remove(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  let_go(found->second);
  sessions_.erase(found);
  return true;
}

std::pair<int64_t, SessionId> Scheduler::rank(const Session& session) const {
  if (options_.policy == Policy::fcfs) return {0, session.id};
  const auto waited = static_cast<int64_t>(counts_.steps - session.since);
  const int64_t aged = options_.aging_steps == 0 ? 0 : waited / options_.aging_steps;
  return {session.priority - aged, session.id};
}

void Scheduler::let_go(Session& session) {
  // The end first: starts are what others may share.
  for (size_t i = session.pages.size(); i-- > 0;) blocks_.let_go(session.pages[i]);
  session.pages.clear();
  session.computed = session.known_pages = 0;
  session.content = 0;
  if (session.running) std::erase(running_, session.id);
  session.running = false;
}

std::vector<Scheduler::Session*> Scheduler::running_in_order() {
  std::vector<Session*> list;
  for (const SessionId id : running_) list.push_back(&sessions_.at(id));
  std::sort(list.begin(), list.end(), [&](const Session* a, const Session* b) { return rank(*a) < rank(*b); });
  return list;
}

std::vector<Scheduler::Session*> Scheduler::waiting_in_order() {
  std::vector<std::pair<std::pair<int64_t, SessionId>, Session*>> ranked;
  for (auto& [id, session] : sessions_)
    if (!session.running) ranked.emplace_back(rank(session), &session);
  const size_t room = options_.most_sessions - std::min<size_t>(running_.size(), options_.most_sessions);
  const size_t wanted = std::min(room, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(wanted), ranked.end());
  std::vector<Session*> list;
  for (size_t i = 0; i < wanted; ++i) list.push_back(ranked[i].second);
  return list;
}

// The last in rank goes back to waiting; it will compute its tokens anew. Never one that comes before `session`.
bool Scheduler::preempt_for(const Session& session) {
  std::vector<Session*> list = running_in_order();
  if (list.empty() || list.back() == &session || rank(*list.back()) < rank(session)) return false;
  let_go(*list.back());
  ++counts_.preemptions;
  return true;
}

// Pages for the tokens up to `end`.
bool Scheduler::make_room(Session& session, uint32_t end) {
  while (session.pages.size() * blocks_.page_tokens() < end) {
    if (const std::optional<uint32_t> page = blocks_.take())
      session.pages.push_back(*page);
    else if (!preempt_for(session))
      return false;
  }
  return true;
}

void Scheduler::admit(Session& session) {
  session.running = true;
  running_.push_back(session.id);
  if (!options_.share_prefixes) return;
  Blocks::Found found = blocks_.find(session.tokens);
  session.pages = std::move(found.pages);
  session.content = found.content;
  session.known_pages = static_cast<uint32_t>(session.pages.size());
  session.computed = session.known_pages * blocks_.page_tokens();
  counts_.shared_tokens += session.computed;
}

std::vector<Part> Scheduler::plan() {
  std::vector<Part> parts;
  const uint64_t preempted = counts_.preemptions;
  const auto whole = [](const Session& s) { return static_cast<uint32_t>(s.tokens.size()); };
  // Those who speak go first: each has one token to compute.
  for (const SessionId id : std::vector<SessionId>(running_)) {
    const auto found = sessions_.find(id);
    Session& session = found->second;
    if (!session.running || session.computed + 1 != whole(session) || whole(session) == session.prompt) continue;
    if (!make_room(session, whole(session))) {
      let_go(session);
      ++counts_.preemptions;
      continue;
    }
    parts.push_back({id, session.computed, session.computed + 1, true});
  }
  // Making room may have sent away who was in the step already.
  std::erase_if(parts, [&](const Part& part) { return !sessions_.at(part.session).running; });
  const uint32_t left = options_.batch_tokens - static_cast<uint32_t>(parts.size());
  uint32_t chunk = parts.empty() ? left : std::min(left, options_.chunk_tokens);
  const auto read_on = [&](Session& session) {
    uint32_t end = std::min(whole(session), session.computed + chunk);
    // No more than there are pages for: a prompt never sends away those who speak.
    const uint64_t room = (session.pages.size() + uint64_t{blocks_.free()}) * blocks_.page_tokens();
    end = static_cast<uint32_t>(std::min<uint64_t>(end, room));
    if (end <= session.computed || !make_room(session, end)) return false;
    parts.push_back({session.id, session.computed, end, end == whole(session)});
    chunk -= end - session.computed;
    return true;
  };
  for (Session* session : running_in_order()) {
    const bool in_step =
        std::any_of(parts.begin(), parts.end(), [&](const Part& p) { return p.session == session->id; });
    if (!in_step && chunk > 0) read_on(*session);
  }
  for (Session* session : waiting_in_order()) {
    if (chunk == 0 || counts_.preemptions != preempted) break;  // who was sent away would come back at once
    admit(*session);
    if (!read_on(*session)) {
      let_go(*session);
      break;
    }
  }
  // All pages are held by half-read prompts: the last of them gives way.
  if (parts.empty() && running_.size() > 1) {
    let_go(*running_in_order().back());
    ++counts_.preemptions;
    return plan();
  }
  return parts;
}

// Full pages are known from now on, to whoever starts alike.
void Scheduler::learn_pages(Session& session) {
  const uint32_t size = blocks_.page_tokens();
  while (options_.share_prefixes && (session.known_pages + 1) * size <= session.computed) {
    const auto tokens = std::span(session.tokens).subspan(size_t{session.known_pages} * size, size);
    session.content = blocks_.know(session.pages[session.known_pages++], session.content, tokens);
  }
}

void Scheduler::done(std::span<const Part> parts, std::span<const uint32_t> said) {
  size_t next = 0;
  for (const Part& part : parts) {
    const auto found = sessions_.find(part.session);
    if (found == sessions_.end()) {  // taken out meanwhile
      next += part.speaks ? 1 : 0;
      continue;
    }
    Session& session = found->second;
    session.computed = part.end;
    session.since = counts_.steps + 1;
    learn_pages(session);
    if (!part.speaks) continue;
    FORGE_ASSERT(next < said.size());
    session.tokens.push_back(said[next++]);
    ++counts_.said_tokens;
  }
  ++counts_.steps;
}

std::optional<std::vector<uint32_t>> Scheduler::borrow(uint32_t count) {
  if (blocks_.free() < count) return std::nullopt;
  std::vector<uint32_t> pages;
  for (uint32_t i = 0; i < count; ++i) pages.push_back(*blocks_.take());
  return pages;
}

void Scheduler::give_back(std::span<const uint32_t> pages) {
  for (const uint32_t page : pages) blocks_.let_go(page);
}

std::optional<Scheduler::View> Scheduler::find(SessionId id) const {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return std::nullopt;
  const Session& s = found->second;
  return View{s.tokens, s.pages, s.prompt, s.running, s.computed};
}

SchedulerCounts Scheduler::counts() const {
  SchedulerCounts counts = counts_;
  counts.running = static_cast<uint32_t>(running_.size());
  counts.waiting = static_cast<uint32_t>(sessions_.size() - running_.size());
  counts.pages = blocks_.pages();
  counts.used_pages = blocks_.used();
  return counts;
}

}  // namespace forge::llm
