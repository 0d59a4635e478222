#include "forge/infer/llm/blocks.hpp"

#include "forge/core/error.hpp"

namespace forge::llm {

size_t Blocks::Hash::operator()(const Key& key) const {
  uint64_t hash = key.before * 0x9E3779B97F4A7C15u + 1;
  for (const uint32_t token : key.tokens) {
    hash = (hash ^ token) * 0xFF51AFD7ED558CCDu;
    hash ^= hash >> 32;
  }
  return hash;
}

Blocks::Blocks(uint32_t pages, uint32_t page_tokens)
    : page_tokens_(page_tokens), holders_(size_t{pages} + 1, 0), places_(size_t{pages} + 1), keys_(size_t{pages} + 1) {
  if (pages == 0 || page_tokens == 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a cache of keys and values without room", "a page of a token or more",
                std::to_string(pages) + " pages of " + std::to_string(page_tokens));
  for (uint32_t page = 1; page <= pages; ++page) places_[page] = unused_.insert(unused_.end(), page);
}

void Blocks::hold(uint32_t page) {
  if (holders_[page]++ == 0) unused_.erase(places_[page]);
}

void Blocks::forget(uint32_t page) {
  if (!keys_[page]) return;
  known_.erase(known_.find(*keys_[page]));
  keys_[page] = nullptr;
}

Blocks::Found Blocks::find(std::span<const uint32_t> tokens) {
  Found found;
  while ((found.pages.size() + 1) * page_tokens_ < tokens.size()) {
    const auto part = tokens.subspan(found.pages.size() * page_tokens_, page_tokens_);
    const auto known = known_.find({found.content, {part.begin(), part.end()}});
    if (known == known_.end()) break;
    hold(known->second.page);
    found.pages.push_back(known->second.page);
    found.content = known->second.content;
  }
  return found;
}

std::optional<uint32_t> Blocks::take() {
  if (unused_.empty()) return std::nullopt;
  const uint32_t page = unused_.front();
  hold(page);
  forget(page);
  return page;
}

Blocks::Content Blocks::know(uint32_t page, Content before, std::span<const uint32_t> tokens) {
  FORGE_ASSERT(holders_.at(page) > 0 && tokens.size() == page_tokens_);
  const auto [place, is_new] =
      known_.try_emplace({before, {tokens.begin(), tokens.end()}}, Known{page, last_content_ + 1});
  if (is_new) {
    FORGE_ASSERT(!keys_[page]);
    ++last_content_;
    keys_[page] = &place->first;
  }
  return place->second.content;
}

// Pages of the end of a context are taken before those of its start, which more contexts share: callers let go of them first.
void Blocks::let_go(uint32_t page) {
  FORGE_ASSERT(holders_.at(page) > 0);
  if (--holders_[page] > 0) return;
  places_[page] = unused_.insert(keys_[page] ? unused_.end() : unused_.begin(), page);
}

}  // namespace forge::llm
