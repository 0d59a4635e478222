#include "forge/vk/texture.hpp"

#include <pybind11/numpy.h>

#include <algorithm>
#include <span>

#include "bind/gil.hpp"
#include "bind/ndarray.hpp"
#include "bind/objects.hpp"
#include "bind/vk/vk.hpp"

namespace py = pybind11;

namespace forge::bind {

vk::SamplerKind to_sampler(const std::string& filter, const std::string& wrap, bool normalized) {
  const auto pick = [](const std::string& word, const char* what, std::initializer_list<const char*> words) {
    size_t index = 0;
    std::string known;
    for (const char* one : words) {
      if (word == one) return index;
      known += (index++ ? ", " : "") + std::string(one);
    }
    throw Error(ErrorCode::INVALID_ARGUMENT, std::string("unknown ") + what, known, word);
  };
  const size_t linear = pick(filter, "filter", {"nearest", "linear"});
  const size_t beyond = pick(wrap, "wrap", {"clamp", "repeat", "mirror"});
  if (!normalized && beyond != 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "wrap=\"" + wrap + "\" with normalized=False", "wrap=\"clamp\"", wrap,
                "use coordinates from 0 to 1, or wrap them in the shader");
  return static_cast<vk::SamplerKind>((normalized ? beyond : 3) * 2 + linear);
}

namespace {

using vk::TextureShape;

std::string filter_of(vk::SamplerKind kind) { return vk::is_linear(kind) ? "linear" : "nearest"; }
std::string wrap_of(vk::SamplerKind kind) {
  constexpr const char* words[] = {"clamp", "repeat", "mirror", "clamp"};
  return words[static_cast<size_t>(kind) / 2];
}

std::optional<TextureShape> to_texture_shape(py::handle value) {
  if (value.is_none()) return std::nullopt;
  const auto word = py::str(value).cast<std::string>();
  for (const auto shape : {TextureShape::d1, TextureShape::d2, TextureShape::d3, TextureShape::d2_array})
    if (name_of(shape) == word) return shape;
  throw Error(ErrorCode::INVALID_ARGUMENT, "unknown kind of texture", "\"1d\", \"2d\", \"3d\" or \"2d_array\"", word);
}

size_t axes_of(TextureShape shape) { return shape == TextureShape::d1 ? 1 : shape == TextureShape::d2 ? 2 : 3; }

[[noreturn]] void refuse_shape(const Dims& dims, const std::string& expected, const std::string& mend) {
  throw Error(ErrorCode::BAD_SHAPE, "an array cannot be a texture as it is", expected, "shape " + to_string(dims),
              mend);
}

struct Picture {
  TextureShape shape;
  std::array<uint64_t, 3> extent{1, 1, 1};
  uint32_t channels = 1;
};

// (W,), (H, W), (H, W, C) and (D, H, W, C) are clear; (D, H, W) needs the word.
Picture to_picture(const Dims& dims, std::optional<TextureShape> wanted) {
  Picture picture{wanted.value_or(dims.size() == 1   ? TextureShape::d1
                                  : dims.size() == 4 ? TextureShape::d3
                                                     : TextureShape::d2)};
  const size_t axes = axes_of(picture.shape);
  const std::string expected = picture.shape == TextureShape::d1   ? "(W,) or (W, C)"
                               : picture.shape == TextureShape::d2 ? "(H, W) or (H, W, C)"
                                                                   : "(D, H, W) or (D, H, W, C)";
  if (dims.size() != axes && dims.size() != axes + 1)
    refuse_shape(dims, expected, "say which: kind=\"1d\", \"2d\", \"3d\" or \"2d_array\"");
  if (dims.size() == axes + 1) picture.channels = static_cast<uint32_t>(std::min<int64_t>(dims[axes], 1 << 20));
  if (picture.channels != 1 && picture.channels != 2 && picture.channels != 4)
    refuse_shape(dims, expected + " with 1, 2 or 4 channels",
                 picture.channels == 3 ? "devices keep no RGB: add a fourth channel"
                                       : "say kind=\"3d\" or \"2d_array\" where the last axis is the width");
  for (size_t axis = 0; axis < axes; ++axis) picture.extent[axis] = static_cast<uint64_t>(dims[axes - 1 - axis]);
  return picture;
}

const vk::TexelRow& to_texel(py::handle format, DType dtype, uint32_t channels) {
  if (format.is_none()) {
    if (const vk::TexelRow* usual = vk::usual_texel(dtype, channels)) return *usual;
    throw Error(ErrorCode::BAD_DTYPE, "no texture format holds this dtype",
                "uint8, uint16, uint32, int8, int16, int32, float16 or float32", std::string(name_of(dtype)),
                "convert it with .astype()");
  }
  const auto word = py::str(format).cast<std::string>();
  const vk::TexelRow* row = vk::find_texel(word);
  if (!row) {
    std::string known;
    for (const vk::TexelRow& one : vk::texel_rows()) known += (known.empty() ? "" : ", ") + std::string(one.name);
    throw Error(ErrorCode::INVALID_ARGUMENT, "unknown texture format", known, word);
  }
  if (row->dtype != dtype || row->channels != channels)
    throw Error(ErrorCode::BAD_DTYPE, "an array does not hold texels of format " + word,
                std::string(name_of(row->dtype)) + ", " + std::to_string(row->channels) + " channels",
                std::string(name_of(dtype)) + ", " + std::to_string(channels) + " channels",
                "convert the array, or choose another format");
  return *row;
}

HostArray to_texels(py::handle value) {
  const HostArray host = check_numbers(value, "the texels of a Texture");
  if (!host.contiguous())
    throw Error(ErrorCode::NOT_CONTIGUOUS, "the texels of a Texture are not C-contiguous", "C order without gaps",
                "strides " + to_string(host.strides), "pass np.ascontiguousarray(a)");
  return host;
}

std::unique_ptr<PyTexture> make_texture(py::handle texels, py::handle format, py::handle shape,
                                        const std::string& filter, const std::string& wrap, bool normalized,
                                        py::handle device) {
  const HostArray host = to_texels(texels);
  const Picture picture = to_picture(host.shape, to_texture_shape(shape));
  const vk::TextureSpec spec{&to_texel(format, host.dtype, picture.channels), picture.shape, picture.extent,
                             to_sampler(filter, wrap, normalized)};
  auto opened = device_or_default(device);
  const GilRelease nogil;
  auto texture = vk::Texture::create(std::move(opened), spec);
  texture->write(host.data);
  return std::make_unique<PyTexture>(std::move(texture));
}

Dims shape_of(const vk::TextureSpec& spec) {
  Dims dims;
  for (size_t axis = axes_of(spec.shape); axis-- > 0;) dims.push_back(static_cast<int64_t>(spec.extent[axis]));
  if (spec.texel->channels > 1) dims.push_back(spec.texel->channels);
  return dims;
}

py::array read(const PyTexture& self) {
  const auto texture = self.share();
  const Dims shape = shape_of(texture->spec());
  py::array texels(numpy_dtype(texture->spec().texel->dtype), std::vector<py::ssize_t>(shape.begin(), shape.end()));
  void* to = texels.mutable_data();
  const GilRelease nogil;
  texture->read(to);
  return texels;
}

// What devices make of other depths differs.
void check_depths(const HostArray& host) {
  const std::span values(static_cast<const float*>(host.data), static_cast<size_t>(element_count(host.shape)));
  const auto wrong =
      std::find_if(values.begin(), values.end(), [](float depth) { return !(depth >= 0 && depth <= 1); });
  if (wrong != values.end())
    throw Error(ErrorCode::INVALID_ARGUMENT, "a depth is none", "0 to 1", std::to_string(*wrong));
}

void write(const PyTexture& self, py::handle texels) {
  const auto texture = self.share();
  const HostArray host = to_texels(texels);
  const Dims wanted = shape_of(texture->spec());
  const bool one_channel = host.shape.size() == wanted.size() + 1 && host.shape[wanted.size()] == 1;
  if (host.dtype != texture->spec().texel->dtype)
    throw Error(ErrorCode::BAD_DTYPE, "the texels of a Texture", std::string(name_of(texture->spec().texel->dtype)),
                std::string(name_of(host.dtype)), "convert them with .astype()");
  if (host.shape != wanted && !(one_channel && std::equal(wanted.begin(), wanted.end(), host.shape.begin())))
    throw Error(ErrorCode::BAD_SHAPE, "the texels of a Texture", "shape " + to_string(wanted),
                "shape " + to_string(host.shape), "make a new Texture");
  const GilRelease nogil;
  if (texture->spec().texel->format == VK_FORMAT_D32_SFLOAT) check_depths(host);
  texture->write(host.data);
}

PyTexture like(py::handle shape, const std::string& format, py::handle kind, const std::string& filter,
               const std::string& wrap, bool normalized, py::handle device) {
  const vk::TexelRow* texel = vk::find_texel(format);
  if (!texel) texel = &to_texel(py::str(format), DType::uint8, 1);  // names what is known, and throws
  Dims dims = to_dims(shape, "shape");
  if (texel->channels > 1) dims.push_back(texel->channels);
  Picture picture = to_picture(dims, to_texture_shape(kind));
  if (picture.channels != texel->channels) to_texel(py::str(format), texel->dtype, picture.channels);
  const vk::TextureSpec spec{texel, picture.shape, picture.extent, to_sampler(filter, wrap, normalized)};
  auto opened = device_or_default(device);
  const GilRelease nogil;
  auto texture = vk::Texture::create(std::move(opened), spec);
  texture->clear();
  return PyTexture(std::move(texture));
}

}  // namespace

void bind_texture(py::module_& module) {
  py::class_<PySampler> sampler(module, "Sampler", R"(How a texture is read between its texels and beyond its edges.

For shaders that declare `sampler` apart from `texture2D`; a `Texture` brings its own for `sampler2D`.

Args:
    filter: "nearest" or "linear".
    wrap: What lies beyond the edge: "clamp" (the edge's texel), "repeat" or "mirror".
    normalized: True: coordinates run from 0 to 1. False: they count texels (1d and 2d textures, wrap "clamp" only).

Example:
    >>> import vulkan_forge as vf
    >>> vf.Sampler(filter="linear", wrap="mirror")
    Sampler(filter='linear', wrap='mirror', normalized=True)
)");
  sampler
      .def(py::init([](const std::string& filter, const std::string& wrap, bool normalized) {
             return PySampler{to_sampler(filter, wrap, normalized)};
           }),
           py::kw_only(), py::arg("filter") = "nearest", py::arg("wrap") = "clamp", py::arg("normalized") = true)
      .def_property_readonly(
          "filter", [](const PySampler& self) { return filter_of(self.kind); }, "As given.")
      .def_property_readonly(
          "wrap", [](const PySampler& self) { return wrap_of(self.kind); }, "As given.")
      .def_property_readonly(
          "normalized", [](const PySampler& self) { return !vk::samples_pixels(self.kind); }, "As given.")
      .def("__repr__", [](const PySampler& self) {
        return "Sampler(filter='" + filter_of(self.kind) + "', wrap='" + wrap_of(self.kind) +
               "', normalized=" + (vk::samples_pixels(self.kind) ? "False)" : "True)");
      });

  py::class_<PyTexture> cls(module, "Texture",
                            R"(Texels on a device, for `sampler2D`, `texture2D` and `image2D` in shaders.

Args:
    texels: C-contiguous ndarray: (W,), (H, W), (H, W, C), (D, H, W) or (D, H, W, C) with 1, 2 or 4 channels; row 0 is
        at coordinate 0. Copied.
    format: GLSL's word: "rgba8" (0 to 255 read as 0.0 to 1.0), "rgba8ui", "r32f", "rg16f", "r32i", "rgba8_srgb" and so
        on. None takes the usual one: uint8 as 8-bit fractions, other integers as integers, floats as floats.
    kind: "1d", "2d", "3d" or "2d_array". None follows from the array; (D, H, W) needs the word.
    filter: "nearest" or "linear"; linear needs a format that the device can filter.
    wrap: Beyond the edge: "clamp", "repeat" or "mirror".
    normalized: False: `texture()` takes coordinates in texels (1d, 2d, wrap "clamp").
    device: A `Device`; None for the default one.

Raises:
    ShapeError, DtypeError, LayoutError: The array cannot be texels of that format.
    UnsupportedError: The device has no such textures, or does not filter them.
    LimitError: It is larger than the device allows.

Example:
    >>> import numpy as np, vulkan_forge as vf
    >>> half = vf.Kernel('''
    ... layout(local_size_x = 8, local_size_y = 8) in;
    ... layout(binding = 0) uniform sampler2D photo;
    ... layout(binding = 1, rgba8) writeonly uniform image2D small;
    ... void main() {
    ...   ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    ...   if (all(lessThan(at, imageSize(small))))
    ...     imageStore(small, at, texture(photo, (vec2(at) + 0.5) / vec2(imageSize(small))));
    ... }''')
    >>> photo = vf.Texture(np.full((64, 64, 4), 200, np.uint8), filter="linear")
    >>> small = vf.Texture.zeros((32, 32), "rgba8")
    >>> half(photo=photo, small=small, threads=(32, 32))
    >>> small.read()[5, 7].tolist()
    [200, 200, 200, 200]
)");
  cls.def(py::init(&make_texture), py::arg("texels"), py::kw_only(), py::arg("format") = py::none(),
          py::arg("kind") = py::none(), py::arg("filter") = "nearest", py::arg("wrap") = "clamp",
          py::arg("normalized") = true, py::arg("device") = py::none());
  bind_lifecycle(cls, "Texture");
  cls.def_static("zeros", &like, py::arg("extent"), py::arg("format"), py::kw_only(), py::arg("kind") = py::none(),
                 py::arg("filter") = "nearest", py::arg("wrap") = "clamp", py::arg("normalized") = true,
                 py::arg("device") = py::none(),
                 R"(A texture of zeros: `extent` is (H, W) and the like, without channels, which the format says.)");
  cls.def(
      "read", &read,
      "The texels as a new ndarray of the texture's own shape and dtype, rows without padding, after all work that\n"
      "writes the texture.");
  cls.def("write", &write, py::arg("texels"),
          "Replaces all texels, after all work that uses the texture. Depths are 0 to 1, else InputError.");
  cls.def_property_readonly(
      "shape", [](const PyTexture& self) { return to_tuple(shape_of(self.share()->spec())); },
      "As the ndarray that read() gives.");
  cls.def_property_readonly(
      "dtype", [](const PyTexture& self) { return numpy_dtype(self.share()->spec().texel->dtype); },
      "The NumPy dtype of one channel.");
  cls.def_property_readonly(
      "format", [](const PyTexture& self) { return std::string(self.share()->spec().texel->name); },
      "GLSL's word for the format.");
  cls.def_property_readonly(
      "kind", [](const PyTexture& self) { return std::string(name_of(self.share()->spec().shape)); },
      "\"1d\", \"2d\", \"3d\" or \"2d_array\".");
  cls.def_property_readonly(
      "sampler", [](const PyTexture& self) { return PySampler{self.share()->spec().sampler}; }, "How it is sampled.");
  cls.def_property_readonly(
      "storable", [](const PyTexture& self) { return self.share()->can_store(); },
      "True where shaders may take it as a storage image (image2D).");
  cls.def_property_readonly(
      "device", [](const PyTexture& self) { return PyDevice(self.share()->device().shared_from_this()); },
      "The device that holds it.");
  cls.def("__repr__", [](const PyTexture& self) {
    if (self.closed()) return std::string("Texture(closed)");
    const vk::TextureSpec& spec = self.share()->spec();
    return "Texture(" + std::string(name_of(spec.shape)) + " " + std::string(spec.texel->name) + ", " +
           to_string(shape_of(spec)) + ")";
  });
}

}  // namespace forge::bind
