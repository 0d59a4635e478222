#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace forge::graphics {

/// Memory that is about to be written completely: not zeroed first, and ready to be handed to NumPy without a copy.
template <class T>
struct Owned {
  std::unique_ptr<T[]> data;
  size_t size = 0;

  Owned() = default;
  explicit Owned(size_t count) : data(std::make_unique_for_overwrite<T[]>(count)), size(count) {}

  T& operator[](size_t i) { return data[i]; }
  const T& operator[](size_t i) const { return data[i]; }
  std::span<const T> view() const { return {data.get(), size}; }
};

}  // namespace forge::graphics
