#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/fuse/donation.hpp"
#include "forge/array/fuse/host_form.hpp"
#include "forge/array/fuse/product.hpp"
#include "forge/core/error.hpp"
#include "forge/core/host_lock.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/same_memory.hpp"

namespace forge::array {

namespace {

// Addresses in push constants of 128 bytes: the parameters' first, then as many arrays.
constexpr size_t kMostArrays = 15;
constexpr size_t kMostOperands = 8;  // of what goes on from a matrix product, its result among them
constexpr size_t kMostStatements = 128;  // of several values together

// Turns values into arrays. What they were made of goes when this goes, after the lock: letting go may need other locks.
class Evaluation {
 public:
  enum class Kind : unsigned char {
    sent,  // now; small work by the host
    recorded,  // and run later, with operands that change places from run to run
    fixed,  // and run later, with the same memory
  };
  Evaluation(Fuser& fuser, vk::Commands& commands, Kind kind) : fuser_(fuser), commands_(commands), kind_(kind) {}

  void compute(const std::shared_ptr<Node>& node) {
    if (!node->is_ready() && multiply(node)) return;
    compute_cuts(*node);
    if (node->is_ready()) return;
    while (!add(node)) reduce_inputs(*node);
  }

  void flush() {
    for (Kernel& kernel : kernels_) finish(kernel, run(kernel.fused));
    kernels_.clear();
  }

  // What was recorded goes to the device. Where that fails, nobody has computed it.
  void submit() {
    try {
      commands_.submit();
    } catch (...) {
      take_back();
      throw;
    }
    sent_ = false;
    spent_.clear();
  }

  // As if nothing had been computed: for recordings that came to nothing.
  void take_back() {
    for (auto& [node, how] : spent_) {
      node->ready.store(false, std::memory_order_release);
      node->array.reset();
      node->how = std::move(how);
    }
    spent_.clear();
  }

  // One value, straight into memory that is there.
  void compute_into(const std::shared_ptr<Node>& node, const Array& target) {
    if (kind_ == Kind::fixed && target.contiguous() && multiply_with_rest(node, &target)) return;
    if (node->cut) compute(node), flush();
    compute_cuts(*node);
    Fused fused(node->rows.value_or(node->shape), node->rows.has_value());
    while (!fused.add(*node, kMostArrays)) reduce_inputs(*node);
    run_into(fused, {target});
  }

 private:
  // A product; or what goes on from one, with it, unless operands may change places.
  bool multiply(const std::shared_ptr<Node>& node) {
    const auto* how = std::get_if<Node::Operation>(&node->how);
    if (!how || waits(node.get())) return false;
    if (!how->product) return kind_ != Kind::recorded && multiply_with_rest(node);
    const Array out = Array::empty(commands_.device_ptr(), node->dtype, node->shape);
    run_product(commands_, *node, out, nullptr, kind_ == Kind::fixed);
    sent_ = true;
    settle(node, out);
    return true;
  }

  // Into memory that is there, where the value stays what it was, or into some of its own.
  bool multiply_with_rest(const std::shared_ptr<Node>& node, const Array* target = nullptr) {
    const std::shared_ptr<Node> product = node->is_ready() ? nullptr : product_below(*node);
    if (!product) return false;
    Fused rest(node->shape);
    rest.goes_on_from(*product);
    if (!rest.add(*node, kMostOperands) || !goes_along(*product, rest)) return false;
    const Array out = target ? *target : Array::empty(commands_.device_ptr(), node->dtype, node->shape);
    run_product(commands_, *product, out, &rest);
    sent_ = true;
    if (!target) settle(node, out);
    return true;
  }

  struct Kernel {
    Fused fused;
    std::vector<std::shared_ptr<Node>> outputs;
  };

  bool waits(const Node* node) const {
    return std::any_of(kernels_.begin(), kernels_.end(), [&](const Kernel& kernel) {
      const auto& outputs = kernel.fused.outputs();
      return std::find(outputs.begin(), outputs.end(), node) != outputs.end();
    });
  }

  // To the last kernel of its shape, or to a new one.
  bool add(const std::shared_ptr<Node>& node) {
    if (waits(node.get())) return true;
    const Dims& shape = node->rows ? *node->rows : node->shape;
    for (Kernel& kernel : kernels_)
      if (kernel.fused.shape() == shape && kernel.fused.by_rows() == node->rows.has_value() &&
          kernel.fused.statements().size() < kMostStatements && take(kernel, node))
        return true;
    Kernel fresh{Fused(shape, node->rows.has_value()), {}};
    if (!take(fresh, node)) return false;
    kernels_.push_back(std::move(fresh));
    return true;
  }

