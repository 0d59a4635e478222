#include "forge/graphics/renderer.hpp"

#include <algorithm>

#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/flat.hpp"

namespace forge::graphics {

namespace {

constexpr uint32_t kSmoothSamples = 4;

struct ColoredPoint {
  float x, y;        // device coordinates, y up
  float r, g, b;     // linear light
};
constexpr ColoredPoint kTriangle[] = {
    {-0.8f, -0.8f, 1.0f, 0.2f, 0.2f}, {0.8f, -0.8f, 0.2f, 1.0f, 0.2f}, {0.0f, 0.8f, 0.2f, 0.2f, 1.0f}};

}  // namespace

Renderer::Renderer(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height)
    : device_(std::move(device)), width_(width), height_(height), lut_format_(lut_format(*device_)) {
  target(1);
}

std::string Renderer::info() const {
  return "Renderer " + std::to_string(width_) + "x" + std::to_string(height_) + ", format=Rgba8UnormSrgb";
}

Target& Renderer::target(uint32_t samples) {
  auto& held = samples == 1 ? plain_ : smooth_;
  if (!held) held = std::make_unique<Target>(device_, width_, height_, TargetOptions{.samples = samples});
  return *held;
}

void Renderer::render_triangle(uint8_t* pixels) {
  metrics_ = {};
  const double started = now_ms();
  if (!triangle_) {
    triangle_ = vk::Buffer::create(device_, sizeof kTriangle, vk::Memory::device, "triangle");
    vk::upload(vk::BufferRef(triangle_), kTriangle);
  }
  const Target& picture = target(1);
  vk::DrawState state;
  picture.describe(state);
  state.streams = {{sizeof(ColoredPoint), false}};
  state.attributes = {{0, 0, offsetof(ColoredPoint, x), VK_FORMAT_R32G32_SFLOAT},
                      {1, 0, offsetof(ColoredPoint, r), VK_FORMAT_R32G32B32_SFLOAT}};
  vk::DrawCall call = shader::draw_call(*device_, k::flat{}, "triangle", state);
  call.vertex_streams = {vk::BufferRef(triangle_)};
  call.count = 3;
  vk::Commands commands(device_);
  {
    const vk::Scope scope(commands, "frame");
    picture.draw(commands, {std::move(call)}, std::array<float, 4>{1, 1, 1, 1});
  }
  finish_frame(commands, picture, pixels, started, metrics_);
}

void Renderer::add_terrain(HeightField field, double cell_x, double cell_z, const Lut& colormap) {
  auto pass = std::make_unique<TerrainPass>(device_, lut_format_);
  pass->set_colormap(colormap);
  pass->set_spacing(cell_x, cell_z);
  terrain_ = std::move(pass);
  field_ = std::move(field);
  texture_.reset();
  changed();
}

HeightField& Renderer::field() {
  if (!field_) throw Error(ErrorCode::WRONG_STATE, "no terrain uploaded; call add_terrain() first");
  return *field_;
}

void Renderer::set_camera(const Pose& pose, const Lens& lens) {
  view_proj(pose, lens);  // refuses what makes no picture
  camera_ = Framing{pose, lens};
}

void Renderer::render_terrain(uint8_t* pixels) {
  const HeightField& heights = field();
  metrics_ = {};
  const double before = now_ms();
  if (drawn_version_ != version_) {
    terrain_->set_heights(heights);
    drawn_version_ = version_;
    metrics_.upload_ms = now_ms() - before;
    metrics_.upload_bytes = heights.values().size_bytes();
  }
  const double started = now_ms();
  const Target& picture = target(supported_samples(*device_, kSmoothSamples));
  const double aspect = static_cast<double>(width_) / height_;
  const Framing framing = camera_ ? *camera_ : frame_from_south(terrain_->extent(style_), aspect);
  vk::Commands commands(device_);
  try {
    const vk::Scope scope(commands, "frame");
    auto calls = terrain_->record(commands, picture, style_, view_proj(framing.pose, framing.lens), heights.range());
    const vk::Scope drawing(commands, "terrain");
    picture.draw(commands, std::move(calls), background_);
  } catch (...) {
    terrain_->forget_recorded();
    throw;
  }
  try {
    finish_frame(commands, picture, pixels, started, metrics_);
  } catch (...) {
    terrain_->forget_recorded();
    throw;
  }
}

void Renderer::upload_height_texture() {
  const HeightField& heights = field();
  auto texture = vk::Buffer::create(device_, heights.values().size_bytes(), vk::Memory::device, "height texture");
  vk::upload(vk::BufferRef(texture), heights.values().data());
  texture_ = std::move(texture);  // a failed upload leaves the former one
}

void Renderer::read_height_texture(float* heights) const {
  const size_t count = field_->values().size();
  if (!texture_) {
    std::fill_n(heights, count, 0.0f);
    return;
  }
  vk::download(heights, vk::BufferRef(texture_));
}

}  // namespace forge::graphics
