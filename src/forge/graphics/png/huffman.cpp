#include "forge/graphics/png/huffman.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace forge::graphics::png {

namespace {

constexpr size_t kDeepest = 48;  // counts are below 2^32: a deeper tree would need more symbols than they can count

struct Node {
  uint64_t count;
  uint32_t parent;
};

/// How many symbols have each depth in Huffman's tree over counts in ascending order (two queues, both ascending).
std::array<uint32_t, kDeepest> depths(std::span<const uint32_t> ascending) {
  const size_t leaves = ascending.size(), all = 2 * leaves - 1;
  std::vector<Node> nodes(all);
  for (size_t i = 0; i < leaves; ++i) nodes[i].count = ascending[i];
  size_t leaf = 0, inner = leaves;
  for (size_t next = leaves; next < all; ++next) {
    const auto take = [&] {
      const bool from_leaves = leaf < leaves && (inner == next || nodes[leaf].count <= nodes[inner].count);
      const size_t taken = from_leaves ? leaf++ : inner++;
      nodes[taken].parent = static_cast<uint32_t>(next);
      return nodes[taken].count;
    };
    const uint64_t first = take();
    nodes[next].count = first + take();
  }
  std::array<uint32_t, kDeepest> counts{};
  std::vector<uint8_t> depth(all, 0);
  for (size_t i = all - 1; i-- > 0;) depth[i] = static_cast<uint8_t>(depth[nodes[i].parent] + 1);
  for (size_t i = 0; i < leaves; ++i) ++counts[depth[i]];
  return counts;
}

/// Shortens codes until none is longer: a pair of the longest gives one bit back, a shorter one makes room for the other.
void limit(std::array<uint32_t, kDeepest>& counts, unsigned most) {
  for (size_t i = kDeepest - 1; i > most; --i)
    while (counts[i] > 0) {
      size_t shorter = i - 2;
      while (counts[shorter] == 0) --shorter;
      counts[i] -= 2;
      counts[i - 1] += 1;
      counts[shorter + 1] += 2;
      counts[shorter] -= 1;
    }
}

uint16_t reversed(uint32_t code, unsigned length) {
  uint32_t result = 0;
  for (unsigned i = 0; i < length; ++i) result |= (code >> i & 1) << (length - 1 - i);
  return static_cast<uint16_t>(result);
}

}  // namespace

void code_lengths(std::span<const uint32_t> counts, unsigned most, std::span<uint8_t> lengths) {
  std::fill(lengths.begin(), lengths.end(), uint8_t{0});
  std::vector<uint16_t> used;
  for (size_t i = 0; i < counts.size(); ++i)
    if (counts[i]) used.push_back(static_cast<uint16_t>(i));
  if (used.size() < 2) {
    for (const uint16_t symbol : used) lengths[symbol] = 1;
    return;
  }
  std::stable_sort(used.begin(), used.end(), [&](uint16_t a, uint16_t b) { return counts[a] < counts[b]; });
  std::vector<uint32_t> ascending(used.size());
  std::transform(used.begin(), used.end(), ascending.begin(), [&](uint16_t symbol) { return counts[symbol]; });
  auto of_length = depths(ascending);
  limit(of_length, most);
  size_t next = used.size();  // the most frequent come first
  for (size_t length = 1; length <= most; ++length)
    for (uint32_t i = 0; i < of_length[length]; ++i) lengths[used[--next]] = static_cast<uint8_t>(length);
}

void codes_of(std::span<const uint8_t> lengths, std::span<uint16_t> codes) {
  std::array<uint32_t, 17> of_length{}, next{};
  for (const uint8_t length : lengths) ++of_length[length];
  of_length[0] = 0;
  for (size_t length = 1; length < next.size(); ++length)
    next[length] = (next[length - 1] + of_length[length - 1]) << 1;
  for (size_t i = 0; i < lengths.size(); ++i)
    codes[i] = lengths[i] ? reversed(next[lengths[i]]++, lengths[i]) : uint16_t{0};
}

}  // namespace forge::graphics::png
