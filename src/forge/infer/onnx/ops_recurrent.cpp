#include <algorithm>

#include "forge/array/fuse/product.hpp"
#include "forge/core/error.hpp"
#include "forge/infer/onnx/operators.hpp"

// Recurrent layers: what depends on the inputs alone is one product for all steps; each step is a product and one kernel.
namespace forge::infer::onnx {

namespace {

struct Sizes {
  int64_t steps, batch, inputs, hidden, directions;
  bool batch_first;
};

Sizes sizes_of(Call& n, int64_t gates) {
  const bool batch_first = n.whole("layout", 0) != 0;
  const Dims &x = n.shape(0), &w = n.shape(1), &r = n.shape(2);
  if (x.size() != 3 || w.size() != 3 || r.size() != 3 || w[1] != gates * r[2] || r[1] != w[1] || w[2] != x[2])
    n.refuse("X, W and R do not fit",
             "(steps, batch, I), (directions, " + std::to_string(gates) + " H, I) and (directions, " +
                 std::to_string(gates) + " H, H)",
             to_string(x) + ", " + to_string(w) + " and " + to_string(r));
  const int64_t directions = n.text("direction", "forward") == "bidirectional" ? 2 : 1;
  if (w[0] != directions)
    n.refuse("W has another number of directions", std::to_string(directions), std::to_string(w[0]));
  return {x[batch_first ? 1 : 0], x[batch_first ? 0 : 1], x[2], r[2], directions, batch_first};
}

using Function = Lazy (*)(const Lazy&, double, double);
Function function_named(const Call& n, const std::string& name) {
  if (name == "Sigmoid") return [](const Lazy& x, double, double) { return sigmoid(x); };
  if (name == "Tanh") return [](const Lazy& x, double, double) { return op(Elementwise::tanh, x); };
  if (name == "Relu") return [](const Lazy& x, double, double) { return op(Elementwise::maximum, x, like(x, 0)); };
  if (name == "Affine") return [](const Lazy& x, double a, double b) { return x * a + b; };
  if (name == "LeakyRelu")
    return [](const Lazy& x, double a, double) { return where(op(Elementwise::less, x, like(x, 0)), x * a, x); };
  if (name == "ThresholdedRelu")
    return
        [](const Lazy& x, double a, double) { return where(op(Elementwise::greater, x, like(x, a)), x, like(x, 0)); };
  if (name == "ScaledTanh") return [](const Lazy& x, double a, double b) { return op(Elementwise::tanh, x * b) * a; };
  if (name == "HardSigmoid")
    return [](const Lazy& x, double a, double b) {
      return op(Elementwise::minimum, op(Elementwise::maximum, x * a + b, like(x, 0)), like(x, 1));
    };
  if (name == "Elu")
    return [](const Lazy& x, double a, double) {
      return where(op(Elementwise::less, x, like(x, 0)), op(Elementwise::expm1, x) * a, x);
    };
  if (name == "Softsign") return [](const Lazy& x, double, double) { return x / (op(Elementwise::abs, x) + 1); };
  if (name == "Softplus")
    return [](const Lazy& x, double, double) { return op(Elementwise::logaddexp, x, like(x, 0)); };
  n.unsupported("the activation " + name, "use one of the operator's definition");
}

// The activations of one direction, bound to their numbers.
class Activations {
 public:
  Activations(const Call& n, size_t direction, size_t each, const Texts& defaults) {
    const Texts names = n.texts("activations");
    const Reals alphas = n.reals("activation_alpha"), betas = n.reals("activation_beta");
    size_t alpha = 0, beta = 0;  // consumed in the functions' order, by those alone that have such a number
    for (size_t at = 0; at < (direction + 1) * each; ++at) {
      const std::string name = at < names.size() ? names[at] : defaults[at % each];
      Bound bound{function_named(n, name), alpha_of(name), name == "HardSigmoid" ? 0.5 : 0};
      if (has_beta(name) && beta < betas.size()) bound.beta = betas[beta++];
      if ((has_beta(name) || has_alpha_alone(name)) && alpha < alphas.size()) bound.alpha = alphas[alpha++];
      if (at >= direction * each) functions_.push_back(bound);
    }
  }
  Lazy operator()(size_t i, const Lazy& x) const {
    return functions_[i].function(x, functions_[i].alpha, functions_[i].beta);
  }

