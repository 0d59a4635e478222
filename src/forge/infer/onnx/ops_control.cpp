#include <limits>

#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"
#include "forge/infer/onnx/trace.hpp"

// Control flow: branches are chosen and loops unrolled where the host knows what decides, else the model runs node by node.
namespace forge::infer::onnx {

namespace {

Outputs given(std::vector<Tensor> values) {
  return std::vector<std::optional<Tensor>>(std::make_move_iterator(values.begin()),
                                            std::make_move_iterator(values.end()));
}

Outputs branch(Call& n) {
  const bool taken = n.whole(0) != 0;
  return given(n.trace().run(n.graph(taken ? "then_branch" : "else_branch"), {}));
}

void check_ports(Call& n, const Graph& body, size_t inputs, size_t outputs) {
  if (body.inputs.size() != inputs || body.outputs.size() < outputs)
    n.refuse("the body does not fit", std::to_string(inputs) + " inputs", std::to_string(body.inputs.size()));
}

// What a scan output is made of: entries along a new axis.
Tensor stacked(Call& n, const std::vector<Tensor>& entries, const Port& port, size_t axis, bool backwards) {
  if (entries.empty()) {
    Dims shape{0};
    if (port.shape)
      for (const int64_t extent : *port.shape) shape.push_back(std::max<int64_t>(extent, 0));
    return {fresh(n, port.dtype.value_or(DType::float32), shape), Known::no};
  }
  std::vector<Lazy> parts;
  Known known = Known::always;
  for (const Tensor& entry : entries) known = std::min(known, entry.known);
  const Stream& stream = n.stream_of(known);
  Dims shape = entries.front().value.shape(), one;
  for (size_t i = 0; i <= shape.size(); ++i) one.push_back(i == axis ? 1 : shape[i < axis ? i : i - 1]);
  Dims whole = one;
  whole[axis] = static_cast<int64_t>(entries.size());
  const Array out = fresh(n, entries.front().value.dtype(), whole);
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t at = backwards ? entries.size() - 1 - i : i;
    const Lazy& entry = entries[i].value;
    if (!(entry.shape() == entries.front().value.shape()) || entry.dtype() != out.dtype())
      n.refuse("the turns give parts of several shapes or dtypes",
               std::string(name_of(out.dtype())) + " " + to_string(entries.front().value.shape()),
               std::string(name_of(entry.dtype())) + " " + to_string(entry.shape()));
    const Lazy part = reshaped(stream.dense(entries[i].value), one);
    if (element_count(one) > 0) stream.assign(strided(out, axis, static_cast<int64_t>(at), 1), part);
  }
  return {out, known};
}

bool is_true(Call& n, const Tensor& condition) {
  if (condition.known == Known::no && n.trace().later().records()) throw NeedsValues{n.node().text()};
  const Array value = n.stream_of(condition.known).dense(condition.value);
  uint8_t byte = 0;
  if (value.dtype() != DType::bool_ || value.size() != 1)
    n.refuse("a condition is one bool", "bool, one element",
             std::string(name_of(value.dtype())) + " " + to_string(value.shape()));
  value.copy_to(&byte);
  return byte != 0;
}

constexpr int64_t kMostSteps = 1 << 20;

// What a body is given differs from turn to turn, so its nodes are not the same in every run of them.
Tensor of_turn(Tensor given) {
  given.known = std::min(given.known, Known::shapes);
  return given;
}

Outputs loop(Call& n) {
  const Graph& body = n.graph("body");
  const size_t carried = n.size() < 2 ? 0 : n.size() - 2;
  check_ports(n, body, carried + 2, carried + 1);
  const int64_t steps = n.has(0) ? n.whole(0) : std::numeric_limits<int64_t>::max();
  bool goes_on = !n.has(1) || is_true(n, n.tensor(1));
  std::vector<Tensor> state;
  for (size_t i = 0; i < carried; ++i) state.push_back(n.tensor(i + 2));
  std::vector<std::vector<Tensor>> scanned(body.outputs.size() - 1 - carried);
  for (int64_t step = 0; step < steps && goes_on; ++step) {
    if (step == kMostSteps) n.unsupported("a loop of more than a million turns", "end it earlier");
    Trace::Values inputs;
    inputs.emplace(body.inputs[0].name, Tensor{host_array(n, Ints{step}, {}), Known::shapes});
    inputs.emplace(body.inputs[1].name, Tensor{host_array(n, Ints{1}, {}, DType::bool_), Known::shapes});
    for (size_t i = 0; i < carried; ++i) inputs.emplace(body.inputs[i + 2].name, of_turn(state[i]));
    std::vector<Tensor> made = n.trace().run(body, std::move(inputs));
    goes_on = is_true(n, made[0]);
    for (size_t i = 0; i < carried; ++i) state[i] = made[i + 1];
    for (size_t i = 0; i < scanned.size(); ++i) scanned[i].push_back(made[i + 1 + carried]);
  }
  for (size_t i = 0; i < scanned.size(); ++i)
    state.push_back(stacked(n, scanned[i], body.outputs[i + 1 + carried], 0, false));
  return given(std::move(state));
}

// What Scan is told: how many inputs are scanned, along which axes, in which direction.
struct Scanned {
  size_t first = 0, carried = 0, inputs = 0, outputs = 0;  // inputs: those before state, state, scanned ones
  Ints in_axes = {}, out_axes = {}, in_ways = {}, out_ways = {};
};

Scanned scanned_of(Call& n, const Graph& body, bool batched) {
  Scanned s;
  s.first = batched ? 1 : 0;
  const int64_t given = n.whole("num_scan_inputs", 1);
  if (given < 1 || given + static_cast<int64_t>(s.first) > static_cast<int64_t>(n.size()))
    n.refuse("num_scan_inputs does not fit", "1 to " + std::to_string(n.size() - s.first), std::to_string(given));
  s.inputs = static_cast<size_t>(given), s.carried = n.size() - s.first - s.inputs;
  check_ports(n, body, n.size() - s.first, s.carried);
  s.outputs = body.outputs.size() - s.carried;
  s.in_axes = n.ints("scan_input_axes", Ints(s.inputs, 0)), s.out_axes = n.ints("scan_output_axes", Ints(s.outputs, 0));
  s.in_ways = n.ints(batched ? "directions" : "scan_input_directions", Ints(s.inputs, 0));
  s.out_ways = n.ints("scan_output_directions", Ints(s.outputs, 0));
  if (s.in_axes.size() != s.inputs || s.in_ways.size() != s.inputs || s.out_axes.size() != s.outputs ||
      s.out_ways.size() != s.outputs)
    n.refuse("axes and directions do not fit",
             std::to_string(s.inputs) + " of inputs, " + std::to_string(s.outputs) + " of outputs", "others");
  return s;
}

// One entry of an axis, without the axis.
Array entry(const Array& values, size_t axis, int64_t at) {
  const Array one = strided(values, axis, at, 1);
  Dims shape, strides;
  for (size_t k = 0; k < one.shape().size(); ++k)
    if (k != axis) shape.push_back(one.shape()[k]), strides.push_back(one.strides()[k]);
  return one.view(0, shape, strides);
}

constexpr int64_t kAllSteps = std::numeric_limits<int64_t>::max();

// At most so many steps over these values: what is carried at the end, then what was put together.
std::vector<Tensor> scanned_through(Call& n, const Graph& body, const Scanned& s, std::vector<Tensor> state,
                                    const std::vector<Tensor>& inputs, int64_t most) {
  std::vector<Array> values;
  std::vector<size_t> axes;
  for (size_t i = 0; i < s.inputs; ++i) {
    values.push_back(n.stream_of(inputs[i].known).array(inputs[i].value));
    axes.push_back(n.axis(s.in_axes[i], values[i].shape().size()));
    if (values[i].shape()[axes[i]] != values[0].shape()[axes[0]])
      n.refuse("the scanned axes differ", std::to_string(values[0].shape()[axes[0]]),
               std::to_string(values[i].shape()[axes[i]]));
  }
  const int64_t all = values[0].shape()[axes[0]], steps = std::clamp<int64_t>(most, 0, all);
  std::vector<std::vector<Tensor>> scanned(s.outputs);
  for (int64_t step = 0; step < steps; ++step) {
    Trace::Values given;
    for (size_t i = 0; i < s.carried; ++i) given.emplace(body.inputs[i].name, of_turn(state[i]));
    for (size_t i = 0; i < s.inputs; ++i) {
      const Array one = entry(values[i], axes[i], s.in_ways[i] != 0 ? steps - 1 - step : step);
      given.emplace(body.inputs[s.carried + i].name, of_turn({one, inputs[i].known}));
    }
    std::vector<Tensor> made = n.trace().run(body, std::move(given));
    for (size_t i = 0; i < s.carried; ++i) state[i] = made[i];
    for (size_t i = 0; i < s.outputs; ++i) scanned[i].push_back(made[s.carried + i]);
  }
  for (size_t i = 0; i < s.outputs; ++i) {
    const size_t ranks = scanned[i].empty() ? 1 : scanned[i].front().value.shape().size() + 1;
    state.push_back(
        stacked(n, scanned[i], body.outputs[s.carried + i], n.axis(s.out_axes[i], ranks), s.out_ways[i] != 0));
  }
  return state;
}

Outputs scan(Call& n) {
  const Graph& body = n.graph("body");
  const Scanned s = scanned_of(n, body, false);
  std::vector<Tensor> state, inputs;
  for (size_t i = 0; i < n.size(); ++i) (i < s.carried ? state : inputs).push_back(n.tensor(i));
  return given(scanned_through(n, body, s, std::move(state), inputs, kAllSteps));
}

// Before opset 9 all had a batch axis in front, and entries of the batch could be shorter.
Outputs scan_of_batch(Call& n) {
  const Graph& body = n.graph("body");
  const Scanned s = scanned_of(n, body, true);
  const Ints lengths = n.has(0) ? n.ints(0) : Ints{};
  if (n.shape(1).empty() || n.shape(1)[0] < 1) n.refuse("a batch has entries", "one or more", to_string(n.shape(1)));
  const int64_t batch = n.shape(1)[0];
  if (!lengths.empty() && static_cast<int64_t>(lengths.size()) != batch)
    n.refuse("sequence_lens do not fit", std::to_string(batch), std::to_string(lengths.size()));
  std::vector<std::vector<Tensor>> results(s.carried + s.outputs);
  for (int64_t at = 0; at < batch; ++at) {
    std::vector<Tensor> state, inputs;
    for (size_t i = 1; i < n.size(); ++i) {
      if (n.shape(i).empty() || n.shape(i)[0] != batch)
        n.refuse("the batch axes differ", std::to_string(batch), to_string(n.shape(i)));
      (i <= s.carried ? state : inputs).push_back({entry(n.array(i), 0, at), n.tensor(i).known});
    }
    const int64_t most = lengths.empty() ? kAllSteps : lengths[static_cast<size_t>(at)];
    const std::vector<Tensor> made = scanned_through(n, body, s, std::move(state), inputs, most);
    for (size_t i = 0; i < made.size(); ++i) results[i].push_back(made[i]);
  }
  std::vector<Tensor> whole;
  for (size_t i = 0; i < results.size(); ++i) {
    for (const Tensor& one : results[i])
      if (!(one.value.shape() == results[i][0].value.shape()))
        n.unsupported("a batch of entries of several lengths", "scan each by itself, or use opset 9");
    whole.push_back(stacked(n, results[i], body.outputs[i], 0, false));
  }
  return given(std::move(whole));
}

// Tensors stand for optional values that are there; one that is left out is none.
Outputs has_element(Call& n) { return Tensor{host_array(n, Ints{n.has(0) ? 1 : 0}, {}, DType::bool_), Known::shapes}; }
Outputs get_element(Call& n) { return n.tensor(0); }

constexpr OperatorRow kRows[] = {
    {"If", 1, branch},
    {"Loop", 1, loop},
    {"OptionalGetElement", 15, get_element},
    {"OptionalHasElement", 15, has_element},
    {"Scan", 8, scan_of_batch},
    {"Scan", 9, scan},
};

}  // namespace

std::span<const OperatorRow> control_ops() { return kRows; }

}  // namespace forge::infer::onnx
