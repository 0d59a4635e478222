#include "forge/graphics/png/deflate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "forge/graphics/png/huffman.hpp"

// Compiled with full optimisation in every build.
namespace forge::graphics::png {

namespace {

constexpr size_t kLiterals = 286, kDistances = 30, kEnd = 256;
constexpr size_t kLongest = 258, kWindow = 32768;
constexpr unsigned kLongestCode = 12;  // four codes and their extra bits fit a word of 64 bits with 7 left over
constexpr double kPays = 0.02;         // of the bytes, that a search must save against runs,
constexpr double kPaysOfRuns = 0.35;   // or of what runs take,
constexpr double kNothing = 0.005;     // unless that is next to nothing
constexpr double kWell = 0.1;         // of the bytes: what packs so well is quickly searched in both ways
constexpr size_t kTried = 9;           // one row of so many is searched in both ways, else
constexpr size_t kSample = 4096;       // bytes of a strip that say whether it does

struct Counts {
  std::array<uint32_t, kLiterals> literals{};
  std::array<uint32_t, kDistances> distances{};
};

/// All bits behind symbols of lengths and distances.
uint64_t extra_bits(const Counts& counts) {
  uint64_t bits = 0;
  for (size_t i = 265; i < 285; ++i) bits += uint64_t{counts.literals[i]} * ((i - 261) / 4);
  for (size_t i = 4; i < kDistances; ++i) bits += uint64_t{counts.distances[i]} * (i / 2 - 1);
  return bits;
}

/// A symbol and the bits behind it.
struct Symbol {
  uint16_t symbol;
  uint8_t extra_bits;
  uint16_t extra;
};

Symbol length_symbol(size_t length) {
  const auto x = static_cast<uint32_t>(length - 3);
  if (x < 8) return {static_cast<uint16_t>(257 + x), 0, 0};
  if (length == kLongest) return {285, 0, 0};
  const auto bits = static_cast<uint32_t>(std::bit_width(x)) - 3;
  return {static_cast<uint16_t>(257 + 4 * (bits + 1) + (x >> bits & 3)), static_cast<uint8_t>(bits),
          static_cast<uint16_t>(x & ((1U << bits) - 1))};
}

Symbol distance_symbol(size_t distance) {
  const auto x = static_cast<uint32_t>(distance - 1);
  if (x < 4) return {static_cast<uint16_t>(x), 0, 0};
  const auto bits = static_cast<uint32_t>(std::bit_width(x)) - 2;
  return {static_cast<uint16_t>(2 * (bits + 1) + (x >> bits & 1)), static_cast<uint8_t>(bits),
          static_cast<uint16_t>(x & ((1U << bits) - 1))};
}

// ---------------------------------------------------------------- bits

class Bits {
 public:
  explicit Bits(uint8_t* to) : to_(to) {}
  /// At most 57 bits between two calls of flush().
  void put(uint64_t value, unsigned count) {
    bits_ |= value << count_;
    count_ += count;
  }
  void flush() {
    std::memcpy(to_, &bits_, sizeof bits_);  // little-endian; what is too much is written again
    to_ += count_ >> 3;
    bits_ >>= count_ & ~7U;
    count_ &= 7;
  }
  uint8_t* finish() {
    count_ = (count_ + 7) & ~7U;
    flush();
    return to_;
  }

 private:
  uint8_t* to_;
  uint64_t bits_ = 0;
  unsigned count_ = 0;
};
static_assert(std::endian::native == std::endian::little);

// ---------------------------------------------------------------- codes of a block

struct Code {
  uint16_t bits;
  uint8_t length;
};

class Codes {
 public:
  explicit Codes(const Counts& counts) {
    code_lengths(counts.literals, kLongestCode, literal_lengths_);
    code_lengths(counts.distances, kLongestCode, distance_lengths_);
    std::array<uint16_t, kLiterals> codes;
    codes_of(literal_lengths_, codes);
    for (size_t i = 0; i < kLiterals; ++i) literals_[i] = {codes[i], literal_lengths_[i]};
    std::array<uint16_t, kDistances> distance_codes;
    codes_of(distance_lengths_, distance_codes);
    for (size_t i = 0; i < kDistances; ++i) distances_[i] = {distance_codes[i], distance_lengths_[i]};
  }

