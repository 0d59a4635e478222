#include "forge/array/fuse/host_replay.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include "forge/array/fuse/dispatch.hpp"
#include "forge/array/fuse/host_form.hpp"

namespace forge::array {

namespace {

constexpr size_t kMostArrays = std::numeric_limits<size_t>::max();  // the host has no limit
// Of what a part numbers (Statement::kProduct bounds it), beside what one more value brings: a few hundred at most.
constexpr size_t kMostOfPart = Statement::kProduct / 2;

// Elements that depend on elements alone.
bool is_elementwise(const Node& node, std::unordered_set<const Node*>& seen) {
  if (node.is_ready() || node.is_number() || !seen.insert(&node).second) return true;
  const auto* how = std::get_if<Node::Operation>(&node.how);
  if (!how || how->product || how->reduces != RowReduction::none || how->gathers || node.rows || node.cut) return false;
  return std::all_of(how->operands.begin(), how->operands.begin() + static_cast<std::ptrdiff_t>(how->count),
                     [&](const auto& operand) { return is_elementwise(*operand, seen); });
}

}  // namespace

std::shared_ptr<HostReplay> HostReplay::of(std::span<const Array> inputs, std::span<const Lazy> results) {
  if (inputs.empty() || results.empty()) return nullptr;
  vk::Device& device = inputs.front().device();
  return Fuser::of(device).locked([&]() -> std::shared_ptr<HostReplay> {
    std::unordered_set<const Node*> seen;
    const auto suits = [&](const Lazy& value) {
      return value.device().get() == &device && is_elementwise(*value.node(), seen);
    };
    if (!std::all_of(results.begin(), results.end(), suits)) return nullptr;
    auto made = std::make_shared<HostReplay>();
    for (size_t i = 0; i < results.size(); ++i) made->add(results[i], i);
    made->results_ = results.size();
    int64_t cost = 0;
    for (Part& part : made->parts_) {
      if (!find_inputs(part, inputs)) return nullptr;
      cost += host_cost(part.fused);
    }
    return cost <= small_work(device) ? made : nullptr;
  });
}

void HostReplay::add(const Lazy& value, size_t index) {
  const auto has_room = [&](const Part& part) {
    const Fused& fused = part.fused;
    return fused.shape() == value.shape() &&
           std::max({fused.inputs().size(), fused.numbers().size(), fused.statements().size()}) < kMostOfPart;
  };
  auto part = std::find_if(parts_.begin(), parts_.end(), has_room);
  if (part == parts_.end()) part = parts_.insert(part, {Fused(value.shape()), {}, {}, {}});
  part->fused.add(*value.node(), kMostArrays);
  part->results.push_back(index);
  part->dtypes.push_back(value.dtype());
}

// Arrays that are an input, whole and as it lies; others never change places, but share no memory with one.
bool HostReplay::find_inputs(Part& part, std::span<const Array> inputs) {
  for (const Array& read : part.fused.inputs()) {
    const auto same = [&](const Array& input) { return input.storage() == read.storage(); };
    const auto found = std::find_if(inputs.begin(), inputs.end(), same);
    if (found != inputs.end() && !same_memory(*found, read)) return false;
    part.given.push_back(found == inputs.end() ? std::nullopt
                                               : std::optional(static_cast<size_t>(found - inputs.begin())));
  }
  return true;
}

std::optional<std::vector<Array>> HostReplay::run(std::span<const Array> inputs) const {
  const std::shared_ptr<vk::Device> device = inputs.front().storage()->device_ptr();
  const HostLockRelease released;
  Fuser& fuser = Fuser::of(*device);
  return fuser.locked([&]() -> std::optional<std::vector<Array>> {
    if (fuser.device_alone) return std::nullopt;
    std::vector<std::vector<Array>> reads, writes;
    for (const Part& part : parts_) {
      std::vector<Array>& read = reads.emplace_back(part.fused.inputs());
      for (size_t i = 0; i < read.size(); ++i)
        if (part.given[i]) read[i] = inputs[*part.given[i]];
      std::vector<Array>& write = writes.emplace_back();
      for (const DType dtype : part.dtypes) write.push_back(Array::empty(device, dtype, part.fused.shape()));
      if (!suits_host(part.fused, read, write, true)) return std::nullopt;
    }
    std::vector<std::optional<Array>> in_order(results_);
    for (size_t k = 0; k < parts_.size(); ++k) {
      run_on_host(parts_[k].fused, reads[k], writes[k]);
      for (size_t i = 0; i < writes[k].size(); ++i) in_order[parts_[k].results[i]] = std::move(writes[k][i]);
    }
    std::vector<Array> results;
    for (std::optional<Array>& result : in_order) results.push_back(*std::move(result));
    return results;
  });
}

}  // namespace forge::array
