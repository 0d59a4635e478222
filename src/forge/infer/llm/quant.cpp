#include "forge/infer/llm/quant.hpp"

#include <bit>
#include <cstring>

#include "forge/core/error.hpp"

namespace forge::llm {

namespace {

using uint = uint32_t;  // as the table calls it

float from_half(uint32_t bits) {
  const uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31u, fraction = bits & 0x3FFu;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | fraction << 13);
  if (exponent == 0) {
    const float tiny = static_cast<float>(fraction) * 5.9604644775390625e-8f;  // 2^-24
    return sign ? -tiny : tiny;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

// A block in memory, as the expressions of the table see it.
struct Block {
  const uint32_t* words;
  uint word(uint at) const { return words[at / 4]; }
  uint byte(uint at) const { return words[at / 4] >> (at % 4 * 8) & 255u; }
  int signed_byte(uint at) const { return static_cast<int8_t>(byte(at)); }
  float half_at(uint at) const { return from_half(words[at / 4] >> (at % 4 * 8) & 0xFFFFu); }
  float float32_at(uint i) const { return std::bit_cast<float>(words[i]); }
  float float16_at(uint i) const { return half_at(2 * i); }
  float bfloat16_at(uint i) const { return std::bit_cast<float>((words[i / 2] >> (i % 2 * 16)) << 16); }
#define FORGE_QUANT_FUNCTION(name, expression) \
  uint name(uint g) const { return (expression); }
#include "forge/infer/llm/quant.def"
};

#define FORGE_QUANT(name, id, block, bytes, group, head, scale_, offset_, bias_, codes_) \
  struct name : Block {                                                                  \
    static constexpr uint kBlock = (block), kGroup = (group), kBias = (bias_);           \
    float scale([[maybe_unused]] uint g) const { return (scale_); }                      \
    float offset([[maybe_unused]] uint g) const { return (offset_); }                    \
    uint codes(uint i) const { return (codes_); }                                        \
  };
#include "forge/infer/llm/quant.def"

template <class Row>
void unpack_block(const uint32_t* words, float* to) {
  const Row block{{words}};
  for (uint g = 0; g < Row::kBlock / Row::kGroup; ++g) {
    const float scale = block.scale(g), offset = block.offset(g);
    for (uint i = g * Row::kGroup; i < (g + 1) * Row::kGroup; i += 4) {
      const uint codes = block.codes(i);
      for (uint j = 0; j < 4; ++j)
        to[i + j] =
            scale * static_cast<float>(static_cast<int>(codes >> (8 * j) & 255u) - static_cast<int>(Row::kBias)) +
            offset;
    }
  }
}

template <auto value>
void unpack_numbers(const uint32_t* words, float* to) {
  for (uint i = 0; i < 32; ++i) to[i] = (Block{words}.*value)(i);
}

using Unpack = void (*)(const uint32_t* words, float* to);
constexpr Unpack kUnpack[] = {
#define FORGE_FLOAT(name, id, bytes, value) unpack_numbers<&Block::value>,
#define FORGE_QUANT(name, id, block, bytes, group, head, scale, offset, bias, codes) unpack_block<name>,
#include "forge/infer/llm/quant.def"
};

constexpr QuantRow kRows[] = {
#define FORGE_FLOAT(name, id, bytes, value) {Quant::name, #name, id, 1, bytes, 32, -1, 0, {}, {}, {}, #value},
#define FORGE_QUANT(name, id, block, bytes, group, head, scale, offset, bias, codes) \
  {Quant::name, #name, id, block, bytes, group, head, bias, #scale, #offset, #codes, {}},
#include "forge/infer/llm/quant.def"
};

constexpr uint32_t kMostWords = 64;

}  // namespace

std::span<const QuantRow> quant_rows() { return kRows; }

const QuantRow& quant_row(Quant quant) { return kRows[static_cast<size_t>(quant)]; }

const QuantRow* find_quant(uint32_t id) {
  for (const QuantRow& row : kRows)
    if (row.id == id) return &row;
  return nullptr;
}

std::string quant_functions() {
  std::string text;
#define FORGE_QUANT_FUNCTION(name, expression) text += "uint " #name "_of(uint v, uint g) { return " #expression "; } ";
#include "forge/infer/llm/quant.def"
  return text;
}

uint64_t quant_bytes(Quant quant, uint64_t values) {
  const QuantRow& row = quant_row(quant);
  return values / row.block * row.bytes;
}

void load_words(const QuantRow& row, std::span<const std::byte> from, uint32_t* to) {
  if (row.head < 0) {
    const size_t bytes = std::min<size_t>(from.size(), size_t{row.words()} * 4);
    std::memcpy(to, from.data(), bytes);
    std::memset(reinterpret_cast<std::byte*>(to) + bytes, 0, size_t{row.words()} * 4 - bytes);
    return;
  }
  const auto head = static_cast<size_t>(row.head);
  to[0] = 0;
  std::memcpy(to, &from[head], 2);
  auto* rest = reinterpret_cast<std::byte*>(to + 1);
  if (head > 0) std::memcpy(rest, from.data(), head);
  if (head + 2 < row.bytes) std::memcpy(rest + head, &from[head + 2], row.bytes - head - 2);
}

void dequantise(Quant quant, std::span<const std::byte> from, std::span<float> to) {
  const QuantRow& row = quant_row(quant);
  FORGE_ASSERT(to.size() % row.block == 0 && from.size() == quant_bytes(quant, to.size()));
  const uint32_t unit = row.unit();
  const size_t bytes = size_t{unit} / row.block * row.bytes;
  std::array<uint32_t, kMostWords> words;
  std::array<float, 32> few;
  for (size_t i = 0, at = 0; i < to.size(); i += unit, at += bytes) {
    const bool whole = i + unit <= to.size();
    load_words(row, from.subspan(at, std::min(bytes, from.size() - at)), words.data());
    kUnpack[static_cast<size_t>(quant)](words.data(), whole ? &to[i] : few.data());
    if (!whole) std::memcpy(&to[i], few.data(), (to.size() - i) * sizeof(float));
  }
}

}  // namespace forge::llm
