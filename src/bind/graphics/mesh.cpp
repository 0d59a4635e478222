#include "forge/graphics/mesh.hpp"

#include <pybind11/numpy.h>

#include <cmath>

#include "bind/gil.hpp"
#include "bind/graphics/geometry.hpp"
#include "bind/graphics/graphics.hpp"
#include "bind/graphics/scene_object.hpp"
#include "bind/ndarray.hpp"
#include "forge/graphics/normals.hpp"
#include "forge/vk/staging.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace forge::bind {

namespace {

using graphics::Mesh;
using graphics::MeshParts;

constexpr std::array<float, 4> kPlain{0.78f, 0.78f, 0.76f, 1};  // what nobody coloured

class PyMesh : public PySceneObject {
 public:
  explicit PyMesh(std::shared_ptr<Mesh> mesh) : PySceneObject(std::move(mesh)) {}
};

// Indices of corners, checked, of faces whose corners are all finite.
struct Faces {
  std::vector<uint32_t> own;           // converted, or without those left out
  std::span<const uint32_t> indices;   // (count, 3)
  std::optional<vk::BufferRef> there;  // the same on the device
};

template <class T>
std::vector<uint32_t> checked(std::span<const T> indices, uint64_t vertices) {
  std::vector<uint32_t> out(indices.size());
  for (size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < T{0} || static_cast<uint64_t>(indices[i]) >= vertices)
      throw Error(ErrorCode::OUT_OF_RANGE, "a face names no vertex",
                  vertices ? "0 to " + std::to_string(vertices - 1) : "no faces: there are no vertices",
                  std::to_string(indices[i]) + " in face " + std::to_string(i / 3));
    out[i] = static_cast<uint32_t>(indices[i]);
  }
  return out;
}

// uint32 as they are.
void check(std::span<const uint32_t> indices, uint64_t vertices) {
  uint32_t most = 0;
  for (const uint32_t index : indices) most = std::max(most, index);
  if (!indices.empty() && most >= vertices) checked(indices, vertices);  // says which
}

// An Array's, copied on the device: what is checked is what is drawn, whatever is written to the Array later.
vk::BufferRef copied(const std::shared_ptr<vk::Device>& device, const vk::BufferRef& from) {
  vk::BufferRef to(vk::Buffer::create(device, from.size, vk::Memory::device, "faces"));
  vk::Commands commands(device);
  commands.copy(from, to);
  device->wait(commands.submit());
  return to;
}

Faces to_faces(const std::shared_ptr<vk::Device>& device, const HostLook& faces, uint64_t vertices) {
  if (faces.shape.size() != 2 || faces.shape[1] != 3)
    throw Error(ErrorCode::BAD_SHAPE, "faces", "(M, 3)", to_string(faces.shape),
                "triangles only: cut other polygons into them");
  if (element_count(faces.shape) > UINT32_MAX)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "too many faces in one mesh", "fewer than 2**32 / 3", to_string(faces.shape),
                "split it");
  Faces out;
  const GilRelease nogil;
  switch (faces.dtype) {
    case DType::uint32:
      out.indices = faces.values<uint32_t>();
      if (faces.there && faces.there->size) {
        out.there = copied(device, *faces.there);
        out.own.resize(out.indices.size());
        vk::download(out.own.data(), *out.there);
        out.indices = out.own;
      }
      check(out.indices, vertices);
      return out;
    case DType::int32: out.own = checked(faces.values<int32_t>(), vertices); break;
    case DType::int64: out.own = checked(faces.values<int64_t>(), vertices); break;
    case DType::uint64: out.own = checked(faces.values<uint64_t>(), vertices); break;
    case DType::uint16: out.own = checked(faces.values<uint16_t>(), vertices); break;
    default:
      throw Error(ErrorCode::BAD_DTYPE, "faces", "integers of 32 or 64 bits", std::string(name_of(faces.dtype)),
                  "convert them: .astype(np.uint32)");
  }
  out.indices = out.own;
  return out;
}

// Vertices that no face uses are nowhere in a picture: neither do they count for its frame, nor for the origin.
graphics::Places places_of(const std::shared_ptr<vk::Device>& device, const HostLook& points, const Faces& faces) {
  const GilRelease nogil;
  const bool is_double = points.dtype == DType::float64;
  const graphics::Box drawn = is_double ? graphics::box_of_faces(points.values<double>(), faces.indices)
                                        : graphics::box_of_faces(points.values<float>(), faces.indices);
  return to_places(device, points, drawn);
}

// The device's points as the host sees them.
std::vector<float> points_of(const graphics::Places& places) {
  std::vector<float> points(3 * places.count);
  if (!points.empty()) vk::download(points.data(), places.values.part(0, points.size() * sizeof(float)));
  return points;
}

