#pragma once

#include <complex>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "forge/vk/buffer.hpp"

// How a length is split into passes, and the tables that the passes read. Plain values but for the tables' memory.
namespace forge::array {

/// A pass transforms `first * second` values at a time.
struct Radix {
  uint32_t first = 1, second = 1;
  uint32_t size() const { return first * second; }
};

/// The fewest and cheapest passes of this length, the largest first; none where a prime factor is beyond 13.
std::optional<std::vector<Radix>> radices_of(uint64_t length, uint32_t most);

/// The cheapest length of 2, 3, 5 and 7 that is not below this one.
uint64_t padded_length(uint64_t least);

/// exp(-2 pi i numerator / denominator), right to the last bit or two.
std::complex<double> root_of_unity(uint64_t numerator, uint64_t denominator);

/// Tables on one device, kept while they are used often: the least recently used go beyond a bound.
class FftTables {
 public:
  static constexpr uint64_t kMostBytes = uint64_t{256} << 20;
  explicit FftTables(vk::Device& device, uint64_t most_bytes = kMostBytes) : device_(device), most_bytes_(most_bytes) {}

  using Values = std::vector<std::complex<double>>;
  /// The table of this name, made at first use, in single or double precision.
  std::shared_ptr<vk::Buffer> get(const std::string& name, bool float64, const std::function<Values()>& make);
  /// A table that is not kept.
  std::shared_ptr<vk::Buffer> upload(const Values& values, bool float64) const;
  /// A table that the device itself makes; `make` submits what fills it.
  std::shared_ptr<vk::Buffer> get_made(const std::string& name,
                                       const std::function<std::shared_ptr<vk::Buffer>()>& make);
  /// This device for buffers that live as long as it does: a share of their own would keep it alive for ever.
  std::shared_ptr<vk::Device> unowned() const { return {std::shared_ptr<void>{}, &device_}; }

 private:
  struct Entry {
    std::string name;
    std::shared_ptr<vk::Buffer> buffer;
  };
  std::shared_ptr<vk::Buffer> find(const std::string& name);
  std::shared_ptr<vk::Buffer> keep(const std::string& name, std::shared_ptr<vk::Buffer> buffer);

  vk::Device& device_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  uint64_t bytes_ = 0;
  uint64_t most_bytes_;  // a single larger table is kept alone
};

FftTables& fft_tables(vk::Device& device);

}  // namespace forge::array
