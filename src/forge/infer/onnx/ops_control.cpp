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

Outputs scan(Call& n) {
  const Graph& body = n.graph("body");
  const int64_t given_in = n.whole("num_scan_inputs", 1);
  if (given_in < 1 || given_in > static_cast<int64_t>(n.size()))
    n.refuse("num_scan_inputs does not fit", "1 to " + std::to_string(n.size()), std::to_string(given_in));
  const auto count = static_cast<size_t>(given_in);
  const bool batched = n.opset() < 9;  // then sequence lengths come first, and a batch axis
  if (batched) n.unsupported("Scan with a batch axis", "use opset 9");
  const size_t carried = n.size() - count;
  check_ports(n, body, n.size(), carried);
  const size_t given_out = body.outputs.size() - carried;
  const Ints in_axes = n.ints("scan_input_axes", Ints(count, 0)),
             out_axes = n.ints("scan_output_axes", Ints(given_out, 0));
  const Ints in_ways = n.ints("scan_input_directions", Ints(count, 0));
  const Ints out_ways = n.ints("scan_output_directions", Ints(given_out, 0));
  if (in_axes.size() != count || in_ways.size() != count || out_axes.size() != given_out ||
      out_ways.size() != given_out)
    n.refuse("axes and directions do not fit",
             std::to_string(count) + " of inputs, " + std::to_string(given_out) + " of outputs", "others");
  std::vector<Tensor> state;
  for (size_t i = 0; i < carried; ++i) state.push_back(n.tensor(i));
  const auto axis_of = [&](size_t i) { return n.axis(in_axes[i], n.shape(carried + i).size()); };
  const int64_t steps = n.shape(carried)[axis_of(0)];
  std::vector<std::vector<Tensor>> scanned(given_out);
  for (int64_t step = 0; step < steps; ++step) {
    Trace::Values inputs;
    for (size_t i = 0; i < carried; ++i) inputs.emplace(body.inputs[i].name, of_turn(state[i]));
    for (size_t i = 0; i < count; ++i) {
      const Array in = n.array(carried + i);
      const size_t axis = axis_of(i);
      if (in.shape()[axis] != steps)
        n.refuse("the scanned axes differ", std::to_string(steps), std::to_string(in.shape()[axis]));
      const Array one = strided(in, axis, in_ways[i] != 0 ? steps - 1 - step : step, 1);
      Dims shape, strides;
      for (size_t k = 0; k < one.shape().size(); ++k)
        if (k != axis) shape.push_back(one.shape()[k]), strides.push_back(one.strides()[k]);
      inputs.emplace(body.inputs[carried + i].name,
                     of_turn({one.view(0, shape, strides), n.tensor(carried + i).known}));
    }
    std::vector<Tensor> made = n.trace().run(body, std::move(inputs));
    for (size_t i = 0; i < carried; ++i) state[i] = made[i];
    for (size_t i = 0; i < given_out; ++i) scanned[i].push_back(made[carried + i]);
  }
  for (size_t i = 0; i < given_out; ++i) {
    const size_t axes = scanned[i].empty() ? 1 : scanned[i].front().value.shape().size() + 1;
    state.push_back(stacked(n, scanned[i], body.outputs[carried + i], n.axis(out_axes[i], axes), out_ways[i] != 0));
  }
  return given(std::move(state));
}

constexpr OperatorRow kRows[] = {
    {"If", 1, branch},
    {"Loop", 1, loop},
    {"Scan", 8, scan},
};

}  // namespace

std::span<const OperatorRow> control_ops() { return kRows; }

}  // namespace forge::infer::onnx
