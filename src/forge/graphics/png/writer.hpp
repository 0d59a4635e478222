#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forge/graphics/png.hpp"
#include "forge/graphics/png/strips.hpp"

namespace forge::graphics::png {

/// Where encoded bytes go. put() answers false when it cannot go on, and says why elsewhere.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual bool put(const void* bytes, size_t size) = 0;
};

/// Throws for what no PNG can hold.
void check(const PngFormat& format, const PngOptions& options);

/// A file from its first byte to its last. After put() has answered false, nothing more is written.
class Writer {
 public:
  /// For a format and options that check() has passed.
  Writer(Sink& sink, const PngFormat& format, const PngOptions& options);
  void rows(const uint8_t* data, ptrdiff_t stride, size_t count);
  uint64_t rows_left() const { return format_.height - written_; }
  size_t row_bytes() const { return rules_.row_bytes; }
  bool refused() const { return refused_; }

 private:
  void head(const PngOptions& options);
  void put(const void* bytes, size_t size);
  void chunk(const char* name, const std::vector<uint8_t>& bytes);
  void data(const PackedStrip& strip, bool last);
  void keep_above(const uint8_t* row);

  Sink& sink_;
  PngFormat format_;
  StripRules rules_;
  uint64_t written_ = 0;  // rows
  bool opened_ = false;   // the zlib stream
  uint32_t checksum_ = 1;
  std::vector<uint8_t> above_;  // the row before the next
  bool refused_ = false;
};

}  // namespace forge::graphics::png
