#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// Formats of weights: quant.def, on the host. Kernels take the same text (linear.hpp).
namespace forge::llm {

enum class Quant : unsigned char {
#define FORGE_FLOAT(name, id, bytes, value) name,
#define FORGE_QUANT(name, id, block, bytes, group, head, scale, offset, bias, codes) name,
#include "forge/infer/llm/quant.def"
};

struct QuantRow {
  Quant quant;
  std::string_view name;
  uint32_t id;        // in GGUF files
  uint32_t block;     // values
  uint32_t bytes;     // a block takes in the file
  uint32_t group;     // values with one scale
  int32_t head;       // of the lone float16; -1: none
  uint32_t bias;
  std::string_view scale, offset, codes;  // GLSL; empty for plain numbers
  std::string_view value;                 // of plain numbers
  bool is_float() const { return codes.empty(); }
  /// 32-bit words of a block in memory; of plain numbers those of 32 values.
  uint32_t words() const { return is_float() ? 32 * bytes / 4 : (bytes + 2) / 4; }
  /// Values that those words hold.
  uint32_t unit() const { return is_float() ? 32 : block; }
};

std::span<const QuantRow> quant_rows();
const QuantRow& quant_row(Quant quant);
/// None where this library does not know the number.
const QuantRow* find_quant(uint32_t id);
/// The functions of quant.def as GLSL: name_of(v, g) for row v of a lane.
std::string quant_functions();

/// Bytes that so many values take in a file; values are whole blocks.
uint64_t quant_bytes(Quant quant, uint64_t values);

/// float32 values of whole blocks as they lie in a file; to.size() values.
void dequantise(Quant quant, std::span<const std::byte> from, std::span<float> to);

/// One unit() of values as it lies in memory: row.words() words. Of plain numbers any that are missing are zeros.
void load_words(const QuantRow& row, std::span<const std::byte> from, uint32_t* to);

}  // namespace forge::llm
