#include "forge/graphics/stage.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <utility>

#include "forge/array/ops/groups.hpp"
#include "forge/graphics/srgb.hpp"
#include "forge/graphics/text.hpp"
#include "forge/graphics/variant.hpp"
#include "forge/graphics/vector.hpp"
#include "forge/shader/launch.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/graphics/composite.hpp"
#include "forge_shaders/graphics/resolve.hpp"

namespace forge::graphics {

namespace {

constexpr uint32_t kMostSupersample = 8;
constexpr uint32_t kResolveGroup = 64, kRun = 8;  // as resolve.comp has them

// As shaders/include/frame.glsl reads it.
struct Globals {
  std::array<float, 16> clip_from_eye;
  std::array<float, 3> right, up, forward, to_sun;
  float fill;
  std::array<float, 2> size;
  float supersample, near;
  std::array<float, 2> sample_size;
};
static_assert(sizeof(Globals) == sizeof(float) * (16 + 12 + 1 + 2 + 2 + 2));

std::array<float, 3> rounded(const Vec3& v) {
  return {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])};
}

StageOptions checked(const vk::Device& device, const StageOptions& o) {
  if (o.width == 0 || o.height == 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "width and height must be > 0", ">= 1", tuple_text(o.width, o.height));
  if (o.supersample < 1 || o.supersample > kMostSupersample)
    throw Error(ErrorCode::INVALID_ARGUMENT, "supersample is out of range", "1 to 8 samples along a pixel's side",
                text(o.supersample));
  const uint64_t most = device.limits().max_image_2d, side = std::max(o.width, o.height);
  if (side * o.supersample > most)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "the picture is larger than images of " + device.info().name,
                "at most " + text(most) + " samples along a side", text(side) + " pixels of " + text(o.supersample),
                "take fewer samples a pixel, or a smaller picture")
        .with("limit", text(most));
  return o;
}

// Pixels are worked out in runs, of which the last may be longer than the picture.
uint64_t runs_of(const StageOptions& o) { return (uint64_t{o.width} * o.height + kRun - 1) / kRun; }

TargetOptions attachments() {
  return {.colors = {VK_FORMAT_R16G16B16A16_SFLOAT, VK_FORMAT_R32_UINT}, .names = {"color", "id"}, .sampled = true};
}

// Nothing drawn is the background, with depth 0: infinitely far.
Clear clear_to(std::array<float, 4> background) {
  Clear clear;
  clear.colors.resize(2);
  const std::array<float, 4> light = linear(background);
  for (size_t i = 0; i < 3; ++i) clear.colors[0].float32[i] = light[i] * light[3];
  clear.colors[0].float32[3] = background[3];
  clear.depth = 0;
  return clear;
}

// Objects that frames are made of, each once and in an order of their own, so that two stages do not wait for each other.
std::vector<std::unique_lock<std::mutex>> locked(Stage::Objects objects) {
  std::vector<std::mutex*> mutexes;
  for (const auto& object : objects) mutexes.push_back(&object->mutex());
  std::sort(mutexes.begin(), mutexes.end());
  mutexes.erase(std::unique(mutexes.begin(), mutexes.end()), mutexes.end());
  std::vector<std::unique_lock<std::mutex>> locks;
  for (std::mutex* mutex : mutexes) locks.emplace_back(*mutex);
  return locks;
}

void append(std::vector<vk::DrawCall>& to, std::vector<vk::DrawCall>&& calls) {
  std::move(calls.begin(), calls.end(), std::back_inserter(to));
}

}  // namespace

vk::DrawState frame_state(const Frame& frame) {
  vk::DrawState state;
  frame.target.describe(state);
  state.depth_test = state.depth_write = true;
  state.depth_compare = vk::Compare::greater;
  return state;
}

vk::DrawState layer_state(const Frame& frame) {
  vk::DrawState state = frame_state(frame);
  state.depth_write = false;
  state.blends = {vk::Blend::none, vk::Blend::none};
  for (vk::Blend& blend : state.blends) blend.mask = 0;
  return state;
}

Stage::Stage(std::shared_ptr<vk::Device> device, const StageOptions& options)
    : device_(std::move(device)),
      options_(checked(*device_, options)),
      target_(device_, options.width * options.supersample, options.height * options.supersample, attachments()),
      layers_(device_, target_.width(), target_.height()) {}

vk::BufferRef Stage::globals(const View& view, const Light& light) const {
  const double pixel = view.options.parallel_height / view.options.height;
  const double at_one = 2 * std::tan(view.options.fovy_deg * std::numbers::pi / 360) / view.options.height;
  const auto per_sample = [&](double size) { return static_cast<float>(size / options_.supersample); };
  const Globals values{
      .clip_from_eye = view.clip_from_eye.column_major(),
      .right = rounded(view.right),
      .up = rounded(view.up),
      .forward = rounded(view.forward),
      .to_sun = rounded(light.to_sun),
      .fill = static_cast<float>(light.fill),
      .size = {static_cast<float>(target_.width()), static_cast<float>(target_.height())},
      .supersample = static_cast<float>(options_.supersample),
      .near = static_cast<float>(view.near()),
      .sample_size = {view.is_parallel() ? per_sample(pixel) : 0.0f, view.is_parallel() ? 0.0f : per_sample(at_one)}};
  vk::BufferRef buffer(vk::Buffer::create(device_, sizeof values, vk::Memory::device, "frame globals"));
  vk::upload(buffer, &values);
  return buffer;
}

