#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "forge/graphics/land/grid.hpp"
#include "forge/graphics/land/light.hpp"
#include "forge/graphics/scene_object.hpp"

namespace forge::graphics {

using Linear = std::array<float, 3>;  // linear light

/// Lines of equal height on the surface.
struct LandContours {
  double interval = 0;  // heights from line to line; 0: none
  double start = 0;     // height of one of them
  uint32_t major = 5;   // every so manieth is wide
  double width = 1;     // pixels
  std::array<float, 4> color{0, 0, 0, 0.55f};  // linear, straight alpha
};

/// A picture on the surface.
struct LandDrape {
  std::shared_ptr<vk::Image> image;  // sRGB, straight alpha
  double west = 0, north = 0, width = 1, depth = 1;  // world units
  double opacity = 1;
};

/// How land looks. Heights are the raster's.
struct LandStyle {
  double exaggeration = 1;
  double color_low = 0, color_high = 1;              // heights of the first and the last colour
  std::array<std::array<float, 4>, 256> colors{};    // linear
  LandShading shading;
  double highlight = 0.3;                            // how far what faces the sun goes to white
  std::optional<double> water;                       // height of its surface
  Linear shallow{0.24f, 0.50f, 0.60f}, deep{0.03f, 0.13f, 0.25f};
  double water_depth = 0;                            // in which it is two thirds dark; 0: a tenth of the relief
  LandContours contours;
  LandDrape drape;
  double base = 0;                                   // height of the walls' foot
  bool walls = true;
  Linear stone{0.45f, 0.41f, 0.37f};
  double ground = 0.5;                               // how dark shadows on the ground are; 0: no ground
};

/// Terrain: a raster of heights as a block with light on it. Cost follows the picture's pixels, not the raster's cells.
class Land : public SceneObject {
 public:
  Land(std::shared_ptr<vk::Device> device, Relief relief);
  ~Land() override;

  const Relief& relief() const { return relief_; }
  const ReliefSummary& summary() const { return summary_; }
  const LandStyle& style() const { return style_; }
  /// What was worked out stays where the style leaves it right.
  void set_style(const LandStyle& style);
  /// A height as world coordinates have it.
  double world_z(double height) const { return height * style_.exaggeration; }

  Box bounds() const override;
  FrameDraws record(vk::Commands& commands, const Frame& frame) override;
  void forget_recorded() override;

  /// What pixels of a view show: unit normals and places in world axes, (height, width); NaN where there is no land.
  struct Layers {
    std::vector<float> normals;  // (height, width, 3)
    std::vector<double> places;  // (height, width, 3)
  };
  Layers layers(const View& view);

 private:
  struct Lit;
  struct Recorded;
  enum class Paint : unsigned char { bare, full, layers };

  double height_range() const;
  bool has_drape() const;
  bool is_below(const View& view) const;  // the eye, the base
  Paint paint() const;
  bool update(vk::Commands& commands, const View& view, const Light* light);  // false: nothing is seen
  LandGrid grid_of(vk::Commands& commands, const GridPlan& plan) const;
  void record_heights(vk::Commands& commands, const GridPlan& plan);
  void record_edges(vk::Commands& commands);
  void update_light(vk::Commands& commands, const Light& light);
  vk::BufferRef block(const View& view, uint32_t id, uint32_t supersample) const;
  vk::BufferRef colors(vk::Commands& commands);
  vk::DrawCall ground_draw(const View& view, vk::DrawState state) const;
  void add_draws(vk::Commands& commands, const View& view, Paint paint, uint32_t id, uint32_t supersample,
                 const vk::DrawState& state, std::vector<vk::DrawCall>& calls);

  Relief relief_;
  ReliefSummary summary_;
  LandStyle style_;
  std::unique_ptr<Recorded> recorded_;
  std::shared_ptr<vk::Buffer> colors_;
  std::shared_ptr<vk::Image> no_image_;
};

}  // namespace forge::graphics