 private:
  static bool has_beta(const std::string& name) {
    return name == "Affine" || name == "ScaledTanh" || name == "HardSigmoid";
  }
  static bool has_alpha_alone(const std::string& name) {
    return name == "LeakyRelu" || name == "ThresholdedRelu" || name == "Elu";
  }
  static double alpha_of(const std::string& name) {
    return name == "LeakyRelu" ? 0.01 : name == "HardSigmoid" ? 0.2 : 1;
  }
  struct Bound {
    Function function;
    double alpha, beta;
  };
  std::vector<Bound> functions_;
};

// One direction of a layer.
struct Direction {
  Array inputs;  // (steps, batch, gates H): X times W, and both biases
  Array recurrence;  // (H, gates H)
  std::optional<Array> bias_of_recurrence;  // (gates H,): where it is not in `inputs`
  bool backwards;
};

Array entry(const Array& stack, int64_t number) {
  Dims shape, strides;
  for (size_t i = 1; i < stack.shape().size(); ++i)
    shape.push_back(stack.shape()[i]), strides.push_back(stack.strides()[i]);
  return strided(stack, 0, number, 1).view(0, shape, strides);
}

Direction direction_of(Call& n, const Sizes& sizes, int64_t number, int64_t gates, bool apart) {
  const int64_t width = gates * sizes.hidden;
  const Array x = n.stream().dense(sizes.batch_first ? permuted(n.array(0), {1, 0, 2}) : n.array(0));
  const Array w = permuted(entry(n.dense(1), number), {1, 0});
  Lazy all = array::product(reshaped(x, {sizes.steps * sizes.batch, sizes.inputs}), w);
  std::optional<Array> rest;
  if (n.has(3)) {
    const Array bias = entry(n.dense(3), number);
    const Array first = strided(bias, 0, 0, width), second = strided(bias, 0, width, width);
    all = all + (apart ? Lazy(first) : n.folded(Lazy(first) + Lazy(second), {3}));
    if (apart) rest = second;
  }
  const Array inputs = reshaped(n.stream().dense(all), {sizes.steps, sizes.batch, width});
  const bool reverse = n.text("direction", "forward") == "reverse" || number == 1;
  return {inputs, n.stream_of(n.tensor(2).known).dense(Lazy(permuted(entry(n.dense(2), number), {1, 0}))), rest,
          reverse};
}

Lazy gate(const Lazy& all, int64_t number, int64_t hidden) {
  return strided(*all.computed(), 1, number * hidden, hidden);
}

// The result of all steps and directions, and the last states, as they are made.
class Results {
 public:
  Results(Call& n, const Sizes& sizes) : n_(n), sizes_(sizes) {
    const DType dtype = n[0].dtype();
    if (n.wants(0)) all_.emplace(fresh(n, dtype, {sizes.steps, sizes.directions, sizes.batch, sizes.hidden}));
    last_.emplace(fresh(n, dtype, {sizes.directions, sizes.batch, sizes.hidden}));
    last_cell_.emplace(fresh(n, dtype, {sizes.directions, sizes.batch, sizes.hidden}));
  }

  void step(int64_t step, int64_t direction, const Lazy& state) {
    if (all_) n_.stream().assign(entry(entry(*all_, step), direction), state);
  }
  void end(int64_t direction, const Lazy& state, const std::optional<Lazy>& cell) {
    n_.stream().assign(entry(*last_, direction), state);
    if (cell) n_.stream().assign(entry(*last_cell_, direction), *cell);
  }
  Outputs outputs(bool cells) const {
    std::vector<std::optional<Tensor>> values(1);
    const bool turn = sizes_.batch_first;
    if (all_) values[0] = Tensor{turn ? permuted(*all_, {2, 0, 1, 3}) : *all_};
    values.emplace_back(Tensor{turn ? permuted(*last_, {1, 0, 2}) : *last_});
    if (cells) values.emplace_back(Tensor{turn ? permuted(*last_cell_, {1, 0, 2}) : *last_cell_});
    return values;
  }