  const Code& literal(size_t symbol) const { return literals_[symbol]; }
  const Code& distance(size_t symbol) const { return distances_[symbol]; }

  /// Bits of the block but for its head.
  uint64_t cost(const Counts& counts) const {
    uint64_t bits = extra_bits(counts);
    for (size_t i = 0; i < kLiterals; ++i) bits += uint64_t{counts.literals[i]} * literal_lengths_[i];
    for (size_t i = 0; i < kDistances; ++i) bits += uint64_t{counts.distances[i]} * distance_lengths_[i];
    return bits;
  }

  /// The head of a block with codes of its own (section 3.2.7).
  void write_head(Bits& bits, bool last) const {
    const size_t literals = used(literal_lengths_, 257), distances = used(distance_lengths_, 1);
    std::vector<uint8_t> lengths(literal_lengths_.begin(), literal_lengths_.begin() + static_cast<ptrdiff_t>(literals));
    lengths.insert(lengths.end(), distance_lengths_.begin(),
                   distance_lengths_.begin() + static_cast<ptrdiff_t>(distances));
    const std::vector<Symbol> packed = pack(lengths);
    std::array<uint32_t, 19> counts{};
    for (const Symbol& symbol : packed) ++counts[symbol.symbol];
    std::array<uint8_t, 19> code_lengths_of_lengths;
    std::array<uint16_t, 19> codes;
    code_lengths(counts, 7, code_lengths_of_lengths);
    codes_of(code_lengths_of_lengths, codes);
    constexpr std::array<uint8_t, 19> kOrder{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    size_t shown = 19;
    while (shown > 4 && code_lengths_of_lengths[kOrder[shown - 1]] == 0) --shown;
    bits.put(last ? 1 : 0, 1);
    bits.put(2, 2);
    bits.put(literals - 257, 5);
    bits.put(distances - 1, 5);
    bits.put(shown - 4, 4);
    bits.flush();
    for (size_t i = 0; i < shown; ++i) bits.put(code_lengths_of_lengths[kOrder[i]], 3), bits.flush();
    for (const Symbol& symbol : packed) {
      bits.put(codes[symbol.symbol], code_lengths_of_lengths[symbol.symbol]);
      bits.put(symbol.extra, symbol.extra_bits);
      bits.flush();
    }
  }

 private:
  template <size_t kCount>
  static size_t used(const std::array<uint8_t, kCount>& lengths, size_t least) {
    size_t count = kCount;
    while (count > least && lengths[count - 1] == 0) --count;
    return count;
  }

  /// Runs of equal lengths in the symbols 16 (3 to 6 as the last), 17 (3 to 10 zeros) and 18 (11 to 138 zeros).
  static std::vector<Symbol> pack(const std::vector<uint8_t>& lengths) {
    std::vector<Symbol> packed;
    for (size_t i = 0; i < lengths.size();) {
      size_t run = 1;
      while (i + run < lengths.size() && lengths[i + run] == lengths[i]) ++run;
      const bool zero = lengths[i] == 0;
      size_t left = run;
      if (!zero) packed.push_back({lengths[i], 0, 0}), --left;
      while (left > 0) {
        const size_t most = zero ? 138 : 6, now = std::min(left, most);
        if (now < 3)
          packed.insert(packed.end(), now, {lengths[i], 0, 0});
        else if (!zero)
          packed.push_back({16, 2, static_cast<uint16_t>(now - 3)});
        else if (now < 11)
          packed.push_back({17, 3, static_cast<uint16_t>(now - 3)});
        else
          packed.push_back({18, 7, static_cast<uint16_t>(now - 11)});
        left -= now;
      }
      i += run;
    }
    return packed;
  }

  std::array<uint8_t, kLiterals> literal_lengths_{};
  std::array<uint8_t, kDistances> distance_lengths_{};
  std::array<Code, kLiterals> literals_{};
  std::array<Code, kDistances> distances_{};
};

void put_match(Bits& bits, const Codes& codes, size_t length, size_t distance) {
  const Symbol run = length_symbol(length), back = distance_symbol(distance);
  bits.put(codes.literal(run.symbol).bits, codes.literal(run.symbol).length);
  bits.put(run.extra, run.extra_bits);
  bits.flush();
  bits.put(codes.distance(back.symbol).bits, codes.distance(back.symbol).length);
  bits.put(back.extra, back.extra_bits);
  bits.flush();
}

// ---------------------------------------------------------------- runs

template <size_t kUnit>
uint64_t pixel(const uint8_t* at) {
  uint64_t value = 0;
  std::memcpy(&value, at, kUnit);
  return value;
}

/// Pixels of one match, at most, and the fewest that are worth one.
template <size_t kUnit>
constexpr size_t kMostPixels = kLongest / kUnit;
template <size_t kUnit>
constexpr size_t kLeastPixels = kUnit == 1   ? 4
                                : kUnit == 2 ? 2
                                             : 1;

/// Goes over a strip: literal(byte), pixel(address), run(pixels as the one before).
template <size_t kUnit, class To>
void walk_runs(const FilteredRows& strip, To& to) {
  const size_t pixels = strip.row_bytes / kUnit;
  for (size_t row = 0; row < strip.rows; ++row) {
    const uint8_t* at = strip.data + row * (strip.row_bytes + 1);
    to.literal(*at++);
    const uint8_t* const end = at + pixels * kUnit;
    while (at < end) {
      const uint64_t value = pixel<kUnit>(at);
      to.pixel(at);
      at += kUnit;
      size_t same = 0;
      while (at + same * kUnit < end && pixel<kUnit>(at + same * kUnit) == value) ++same;
      while (same >= kLeastPixels<kUnit>) {
        const size_t now = std::min(same, kMostPixels<kUnit>);
        to.run(now);
        same -= now;
        at += now * kUnit;
      }
      for (; same > 0; --same, at += kUnit) to.pixel(at);
    }
  }
}

template <size_t kUnit>
struct RunCounter {
  // one table a byte: two additions to one counter would wait for each other
  std::array<std::array<uint32_t, 256>, kUnit> bytes{};
  std::array<uint32_t, kLongest + 1> runs{};

