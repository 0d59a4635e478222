#include "forge/vk/ledger.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace forge::vk {

namespace {
void raise(std::atomic<uint64_t>& peak, uint64_t value) {
  uint64_t known = peak.load(std::memory_order_relaxed);
  while (known < value && !peak.compare_exchange_weak(known, value, std::memory_order_relaxed)) {
  }
}
}  // namespace

Ledger::Account& Ledger::account(std::string_view label, bool on_device) {
  const std::lock_guard lock(mutex_);
  const auto found = accounts_.find(label);
  if (found != accounts_.end()) return *found->second;
  auto made = std::make_unique<Account>();
  made->label = label;
  made->on_device = on_device;
  return *accounts_.emplace(std::string(label), std::move(made)).first->second;
}

void Ledger::add(Account& account, uint64_t bytes) {
  ++account.count;
  raise(account.peak, account.bytes += bytes);
  if (account.on_device) raise(peak_, bytes_ += bytes);
}

void Ledger::remove(Account& account, uint64_t bytes) {
  --account.count;
  account.bytes -= bytes;
  if (account.on_device) bytes_ -= bytes;
}

std::vector<Ledger::Row> Ledger::rows() const {
  std::vector<Row> rows;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [label, account] : accounts_)
      rows.push_back({label, account->on_device, account->bytes, account->peak, account->count});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.bytes != b.bytes ? a.bytes > b.bytes : a.peak > b.peak; });
  return rows;
}

std::string Ledger::largest(size_t most) const {
  std::string text;
  for (const Row& row : rows()) {
    if (row.bytes == 0 || !row.on_device || most-- == 0) continue;
    text += (text.empty() ? "" : ", ") + row.label + " " + bytes_text(row.bytes) + " in " + std::to_string(row.count);
    if (most == 0) break;
  }
  return text.empty() ? "nothing" : text;
}

std::string bytes_text(uint64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) value /= 1024, ++unit;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, units[unit]);
  return text.data();
}

}  // namespace forge::vk
