#include <algorithm>
#include <limits>

#include "forge/array/ops/team.hpp"
#include "forge/infer/onnx/fusions.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/shader/launch.hpp"
#include "forge_shaders/onnx/attention.hpp"

// Attention. ONNX' own operator is a function of its: the reader of models puts its parts in its place, and the fusion finds
// here again what is softmax(q k^T scale + mask) v.
namespace forge::infer::onnx {

namespace {

constexpr int64_t kWidest = 128;  // numbers of a head that lanes hold in registers
constexpr uint32_t kArithmeticAndBallot = 12;  // VkSubgroupFeatureFlags
constexpr int64_t kMostKeys = 32768;  // steps of a loop: some drivers end it after 65,535

// As the nodes say it.
Lazy in_steps(Call& n, double scale) {
  const Lazy product = matrix_product(n, n[0], n[1]);
  const Lazy scaled = scale == 1 ? product : product * scale;
  const Lazy scores = n.has(3) ? scaled + n[3] : scaled;
  if (scores.shape().empty()) n.refuse("a number has no axis", "one axis or more", "()");
  return matrix_product(n, softmax(n, scores, scores.shape().size() - 1), n[2]);
}

// (batch, head, rows, columns), whose columns follow each other; steps in elements.
struct Stack {
  Array values;
  std::array<uint32_t, 4> step;
};

Array with_four_axes(const Array& values) {
  Dims shape, strides;
  for (size_t i = values.shape().size(); i < 4; ++i) shape.push_back(1), strides.push_back(0);
  for (size_t i = 0; i < values.shape().size(); ++i) {
    shape.push_back(values.shape()[i]);
    strides.push_back(values.shape()[i] == 1 ? 0 : values.strides()[i]);
  }
  return values.view(0, shape, strides);
}

std::optional<Stack> stack_of(Call& n, size_t i, bool is_mask) {
  Array values = with_four_axes(n.array(i));
  const auto fits = [&] {
    const Dims& s = values.strides();
    const bool rows = values.shape()[3] == 1 || s[3] == 4 || (is_mask && s[3] == 0);
    return rows && std::all_of(s.begin(), s.end(), [](int64_t step) { return step >= 0 && step % 4 == 0; });
  };
  if (!fits()) values = with_four_axes(n.dense(i));
  if (values.span().bytes.size / 4 > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  Stack stack{values, {}};
  for (size_t k = 0; k < 4; ++k) stack.step[k] = static_cast<uint32_t>(values.strides()[k] / 4);
  return stack;
}

bool has_kernel(Call& n) {
  const Dims &q = n.shape(0), &k = n.shape(1), &v = n.shape(2);
  const size_t axes = q.size();
  if (axes < 3 || axes > 4 || k.size() != axes || v.size() != axes) return false;
  for (size_t i = 0; i < n.size(); ++i)
    if (n.has(i) && (n[i].dtype() != DType::float32 || n.shape(i).size() > 4)) return false;
  for (size_t i = 0; i + 2 < axes; ++i)
    if (k[i] != q[i] || v[i] != q[i] || q[i] > std::numeric_limits<uint16_t>::max()) return false;
  const int64_t head = q[axes - 1], rows = q[axes - 2], keys = k[axes - 1], width = v[axes - 1];
  if (k[axes - 2] != head || v[axes - 2] != keys || head > kWidest || width > kWidest || keys > kMostKeys) return false;
  if (element_count(q) == 0 || element_count(v) == 0 || rows > std::numeric_limits<uint16_t>::max()) return false;
  const array::Team team = array::team_of(*n.device());
  return !team.emulated && (n.device()->limits().subgroup_operations & kArithmeticAndBallot) == kArithmeticAndBallot;
}

// A mask goes along with the scores, or is one of its axes repeated.
bool goes_along(const Dims& mask, const Dims& scores) {
  if (mask.size() > scores.size()) return false;  // the result has the mask's axes
  for (size_t i = 0; i < mask.size(); ++i)
    if (const int64_t extent = mask[mask.size() - 1 - i]; extent != 1)
      if (extent != scores[scores.size() - 1 - i]) return false;
  return true;
}

uint32_t queries_of(int64_t widest) { return widest <= 64 ? 8 : 4; }

Outputs attention(Call& n) {  // q, k^T, v, mask
  const double scale = n.real("scale", 1);
  if (!has_kernel(n)) return in_steps(n, scale);
  const size_t axes = n.shape(0).size();
  Dims scores = n.shape(0), made = n.shape(0);
  scores[axes - 1] = n.shape(1)[axes - 1], made[axes - 1] = n.shape(2)[axes - 1];
  if (n.has(3) && !goes_along(n.shape(3), scores)) return in_steps(n, scale);
  const auto q = stack_of(n, 0, false), k = stack_of(n, 1, false), v = stack_of(n, 2, false);
  const auto mask = n.has(3) ? stack_of(n, 3, true) : q;
  if (!q || !k || !v || !mask) return in_steps(n, scale);
  const Array out = fresh(n, DType::float32, made);
  const int64_t head = q->values.shape()[3], width = v->values.shape()[3], rows = q->values.shape()[2];
  const uint32_t queries = queries_of(std::max(head, width));
  const shader::Defines defines{{"HEAD", std::to_string(head)},
                                {"WIDTH", std::to_string(width)},
                                {"QUERIES", std::to_string(queries)},
                                {"MASKED", n.has(3) ? "1" : "0"}};
  const auto three = [](const Stack& s) { return std::array<uint32_t, 3>{s.step[0], s.step[1], s.step[2]}; };
  n.stream().run([&](vk::Commands& commands) {
    shader::dispatch(commands, shader::program_of<k::attention>(commands.device(), defines),
                     k::attention{.queries = q->values.span().bytes,
                                  .keys = k->values.span().bytes,
                                  .values = v->values.span().bytes,
                                  .mask = mask->values.span().bytes,
                                  .target = out.bytes(),
                                  .query_step = three(*q),
                                  .key_step = three(*k),
                                  .value_step = three(*v),
                                  .mask_step = mask->step,
                                  .count = static_cast<uint32_t>(rows),
                                  .length = static_cast<uint32_t>(k->values.shape()[3]),
                                  .scale = static_cast<float>(scale)},
                     {(static_cast<uint32_t>(rows) + queries - 1) / queries,
                      static_cast<uint32_t>(q->values.shape()[1]), static_cast<uint32_t>(q->values.shape()[0])});
    return 0;
  });
  return out;
}

constexpr OperatorRow kRows[] = {
    {"Attention", 1, attention, kOwnDomain},
};

}  // namespace

std::span<const OperatorRow> attention_ops() { return kRows; }

}  // namespace forge::infer::onnx
