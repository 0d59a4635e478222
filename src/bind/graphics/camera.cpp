#include "forge/graphics/camera.hpp"

#include <algorithm>

#include "bind/graphics/arrays.hpp"
#include "bind/graphics/graphics.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

py::array_t<float> to_array(const graphics::Mat4& matrix) {
  py::array_t<float> array({4, 4});
  std::copy(matrix.rows.begin(), matrix.rows.end(), array.mutable_data());
  return array;
}

graphics::Pose to_pose(const py::object& eye, const py::object& target, const py::object& up) {
  return {to_vec3(eye, "eye"), to_vec3(target, "target"), to_vec3(up, "up")};
}

py::array_t<float> camera_look_at(const py::object& eye, const py::object& target, const py::object& up) {
  return to_array(graphics::look_at(to_pose(eye, target, up)));
}

py::array_t<float> camera_perspective(double fovy_deg, double aspect, double znear, double zfar,
                                      const std::string& clip_space) {
  return to_array(graphics::perspective({fovy_deg, aspect, znear, zfar, clip_space}));
}

py::array_t<float> camera_view_proj(const py::object& eye, const py::object& target, const py::object& up,
                                    double fovy_deg, double aspect, double znear, double zfar,
                                    const std::string& clip_space) {
  return to_array(graphics::view_proj(to_pose(eye, target, up), {fovy_deg, aspect, znear, zfar, clip_space}));
}

}  // namespace

void bind_camera(py::module_& module) {
  module.def("camera_look_at", &camera_look_at, "eye"_a, "target"_a, "up"_a,
             R"doc(Make the matrix that takes world space to view space.

Right-handed: x right, y up, looking along -z.

Args:
    eye: Where the camera stands, a sequence of 3 numbers.
    target: What it looks at, a sequence of 3 numbers.
    up: Which way is up, a sequence of 3 numbers not along the view.

Returns:
    C-contiguous float32 array of shape (4, 4) for column vectors: view @ point.

Raises:
    InputError: A component is not finite, or up lies along the view (also a ValueError and a RuntimeError).
    TypeError: An argument is not a sequence of 3 numbers.

Example:
    >>> float(vulkan_forge.camera_look_at((0, 0, 3), (0, 0, 0), (0, 1, 0))[2, 3])
    -3.0
)doc");
  module.def("camera_perspective", &camera_perspective, "fovy_deg"_a, "aspect"_a, "znear"_a, "zfar"_a,
             "clip_space"_a = "wgpu", R"doc(Make a perspective projection matrix.

Args:
    fovy_deg: Vertical field of view in degrees, in (0, 180).
    aspect: Width divided by height.
    znear: Distance of the near plane, > 0.
    zfar: Distance of the far plane, > znear.
    clip_space: "wgpu" for depth 0 to 1, "gl" for depth -1 to 1; y is up in both.

Returns:
    C-contiguous float32 array of shape (4, 4): clip = projection @ view @ point.

Raises:
    InputError: A value is out of range (also a ValueError and a RuntimeError).

Example:
    >>> vulkan_forge.camera_perspective(90, 1, 1, 3, "gl")[2]
    array([ 0.,  0., -2., -3.], dtype=float32)
)doc");
  module.def("camera_view_proj", &camera_view_proj, "eye"_a, "target"_a, "up"_a, "fovy_deg"_a, "aspect"_a, "znear"_a,
             "zfar"_a, "clip_space"_a = "wgpu",
             R"doc(Make camera_perspective(...) @ camera_look_at(...), multiplied in double and rounded once.

Args:
    eye, target, up: As for camera_look_at(); checked first.
    fovy_deg, aspect, znear, zfar, clip_space: As for camera_perspective().

Returns:
    C-contiguous float32 array of shape (4, 4): clip = result @ point.

Raises:
    InputError: As for the two (also a ValueError and a RuntimeError).
    TypeError: A vector is not a sequence of 3 numbers.

Example:
    >>> matrix = vulkan_forge.camera_view_proj((3, 2, 3), (0, 0, 0), (0, 1, 0), 45, 4 / 3, 0.1, 100)
    >>> x, y, z, w = matrix @ (0, 0, 0, 1)  # the target is in the middle: x and y are 0
)doc");
}

}  // namespace forge::bind
