#include "forge/array/fuse/donation.hpp"

#include <algorithm>
#include <unordered_map>

namespace forge::array {

namespace {

// Who refers to the values below some outputs: the outputs' own expression, or others as well.
class Owners {
 public:
  explicit Owners(const std::vector<Node*>& outputs) : outputs_(outputs) {
    for (const Node* output : outputs) count(*output);
    for (const Node* output : outputs) share_below(*output);
  }

  /// Arrays that this expression alone refers to.
  std::vector<const Array*> spare() const {
    std::vector<const Array*> arrays;
    for (const auto& [node, references] : references_)
      if (node->is_ready() && !references.shared && references.owners == references.here &&
          node->handles.load(std::memory_order_relaxed) == 0)
        arrays.push_back(&*node->array);
    return arrays;
  }

 private:
  struct References {
    long here = 0, owners = 0;
    bool shared = false;  // others refer to what is computed from it
  };

  static const Node::Operation* operation_of(const Node& node) {
    return node.is_ready() ? nullptr : std::get_if<Node::Operation>(&node.how);
  }

  bool is_output(const Node& node) const {
    return std::find(outputs_.begin(), outputs_.end(), &node) != outputs_.end();
  }

  void count(const Node& node) {
    const Node::Operation* how = operation_of(node);
    if (!how) return;
    for (size_t i = 0; i < how->count; ++i) {
      References& references = references_[how->operands[i].get()];
      references.owners = how->operands[i].use_count();
      if (references.here++ == 0 && !is_output(*how->operands[i])) count(*how->operands[i]);
    }
  }

  // Whoever else holds an operation that is not stored now computes it again later, from the same arrays.
  void share_below(const Node& node) {
    const Node::Operation* how = operation_of(node);
    if (!how) return;
    for (size_t i = 0; i < how->count; ++i) {
      const Node& operand = *how->operands[i];
      if (how->again(i) || is_output(operand)) continue;
      References& references = references_[&operand];
      if (operation_of(operand) && references.owners > references.here)
        mark(operand);
      else
        share_below(operand);
    }
  }

  void mark(const Node& node) {
    References& references = references_[&node];
    if (references.shared) return;
    references.shared = true;
    if (const Node::Operation* how = operation_of(node))
      for (size_t i = 0; i < how->count; ++i) mark(*how->operands[i]);
  }

  const std::vector<Node*>& outputs_;
  std::unordered_map<const Node*, References> references_;
};

bool is_over(const Array& array, const Array& other) { return array.storage() == other.storage(); }

// Held by values of this expression alone, and by the kernel's list of inputs: by no view, graph or NumPy array. A table, or
// another input over the same memory, is read at other places.
bool is_last_reader(const Fused& fused, const Array& input, const std::vector<const Array*>& spare) {
  const auto same = [&](const Array& other) { return is_over(input, other); };
  const auto inputs = std::count_if(fused.inputs().begin(), fused.inputs().end(), same);
  const auto values = std::count_if(spare.begin(), spare.end(), [&](const Array* one) { return is_over(input, *one); });
  return inputs == 1 && values > 0 && input.storage().use_count() == inputs + values;
}

bool may_be_overwritten(const Array& array, const Dims& shape) {
  return array.shape() == shape && array.contiguous() && array.writable() && !array.storage()->imported() &&
         array.storage()->intent() == vk::Memory::device;
}

}  // namespace

std::vector<std::optional<Array>> donated_memory(const Fused& fused) {
  constexpr int64_t kWorthIt = 4096;  // elements: below, new memory costs less than finding out
  std::vector<std::optional<Array>> given(fused.outputs().size());
  if (element_count(fused.shape()) < kWorthIt) return given;
  const std::vector<const Array*> spare = Owners(fused.outputs()).spare();
  std::vector<const Array*> free;
  for (size_t k = 0; k < fused.inputs().size(); ++k) {
    const Array& input = fused.inputs()[k];
    if (fused.ahead()[k].empty() && may_be_overwritten(input, fused.shape()) && is_last_reader(fused, input, spare))
      free.push_back(&input);
  }
  for (size_t i = 0; i < given.size(); ++i) {
    const Node& output = *fused.outputs()[i];
    if (!(output.shape == fused.shape())) continue;
    const auto fits = [&](const Array* one) { return size_of(one->dtype()) == size_of(output.dtype); };
    const auto found = std::find_if(free.begin(), free.end(), fits);
    if (found == free.end()) continue;
    given[i] = Array::over((*found)->bytes(), output.dtype, output.shape);
    free.erase(found);
  }
  return given;
}

}  // namespace forge::array