// A corner that is nowhere takes its faces with it.
void drop_unplaced(std::span<const float> points, Faces& faces) {
  std::vector<uint32_t> kept;
  const auto placed = [&](uint32_t v) {
    return std::isfinite(points[3 * size_t{v}]) && std::isfinite(points[3 * size_t{v} + 1]) &&
           std::isfinite(points[3 * size_t{v} + 2]);
  };
  for (size_t f = 0; f + 2 < faces.indices.size(); f += 3)
    if (placed(faces.indices[f]) && placed(faces.indices[f + 1]) && placed(faces.indices[f + 2]))
      kept.insert(kept.end(), faces.indices.begin() + static_cast<std::ptrdiff_t>(f),
                  faces.indices.begin() + static_cast<std::ptrdiff_t>(f) + 3);
  faces.own = std::move(kept);
  faces.indices = faces.own;
  faces.there.reset();
}

std::vector<float> values_of(const vk::BufferRef& memory, size_t count) {
  std::vector<float> values(count);
  if (count) vk::download(values.data(), memory.part(0, count * sizeof(float)));
  return values;
}

// Corners are brought into an order that tells where the normals look; false where some look nowhere.
bool orient(std::span<const float> points, std::span<const float> normals, Faces& faces) {
  if (points.empty()) return false;
  if (faces.own.empty()) faces.own.assign(faces.indices.begin(), faces.indices.end());
  faces.indices = faces.own;
  faces.there.reset();
  return graphics::orient_faces(points, normals, faces.own);
}

std::shared_ptr<vk::Image> to_texture(const std::shared_ptr<vk::Device>& device, py::handle value,
                                      bool& is_transparent) {
  const HostLook pixels = look(device, value, "texture");
  if (pixels.dtype != DType::uint8 || pixels.shape.size() != 3 || (pixels.shape[2] != 3 && pixels.shape[2] != 4) ||
      pixels.shape[0] == 0 || pixels.shape[1] == 0)
    throw Error(ErrorCode::BAD_SHAPE, "texture", "uint8 (height, width, 3 or 4)", describe_value(value));
  const uint64_t most = device->limits().max_image_2d;
  const auto height = static_cast<uint64_t>(pixels.shape[0]), width = static_cast<uint64_t>(pixels.shape[1]);
  if (std::max(height, width) > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "the texture is larger than images of " + device->info().name,
                "at most " + std::to_string(most) + " pixels a side", to_string(pixels.shape))
        .with("limit", std::to_string(most));
  const auto bytes = pixels.values<uint8_t>();
  const auto channels = static_cast<size_t>(pixels.shape[2]);
  const GilRelease nogil;
  std::vector<uint32_t> texels(height * width);
  for (size_t i = 0; i < texels.size(); ++i) {
    const uint8_t* p = bytes.data() + i * channels;
    const uint32_t alpha = channels == 4 ? p[3] : 255u;
    is_transparent |= alpha < 255;
    texels[i] = p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | alpha << 24;
  }
  vk::ImageSpec spec;
  spec.format = VK_FORMAT_R8G8B8A8_SRGB;
  spec.width = static_cast<uint32_t>(width);
  spec.height = static_cast<uint32_t>(height);
  spec.label = "mesh texture";
  auto image = vk::Image::create(device, spec);
  const vk::BufferRef staging = put_on_device(device, texels.data(), texels.size() * 4, "texture");
  vk::Commands commands(device);
  commands.upload_image(staging, image, vk::whole(*image));
  device->wait(commands.submit());
  return image;
}

void add_colors(const std::shared_ptr<vk::Device>& device, py::handle value, MeshParts& parts) {
  const Colors colors = to_colors(device, value, kPlain);
  if (colors.of_each && colors.count != parts.places.count)
    throw Error(ErrorCode::BAD_SHAPE, "colors", "one, or one a vertex: " + std::to_string(parts.places.count),
                std::to_string(colors.count));
  parts.color = colors.one;
  parts.colors = colors.on_device(device);
  parts.is_transparent |= colors.is_transparent;
}

void add_texture(const std::shared_ptr<vk::Device>& device, py::handle uv, py::handle texture, MeshParts& parts,
                 bool colored) {
  if (uv.is_none() && texture.is_none()) return;
  if (uv.is_none() || texture.is_none())
    throw Error(ErrorCode::INVALID_ARGUMENT, "half of a texture",
                "both uv= and texture=", uv.is_none() ? "texture= alone" : "uv= alone");
  parts.corners = to_floats(device, uv, static_cast<int64_t>(parts.places.count), 2, "uv");
  parts.texture = to_texture(device, texture, parts.is_transparent);
  if (!colored) parts.color = {1, 1, 1, 1};
}

