#include "bind/shader/source.hpp"

#include <algorithm>

namespace py = pybind11;

namespace forge::bind {

ShaderSource::ShaderSource(py::handle source, const std::string& what) : text_(py::isinstance<py::str>(source)) {
  if (!text_ && !py::isinstance<py::bytes>(source))
    throw Error(ErrorCode::BAD_TYPE, what, "GLSL as str, or SPIR-V as bytes", Py_TYPE(source.ptr())->tp_name);
  content_ = source.cast<std::string>();
}

shader::Words ShaderSource::words(shader::CompileOptions options, const vk::Device& device) const {
  options.vulkan_minor = std::min<uint32_t>(device.info().api_version >> 12 & 0x3FF, 3);
  if (text_) return shader::compile_cached(content_, options);
  shader::Words words = shader::words_from_bytes(content_);
  shader::validate(words, options.vulkan_minor);
  return words;
}

}  // namespace forge::bind