  void literal(uint8_t byte) { ++bytes[0][byte]; }
  void pixel(const uint8_t* at) {
    for (size_t k = 0; k < kUnit; ++k) ++bytes[k][at[k]];
  }
  void run(size_t pixels) { ++runs[pixels]; }

  Counts counts() const {
    Counts counts;
    for (const auto& table : bytes)
      for (size_t i = 0; i < 256; ++i) counts.literals[i] += table[i];
    for (size_t pixels = 1; pixels <= kMostPixels<kUnit>; ++pixels) {
      if (runs[pixels] == 0) continue;
      counts.literals[length_symbol(pixels * kUnit).symbol] += runs[pixels];
      counts.distances[distance_symbol(kUnit).symbol] += runs[pixels];
    }
    counts.literals[kEnd] = 1;
    return counts;
  }
};

template <size_t kUnit>
class RunWriter {
 public:
  struct Word {
    uint32_t bits;
    uint32_t length;
  };
  RunWriter(const Codes& from, Bits& to) : bits_(to) {
    for (size_t i = 0; i < 256; ++i) bytes_[i] = {from.literal(i).bits, from.literal(i).length};
    const Symbol back = distance_symbol(kUnit);
    for (size_t pixels = 1; pixels <= kMostPixels<kUnit>; ++pixels) {
      if (pixels * kUnit < 3) continue;
      const Symbol run = length_symbol(pixels * kUnit);
      const Code code = from.literal(run.symbol), distance = from.distance(back.symbol);
      Word word{code.bits, code.length};
      const auto add = [&](uint32_t value, unsigned count) {
        word.bits |= value << word.length;
        word.length += count;
      };
      add(run.extra, run.extra_bits);
      add(distance.bits, distance.length);
      add(back.extra, back.extra_bits);
      runs_[pixels] = word;
    }
  }
  void literal(uint8_t byte) { put(bytes_[byte]), bits_.flush(); }
  void pixel(const uint8_t* at) {
    for (size_t k = 0; k < kUnit; k += 4) four(at + k, std::min<size_t>(kUnit - k, 4));
  }
  void run(size_t pixels) { put(runs_[pixels]), bits_.flush(); }

