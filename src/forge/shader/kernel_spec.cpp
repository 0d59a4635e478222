// Specialisation constants by name, and the workgroup where the shader leaves it to them.
#include <algorithm>
#include <bit>

#include "forge/shader/kernel.hpp"
#include "forge/shader/specialize.hpp"

namespace forge::shader {

namespace {

// What most devices run well: enough lanes to hide latency, few enough to fit several groups at once.
constexpr uint64_t kUsualInvocations = 256;

struct SizedAxes {
  uint32_t count = 0;
  uint64_t longest = UINT64_MAX;  // what the device allows along each of them
};

// One constant may be the size of several axes.
SizedAxes sized_by(uint32_t id, const std::vector<size_t>& open, const Reflection& shader, const vk::Limits& limits) {
  SizedAxes axes;
  for (const size_t axis : open) {
    if (*shader.workgroup_spec[axis] != id) continue;
    ++axes.count;
    axes.longest = std::min<uint64_t>(axes.longest, limits.max_workgroup[axis]);
  }
  return axes;
}

}  // namespace

void Kernel::read_spec(const std::map<std::string, Number>& given) {
  for (const auto& [key, number] : given) {
    const vk::SpecValue value = pack_spec(find_spec(reflection().spec_constants, key), number);
    const auto same = std::find_if(spec_.begin(), spec_.end(), [&](const auto& other) { return other.id == value.id; });
    if (same == spec_.end())
      spec_.push_back(value);
    else
      *same = value;
  }
  std::sort(spec_.begin(), spec_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

Kernel Kernel::specialize(const std::map<std::string, Number>& given) const {
  Kernel other(*this);
  other.spec_ = given_spec_;
  other.read_spec(given);
  other.given_spec_ = other.spec_;
  other.choose_workgroup();
  other.make_pipeline();
  return other;
}

// A size is open where local_size_x_id has no local_size_x beside it, which makes its default 1, and nobody gave one.
void Kernel::choose_workgroup() {
  const Reflection& shader = reflection();
  std::vector<size_t> open;
  uint64_t fixed = 1;
  const auto size = workgroup();
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto id = shader.workgroup_spec[axis];
    const bool given =
        id && std::any_of(spec_.begin(), spec_.end(), [&](const auto& value) { return value.id == *id; });
    if (id && !given && shader.workgroup[axis] == 1)
      open.push_back(axis);
    else
      fixed *= size[axis];
  }
  chosen_.clear();
  if (open.empty()) return;
  const vk::Limits& limits = device_->limits();
  if (fixed == 0)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a workgroup of no invocations in " + name(), "at least 1 along each axis",
                to_string(Dims{size[0], size[1], size[2]}), "mend spec=");
  if (fixed > limits.max_invocations) return;  // refused when the pipeline is made
  const uint64_t subgroup = std::max(limits.subgroup_size, 1u);
  const uint64_t most = std::max<uint64_t>(std::min<uint64_t>(kUsualInvocations, limits.max_invocations) / fixed, 1);
  auto bits =
      static_cast<uint32_t>(std::bit_width(std::max(most, std::min(subgroup, limits.max_invocations / fixed)))) - 1;
  auto left = static_cast<uint32_t>(open.size());
  for (const size_t axis : open) {  // 256; 16 x 16; 8 x 8 x 4
    const uint32_t id = *shader.workgroup_spec[axis];
    if (std::any_of(spec_.begin(), spec_.end(), [&](const auto& value) { return value.id == id; })) continue;
    const auto [axes, longest] = sized_by(id, open, shader, limits);
    const uint32_t share = axes > 1 ? bits / left : (bits + left - 1) / left;  // of one constant for all: 4 x 4 x 4
    const uint64_t extent = std::min(uint64_t{1} << share, std::bit_floor(longest));
    bits -= axes * (static_cast<uint32_t>(std::bit_width(extent)) - 1);
    left -= axes;
    spec_.push_back({id, 4, extent});
  }
  chosen_ = "chosen for this device (subgroups of " + std::to_string(subgroup) + ", at most " +
            std::to_string(limits.max_invocations) + " invocations)";
}

}  // namespace forge::shader
