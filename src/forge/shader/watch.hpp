#pragma once

#include <memory>
#include <mutex>
#include <span>
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
  /// `elements`: of all its arrays of descriptors together.
  Watch(std::shared_ptr<vk::Device> device, std::shared_ptr<const Instrumented> program,
        std::vector<std::string> arguments, uint64_t elements);

  const vk::BufferRef& buffer() const { return buffer_; }
  /// What the argument by address of this number, in the push constants' order, is bound to.
  void set_argument(size_t number, uint64_t address, uint64_t bytes);
  /// The bytes of each element of an array of descriptors.
  void set_list(uint32_t set, uint32_t binding, std::span<const uint64_t> bytes);
  /// What was said since the last time; the work must be done. Empties the buffer.
  WatchReport collect();

 private:
  uint32_t* words() const { return reinterpret_cast<uint32_t*>(buffer_.buffer->mapped()); }
  std::string fault_text(const uint32_t* fault) const;
  void read_lines(WatchReport& report) const;

  std::shared_ptr<const Instrumented> program_;
  std::vector<std::string> arguments_;  // names of those by address
  vk::BufferRef buffer_;
  uint32_t listed_;  // where the next list's sizes go
  std::mutex mutex_;
};

/// One of several calls that ran together, and what it said meanwhile.
struct WatchedCall {
  std::shared_ptr<Watch> watch;
  std::string name;  // the kernel's; in a graph "blur", or "blur#2" of several
};

/// A line as C's printf would write it from these words; GLSL's %v2f, %v4u and so on too.
std::string format_print(const PrintSite& site, const uint32_t* words);

}  // namespace forge::shader