 private:
  void put(Word word) { bits_.put(word.bits, word.length); }
  void four(const uint8_t* at, size_t count) {
    const Word a = bytes_[at[0]];
    if (count == 1) {
      put(a);
    } else {
      const Word b = bytes_[at[1]];
      const uint64_t low = a.bits | b.bits << a.length;  // pairs, so that no addition waits for three others
      uint64_t high = 0;
      uint32_t more = 0;
      if (count > 2) high = bytes_[at[2]].bits, more = bytes_[at[2]].length;
      if (count > 3) high |= uint64_t{bytes_[at[3]].bits} << more, more += bytes_[at[3]].length;
      bits_.put(low | high << (a.length + b.length), a.length + b.length + more);
    }
    bits_.flush();
  }

  std::array<Word, 256> bytes_;
  std::array<Word, kLongest + 1> runs_{};
  Bits& bits_;
};

// ---------------------------------------------------------------- a search (LZ77)

/// So many literals and then a match, or none where its length is 0.
struct Token {
  uint32_t literals;
  uint16_t length;
  uint16_t distance_less_1;
};

struct Effort {
  size_t chain;  // places looked at
  size_t good;   // a match that long ends the search
  bool lazy;     // whether the next byte has a better one
  size_t step;   // of a match's places, those that are kept for later
  size_t least;  // bytes that agree at once; shorter matches cost more than what filters leave of pixels
};

/// What a match saves against the literals it stands for, in sixteenths of a bit, if all were literals else. Filtered pixels
/// leave literals of three bits or so, many of one: a match far back has to be long, and of rare bytes, to be worth its distance.
class Prices {
 public:
  explicit Prices(std::span<const uint8_t> data) : before_(data.size() + 1) {
    std::array<uint32_t, 256> counts{}, prices{};
    for (const uint8_t byte : data) ++counts[byte];
    for (size_t i = 0; i < 256; ++i) {
      const double share = std::max<double>(counts[i], 1) / static_cast<double>(data.size());
      prices[i] = static_cast<uint32_t>(kUnit * std::clamp<double>(-std::log2(share), 1, kLongestCode));
    }
    for (size_t i = 0; i < data.size(); ++i) before_[i + 1] = before_[i] + prices[data[i]];
    for (size_t length = 3; length <= kLongest; ++length)
      lengths_[length] = static_cast<uint16_t>(kUnit * (kSymbols + length_symbol(length).extra_bits));
  }

  int64_t saved(size_t at, size_t length, size_t distance) const {
    const auto bits = static_cast<int64_t>(std::bit_width(distance - 1));
    return int64_t{before_[at + length] - before_[at]} - lengths_[length] - kUnit * std::max<int64_t>(bits - 2, 0);
  }

 private:
  static constexpr int64_t kUnit = 16;
  static constexpr int64_t kSymbols = 13;  // bits of the two symbols, which are rare among so many literals
  std::vector<uint32_t> before_;
  std::array<uint16_t, kLongest + 1> lengths_{};
};

class Searcher {
 public:
  /// `prices`: what matches are compared by; null for their length.
  Searcher(std::span<const uint8_t> data, Effort effort, const Prices* prices)
      : data_(data), effort_(effort), heads_(kHeads, kNone), before_(effort.chain > 1 ? kWindow : 0), prices_(prices) {}

