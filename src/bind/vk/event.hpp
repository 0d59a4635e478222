#pragma once

#include <pybind11/numpy.h>

#include <functional>
#include <memory>
#include <vector>

#include "forge/vk/event.hpp"

namespace forge::bind {

/// What Python holds of work on its way. Any binding that submits without waiting returns one.
class PyEvent {
 public:
  explicit PyEvent(std::shared_ptr<vk::Event> event) : event_(std::move(event)) {}
  PyEvent(std::shared_ptr<vk::Device> device, uint64_t number, std::function<void()> finish = {})
      : event_(std::make_shared<vk::Event>(std::move(device), number, std::move(finish))) {}
  const std::shared_ptr<vk::Event>& event() const { return event_; }

 private:
  std::shared_ptr<vk::Event> event_;
};

/// An event with the ndarray that it is about.
class PyHostFuture : public PyEvent {
 public:
  PyHostFuture(std::shared_ptr<vk::Event> event, pybind11::array values)
      : PyEvent(std::move(event)), values_(std::move(values)) {}
  const pybind11::array& values() const { return values_; }

 private:
  pybind11::array values_;
};

/// Events that work on a device must come after; None is none. Throws INVALID_ARGUMENT for another device's.
std::vector<uint64_t> to_numbers(pybind11::handle after, const vk::Device& device);
/// Takes after= out of a call's arguments.
std::vector<uint64_t> take_after(pybind11::dict& arguments, const vk::Device& device);

}  // namespace forge::bind
