#pragma once

#include <memory>
#include <string>

#include "forge/shader/loop_count.hpp"
#include "forge/vk/buffer.hpp"

namespace forge::shader {

/// Passes after which a device ends an invocation's loops without a word, all its loops counted together; 0: it does not.
/// Mesa's CPU driver did so up to 22 and beyond. Tried out once on CPU drivers, and kept in the cache.
uint32_t loop_budget(const std::shared_ptr<vk::Device>& device);

/// The word that a counting kernel sets, watched by its device: the wait after it was set raises MISSING_FEATURE.
class LoopWatch {
 public:
  /// Rewrites `words` to count where the device ends loops early; null where nothing needs watching.
  static std::shared_ptr<const LoopWatch> attach(const std::shared_ptr<vk::Device>& device, Words& words,
                                                 const Reflection& shader, const std::string& name);
  /// What was submitted until then may still set the word: its memory stays until that has passed.
  ~LoopWatch();
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;

  uint32_t set() const { return set_; }
  uint32_t binding() const { return binding_; }
  const vk::BufferRef& word() const { return word_; }

 private:
  friend class LoopWatches;
  LoopWatch(vk::BufferRef word, std::string name, uint32_t set, uint32_t binding)
      : word_(std::move(word)), name_(std::move(name)), set_(set), binding_(binding) {}

  vk::BufferRef word_;
  std::string name_;
  uint32_t set_, binding_;
};

}  // namespace forge::shader