  // With it what it computes on its way for the second time, where somebody may ask for that again.
  static bool take(Kernel& kernel, const std::shared_ptr<Node>& node) {
    if (!kernel.fused.add(*node, kMostArrays)) return false;
    kernel.outputs.push_back(node);
    std::vector<std::shared_ptr<Node>> again;
    if (const auto* how = std::get_if<Node::Operation>(&node->how)) find_again(*how, kernel.fused.shape(), again);
    for (const auto& inner : again) {
      const auto& outputs = kernel.fused.outputs();
      if (std::find(outputs.begin(), outputs.end(), inner.get()) == outputs.end() &&
          kernel.fused.add(*inner, kMostArrays))
        kernel.outputs.push_back(inner);
    }
    return true;
  }

  static void find_again(const Node::Operation& how, const Dims& shape, std::vector<std::shared_ptr<Node>>& again) {
    for (size_t i = 0; i < how.count; ++i) {
      const auto& operand = how.operands[i];
      const auto* deeper = std::get_if<Node::Operation>(&operand->how);
      if (!deeper || how.again(i) || operand->is_ready()) continue;
      if (operand->handles.load(std::memory_order_relaxed) > 0 && !operand->rows && operand->shape == shape &&
          operand->passes++ > 0)
        again.push_back(operand);
      find_again(*deeper, shape, again);
    }
  }

  // Kernels that end below this node, the deepest first. In a recording nothing bounds how deep they lie.
  void compute_cuts(const Node& node) {
    struct Step {
      const Node* node;
      size_t next;  // operand to look at
    };
    std::vector<Step> path{{&node, 0}};
    for (;;) {
      const auto* how = std::get_if<Node::Operation>(&path.back().node->how);
      if (!how || path.back().node->is_ready() || path.back().next == how->count) {
        path.pop_back();
        if (path.empty()) return;
        if (const auto* above = std::get_if<Node::Operation>(&path.back().node->how))
          compute_cut(above->operands[path.back().next - 1]);
        continue;
      }
      const size_t i = path.back().next++;
      const Node& operand = *how->operands[i];
      if (!how->again(i) && !operand.is_ready() && operand.weight > 0) path.push_back({&operand, 0});
    }
  }

  void compute_cut(std::shared_ptr<Node> node) {  // held: a kernel's operands go with it
    if (!node->cut || node->is_ready()) return;
    compute(node);
    flush();
  }

  // Computes the largest part below a node that reads no more arrays than a kernel may, so that the node reads fewer.
  void reduce_inputs(Node& node) {
    auto& how = std::get<Node::Operation>(node.how);
    std::shared_ptr<Node> largest;
    for (size_t i = 0; i < how.count; ++i) {
      const auto& operand = how.operands[i];
      const bool is_operation = std::holds_alternative<Node::Operation>(operand->how) && !operand->is_ready();
      if (is_operation && (!largest || operand->weight > largest->weight)) largest = operand;
    }
    FORGE_ASSERT(largest);  // three arrays always fit
    Fused alone(largest->rows.value_or(largest->shape), largest->rows.has_value());
    if (!alone.add(*largest, kMostArrays)) return reduce_inputs(*largest);
    compute(largest);
    flush();
  }

  std::vector<Array> run(const Fused& fused) {
    std::vector<std::optional<Array>> given(fused.outputs().size());
    if (kind_ == Kind::sent) given = donated_memory(fused);
    for (const auto& one : given)
      if (one) one->storage()->forget_readers();  // they are parts of this expression
    std::vector<Array> outputs;
    for (size_t i = 0; i < given.size(); ++i) {
      const Node& node = *fused.outputs()[i];
      outputs.push_back(given[i] ? *given[i] : Array::empty(commands_.device_ptr(), node.dtype, node.shape));
    }
    run_into(fused, outputs);
    return outputs;
  }

  void run_into(const Fused& fused, const std::vector<Array>& outputs) {
    const int64_t cost = host_cost(fused), small = small_work(commands_.device());
    if (kind_ == Kind::sent && suits_host(fused, fused.inputs(), outputs, is_cheap(fused, cost, small))) {
      if (sent_) submit();
      return cost > small ? put_off_kernel(fused, outputs) : run_on_host(fused, fused.inputs(), outputs);
    }
    sent_ = true;
    dispatch_fused(fuser_, commands_, fused, outputs);
  }

