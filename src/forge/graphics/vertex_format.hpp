#pragma once

#include <string>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/shader/reflect.hpp"
#include "forge/vk/device.hpp"

namespace forge::graphics {

/// The format in which a vertex input reads numbers of this dtype, `components` a vertex. Throws BAD_DTYPE where the shader's
/// type is another one, MISSING_FEATURE where the device reads no such vertices; `where` begins the message.
VkFormat vertex_format(const vk::Device& device, const shader::Type& input, DType dtype, uint32_t components,
                       const std::string& where);

/// Numbers of one vertex that an input takes: of matrices all columns.
uint32_t components_of(const shader::Type& input);

}  // namespace forge::graphics
