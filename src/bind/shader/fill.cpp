#include "bind/shader/fill.hpp"

#include <algorithm>
#include <cstring>

#include "bind/errors.hpp"
#include "bind/ndarray.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

void refuse_read_only(const PyArray& array) {
  if (!array.array().writable())
    throw Error(ErrorCode::READ_ONLY, "the array is read-only", "a writable array", "one over read-only memory");
}

}  // namespace

uint32_t fill_word(const PyArray& to, py::handle value) {
  refuse_read_only(to);
  const size_t size = size_of(to.array().dtype());
  py::object one;
  try {
    one = py::module_::import("numpy").attr("full")(4 / std::min<size_t>(size, 4), value,
                                                    numpy_dtype(to.array().dtype()));
  } catch (const py::error_already_set& error) {
    throw_as(ErrorCode::BAD_TYPE, error, "the value to fill with", "one number of the array's dtype");
  }
  const py::bytes bytes = one.attr("tobytes")();
  const auto text = static_cast<std::string>(bytes);
  uint32_t word = 0;
  std::memcpy(&word, text.data(), 4);
  bool repeats = true;
  for (size_t i = 0; i < text.size(); i += 4) repeats &= std::memcmp(text.data() + i, &word, 4) == 0;
  const vk::BufferRef target = to.array().bytes();
  if (!repeats || (target.buffer->origin() + target.offset) % 4 != 0 || target.size % 4 != 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "fill repeats one 32-bit pattern over whole words",
                "a value that is one (zero is, for every dtype) and a multiple of 4 bytes",
                py::str(value).cast<std::string>() + " as " + std::string(name_of(to.array().dtype())), "use a kernel");
  return word;
}

std::pair<vk::BufferRef, vk::BufferRef> copied_ranges(const PyArray& from, const PyArray& to) {
  const vk::BufferRef source = from.array().bytes(), target = to.array().bytes();
  if (source.size != target.size)
    throw Error(ErrorCode::BAD_SHAPE, "a copy between arrays of different sizes",
                std::to_string(target.size) + " bytes", std::to_string(source.size) + " bytes");
  if (&from.array().device() != &to.array().device())
    throw Error(ErrorCode::INVALID_ARGUMENT, "a copy from one device to another", from.array().device().info().name,
                to.array().device().info().name, "go through NumPy: vf.asarray(np.asarray(x), device=...)");
  if (source.buffer == target.buffer && source.offset < target.offset + target.size &&
      target.offset < source.offset + source.size)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a copy between arrays that share memory", "two separate ranges",
                "overlapping ones", "copy by way of a third array");
  refuse_read_only(to);
  return {source, target};
}

}  // namespace forge::bind
