#pragma once

#include <cstdint>
#include <span>
#include <unordered_set>
#include <vector>

#include "forge/array/ops/panels.hpp"
#include "forge/vk/work.hpp"

// What is done to captured commands before they are run again and again.
namespace forge::infer::onnx {

using Items = std::vector<vk::Capture::Item>;
using Buffers = std::unordered_set<const vk::Buffer*>;

/// Takes out the commands whose results are the same in every run: those that read nothing that `changing` buffers lead to.
/// They stand in their order and are run once. Weights are brought into the kernels' layout by such commands.
Items take_constant(Items& items, const Buffers& changing);

/// A run of memory that is needed from one command to another, both counted.
struct Lifetime {
  uint64_t bytes;
  size_t first, last;
};
struct Placement {
  std::vector<uint64_t> offsets;  // of each lifetime
  uint64_t bytes = 0;  // of all together
};
/// Places for memory so that what is needed at one time does not overlap; multiples of `alignment`. The best of a few
/// orders of placing.
Placement place(std::span<const Lifetime> lifetimes, uint64_t alignment);

/// The most bytes that are needed at one time: no placement takes less.
uint64_t lower_bound(std::span<const Lifetime> lifetimes);

struct MemoryUse {
  uint64_t bytes = 0;  // of the memory that temporaries share
  uint64_t least = 0;  // that live ranges allow
  uint64_t apart = 0;  // of temporaries that keep memory of their own
};
/// Moves what only these commands use, but for `kept`, into memory that is shared by live ranges. `held`: where addresses of
/// such memory stand in other memory; they are written anew.
MemoryUse share_memory(const std::shared_ptr<vk::Device>& device, Items& items, const Buffers& kept,
                       std::span<const array::HeldAddress> held = {});

}  // namespace forge::infer::onnx