 private:
  Call& n_;
  Sizes sizes_;
  std::optional<Array> all_, last_, last_cell_;
};

Lazy first_state(Call& n, const Sizes& sizes, size_t input, int64_t direction) {
  if (!n.has(input))
    return n.stream().array(
        array::copy(array::broadcast_to(Lazy(host_array(n, Reals{0}, {}, n[0].dtype())), {sizes.batch, sizes.hidden})));
  const Array all = sizes.batch_first ? permuted(n.array(input), {1, 0, 2}) : n.array(input);
  return n.stream().dense(Lazy(entry(all, direction)));
}

Lazy clipped(Call& n, const Lazy& x) {
  if (!n.has_attribute("clip")) return x;
  const double clip = n.real("clip", 0);
  return op(Elementwise::minimum, op(Elementwise::maximum, x, like(x, -clip)), like(x, clip));
}

struct State {
  Lazy hidden;
  std::optional<Lazy> cell;
};

// Sequences of a batch that have ended keep their state, and give zeros.
Lazy still_runs(Call& n, const Sizes& sizes, int64_t step) {
  const Lazy lengths = array::cast(reshaped(n.dense(4), {sizes.batch, 1}), DType::int32);
  return op(Elementwise::greater, lengths, like(lengths, static_cast<double>(step)));
}

template <class Step>
Outputs run(Call& n, int64_t gates, bool cells, bool apart, const Step& step) {
  const Sizes sizes = sizes_of(n, gates);
  Results results(n, sizes);
  for (int64_t d = 0; d < sizes.directions; ++d) {
    const Direction direction = direction_of(n, sizes, d, gates, apart);
    State state{first_state(n, sizes, 5, d), std::nullopt};
    if (cells) state.cell = first_state(n, sizes, 6, d);
    for (int64_t i = 0; i < sizes.steps; ++i) {
      const int64_t at = direction.backwards ? sizes.steps - 1 - i : i;
      State next = step(direction, d, at, state);
      Lazy shown = next.hidden;
      if (n.has(4)) {
        const Lazy runs = still_runs(n, sizes, at);
        shown = where(runs, next.hidden, like(next.hidden, 0));
        next.hidden = where(runs, next.hidden, state.hidden);
        if (next.cell) next.cell = where(runs, *next.cell, *state.cell);
      }
      state.hidden = n.stream().array(next.hidden);
      if (next.cell) state.cell = n.stream().array(*next.cell);
      results.step(at, d, n.has(4) ? shown : state.hidden);
    }
    results.end(d, state.hidden, state.cell);
  }
  return results.outputs(cells);
}

Lazy recurrent_part(Call& n, const Direction& direction, const Lazy& hidden) {
  return array::product(n.stream().array(hidden), direction.recurrence);
}

// Gates in the order input, output, forget, cell.
Outputs lstm(Call& n) {
  const int64_t hidden = n.shape(2).size() == 3 ? n.shape(2)[2] : 0;
  return run(n, 4, true, false, [&](const Direction& direction, int64_t d, int64_t step, const State& state) {
    const Activations f(n, static_cast<size_t>(d), 3, {"Sigmoid", "Tanh", "Tanh"});
    const Lazy all = n.stream().array(recurrent_part(n, direction, state.hidden) + Lazy(entry(direction.inputs, step)));
    const auto peephole = [&](int64_t number, const Lazy& cell) -> Lazy {
      Lazy value = gate(all, number, hidden);
      if (!n.has(7)) return value;
      return value + Lazy(strided(entry(n.dense(7), d), 0, number * hidden, hidden)) * cell;
    };
    const Lazy input = f(0, clipped(n, peephole(0, *state.cell)));
    const Lazy forget = n.whole("input_forget", 0) != 0 ? 1 - input : f(0, clipped(n, peephole(2, *state.cell)));
    const Lazy cell = forget * *state.cell + input * f(1, clipped(n, gate(all, 3, hidden)));
    return State{f(0, clipped(n, peephole(1, cell))) * f(2, cell), cell};
  });
}

// Gates in the order update, reset, hidden.
Outputs gru(Call& n) {
  const int64_t hidden = n.shape(2).size() == 3 ? n.shape(2)[2] : 0;
  const bool linear_first = n.whole("linear_before_reset", 0) != 0;
  return run(n, 3, false, true, [&](const Direction& direction, int64_t d, int64_t step, const State& state) {
    const Activations f(n, static_cast<size_t>(d), 2, {"Sigmoid", "Tanh"});
    const Lazy x = entry(direction.inputs, step);
    Lazy part = recurrent_part(n, direction, state.hidden);
    if (direction.bias_of_recurrence) part = part + Lazy(*direction.bias_of_recurrence);
    const Lazy all = n.stream().array(part);
    const Lazy update = f(0, clipped(n, gate(x, 0, hidden) + gate(all, 0, hidden)));
    const Lazy reset = f(0, clipped(n, gate(x, 1, hidden) + gate(all, 1, hidden)));
    Lazy candidate = gate(x, 2, hidden);
    if (linear_first) {
      candidate = candidate + reset * gate(all, 2, hidden);
    } else {
      const Array weights = strided(direction.recurrence, 1, 2 * hidden, hidden);
      candidate = candidate + array::product(n.stream().array(reset * state.hidden), weights);
      if (direction.bias_of_recurrence)
        candidate = candidate + Lazy(strided(*direction.bias_of_recurrence, 0, 2 * hidden, hidden));
    }
    return State{(1 - update) * f(1, clipped(n, candidate)) + update * state.hidden, std::nullopt};
  });
}

Outputs rnn(Call& n) {
  return run(n, 1, false, false, [&](const Direction& direction, int64_t d, int64_t step, const State& state) {
    const Activations f(n, static_cast<size_t>(d), 1, {"Tanh"});
    return State{f(0, clipped(n, recurrent_part(n, direction, state.hidden) + Lazy(entry(direction.inputs, step)))),
                 std::nullopt};
  });
}

constexpr OperatorRow kRows[] = {
    {"GRU", 7, gru},
    {"LSTM", 7, lstm},
    {"RNN", 7, rnn},
};

}  // namespace

std::span<const OperatorRow> recurrent_ops() { return kRows; }

}  // namespace forge::infer::onnx