bool is_smooth(const std::string& shading) {
  if (shading == "smooth" || shading == "flat") return shading == "smooth";
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown shading", "\"smooth\" or \"flat\"", "'" + shading + "'");
}

std::unique_ptr<PyMesh> make(py::handle vertices, py::handle faces, py::handle normals, py::handle colors,
                             py::handle uv, py::handle texture, const std::string& shading, double opacity,
                             py::handle device) {
  const bool smooth = is_smooth(shading);
  to_number(opacity, "opacity", 0, 1);
  const auto opened = device_of({vertices, faces, normals, colors, uv}, device);
  const HostLook named = look(opened, faces, "faces");
  const HostLook given = look_at_points(opened, vertices, "vertices");
  Faces found = to_faces(opened, named, static_cast<uint64_t>(given.shape[0]));
  graphics::Places places = places_of(opened, given, found);
  const vk::BufferRef none = places.values;
  MeshParts parts{std::move(places), none};
  std::vector<float> points, made;
  if (!parts.places.all_finite || (smooth && normals.is_none())) {
    const GilRelease nogil;
    points = points_of(parts.places);
    if (!parts.places.all_finite) drop_unplaced(points, found);
  }
  if (!normals.is_none()) {
    parts.normals = to_floats(opened, normals, static_cast<int64_t>(parts.places.count), 3, "normals");
    if (!smooth) parts.normals.reset();
  } else if (smooth && parts.places.count) {
    const GilRelease nogil;
    made = graphics::smooth_normals(points, found.indices);
    parts.normals = put_on_device(opened, made.data(), made.size() * sizeof(float), "normals");
  }
  add_colors(opened, colors, parts);
  add_texture(opened, uv, texture, parts, !colors.is_none());
  parts.color[3] *= static_cast<float>(opacity);
  parts.is_transparent |= opacity < 1;
  const bool stays =
      !py::isinstance<PyArray>(normals) && !py::isinstance<PyArray>(vertices);  // an Array may be written to
  if (parts.normals && stays && !parts.corners && !parts.is_transparent) {  // others are lit by each face as it is
    const GilRelease nogil;
    if (points.empty()) points = points_of(parts.places);
    if (made.empty()) made = values_of(*parts.normals, points.size());
    parts.is_oriented = orient(points, made, found);
  }
  parts.face_count = found.indices.size() / 3;
  parts.faces =
      found.there ? *found.there : put_on_device(opened, found.indices.data(), found.indices.size_bytes(), "faces");
  const GilRelease nogil;
  return std::make_unique<PyMesh>(std::make_shared<Mesh>(opened, std::move(parts)));
}

}  // namespace

void bind_mesh(py::module_& module) {
  py::class_<PyMesh, PySceneObject> cls(module, "Mesh", R"(Triangles with two sides, lit by the figure's light.

Triangles may cross each other and be seen through; what is behind shines through in the right order, fragment by
fragment.

Args:
    vertices: (N, 3) float64 or float32 ndarray, or float32 `Array`, which is used in place. World units, at any distance
        from zero. Faces at a vertex that is not finite are left out; `bounds` is around the vertices of the others.
    faces: (M, 3) integers: the vertices of each triangle, in either order. They are copied.
    normals: (N, 3) of any length; None: the mean of the faces at a vertex, by their angles.
    colors: A colour as `Figure` takes it, or (N, 3 or 4) of uint8, or of floats from 0 to 1: sRGB with straight alpha.
        None: light gray; with a texture white. They are multiplied with the texture.
    uv: (N, 2): where a vertex is in the texture, from its lower left corner (0, 0) to its upper right one (1, 1);
        beyond that it repeats.
    texture: uint8 (height, width, 3 or 4), row 0 on top.
    shading: "smooth": light by the normals of vertices; "flat": by those of triangles.
    opacity: 0 to 1 (default 1.0), times the colours' alpha.
    device: A `Device`; None: that of the first `Array` given, else the default one.

Raises:
    InputError: A wrong dtype, shape, number or order (subclasses say which).
    RangeError: A face names a vertex that is not there.
    LimitError: The device has no room for so large a texture, or so many points.

Example:
    >>> import numpy as np
    >>> from vulkan_forge import graphics
    >>> corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float64)
    >>> faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [2, 0, 3]])
    >>> graphics.Mesh(corners, faces, colors="orange", shading="flat").bounds
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
)");
  cls.def(py::init(&make), "vertices"_a, "faces"_a, py::kw_only(), "normals"_a = py::none(), "colors"_a = py::none(),
          "uv"_a = py::none(), "texture"_a = py::none(), "shading"_a = "smooth", "opacity"_a = 1.0,
          "device"_a = py::none());
  bind_lifecycle(cls, "Mesh");
}

}  // namespace forge::bind
