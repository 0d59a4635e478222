#include "forge/graphics/vertex_format.hpp"

#include "forge/core/error.hpp"
#include "forge/vk/image.hpp"

namespace forge::graphics {

namespace {

using shader::Scalar;

struct FormatRow {
  DType dtype;
  Scalar scalar;
  VkFormat formats[4];  // by number of components
};

// clang-format off: a row for each dtype
constexpr FormatRow kFormats[] = {
    {DType::float32, Scalar::f32,
     {VK_FORMAT_R32_SFLOAT, VK_FORMAT_R32G32_SFLOAT, VK_FORMAT_R32G32B32_SFLOAT, VK_FORMAT_R32G32B32A32_SFLOAT}},
    {DType::float16, Scalar::f32,
     {VK_FORMAT_R16_SFLOAT, VK_FORMAT_R16G16_SFLOAT, VK_FORMAT_R16G16B16_SFLOAT, VK_FORMAT_R16G16B16A16_SFLOAT}},
    // Small integers for a float input are shares of one: colours as they lie in pictures.
    {DType::uint8, Scalar::f32,
     {VK_FORMAT_R8_UNORM, VK_FORMAT_R8G8_UNORM, VK_FORMAT_R8G8B8_UNORM, VK_FORMAT_R8G8B8A8_UNORM}},
    {DType::uint16, Scalar::f32,
     {VK_FORMAT_R16_UNORM, VK_FORMAT_R16G16_UNORM, VK_FORMAT_R16G16B16_UNORM, VK_FORMAT_R16G16B16A16_UNORM}},
    {DType::int8, Scalar::f32,
     {VK_FORMAT_R8_SNORM, VK_FORMAT_R8G8_SNORM, VK_FORMAT_R8G8B8_SNORM, VK_FORMAT_R8G8B8A8_SNORM}},
    {DType::int16, Scalar::f32,
     {VK_FORMAT_R16_SNORM, VK_FORMAT_R16G16_SNORM, VK_FORMAT_R16G16B16_SNORM, VK_FORMAT_R16G16B16A16_SNORM}},
    {DType::int32, Scalar::i32,
     {VK_FORMAT_R32_SINT, VK_FORMAT_R32G32_SINT, VK_FORMAT_R32G32B32_SINT, VK_FORMAT_R32G32B32A32_SINT}},
    {DType::int16, Scalar::i32,
     {VK_FORMAT_R16_SINT, VK_FORMAT_R16G16_SINT, VK_FORMAT_R16G16B16_SINT, VK_FORMAT_R16G16B16A16_SINT}},
    {DType::int8, Scalar::i32,
     {VK_FORMAT_R8_SINT, VK_FORMAT_R8G8_SINT, VK_FORMAT_R8G8B8_SINT, VK_FORMAT_R8G8B8A8_SINT}},
    {DType::uint32, Scalar::u32,
     {VK_FORMAT_R32_UINT, VK_FORMAT_R32G32_UINT, VK_FORMAT_R32G32B32_UINT, VK_FORMAT_R32G32B32A32_UINT}},
    {DType::uint16, Scalar::u32,
     {VK_FORMAT_R16_UINT, VK_FORMAT_R16G16_UINT, VK_FORMAT_R16G16B16_UINT, VK_FORMAT_R16G16B16A16_UINT}},
    {DType::uint8, Scalar::u32,
     {VK_FORMAT_R8_UINT, VK_FORMAT_R8G8_UINT, VK_FORMAT_R8G8B8_UINT, VK_FORMAT_R8G8B8A8_UINT}},
};
// clang-format on

std::string shape_text(const shader::Type& input) {
  if (input.columns > 1) return "(N, " + std::to_string(input.columns) + ", " + std::to_string(input.rows) + ")";
  return input.rows == 1 ? "(N,) or (N, 1)" : "(N, " + std::to_string(input.rows) + ")";
}

}  // namespace

uint32_t components_of(const shader::Type& input) { return input.rows * input.columns; }

VkFormat vertex_format(const vk::Device& device, const shader::Type& input, DType dtype, uint32_t components,
                       const std::string& where) {
  const std::string got = std::string(name_of(dtype)) + " (N, " + std::to_string(components) + ")";
  for (const FormatRow& row : kFormats) {
    if (row.dtype != dtype || row.scalar != input.scalar || components != components_of(input)) continue;
    const VkFormat format = row.formats[input.rows - 1];
    if (vk::vertex_format_supported(device, format)) return format;
    throw Error(ErrorCode::MISSING_FEATURE, where + ": the device cannot read this vertex format",
                "a format that " + device.info().name + " reads", got, "use float32, or 4 components")
        .with("feature", "vertices of " + got);
  }
  throw Error(ErrorCode::BAD_DTYPE, where + " does not fit the shader", to_string(input) + ": " + shape_text(input),
              got,
              "float inputs take float32, float16, or integers of 8 and 16 bits as shares of one; integer inputs take "
              "integers of their sign, up to 32 bits");
}

}  // namespace forge::graphics
