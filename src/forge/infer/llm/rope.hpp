#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Angles that tell positions apart, and the ways in which models reach positions beyond those they were trained with.
namespace forge::llm {

/// Which two numbers of a head turn together.
enum class Pairing : unsigned char {
  neighbours,  // 2 i and 2 i + 1
  halves,      // i and i + turned / 2
};

/// Angles of positions: position * frequencies[i] for pair i, (head / 2); 0 where a pair does not turn.
struct Rope {
  Pairing pairing;
  uint32_t turned;  // numbers of a head
  std::vector<double> frequencies;
  double size = 1;  // what the numbers that turn are multiplied by
};

/// How positions are stretched.
struct Stretch {
  std::string type = "none";      // default, linear, dynamic, llama3, yarn
  double factor = 1;
  double context = 0;             // tokens that the model was trained with
  double low = 1, high = 4;       // llama3: turns in a context below which a pair is stretched, above which it stays
  double fast = 32, slow = 1;     // yarn: the same the other way round
  bool whole = true;              // yarn: pairs where that begins and ends are rounded
  std::optional<double> size = {};  // yarn: Rope::size, where the factor does not say it
  double times = 1;               // what Rope::size is multiplied by
};

/// What turned numbers grow by where positions are stretched by a factor, as YaRN has it; more with a weight above 1.
double yarn_growth(double factor, double weight);

/// Throws MISSING_FEATURE for what cannot be, and for types that are not known here.
Rope make_rope(Pairing pairing, uint32_t head, uint32_t turned, double base, const Stretch& stretch);

}  // namespace forge::llm
