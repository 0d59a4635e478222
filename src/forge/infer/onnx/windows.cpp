#include "forge/infer/onnx/windows.hpp"

#include <algorithm>

namespace forge::infer::onnx {

Dims numbers_of_axes(const Call& call, const char* name, size_t axes) {
  const Ints given = call.ints(name, Ints(axes, 1));
  if (given.size() != axes || std::any_of(given.begin(), given.end(), [](int64_t v) { return v < 1; }))
    call.refuse(std::string(name) + " does not fit", std::to_string(axes) + " numbers from 1 on",
                std::to_string(given.size()) + " numbers");
  return dims_of(given);
}

int64_t Windows::places(size_t axis, int64_t inner, bool ceil) const {
  const int64_t room = inner + before[axis] + after[axis] - covered(axis);
  if (room < 0) return 0;
  int64_t count = (ceil ? room + stride[axis] - 1 : room) / stride[axis] + 1;
  if (ceil && (count - 1) * stride[axis] >= inner + before[axis]) --count;
  return count;
}

Windows windows_of(const Call& call, const Dims& kernel) {
  const size_t axes = kernel.size();
  const Dims& shape = call.shape(0);
  if (axes == 0 || shape.size() != axes + 2)
    call.refuse("the input does not fit the kernel", "(N, C, places...) with " + std::to_string(axes) + " spatial axes",
                to_string(shape));
  Windows windows{kernel, numbers_of_axes(call, "strides", axes), numbers_of_axes(call, "dilations", axes), {}, {}};
  const std::string pad = call.text("auto_pad", "NOTSET");
  windows.same = pad == "SAME_UPPER" || pad == "SAME_LOWER";
  windows.same_upper = pad == "SAME_UPPER";
  const Ints pads = call.ints("pads", Ints(2 * axes, 0));
  if (pads.size() != 2 * axes)
    call.refuse("pads do not fit", std::to_string(2 * axes) + " numbers", std::to_string(pads.size()));
  for (size_t i = 0; i < axes; ++i) {
    int64_t low = pad == "VALID" ? 0 : pads[i], high = pad == "VALID" ? 0 : pads[i + axes];
    if (windows.same) {
      const int64_t inner = shape[i + 2], outer = (inner + windows.stride[i] - 1) / windows.stride[i];
      const int64_t all = std::max<int64_t>((outer - 1) * windows.stride[i] + windows.covered(i) - inner, 0);
      low = pad == "SAME_LOWER" ? all - all / 2 : all / 2, high = all - low;
    }
    windows.before.push_back(low), windows.after.push_back(high);
  }
  return windows;
}

}  // namespace forge::infer::onnx
