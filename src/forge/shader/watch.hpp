#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "forge/shader/instrument.hpp"
#include "forge/vk/buffer.hpp"

namespace forge::shader {

/// What an instrumented kernel said while it ran.
struct WatchReport {
  std::vector<std::string> lines;  // of debugPrintfEXT, formatted
  uint32_t lost = 0;               // lines there was no room for
  uint64_t faults = 0;             // indices out of range
  std::vector<std::string> first;  // the first of them, in words
};

/// The hidden buffer of one call of an instrumented kernel.
class Watch {
 public:
  Watch(std::shared_ptr<vk::Device> device, std::shared_ptr<const Instrumented> program,
        std::vector<std::string> arguments);

  const vk::BufferRef& buffer() const { return buffer_; }
  /// What the argument by address of this number, in the push constants' order, is bound to.
  void set_argument(size_t number, uint64_t address, uint64_t bytes);
  /// What was said since the last time; the work must be done. Empties the buffer.
  WatchReport collect();

 private:
  uint32_t* words() const { return reinterpret_cast<uint32_t*>(buffer_.buffer->mapped()); }
  std::string fault_text(const uint32_t* fault) const;
  void read_lines(WatchReport& report) const;

  std::shared_ptr<const Instrumented> program_;
  std::vector<std::string> arguments_;  // names of those by address
  vk::BufferRef buffer_;
  std::mutex mutex_;
};

/// A line as C's printf would write it from these words; GLSL's %v2f, %v4u and so on too.
std::string format_print(const PrintSite& site, const uint32_t* words);

}  // namespace forge::shader