  std::vector<Token> tokens() {
    std::vector<Token> tokens;
    size_t start = 0, at = 0;
    while (at < data_.size()) {
      Match match = find(at);
      if (match.length >= effort_.least && effort_.lazy && match.length < effort_.good && at + 1 < data_.size()) {
        insert(at);
        const Match next = find(at + 1);
        if (prices_ ? next.saved > match.saved : next.length > match.length + 1)
          match = next, ++at;
        else
          skip_insert_ = true;
      }
      if (match.length < effort_.least) {
        insert(at++);
        continue;
      }
      tokens.push_back({static_cast<uint32_t>(at - start), static_cast<uint16_t>(match.length),
                        static_cast<uint16_t>(match.distance - 1)});
      for (size_t i = skip_insert_ ? 1 : 0; i < match.length; i += effort_.step) insert(at + i);
      skip_insert_ = false;
      start = at += match.length;
    }
    tokens.push_back({static_cast<uint32_t>(data_.size() - start), 0, 0});
    return tokens;
  }

 private:
  static constexpr size_t kHeadBits = 15, kHeads = size_t{1} << kHeadBits;
  static constexpr uint32_t kNone = ~0U;
  struct Match {
    size_t length = 0, distance = 0;
    int64_t saved = 0;
  };

  uint32_t head(size_t at) const {
    uint64_t bytes = 0;
    std::memcpy(&bytes, data_.data() + at, sizeof bytes);
    bytes <<= 64 - 8 * effort_.least;  // little-endian: the later ones go
    return static_cast<uint32_t>((bytes * 0x9E3779B97F4A7C15ULL) >> (64 - kHeadBits));
  }
  bool can_hash(size_t at) const { return at + sizeof(uint64_t) <= data_.size(); }

  void insert(size_t at) {
    if (!can_hash(at)) return;
    uint32_t& newest = heads_[head(at)];
    if (!before_.empty()) before_[at % kWindow] = newest;
    newest = static_cast<uint32_t>(at);
  }

  Match find(size_t at) const {
    Match best;
    if (!can_hash(at)) return best;
    const size_t most = std::min(kLongest, data_.size() - at);
    uint32_t place = heads_[head(at)];
    for (size_t i = 0; i < effort_.chain && place != kNone && place < at && at - place < kWindow; ++i) {
      const size_t length = common(place, at, most);
      consider({length, at - place}, at, best);
      if (best.length >= effort_.good || before_.empty()) break;
      const uint32_t older = before_[place % kWindow];
      if (older >= place) break;  // written over since, or none
      place = older;
    }
    return best;
  }

  void consider(Match match, size_t at, Match& best) const {
    if (match.length < effort_.least || match.length <= best.length) return;
    if (prices_) match.saved = prices_->saved(at, match.length, match.distance);
    if (!prices_ || match.saved > best.saved) best = match;
  }

  size_t common(size_t a, size_t b, size_t most) const {
    size_t length = 0;
    while (length + 8 <= most) {
      uint64_t x, y;
      std::memcpy(&x, data_.data() + a + length, 8);
      std::memcpy(&y, data_.data() + b + length, 8);
      if (x != y) return length + static_cast<size_t>(std::countr_zero(x ^ y)) / 8;
      length += 8;
    }
    while (length < most && data_[a + length] == data_[b + length]) ++length;
    return length;
  }

