#pragma once

#include <pybind11/pybind11.h>

#include <initializer_list>
#include <utility>

#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/shader/graph.hpp"
#include "forge/vk/commands.hpp"

// How the building blocks (forge/array/ops) are called from Python.
namespace forge::bind {

/// The arrays of one call: an `Array` as it is; an ndarray in place where the device sees host memory, else copied.
class Operands {
 public:
  /// The device is that of the first `Array` among them, else the default one. None counts as absent.
  Operands(std::initializer_list<pybind11::handle> values);
  explicit Operands(std::shared_ptr<vk::Device> device) : device_(std::move(device)) {}

  /// Throws BAD_TYPE for what is no array, INVALID_ARGUMENT for an array of another device.
  /// Where not `strided`, NOT_CONTIGUOUS for an ndarray with gaps or another order.
  array::Array take(pybind11::handle value, const char* name, bool strided = false);
  const std::shared_ptr<vk::Device>& device() const { return device_; }

  /// Records by `record(commands)`, submits, and returns what it returns: an Array, or a tuple of them. Waits only where
  /// memory was borrowed from NumPy, which the caller may change as soon as the call is over. Inside `with vf.record()`
  /// the graph takes what is recorded, and nothing runs.
  template <class Record>
  auto run(Record&& record) const {
    const GilRelease nogil;
    if (shader::GraphRecording* open = recording()) return open->run(device_, record);
    vk::Commands commands(device_);
    try {
      auto result = record(commands);
      const uint64_t number = commands.submit();
      if (borrowed_) device_->wait(number);
      return result;
    } catch (...) {
      if (borrowed_) device_->wait(device_->submitted());  // long recordings were sent in part
      throw;
    }
  }

 private:
  array::Array borrow(pybind11::handle value, const char* name, bool strided);
  std::shared_ptr<vk::Device> device_;
  bool borrowed_ = false;
};

void bind_matmul(pybind11::module_& module);
void bind_fft(pybind11::module_& module);
void bind_moves(pybind11::module_& module);
void bind_random(pybind11::module_& module);
void bind_tuning(pybind11::module_& module);
void bind_reduce(pybind11::module_& module);
void bind_scan(pybind11::module_& module);
void bind_compact(pybind11::module_& module);
void bind_gather(pybind11::module_& module);
void bind_sort(pybind11::module_& module);
void bind_histogram(pybind11::module_& module);
void bind_segmented_reduce(pybind11::module_& module);

}  // namespace forge::bind
