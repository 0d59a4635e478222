#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace forge::vk {

/// What a device's live memory is for: bytes by label, now and at the most.
class Ledger {
 public:
  /// One label's account. Rows stay for the ledger's lifetime, so holders keep a pointer.
  struct Account {
    std::string label;
    bool on_device = true;  // false: host memory that is only lent
    std::atomic<uint64_t> bytes{0}, peak{0}, count{0};
  };
  struct Row {
    std::string label;
    bool on_device = true;
    uint64_t bytes = 0, peak = 0, count = 0;
  };

  Account& account(std::string_view label, bool on_device = true);
  void add(Account& account, uint64_t bytes);
  void remove(Account& account, uint64_t bytes);

  std::vector<Row> rows() const;  // the largest first; empty accounts last
  uint64_t bytes() const { return bytes_; }  // on the device
  uint64_t peak() const { return peak_; }    // the most there ever was at a time
  /// "array 12.0 MiB in 3, readback 1.0 MiB in 1"
  std::string largest(size_t most = 5) const;

 private:
  mutable std::mutex mutex_;  // accounts_
  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
  std::atomic<uint64_t> bytes_{0}, peak_{0};
};

std::string bytes_text(uint64_t bytes);  // "12.0 MiB"

}  // namespace forge::vk
