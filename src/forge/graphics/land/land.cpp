#include "forge/graphics/land/land.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "forge/graphics/land/sight.hpp"
#include "forge/graphics/variant.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/land/land.hpp"
#include "forge_shaders/land/land_edges.hpp"
#include "forge_shaders/land/land_ground.hpp"
#include "forge_shaders/land/land_wall.hpp"

namespace forge::graphics {

namespace {

constexpr double kVertexPixels = 2;         // from vertex to vertex
constexpr double kPixelsPerCell = 1.25;     // where they are smallest
constexpr double kOverviewSide = 512;        // cells of the whole, for the ground's shadow
constexpr double kCellsPerPixel = 1.5;      // at most, of the working grid
constexpr uint64_t kLeastMost = 1 << 20;    // cells that any picture may have
constexpr double kKeep = 1.4;               // a grid stays until its cells are so many times too large or small
constexpr float kNowhere = -1e30f;          // heights far below everything
constexpr double kHighlight = 4;
constexpr double kSheltered = 0.62;         // light that is left at a wall's foot
constexpr double kWallSky = 0.72;           // an upright wall sees half the sky, and the bright ground

// As shaders/include/land.glsl reads it.
struct Block {
  std::array<float, 16> clip, eye;
  std::array<float, 3> slopes;
  std::array<float, 2> extent;
  std::array<uint32_t, 2> cells;
  uint32_t stride, step;
  std::array<uint32_t, 2> quads;
  uint32_t edge_step, edge_columns, has_holes, has_lines, has_drape, id;
  float base, low, per_height, highlight, water, per_depth;
  Linear shallow, deep;
  float per_contour, contour_start, major, line_width;
  std::array<float, 4> line_color, drape;
  float drape_share;
  Linear stone;
  std::array<float, 4> wall_light;
  float sheltered;
};

template <class K>
vk::DrawCall painted(vk::Device& device, const K& shaders, typename K::Variant variant, const std::string& key,
                     const vk::DrawState& state) {
  shader::PackedArguments arguments;
  shaders.pack(arguments);
  return shader::draw_packed(variant_of<K>(device, variant), arguments, key, state);
}

std::array<float, 16> rounded(const Matrix4<double>& m) {
  std::array<float, 16> values;
  for (size_t i = 0; i < 16; ++i) values[4 * (i % 4) + i / 4] = static_cast<float>(m.rows[i]);
  return values;
}

Matrix4<double> widened(const Mat4& m) {
  Matrix4<double> wide;
  for (size_t i = 0; i < 16; ++i) wide.rows[i] = static_cast<double>(m.rows[i]);
  return wide;
}

}  // namespace

/// What light was worked out with.
struct Land::Lit {
  Light light;
  LandShading shading;
  double z;