  std::span<const uint8_t> data_;
  Effort effort_;
  std::vector<uint32_t> heads_, before_;
  const Prices* prices_;
  bool skip_insert_ = false;
};

Counts counts_of(std::span<const uint8_t> data, const std::vector<Token>& tokens) {
  Counts counts;
  size_t at = 0;
  for (const Token& token : tokens) {
    for (const size_t end = at + token.literals; at < end; ++at) ++counts.literals[data[at]];
    if (token.length == 0) continue;
    ++counts.literals[length_symbol(token.length).symbol];
    ++counts.distances[distance_symbol(size_t{token.distance_less_1} + 1).symbol];
    at += token.length;
  }
  counts.literals[kEnd] = 1;
  return counts;
}

void write_tokens(std::span<const uint8_t> data, const std::vector<Token>& tokens, const Codes& codes, Bits& bits) {
  size_t at = 0;
  for (const Token& token : tokens) {
    for (const size_t end = at + token.literals; at < end; ++at) {
      bits.put(codes.literal(data[at]).bits, codes.literal(data[at]).length);
      bits.flush();
    }
    if (token.length == 0) continue;
    put_match(bits, codes, token.length, size_t{token.distance_less_1} + 1);
    at += token.length;
  }
}

// ---------------------------------------------------------------- a block

template <size_t kUnit>
Counts count_runs(const FilteredRows& rows) {
  RunCounter<kUnit> counter;
  walk_runs<kUnit>(rows, counter);
  return counter.counts();
}

/// About the bits of a block with these counts, without its codes: entropy, and extra bits.
double bits_of(const Counts& counts) {
  const auto entropy = [](std::span<const uint32_t> of) {
    double sum = 0, bits = 0;
    for (const uint32_t count : of) sum += count;
    for (const uint32_t count : of)
      if (count) bits += count * std::log2(sum / count);
    return bits;
  };
  double bits = entropy(counts.literals) + entropy(counts.distances);
  return bits + static_cast<double>(extra_bits(counts));
}

std::span<const uint8_t> bytes_of(const FilteredRows& rows) { return {rows.data, rows.bytes()}; }

constexpr size_t kLeast = 6;  // shorter matches cost more than what filters leave of pixels
constexpr Effort kQuick{1, kLongest, false, 4, kLeast};

/// Some rows from the middle, or the middle of one; what stands where a row's filter would is but another byte.
FilteredRows sample_of(const FilteredRows& rows) {
  const size_t count = std::clamp<size_t>(kSample / (rows.row_bytes + 1), 1, rows.rows);
  const uint8_t* first = rows.data + (rows.rows - count) / 2 * (rows.row_bytes + 1);
  if (count > 1 || rows.row_bytes <= kSample) return {first, count, rows.row_bytes, rows.unit};
  const size_t pixels = kSample / rows.unit, skipped = (rows.row_bytes / rows.unit - pixels) / 2;
  return {first + skipped * rows.unit, 1, pixels * rows.unit, rows.unit};
}

template <size_t kUnit>
bool search_pays(const FilteredRows& rows) {
  const FilteredRows sample = sample_of(rows);
  const auto bytes = bytes_of(sample);
  const auto tokens = Searcher(bytes, kQuick, nullptr).tokens();
  const double all = 8 * static_cast<double>(bytes.size()), with_runs = bits_of(count_runs<kUnit>(sample));
  const double saved = with_runs - bits_of(counts_of(bytes, tokens));
  return saved > kPays * all || (saved > kPaysOfRuns * with_runs && with_runs > kNothing * all);
}

/// Appends what `body(bits)` puts between the block's head and its end, at most so many bits.
template <class Body>
void write_block(const Codes& codes, uint64_t most_bits, bool last, std::vector<uint8_t>& into, const Body& body) {
  constexpr size_t kRoom = 1024;  // for the head, the end, and what flush() writes too much
  const auto block = std::make_unique_for_overwrite<uint8_t[]>(most_bits / 8 + kRoom);
  Bits bits(block.get());
  codes.write_head(bits, last);
  body(bits);
  bits.put(codes.literal(kEnd).bits, codes.literal(kEnd).length);
  if (!last) bits.put(0, 3);  // an empty stored block reaches the next byte
  uint8_t* end = bits.finish();
  if (!last) {
    constexpr uint8_t kEmpty[] = {0, 0, 0xFF, 0xFF};
    std::memcpy(end, kEmpty, sizeof kEmpty);
    end += sizeof kEmpty;
  }
  into.insert(into.end(), block.get(), end);
}

template <size_t kUnit>
void write_runs(const FilteredRows& rows, const Codes& codes, uint64_t most_bits, bool last,
                std::vector<uint8_t>& into) {
  write_block(codes, most_bits, last, into, [&](Bits& bits) {
    Bits own = bits;  // a local that no store can alias stays in registers
    RunWriter<kUnit> writer(codes, own);
    walk_runs<kUnit>(rows, writer);
    bits = own;
  });
}

/// What a search found, and its codes.
struct Found {
  struct How {
    Effort effort;
    const Prices* prices;
  };
  Found(std::span<const uint8_t> bytes, const How& how)
      : tokens(Searcher(bytes, how.effort, how.prices).tokens()), counts(counts_of(bytes, tokens)), codes(counts) {
    bits = codes.cost(counts);
  }
  void improve(std::span<const uint8_t> bytes, const How& how) {
    Found other(bytes, how);
    if (other.bits < bits) *this = std::move(other);
  }

