#include "bind/array/array.hpp"
#include "bind/gil.hpp"
#include "bind/objects.hpp"
#include "bind/vk/event.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/same_memory.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

PyEvent copy_async(const PyArray& source, const PyArray& target, py::handle after) {
  const vk::BufferRef from = source.array().bytes(), to = target.array().bytes();
  const auto device = from.buffer->device_ptr();
  if (to.buffer->device_ptr() != device)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a copy between devices", "arrays of one device",
                device->info().name + " and " + to.buffer->device().info().name,
                "go through the host: vf.asarray(np.asarray(x), device=...)");
  if (from.size != to.size)
    throw Error(ErrorCode::BAD_SHAPE, "a copy between arrays of different sizes", std::to_string(to.size) + " bytes",
                std::to_string(from.size) + " bytes");
  if (!target.array().writable())
    throw Error(ErrorCode::READ_ONLY, "the array is read-only", "a writable array", "one over read-only memory");
  if (vk::overlap(from, to))
    throw Error(ErrorCode::INVALID_ARGUMENT, "a copy onto itself", "arrays that do not overlap",
                "two over the same memory");
  source.host_values();  // what a recording will compute cannot be copied now
  target.host_values();
  const std::vector<uint64_t> numbers = to_numbers(after, *device);
  const bool beside = from.buffer->copy_lane() == vk::Lane::transfer && to.buffer->copy_lane() == vk::Lane::transfer;
  const GilRelease nogil;
  vk::Commands commands(device, vk::Commands::Sending::early, beside ? vk::Lane::transfer : vk::Lane::main);
  commands.after(numbers);
  commands.copy(from, to);
  return {device, commands.submit()};
}

}  // namespace

void bind_copy(py::module_& module) {
  module.def("copy_async", &copy_async, py::arg("source"), py::arg("target"), py::kw_only(),
             py::arg("after") = py::none(), R"(Starts a copy of all bytes of an array into another and returns at once.

It runs beside kernels where the device has a queue for that (`Device.queues`), after the work that wrote the source and
before later work that uses either.

Args:
    source: A C-contiguous `Array`.
    target: A writable C-contiguous `Array` of as many bytes, of any dtype and shape.
    after: An `Event`, or a sequence of them, that must be done before.

Returns:
    An `Event`.

Raises:
    ShapeError: The sizes differ.
    InputError: The arrays overlap, or are on two devices.
    ReadOnlyError: The target is over read-only memory.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> x, y = vf.asarray(np.arange(3)), vf.asarray(np.zeros(3, int))
    >>> vf.copy_async(x, y).wait()
    >>> y.tolist()
    [0, 1, 2]
)");
}

}  // namespace forge::bind
