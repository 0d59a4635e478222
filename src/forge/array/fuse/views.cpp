#include "forge/array/fuse/views.hpp"

#include <algorithm>
#include <unordered_map>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/fuse/node.hpp"

namespace forge::array {

namespace {

using Shared = std::shared_ptr<Node>;

// An expression built again over other leaves, equal parts once. What a form of it makes of a leaf, and of a shape, is `Form`'s.
template <class Form>
class Rebuilt {
 public:
  explicit Rebuilt(const Form& form) : form_(form) {}

  Shared node(const Shared& old) {  // null: cannot be
    if (const auto found = made_.find(old.get()); found != made_.end()) return found->second;
    const Shared fresh = old->is_number() ? old : old->is_ready() ? form_.leaf(*old) : operation(*old);
    made_.emplace(old.get(), fresh);
    return fresh;
  }

 private:
  Shared operation(const Node& old) {
    const auto& how = std::get<Node::Operation>(old.how);
    const std::optional<Dims> shape = form_.shape_of(old, how);
    if (!shape || old.rows || old.cut || how.product || how.ahead || old.recording != recording_number())
      return nullptr;
    auto fresh = std::make_shared<Node>(old.dtype, *shape);
    fresh->device = old.device;
    fresh->weight = old.weight;
    Node::Operation operation = how;
    for (size_t i = how.gathers ? 1 : 0; i < how.count; ++i) {
      operation.operands[i] = node(how.operands[i]);
      if (!operation.operands[i]) return nullptr;
    }
    fresh->how = std::move(operation);
    return fresh;
  }

  const Form& form_;
  std::unordered_map<const Node*, Shared> made_;
};

template <class Form>
std::optional<Lazy> rebuilt(const Lazy& value, const Form& form) {
  if (!value.device() || value.computed()) return std::nullopt;
  if (value.node()->is_number()) return std::nullopt;  // it has no axes, and could not be given any
  const Shared node = Fuser::of(*value.device()).locked([&] { return Rebuilt(form).node(value.node()); });
  if (!node) return std::nullopt;
  return Lazy(node);
}

// The part of a view that operands of fewer axes, or of one element along some, have in it.
class Viewing {
 public:
  Viewing(const View& view, size_t axes) : view_(view), axes_(axes) {
    for (size_t i = 0; i < view.shape.size(); ++i) repeats_ = repeats_ || view.source[i] == View::kNew;
  }

  std::optional<Dims> shape_of(const Node& node, const Node::Operation& how) const {
    if (repeats_ && how.row && how.row->is_costly(how.computed)) return std::nullopt;
    return part(node.shape).shape;
  }

  Shared leaf(const Node& node) const { return Lazy(part(node.shape).of(*node.array)).node(); }

 private:
  View part(const Dims& shape) const {
    const auto lead = static_cast<int>(axes_ - shape.size());
    View own;
    for (size_t i = 0; i < shape.size(); ++i)
      own.first.push_back(shape[i] == 1 ? 0 : view_.first[i + static_cast<size_t>(lead)]);
    for (size_t i = 0; i < view_.shape.size(); ++i) {
      const int axis = view_.source[i] == View::kNew ? View::kNew : view_.source[i] - lead;
      if (axis < 0 || shape[static_cast<size_t>(axis)] == 1)
        own.add(View::kNew, 1, 0);
      else
        own.add(axis, view_.shape[i], view_.step[i]);
    }
    return own;
  }

  const View& view_;
  size_t axes_;
  bool repeats_ = false;
};

// Only where all arrays have the shape of the whole, in C order, or one element.
class Reshaping {
 public:
  Reshaping(const Dims& from, const Dims& to) : from_(from), to_(to) {}

  std::optional<Dims> shape_of(const Node& node, const Node::Operation&) const {
    if (node.shape == from_) return to_;
    if (element_count(node.shape) == 1 && node.shape.size() <= to_.size()) return node.shape;
    return std::nullopt;
  }

  Shared leaf(const Node& node) const {
    if (!(node.shape == from_)) {
      const bool one = element_count(node.shape) == 1;
      return one ? Lazy(node.array->view(0, {}, {})).node() : nullptr;
    }
    if (!node.array->contiguous()) return nullptr;
    return Lazy(node.array->view(0, to_, contiguous_strides(to_, size_of(node.dtype)))).node();
  }

 private:
  const Dims &from_, &to_;
};

}  // namespace

Array View::of(const Array& whole) const {
  const Dims& strides = whole.strides();
  int64_t offset = 0;
  Dims bytes;
  for (size_t i = 0; i < first.size(); ++i) offset += first[i] * strides[i];
  for (size_t i = 0; i < shape.size(); ++i)
    bytes.push_back(source[i] == kNew ? 0 : step[i] * strides[static_cast<size_t>(source[i])]);
  return whole.view(offset, shape, bytes);
}

std::optional<Lazy> viewed(const Lazy& value, const View& view) {
  if (element_count(view.shape) == 0) return std::nullopt;
  return rebuilt(value, Viewing(view, value.shape().size()));
}

std::optional<Lazy> reshaped(const Lazy& value, const Dims& shape) {
  return rebuilt(value, Reshaping(value.shape(), shape));
}

}  // namespace forge::array