  std::vector<Token> tokens;
  Counts counts;
  Codes codes;
  uint64_t bits;
};

/// Matches by what they save leave many cheap literals, matches by length few dear ones; some rows say which is smaller here.
template <size_t kUnit>
void search_far(const FilteredRows& rows, Found& found) {
  const auto bytes = bytes_of(rows);
  const size_t tried = std::max<size_t>(rows.rows / kTried, 1);
  const auto part = bytes.subspan((rows.rows - tried) / 2 * (rows.row_bytes + 1), tried * (rows.row_bytes + 1));
  const Effort by_price{16, 96, true, 1,
                        std::clamp<size_t>(2 * kUnit, 4, 8)};  // two pixels agree, of four bytes or fewer
  const Effort by_length{24, 96, true, 1, kLeast};
  const Prices prices_of_part(part);
  const bool close = static_cast<double>(found.bits) < kWell * 8 * static_cast<double>(bytes.size());
  const bool length_wins =
      !close && Found(part, {by_length, nullptr}).bits < Found(part, {by_price, &prices_of_part}).bits;
  if (close || !length_wins) {
    const Prices prices(bytes);
    found.improve(bytes, {by_price, &prices});
  }
  if (close || length_wins) found.improve(bytes, {by_length, nullptr});
}

template <size_t kUnit>
void deflate_units(const FilteredRows& rows, Search search, bool last, std::vector<uint8_t>& into) {
  const Counts runs = count_runs<kUnit>(rows);
  const Codes run_codes(runs);
  const uint64_t run_bits = run_codes.cost(runs);
  if (search == Search::runs || (search == Search::quick && !search_pays<kUnit>(rows)))
    return write_runs<kUnit>(rows, run_codes, run_bits, last, into);
  const auto bytes = bytes_of(rows);
  Found found(bytes, {kQuick, nullptr});
  if (search == Search::far) search_far<kUnit>(rows, found);
  if (run_bits <= found.bits) return write_runs<kUnit>(rows, run_codes, run_bits, last, into);
  write_block(found.codes, found.bits, last, into,
              [&](Bits& bits) { write_tokens(bytes, found.tokens, found.codes, bits); });
}

}  // namespace

void deflate(const FilteredRows& rows, Search search, bool last, std::vector<uint8_t>& into) {
  switch (rows.unit) {
    case 1: return deflate_units<1>(rows, search, last, into);
    case 2: return deflate_units<2>(rows, search, last, into);
    case 3: return deflate_units<3>(rows, search, last, into);
    case 4: return deflate_units<4>(rows, search, last, into);
    case 6: return deflate_units<6>(rows, search, last, into);
    default: return deflate_units<8>(rows, search, last, into);
  }
}

}  // namespace forge::graphics::png
