#include "forge/infer/llm/rope.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "forge/core/error.hpp"

namespace forge::llm {

namespace {

[[noreturn]] void cannot_be(const char* expected, double got) {
  throw Error(ErrorCode::MISSING_FEATURE, "a model turns its heads in a way that does not work here", expected,
              std::to_string(got));
}

// Slow turns are stretched, quick ones stay, those between are blended.
void stretch_as_llama3(Rope& rope, const Stretch& s) {
  for (double& frequency : rope.frequencies) {
    const double turns = s.context * frequency / (2 * std::numbers::pi);
    const double blend = std::clamp((turns - s.low) / (s.high - s.low), 0.0, 1.0);
    frequency = blend * frequency + (1 - blend) * frequency / s.factor;
  }
}

// The same by a ramp along the pairs, and all that turns is made larger.
void stretch_as_yarn(Rope& rope, double base, const Stretch& s) {
  const double turned = rope.turned;
  const auto pair_with = [&](double turns) {  // so many turns in a context
    return turned * std::log(s.context / (turns * 2 * std::numbers::pi)) / (2 * std::log(base));
  };
  double first = pair_with(s.fast), last = pair_with(s.slow);
  if (s.whole) first = std::floor(first), last = std::ceil(last);
  first = std::max(first, 0.0), last = std::min(last, turned - 1);
  if (first == last) last += 0.001;
  for (uint32_t i = 0; i < rope.turned / 2; ++i) {
    const double stretched = std::clamp((i - first) / (last - first), 0.0, 1.0);
    rope.frequencies[i] *= stretched / s.factor + (1 - stretched);
  }
  rope.size *= s.size.value_or(yarn_growth(s.factor, 1));
}

}  // namespace

double yarn_growth(double factor, double weight) { return factor > 1 ? 0.1 * weight * std::log(factor) + 1 : 1; }

Rope make_rope(Pairing pairing, uint32_t head, uint32_t turned, double base, const Stretch& stretch) {
  if (turned > head || turned % 2 != 0) cannot_be("as many turned numbers as a head has", turned);
  if (!(base > 1 && std::isfinite(base))) cannot_be("a rope base above 1", base);
  if (!(stretch.times > 0 && std::isfinite(stretch.times)))
    cannot_be("a finite factor above 0 that turned numbers are multiplied by", stretch.times);
  Rope rope{pairing, turned, std::vector<double>(head / 2, 0.0), stretch.times};
  for (uint32_t i = 0; i < turned / 2; ++i) rope.frequencies[i] = std::pow(base, -2.0 * i / turned);
  // "dynamic" stretches a context once it is longer than the model's own, which no session's is.
  if (stretch.type == "none" || stretch.type == "default" || stretch.type == "dynamic") return rope;
  if (!(stretch.factor > 0 && std::isfinite(stretch.factor)))
    cannot_be("a finite factor above 0 that positions are stretched by", stretch.factor);
  for (const double number : {stretch.context, stretch.fast, stretch.slow, stretch.size.value_or(1)})
    if (!(number > 0 && std::isfinite(number)))
      cannot_be("finite numbers above 0 that say how positions are stretched", number);
  if (stretch.type == "linear") {
    for (double& frequency : rope.frequencies) frequency /= stretch.factor;
  } else if (stretch.type == "llama3") {
    if (!(stretch.high > stretch.low && std::isfinite(stretch.high - stretch.low)))
      cannot_be("a high_freq_factor above low_freq_factor", stretch.high);
    stretch_as_llama3(rope, stretch);
  } else if (stretch.type == "yarn") {
    stretch_as_yarn(rope, base, stretch);
  } else {
    throw Error(ErrorCode::MISSING_FEATURE, "a model stretches its positions in a way that is not known here",
                "linear, dynamic, llama3 or yarn", stretch.type);
  }
  return rope;
}

}  // namespace forge::llm
