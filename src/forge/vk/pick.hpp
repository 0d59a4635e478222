#pragma once

#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "forge/vk/adapter.hpp"

namespace forge::vk {

/// What the caller asked for; nothing set: the best device.
struct DeviceWish {
  std::string text;                // part of a name (any case), an index, or a uuid
  std::optional<uint32_t> index;
  bool prefer_software = false;
};

/// One device weighed: why it can be used, why not, and how it ranks among the usable.
struct Judgement {
  bool usable = false;
  std::vector<std::string> reasons_for;
  std::vector<std::string> reasons_against;
  std::tuple<int, uint64_t> rank;  // kind of device, then memory
};

Judgement judge(const AdapterInfo& adapter);

/// Index of the device to open. Throws NO_DEVICE whose message carries every device with its reasons.
size_t choose(std::span<const AdapterInfo> adapters, const DeviceWish& wish);

/// Where a device's work goes: one queue for everything, and one for copies where it has another to spare.
struct QueueChoice {
  uint32_t family = 0;
  struct Transfer {
    uint32_t family = 0, index = 0;
  };
  std::optional<Transfer> transfer;
};
QueueChoice choose_queues(const AdapterInfo& info);

}  // namespace forge::vk