void Stage::composite(vk::Commands& commands, std::vector<vk::DrawCall> overlay) const {
  std::vector<vk::DrawCall> calls;
  if (layers_.is_used()) {
    vk::DrawState state;
    target_.describe(state);
    state.blends = {vk::Blend::premultiplied, vk::Blend::none};
    state.blends[1].mask = 0;
    const Layers::Refs lists = layers_.refs();
    calls.push_back(shader::draw_call(
        *device_,
        k::composite{
            .heads = lists.heads, .fragments = lists.fragments, .capacity = lists.capacity, .width = target_.width()},
        "composite " + target_.key(), state));
    calls.back().count = 3;
  }
  append(calls, std::move(overlay));
  if (!calls.empty()) target_.draw(commands, std::move(calls), {});
}

void Stage::resolve(vk::Commands& commands, const View& view, const Finish& finish,
                    const vk::BufferRef& globals) const {
  const vk::Scope scope(commands, "resolve");
  const bool dome = finish.eye_dome > 0;
  vk::BufferRef depths = globals;  // of any kind where they are not read
  if (dome) depths = target_.read(commands, {Plane::Kind::depth, 0}, target_.whole());
  using How = k::resolve::Variant;
  const How how = dome                        ? How::dome
                  : options_.supersample == 1 ? How::one
                  : options_.supersample == 2 ? How::four
                                              : How::many;
  const uint64_t runs = runs_of(options_);
  shader::dispatch(commands, variant_of<k::resolve>(*device_, how),
                   k::resolve{.pixels = pixels_,
                              .width = options_.width,
                              .height = options_.height,
                              .runs = static_cast<uint32_t>(runs),
                              .across = options_.supersample,
                              .depths = depths,
                              .dome = static_cast<float>(finish.eye_dome),
                              .near = static_cast<float>(view.near()),
                              .range = view.is_parallel() ? static_cast<float>(view.far() - view.near()) : 0.0f,
                              .samples = {target_.color(0), vk::SamplerKind::nearest_clamp}},
                   array::grid_of(runs, kResolveGroup));
}

void Stage::draw_once(Objects objects, const View& view, const Light& light, const Finish& finish) {
  const double started = now_ms();
  layers_.begin();
  vk::Commands commands(device_);
  uint64_t number = 0;
  try {
    const vk::BufferRef block = globals(view, light);
    std::vector<vk::DrawCall> drawn, transparent, overlay;
    {
      const vk::Scope frame_scope(commands, "frame");
      uint32_t id = 0;
      for (const auto& object : objects) {
        FrameDraws draws = object->record(commands, {view, light, target_, options_.supersample, ++id, block, layers_});
        append(drawn, std::move(draws.opaque));
        append(transparent, std::move(draws.transparent));
        append(overlay, std::move(draws.overlay));
      }
      append(drawn, std::move(transparent));
      if (!layers_.is_used()) append(drawn, std::exchange(overlay, {}));  // else they come over what is seen through
      target_.draw(commands, std::move(drawn), clear_to(finish.background));
      composite(commands, std::move(overlay));
      resolve(commands, view, finish, block);
    }
    if (layers_.is_used()) layers_.record_count(commands);
    number = commands.submit();
  } catch (...) {
    for (const auto& object : objects) object->forget_recorded();
    throw;
  }
  metrics_.encode_ms += now_ms() - started;
  device_->wait(number);
  for (const vk::ScopeTime& scope : device_->scope_times(number))
    if (scope.name == "frame") metrics_.gpu_ms += (scope.end_ns - scope.begin_ns) * 1e-6;
}

void Stage::render(Objects objects, const View& view, const Light& light, const Finish& finish, uint8_t* pixels) {
  for (const auto& object : objects)
    if (object->device() != device_)
      throw Error(ErrorCode::INVALID_ARGUMENT, "an object of another device than the picture's", device_->info().name,
                  object->device()->info().name, "make both with the same device=");
  FORGE_ASSERT(view.options.width == options_.width && view.options.height == options_.height);
  const auto locks = locked(objects);
  metrics_ = {};
  is_drawn_ = false;
  if (!pixels_) pixels_ = vk::Buffer::create(device_, runs_of(options_) * kRun * 4, vk::Memory::readback, "picture");
  do draw_once(objects, view, light, finish);
  while (!layers_.had_room());
  const double waited = now_ms();
  const vk::BufferRef picture(pixels_, 0, uint64_t{options_.width} * options_.height * 4);
  copy_out(pixels, picture);
  metrics_.readback_ms = now_ms() - waited;
  metrics_.readback_bytes = picture.size;
  is_drawn_ = true;
}

void Stage::read(Plane plane, uint32_t* words) const {
  if (!is_drawn_)
    throw Error(ErrorCode::WRONG_STATE, "there is no picture to read from", "a picture", "none yet",
                "call render() first");
  vk::Commands commands(device_);
  const vk::BufferRef texels = target_.read(commands, plane, target_.whole());
  device_->wait(commands.submit());
  std::vector<uint32_t> samples(texels.size / 4);
  copy_out(samples.data(), texels);
  const uint32_t s = options_.supersample, pitch = target_.width();
  for (uint32_t y = 0; y < options_.height; ++y)
    for (uint32_t x = 0; x < options_.width; ++x)
      words[size_t{y} * options_.width + x] = samples[(size_t{y} * s + s / 2) * pitch + size_t{x} * s + s / 2];
}

void Stage::read_depth(float* depths) const { read({Plane::Kind::depth, 0}, reinterpret_cast<uint32_t*>(depths)); }

void Stage::read_ids(uint32_t* ids) const { read({Plane::Kind::color, 1}, ids); }

}  // namespace forge::graphics
