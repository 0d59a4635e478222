#include "forge/graphics/scene.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "forge/graphics/text.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/scene.hpp"

namespace forge::graphics {

namespace {

constexpr uint32_t kSmoothSamples = 4;
constexpr std::array<float, 4> kBackground{0.02f, 0.02f, 0.03f, 1.0f};  // linear
constexpr Pose kPose{{3, 2, 3}, {0, 0, 0}, {0, 1, 0}};
constexpr double kFovyDeg = 45, kNear = 0.1, kFar = 100;
constexpr size_t kOwnSide = 129;  // samples a side of the surface that is there before any heights

// Two waves, and a plane through the corners of the map [[0, 0.25], [0.5, 0.75]].
std::vector<float> own_surface() {
  std::vector<float> heights;
  heights.reserve(kOwnSide * kOwnSide);
  for (size_t row = 0; row < kOwnSide; ++row)
    for (size_t column = 0; column < kOwnSide; ++column) {
      const double u = static_cast<double>(column) / (kOwnSide - 1), v = static_cast<double>(row) / (kOwnSide - 1);
      const double x = 3 * u - 1.5, z = 3 * v - 1.5;
      heights.push_back(static_cast<float>(0.25 * std::sin(1.3 * x) + 0.25 * std::cos(1.1 * z) + 0.25 * u + 0.5 * v));
    }
  return heights;
}

std::array<float, 3> unit(const Vec3& v) {
  const double length = std::hypot(v[0], v[1], v[2]);
  return {static_cast<float>(v[0] / length), static_cast<float>(v[1] / length), static_cast<float>(v[2] / length)};
}

}  // namespace

Scene::Scene(std::shared_ptr<vk::Device> device, uint32_t width, uint32_t height, const SceneOptions& options)
    : target_(device, width, height, {.samples = supported_samples(*device, kSmoothSamples)}),
      grid_(options.grid),
      colors_(device, graphics::lut_format(*device)) {
  if (grid_ < 2 || grid_ > kMostGrid)
    throw Error(ErrorCode::INVALID_ARGUMENT, "grid is out of range", "2 to " + text(kMostGrid), text(grid_));
  colors_.set(options.colormap);
  uniforms_.sun = unit(options.sun);
  set_camera(kPose, kFovyDeg, kNear, kFar);
}

void Scene::set_camera(const Pose& pose, double fovy_deg, double znear, double zfar) {
  const Lens lens{fovy_deg, static_cast<double>(width()) / height(), znear, zfar, "wgpu"};
  view_proj(pose, lens);  // checks vectors before the lens
  const Mat4 view = look_at(pose), projection = perspective(lens);
  uniforms_.view = view.column_major();
  uniforms_.projection = projection.column_major();
  uniform_buffer_.reset();
}

void Scene::set_heights(std::span<const float> heights, size_t rows, size_t columns) {
  FORGE_ASSERT(heights.size() == rows * columns);
  if (heights.empty() || heights.size() > UINT32_MAX)
    throw Error(ErrorCode::BAD_SHAPE, "height must be C-contiguous float32[H,W]", "1 to 2**32 - 1 samples",
                tuple_text(rows, columns));
  const double started = now_ms();
  auto buffer = vk::Buffer::create(device(), heights.size_bytes(), vk::Memory::device, "scene heights");
  vk::upload(vk::BufferRef(buffer), heights.data());
  heights_ = std::move(buffer);  // a failed upload leaves the former ones
  rows_ = static_cast<uint32_t>(rows);
  columns_ = static_cast<uint32_t>(columns);
  uploads_.upload_ms += now_ms() - started;
  uploads_.upload_bytes += heights.size_bytes();
}

vk::DrawCall Scene::draw_call(vk::Commands& commands) {
  if (!uniform_buffer_) {
    auto buffer = vk::Buffer::create(device(), sizeof uniforms_, vk::Memory::device, "scene uniforms");
    vk::upload(vk::BufferRef(buffer), &uniforms_);
    uniform_buffer_ = std::move(buffer);
  }
  vk::DrawState state;
  target_.describe(state);
  state.topology = vk::Topology::triangle_strip;
  state.depth_test = state.depth_write = true;
  const k::scene surface{.globals = uniform_buffer_,
                         .heights = heights_,
                         .rows = rows_,
                         .columns = columns_,
                         .grid = grid_,
                         .lut = colors_.record(commands)};
  vk::DrawCall call =
      shader::draw_call(*device(), surface, "scene " + std::to_string(target_.options().samples), state);
  call.count = 2 * grid_;
  call.instances = grid_ - 1;
  return call;
}

void Scene::render(uint8_t* pixels) {
  if (!heights_) set_heights(own_surface(), kOwnSide, kOwnSide);
  metrics_ = std::exchange(uploads_, {});
  const double started = now_ms();
  vk::Commands commands(device());
  try {
    {
      const vk::Scope scope(commands, "frame");
      std::vector<vk::DrawCall> calls;
      calls.push_back(draw_call(commands));
      const vk::Scope drawing(commands, "scene");
      target_.draw(commands, std::move(calls), kBackground);
    }
    finish_frame(commands, target_, pixels, started, metrics_);
  } catch (...) {
    colors_.forget_recorded();
    throw;
  }
}

}  // namespace forge::graphics
