#include "forge/array/ops/fft_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "forge/array/array.hpp"

namespace forge::array {

namespace {

constexpr std::array<uint32_t, 8> kLeaves{2, 3, 4, 5, 7, 8, 11, 13};

std::vector<Radix> radices_up_to(uint32_t most) {
  std::map<uint32_t, Radix> best;  // the split with the smallest parts
  const auto offer = [&](Radix radix) {
    if (radix.size() > std::max(most, 13u) || (radix.second > 1 && radix.size() > most)) return;
    const auto [known, added] = best.emplace(radix.size(), radix);
    if (!added && radix.first + radix.second < known->second.first + known->second.second) known->second = radix;
  };
  for (const uint32_t first : kLeaves) {
    offer({first, 1});
    for (const uint32_t second : kLeaves)
      if (second <= first) offer({first, second});
  }
  std::vector<Radix> list;
  for (const auto& [size, radix] : best) list.push_back(radix);
  return list;
}

// Measured on a CPU driver, where loads and stores are most of a pass: 1.0 ms for 2^20 values at radix 16, 1.1 at 64.
double cost_of(Radix radix) {
  const double prime = std::max(radix.first, radix.second) > 8 ? 0.5 : 0.0;
  return 1.0 + radix.size() / 400.0 + prime;
}

struct Split {
  double cost = 0;
  Radix radix;  // of the first pass
};

class Splitter {
 public:
  explicit Splitter(uint32_t most) : radices_(radices_up_to(most)) {}

  double cost(uint64_t length) {
    if (length == 1) return 0;
    if (const auto known = known_.find(length); known != known_.end()) return known->second.cost;
    Split best{HUGE_VAL, {}};
    for (const Radix radix : radices_)
      if (length % radix.size() == 0)
        if (const double total = cost_of(radix) + cost(length / radix.size()); total < best.cost) best = {total, radix};
    known_[length] = best;
    return best.cost;
  }

  std::vector<Radix> passes(uint64_t length) {
    std::vector<Radix> list;
    for (cost(length); length > 1; length /= list.back().size()) list.push_back(known_.at(length).radix);
    std::sort(list.begin(), list.end(), [](Radix a, Radix b) { return a.size() > b.size(); });
    return list;
  }

 private:
  std::vector<Radix> radices_;
  std::map<uint64_t, Split> known_;
};

bool is_smooth(uint64_t length) {
  for (const uint64_t prime : {2, 3, 5, 7, 11, 13})
    while (length % prime == 0) length /= prime;
  return length == 1;
}

}  // namespace

std::optional<std::vector<Radix>> radices_of(uint64_t length, uint32_t most) {
  if (!is_smooth(length)) return std::nullopt;
  if (length == 1) return std::vector<Radix>{Radix{}};  // one pass that only moves and scales
  return Splitter(most).passes(length);
}

uint64_t padded_length(uint64_t least) {
  uint64_t best = 0;
  double lowest = HUGE_VAL;
  for (const uint64_t odd : {1, 3, 5, 7, 9, 15, 21, 25}) {
    uint64_t length = odd;
    while (length < least) length *= 2;
    const double cost = static_cast<double>(length) * Splitter(64).cost(length);
    if (cost < lowest) best = length, lowest = cost;
  }
  return best;
}

// Folded into the first octant, where the angle's own rounding is smallest. The angle is pi / 2 * eighths / denominator.
std::complex<double> root_of_unity(uint64_t numerator, uint64_t denominator) {
  uint64_t quarters = numerator % denominator * 4;
  const bool below = quarters <= 2 * denominator;  // the lower half of the circle, as the angle is negative
  if (!below) quarters = 4 * denominator - quarters;
  const bool left = quarters > denominator;
  if (left) quarters = 2 * denominator - quarters;
  const bool steep = 2 * quarters > denominator;
  if (steep) quarters = denominator - quarters;
  const double angle = std::numbers::pi / 2 * (static_cast<double>(quarters) / static_cast<double>(denominator));
  const double x = steep ? std::sin(angle) : std::cos(angle), y = steep ? std::cos(angle) : std::sin(angle);
  return {left ? -x : x, below ? -y : y};
}

std::shared_ptr<vk::Buffer> FftTables::find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto same = [&](const Entry& entry) { return entry.name == name; };
  const auto found = std::find_if(entries_.begin(), entries_.end(), same);
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return found->buffer;
}

std::shared_ptr<vk::Buffer> FftTables::keep(const std::string& name, std::shared_ptr<vk::Buffer> buffer) {
  const std::lock_guard lock(mutex_);
  bytes_ += buffer->size();
  entries_.push_front({name, buffer});
  while (bytes_ > most_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.back().buffer->size();
    entries_.pop_back();
  }
  return buffer;
}

// Made outside the lock: two threads may make the same table, and the second is dropped in time.
std::shared_ptr<vk::Buffer> FftTables::get_made(const std::string& name,
                                                const std::function<std::shared_ptr<vk::Buffer>()>& make) {
  if (auto known = find(name)) return known;
  return keep(name, make());
}

std::shared_ptr<vk::Buffer> FftTables::upload(const Values& values, bool float64) const {
  const Dims shape{static_cast<int64_t>(values.size())};
  if (float64) return Array::from_values(unowned(), DType::complex128, shape, {16}, values.data()).storage();
  const std::vector<std::complex<float>> single(values.begin(), values.end());
  return Array::from_values(unowned(), DType::complex64, shape, {8}, single.data()).storage();
}

std::shared_ptr<vk::Buffer> FftTables::get(const std::string& name, bool float64, const std::function<Values()>& make) {
  return get_made(name + (float64 ? " f64" : " f32"), [&] { return upload(make(), float64); });
}

FftTables& fft_tables(vk::Device& device) {
  static constexpr char kTables{};
  return device.shared_object<FftTables>(&kTables, [&] { return std::make_shared<FftTables>(device); });
}

}  // namespace forge::array