  // Small work is, and a structure that has no kernel yet, as long as the compiler would take longer.
  bool is_cheap(const Fused& fused, int64_t cost, int64_t small) {
    if (sent_ || fuser_.device_alone) return false;
    return cost <= small || fuser_.lets_host_do(fused, cost, commands_.device());
  }

  void put_off_kernel(const Fused& fused, const std::vector<Array>& outputs) {
    const auto start = std::chrono::steady_clock::now();
    run_on_host(fused, fused.inputs(), outputs);
    fuser_.host_did(fused, std::chrono::steady_clock::now() - start);
  }

  void finish(const Kernel& kernel, std::vector<Array> arrays) {
    for (size_t i = 0; i < arrays.size(); ++i) settle(kernel.outputs[i], std::move(arrays[i]));
    if (kind_ == Kind::sent && !sent_) spent_.clear();  // by the host, perhaps in the memory of what it was made of
  }

  void settle(const std::shared_ptr<Node>& node, Array array) {
    spent_.emplace_back(node, std::move(node->how));
    node->how = std::monostate{};
    node->settle(node, std::move(array));
  }

  Fuser& fuser_;
  vk::Commands& commands_;
  Kind kind_;
  bool sent_ = false;  // kernels are recorded that the device does not have yet
  std::vector<Kernel> kernels_;
  std::vector<std::pair<std::shared_ptr<Node>, decltype(Node::how)>> spent_;
};

void compute_all(Evaluation& evaluation, std::span<const Lazy> values) {
  for (const Lazy& value : values) evaluation.compute(value.node());
  evaluation.flush();
}

// None where one of them is not computed.
std::optional<std::vector<Array>> arrays_of(std::span<const Lazy> values) {
  std::vector<Array> arrays;
  for (const Lazy& value : values) {
    std::optional<Array> array = value.computed();
    if (!array) return std::nullopt;
    arrays.push_back(*std::move(array));
  }
  return arrays;
}

bool reads(const Node& node, const vk::Buffer& memory) {
  std::unordered_set<const Node*> seen{&node};
  std::vector<const Node*> open{&node};
  while (!open.empty()) {
    const Node& one = *open.back();
    open.pop_back();
    if (one.is_ready() && vk::share_memory(*one.array->storage(), memory)) return true;
    const auto* how = one.is_ready() ? nullptr : std::get_if<Node::Operation>(&one.how);
    for (size_t i = 0; how && i < how->count; ++i)
      if (seen.insert(how->operands[i].get()).second) open.push_back(how->operands[i].get());
  }
  return false;
}

// An evaluation that is sent, all at once. Where it fails, what it has recorded since it sent something is dropped, and its
// values are to be computed as before.
template <class Work>
void send(const std::shared_ptr<vk::Device>& device, vk::Why why, const Work& work) {
  const HostLockRelease released;
  Fuser& fuser = Fuser::of(*device);
  vk::Commands commands(device, vk::Commands::Sending::whole);
  commands.because(why);
  Evaluation evaluation(fuser, commands, Evaluation::Kind::sent);
  fuser.locked([&] {
    try {
      work(evaluation);
    } catch (...) {
      evaluation.take_back();
      throw;
    }
    evaluation.submit();
  });
}

// An evaluation that becomes part of other commands, which go where it fails.
template <class Work>
void record(vk::Commands& commands, Evaluation::Kind kind, const Work& work) {
  Fuser& fuser = Fuser::of(commands.device());
  Evaluation evaluation(fuser, commands, kind);
  fuser.locked([&] {
    try {
      work(evaluation);
    } catch (...) {
      evaluation.take_back();
      throw;
    }
  });
}

}  // namespace

void compute_on_device_alone(vk::Device& device, bool alone) {
  Fuser& fuser = Fuser::of(device);
  fuser.locked([&] { fuser.device_alone = alone; });
}

std::vector<Array> evaluate(const std::shared_ptr<vk::Device>& device, std::span<const Lazy> values, vk::Why why) {
  if (auto known = arrays_of(values)) return *std::move(known);
  send(device, why, [&](Evaluation& evaluation) { compute_all(evaluation, values); });
  return *arrays_of(values);
}

namespace {

std::vector<Array> evaluate(vk::Commands& commands, std::span<const Lazy> values, Evaluation::Kind kind) {
  if (auto known = arrays_of(values)) return *std::move(known);
  record(commands, kind, [&](Evaluation& evaluation) { compute_all(evaluation, values); });
  return *arrays_of(values);
}

}  // namespace

std::vector<Array> evaluate(vk::Commands& commands, std::span<const Lazy> values) {
  return evaluate(commands, values, Evaluation::Kind::recorded);
}

std::vector<Array> evaluate_fixed(vk::Commands& commands, std::span<const Lazy> values) {
  return evaluate(commands, values, Evaluation::Kind::fixed);
}

namespace {

Lazy prepared(const Array& target, const Lazy& value) {
  if (!target.writable())
    throw Error(ErrorCode::READ_ONLY, "the array is read-only", "a writable array", "one over read-only memory",
                "copy it first");
  return broadcast_to(cast(value, target.dtype()), target.shape());
}

// Python assigns what x[i] += 1 has written already once more.
bool stands_there(const Array& target, const Lazy& value) {
  return Fuser::of(target.device()).locked([&] {
    const std::optional<Array> array = value.computed();
    return array && same_memory(*array, target);
  });
}

}  // namespace

bool reads_memory(const Lazy& value, const vk::Buffer& memory) {
  return value.device() && Fuser::of(*value.device()).locked([&] { return reads(*value.node(), memory); });
}

namespace {

// An expression that reads the memory it is to go to is computed aside: elements may be read after they were written.
template <class Evaluate>
Lazy moved_aside(const Array& target, const Lazy& value, const Evaluate& evaluate_one) {
  if (!reads_memory(value, *target.storage())) return value;
  return evaluate_one(value.node()->is_ready() ? copy(value) : value);
}

}  // namespace

void assign(const Array& target, const Lazy& value) {
  Lazy ready = prepared(target, value);
  if (target.size() == 0 || stands_there(target, ready)) return;
  const std::shared_ptr<vk::Device> device = target.storage()->device_ptr();
  ready = moved_aside(target, ready, [&](const Lazy& one) { return Lazy(evaluate(device, one)); });
  target.storage()->before_write();
  send(device, vk::Why::values, [&](Evaluation& evaluation) { evaluation.compute_into(ready.node(), target); });
}

namespace {

void assign(vk::Commands& commands, const Array& target, const Lazy& value, Evaluation::Kind kind) {
  Lazy ready = prepared(target, value);
  if (target.size() == 0 || stands_there(target, ready)) return;
  ready =
      moved_aside(target, ready, [&](const Lazy& one) { return Lazy(evaluate(commands, std::span(&one, 1)).front()); });
  record(commands, kind, [&](Evaluation& evaluation) { evaluation.compute_into(ready.node(), target); });
}

}  // namespace

void assign(vk::Commands& commands, const Array& target, const Lazy& value) {
  assign(commands, target, value, Evaluation::Kind::recorded);
}

void assign_fixed(vk::Commands& commands, const Array& target, const Lazy& value) {
  assign(commands, target, value, Evaluation::Kind::fixed);
}

void Node::settle(const std::shared_ptr<Node>& self, Array values) {
  values.storage()->add_reader(self);
  array = std::move(values);
  ready.store(true, std::memory_order_release);
}

// The expressions that read this node keep its values in a copy: of the whole buffer, which all its readers share, unless
// that is much more than they read.
void Node::before_write(const vk::Buffer& memory, std::shared_ptr<void>& copies) {
  constexpr uint64_t kMuchMore = 4;
  Fuser::of(*device).locked([&] {
    // Taken back, or copied for another thread that writes as well: the memory is not its own any more.
    if (!array || !vk::share_memory(*array->storage(), memory)) return;
    const std::shared_ptr<vk::Buffer> held = array->storage();
    if (!copies) {
      vk::Commands commands(device);
      commands.because(vk::Why::overwritten);
      if (held->size() > kMuchMore * array->span().bytes.size) {
        array = array->snapshot(commands);
        commands.submit();
        return;
      }
      const auto copy = vk::Buffer::create(device, held->size(), vk::Memory::device, "array");
      commands.copy(vk::BufferRef(held), copy);
      commands.submit();
      copies = copy;
    }
    array = array->moved_to(std::static_pointer_cast<vk::Buffer>(copies));
  });
}

}  // namespace forge::array
