#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

// Who has which pages of keys and values: plain data, tested without a device.
namespace forge::llm {

/// Pages with counts of their holders. A full page is known by what it holds, all that stands before it included; it keeps
/// that after its last holder has gone, and is found again until its memory is needed.
class Blocks {
 public:
  /// Pages are numbered from 1 on: page 0 takes what nobody reads. Throws INVALID_ARGUMENT for sizes of 0.
  Blocks(uint32_t pages, uint32_t page_tokens);

  /// Which content a full page has: equal numbers, equal tokens from the start of the context on. 0: the empty start.
  using Content = uint64_t;
  struct Found {
    std::vector<uint32_t> pages;  // held for the caller
    Content content = 0;  // of the last of them
  };

  uint32_t page_tokens() const { return page_tokens_; }
  uint32_t pages() const { return static_cast<uint32_t>(holders_.size()) - 1; }
  uint32_t free() const { return static_cast<uint32_t>(unused_.size()); }  // pages that can be taken
  uint32_t used() const { return pages() - free(); }
  uint32_t holders(uint32_t page) const { return holders_.at(page); }

  /// The longest known run of full pages that these tokens start with, whose last page leaves at least one token out:
  /// somebody has to compute the logits that follow.
  Found find(std::span<const uint32_t> tokens);
  /// A page with one holder; none where all have holders.
  std::optional<uint32_t> take();
  /// Says what a full page holds, behind what. Where the same is known already of another page, this one stays unknown.
  Content know(uint32_t page, Content before, std::span<const uint32_t> tokens);
  void let_go(uint32_t page);

 private:
  struct Key {
    Content before;
    std::vector<uint32_t> tokens;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    size_t operator()(const Key& key) const;
  };
  struct Known {
    uint32_t page;
    Content content;
  };
  void hold(uint32_t page);
  void forget(uint32_t page);

  uint32_t page_tokens_;
  std::vector<uint32_t> holders_;  // by page
  std::list<uint32_t> unused_;  // oldest first; taken from the front
  std::vector<std::list<uint32_t>::iterator> places_;
  std::unordered_map<Key, Known, Hash> known_;
  std::vector<const Key*> keys_;  // of a known page, else null
  Content last_content_ = 0;
};

}  // namespace forge::llm