  bool operator==(const Lit& other) const {
    return light.to_sun == other.light.to_sun && light.fill == other.light.fill &&
           light.sun_radius_deg == other.light.sun_radius_deg && shading == other.shading && z == other.z;
  }
};

/// What earlier frames have left on the device, and what it was worked out for.
struct Land::Recorded {
  LandGrid grid;
  double wanted = 0;
  uint64_t most = 0;
  uint32_t step = 1;                   // cells from vertex to vertex
  uint32_t quads_x = 1, quads_y = 1;
  std::shared_ptr<vk::Buffer> edges, count;  // count: an indirect draw, where there are holes
  uint32_t edge_count = 0;
  std::shared_ptr<vk::Buffer> light;
  std::optional<Lit> lit, ground_lit;
  LandGrid overview;  // of the whole raster
  GroundShade ground;
};

Land::Land(std::shared_ptr<vk::Device> device, Relief relief)
    : SceneObject(std::move(device)), relief_(std::move(relief)), summary_(summarize(relief_)) {
  relief_.solid = summary_.counted == relief_.cells();
}

Land::~Land() = default;

void Land::forget_recorded() {
  recorded_.reset();
  no_image_.reset();
}

void Land::set_style(const LandStyle& style) {
  const bool same_grid = style.base == style_.base && style.water == style_.water;
  if (style.colors != style_.colors) colors_.reset();
  style_ = style;
  if (!same_grid) recorded_.reset();
}

double Land::height_range() const {
  const double high = style_.water ? std::max(*style_.water, summary_.high) : summary_.high;
  return std::max(high - summary_.low, 0.0);
}

Box Land::bounds() const {
  Box box;
  const double low = style_.walls ? std::min(style_.base, summary_.low) : summary_.low;
  box.add(Vec3{relief_.west, relief_.north - relief_.depth(), world_z(low)});
  box.add(Vec3{relief_.west + relief_.width(), relief_.north, world_z(summary_.low + height_range())});
  return box;
}

bool Land::is_below(const View& view) const { return view.options.eye[2] < world_z(style_.base); }

bool Land::has_drape() const { return style_.drape.image && style_.drape.opacity > 0; }

Land::Paint Land::paint() const {
  const bool plain =
      summary_.counted == relief_.cells() && !style_.water && style_.contours.interval <= 0 && !has_drape();
  return plain ? Paint::bare : Paint::full;
}

// Heights of the grid, walls' edges, light: what is there already and right stays.
bool Land::update(vk::Commands& commands, const View& view, const Light* light) {
  const double z = style_.exaggeration, low = std::min(summary_.low, style_.base), high = summary_.low + height_range();
  const Sight sight = look_at_relief(relief_, world_z(low), world_z(high), view);
  if (sight.window.rows == 0) return false;
  const double wanted = kPixelsPerCell * sight.pixel;
  const auto pixels = static_cast<double>(view.options.width) * view.options.height;
  const uint64_t most = std::max(kLeastMost, static_cast<uint64_t>(kCellsPerPixel * pixels));
  const Vec3 to_sun = light ? light->to_sun : Vec3{0, 0, 1};
  const bool fits = recorded_ && recorded_->most == most && wanted < recorded_->wanted * kKeep &&
                    wanted * kKeep > recorded_->wanted &&
                    recorded_->grid.plan.window.holds(with_margin(relief_, sight.window, to_sun, (high - low) * z, 0));
  if (!fits) {
    const Window window = with_margin(relief_, sight.window, to_sun, (high - low) * z);
    record_heights(commands, plan_grid(relief_, window, wanted, most));
    recorded_->wanted = wanted;
    recorded_->most = most;
    recorded_->step = static_cast<uint32_t>(std::max(
        1.0,
        std::round(kVertexPixels * sight.pixel / std::min(recorded_->grid.plan.cell_x, recorded_->grid.plan.cell_y))));
    record_edges(commands);
  }
  if (light) update_light(commands, *light);
  return true;
}

LandGrid Land::grid_of(vk::Commands& commands, const GridPlan& plan) const {
  const float water = style_.water ? static_cast<float>(*style_.water - summary_.low) : kNowhere;
  return record_grid(commands, relief_, plan, summary_.low, water, static_cast<float>(style_.base - summary_.low));
}

void Land::record_heights(vk::Commands& commands, const GridPlan& plan) {
  auto recorded = std::make_unique<Recorded>();
  recorded->grid = grid_of(commands, plan);
  if (recorded_) {  // the ground's, which windows do not change
    recorded->overview = recorded_->overview;
    recorded->ground = recorded_->ground;
    recorded->ground_lit = recorded_->ground_lit;
  }
  recorded_ = std::move(recorded);
}

void Land::update_light(vk::Commands& commands, const Light& light) {
  Recorded& r = *recorded_;
  const Lit now{light, style_.shading, style_.exaggeration};
  if (r.lit != now) {
    r.light = record_light(commands, r.grid, light, style_.shading, style_.exaggeration);
    r.lit = now;
  }
  if (style_.ground <= 0 || !style_.walls || r.ground_lit == now) return;
  if (r.grid.plan.window == relief_.whole()) r.overview = r.grid;
  if (!r.overview.heights)
    r.overview = grid_of(commands, plan_grid(relief_, relief_.whole(),
                                             std::max(relief_.width(), relief_.depth()) / kOverviewSide, kLeastMost));
  const double height = (summary_.low + height_range() - style_.base) * style_.exaggeration;
  r.ground = record_ground(commands, r.overview, light, height, style_.exaggeration);
  r.ground_lit = now;
}

void Land::record_edges(vk::Commands& commands) {
  Recorded& r = *recorded_;
  const GridPlan& plan = r.grid.plan;
  const auto quads = [&](double extent) { return static_cast<uint32_t>(std::max(1.0, std::ceil(extent / r.step))); };
  const uint32_t x = r.quads_x = quads(plan.extent_u), y = r.quads_y = quads(plan.extent_v);
  if (summary_.counted == relief_.cells()) {
    const Window& w = plan.window;  // its sides are walls where they are the raster's
    const bool south = w.row + w.rows == relief_.rows, east = w.column + w.columns == relief_.columns;
    const bool north = w.row == 0, west = w.column == 0;
    std::vector<uint32_t> edges;
    edges.reserve(2 * (size_t{x} + y));
    for (uint32_t i = 0; i < x; ++i) {
      if (south) edges.push_back(4 * ((y - 1) * x + i));
      if (north) edges.push_back(4 * i + 2);
    }
    for (uint32_t i = 0; i < y; ++i) {
      if (east) edges.push_back(4 * (i * x + x - 1) + 1);
      if (west) edges.push_back(4 * (i * x) + 3);
    }
    r.edge_count = static_cast<uint32_t>(edges.size());
    if (edges.empty()) edges.push_back(0);  // not read
    r.edges = vk::Buffer::create(device(), edges.size() * sizeof(uint32_t), vk::Memory::device, "land edges");
    vk::upload(vk::BufferRef(r.edges), edges.data());
    return;
  }
  // Both kinds of cells have four sides: at most two edges a cell, and the raster's own.
  const uint64_t most = 2 * uint64_t{plan.columns} * plan.rows + plan.columns + plan.rows;
  r.edges = vk::Buffer::create(device(), most * sizeof(uint32_t), vk::Memory::device, "land edges");
  r.count = vk::Buffer::create(device(), 4 * sizeof(uint32_t), vk::Memory::device, "land edge count");
  const std::array<uint32_t, 4> none{0, 1, 0, 0};
  vk::upload(vk::BufferRef(r.count), none.data());
  shader::dispatch(commands,
                   k::land_edges{.heights = r.grid.heights,
                                 .edges = r.edges,
                                 .count = r.count,
                                 .cells = {plan.columns, plan.rows},
                                 .stride = plan.stride},
                   {(plan.columns + 63) / 64, plan.rows, 1});
}

vk::BufferRef Land::colors(vk::Commands&) {
  if (!colors_) {
    auto buffer = vk::Buffer::create(device(), sizeof style_.colors, vk::Memory::device, "land colors");
    vk::upload(vk::BufferRef(buffer), style_.colors.data());
    colors_ = std::move(buffer);
  }
  return colors_;
}

// From the grid's (u, v, height) to places relative to the eye.
static Matrix4<double> eye_from_grid(const Relief& relief, const LandGrid& grid, double z, const View& view) {
  Matrix4<double> m;
  m(0, 0) = grid.plan.cell_x;
  m(0, 3) = relief.west + relief.cell_x * grid.plan.window.column - view.options.eye[0];
  m(1, 1) = -grid.plan.cell_y;
  m(1, 3) = relief.north - relief.cell_y * grid.plan.window.row - view.options.eye[1];
  m(2, 2) = z;
  m(2, 3) = grid.level * z - view.options.eye[2];
  m(3, 3) = 1;
  return m;
}

vk::BufferRef Land::block(const View& view, uint32_t id, uint32_t supersample) const {
  const Recorded& r = *recorded_;
  const LandGrid& grid = r.grid;
  const GridPlan& plan = grid.plan;
  const auto f = [](double value) { return static_cast<float>(value); };
  const Matrix4<double> eye = eye_from_grid(relief_, grid, style_.exaggeration, view);
  const Light light = r.lit ? r.lit->light : Light{};
  const double fill = light.fill, up = std::max(light.to_sun[2], 0.1);
  const auto wall = [&](double x, double y) {
    const double facing = std::max(0.0, x * light.to_sun[0] + y * light.to_sun[1]) / up;
    return f(std::min(1.0, fill * kWallSky + 0.12 + (1 - fill) * std::min(facing, 1.0)));
  };
  const LandDrape& drape = style_.drape;
  const LandContours& lines = style_.contours;
  const double depth = style_.water_depth > 0 ? style_.water_depth : 0.1 * std::max(height_range(), 1e-9);
  const double range = style_.color_high - style_.color_low;
  const Block values{.clip = rounded(widened(view.clip_from_eye) * eye),
                     .eye = rounded(eye),
                     .slopes = {f(1 / plan.cell_x), f(1 / plan.cell_y), f(style_.exaggeration)},
                     .extent = {f(plan.extent_u), f(plan.extent_v)},
                     .cells = {plan.columns, plan.rows},
                     .stride = plan.stride,
                     .step = r.step,
                     .quads = {r.quads_x, r.quads_y},
                     .edge_step = r.count ? 1 : r.step,
                     .edge_columns = r.count ? plan.columns : r.quads_x,
                     .has_holes = r.count ? 1u : 0u,
                     .has_lines = lines.interval > 0 ? 1u : 0u,
                     .has_drape = has_drape() ? 1u : 0u,
                     .id = id,
                     .base = grid.base,
                     .low = f(style_.color_low - grid.level),
                     .per_height = f(256 / range),
                     .highlight = f(kHighlight * style_.highlight),
                     .water = grid.water,
                     .per_depth = f(1 / depth),
                     .shallow = style_.shallow,
                     .deep = style_.deep,
                     .per_contour = lines.interval > 0 ? f(1 / lines.interval) : 0.0f,
                     .contour_start = f(lines.start - grid.level),
                     .major = static_cast<float>(std::max(lines.major, 1u)),
                     .line_width = f(lines.width * supersample),
                     .line_color = lines.color,
                     .drape = {f((relief_.west + relief_.cell_x * plan.window.column - drape.west) / drape.width),
                               f((drape.north - relief_.north + relief_.cell_y * plan.window.row) / drape.depth),
                               f(plan.cell_x / drape.width), f(plan.cell_y / drape.depth)},
                     .drape_share = f(drape.opacity),
                     .stone = style_.stone,
                     .wall_light = {wall(0, -1), wall(1, 0), wall(0, 1), wall(-1, 0)},
                     .sheltered = f(kSheltered)};
  vk::BufferRef buffer(vk::Buffer::create(device(), sizeof values, vk::Memory::device, "land"));
  vk::upload(buffer, &values);
  return buffer;
}

vk::DrawCall Land::ground_draw(const View& view, vk::DrawState state) const {
  const Recorded& r = *recorded_;
  state.topology = vk::Topology::triangle_strip;
  state.depth_write = false;
  state.blends = {vk::Blend::premultiplied, vk::Blend::none};
  state.blends[1].mask = 0;
  const auto f = [](double value) { return static_cast<float>(value); };
  const Matrix4<double> eye = eye_from_grid(relief_, r.overview, style_.exaggeration, view);
  const auto& c = r.ground.corner;
  vk::DrawCall call = shader::draw_call(*device(),
                                        k::land_ground{.clip = rounded(widened(view.clip_from_eye) * eye),
                                                       .corner = {f(c[0]), f(c[1]), f(c[2]), f(c[3])},
                                                       .shade = r.ground.shade,
                                                       .cells = {r.ground.columns, r.ground.rows},
                                                       .height = r.overview.base,
                                                       .strength = f(style_.ground)},
                                        "land ground", state);
  call.count = 4;
  return call;
}

void Land::add_draws(vk::Commands& commands, const View& view, Paint paint, uint32_t id, uint32_t supersample,
                     const vk::DrawState& state, std::vector<vk::DrawCall>& calls) {
  const Recorded& r = *recorded_;
  if (!no_image_) {
    vk::ImageSpec spec;
    spec.label = "no drape";
    auto image = vk::Image::create(device(), spec);
    auto texel = vk::Buffer::create(device(), 4, vk::Memory::upload, "no drape");
    const uint32_t clear = 0;
    vk::upload(vk::BufferRef(texel), &clear);
    commands.upload_image(texel, image, {0, 0, 1, 1});
    no_image_ = std::move(image);
  }
  const vk::BufferRef values = block(view, id, supersample), table = colors(commands);
  const bool backward = view.forward[1] > 0;  // looking north: the south is near
  const auto surface = [&](bool flat_base) {
    vk::DrawState strips = state;
    strips.topology = vk::Topology::triangle_strip;
    const k::land shaders{.heights = r.grid.heights,
                          .light = r.light ? r.light : r.grid.heights,
                          .colors = table,
                          .edges = r.edges,
                          .backward = backward ? 1u : 0u,
                          .flat_base = flat_base ? 1u : 0u,
                          .image = {style_.drape.image ? style_.drape.image : no_image_, vk::SamplerKind::linear_clamp},
                          .land = values};
    vk::DrawCall call = painted(*device(), shaders, static_cast<k::land::Variant>(paint), "land strips", strips);
    call.count = 2 * (r.quads_x + 1);
    call.instances = r.quads_y;
    calls.push_back(std::move(call));
  };
  surface(false);
  if (!style_.walls) return;
  if (is_below(view)) surface(true);
  const k::land_wall walls{.heights = r.grid.heights,
                           .light = r.light ? r.light : r.grid.heights,
                           .colors = table,
                           .edges = r.edges,
                           .backward = 0,
                           .flat_base = 0,
                           .land = values};
  vk::DrawCall call = painted(*device(), walls, static_cast<k::land_wall::Variant>(paint), "land walls", state);
  call.count = 6 * r.edge_count;
  if (r.count) call.indirect = vk::BufferRef(r.count);
  calls.push_back(std::move(call));
}

FrameDraws Land::record(vk::Commands& commands, const Frame& frame) {
  FrameDraws draws;
  if (summary_.counted == 0) return draws;
  if (!update(commands, frame.view, &frame.light)) return draws;
  const vk::DrawState state = frame_state(frame);
  const bool has_ground = style_.ground > 0 && style_.walls;
  // From above, what land hides of the ground need not be painted; from below, its lower side lies on the ground.
  if (has_ground && is_below(frame.view)) draws.opaque.push_back(ground_draw(frame.view, state));
  add_draws(commands, frame.view, paint(), frame.id, frame.supersample, state, draws.opaque);
  if (has_ground && !is_below(frame.view)) draws.opaque.push_back(ground_draw(frame.view, state));
  return draws;
}

Land::Layers Land::layers(const View& view) {
  const uint32_t width = view.options.width, height = view.options.height;
  const size_t pixels = size_t{width} * height;
  Layers layers{std::vector<float>(3 * pixels, std::numeric_limits<float>::quiet_NaN()),
                std::vector<double>(3 * pixels, std::numeric_limits<double>::quiet_NaN())};
  if (summary_.counted == 0) return layers;
  Target target(device(), width, height, {.colors = {VK_FORMAT_R32G32B32A32_SFLOAT, VK_FORMAT_R32G32B32A32_SFLOAT}});
  vk::Commands commands(device());
  std::vector<vk::DrawCall> calls;
  vk::BufferRef normals(nullptr, 0, 0), places(nullptr, 0, 0);
  try {
    if (!update(commands, view, nullptr)) return layers;
    vk::DrawState state;
    target.describe(state);
    state.depth_test = state.depth_write = true;
    state.depth_compare = vk::Compare::greater;
    add_draws(commands, view, Paint::layers, 1, 1, state, calls);
    Clear clear;
    clear.colors.resize(2);
    clear.depth = 0;
    target.draw(commands, std::move(calls), clear);
    normals = target.read(commands, {Plane::Kind::color, 0}, target.whole());
    places = target.read(commands, {Plane::Kind::color, 1}, target.whole());
    device()->wait(commands.submit());
  } catch (...) {
    forget_recorded();
    throw;
  }
  std::vector<float> texels(4 * pixels);
  copy_out(texels.data(), normals);
  for (size_t i = 0; i < pixels; ++i)
    if (texels[4 * i + 3] > 0) std::copy_n(&texels[4 * i], 3, &layers.normals[3 * i]);
  copy_out(texels.data(), places);
  for (size_t i = 0; i < pixels; ++i)
    if (texels[4 * i + 3] > 0)
      for (size_t axis = 0; axis < 3; ++axis)
        layers.places[3 * i + axis] = view.options.eye[axis] + static_cast<double>(texels[4 * i + axis]);
  return layers;
}

}  // namespace forge::graphics
