#include "forge/shader/launch.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "forge/support/device.hpp"
#include "forge_shaders/graphics/terrain.hpp"
#include "forge_shaders/move/transpose.hpp"
#include "forge_shaders/raster/horn.hpp"

namespace forge::shader {
namespace {

using namespace forge::test;
using vk::Buffer;
using vk::BufferRef;
using vk::Memory;

class Launch : public DeviceTest {};

/// Horn's slope and shade as the shader's head describes them, in double.
struct Plain {
  std::vector<double> slope, shade;
};
Plain horn_on_host(const std::vector<float>& heights, int rows, int columns, double cell_x, double cell_y,
                   const std::array<float, 3>& sun) {
  Plain plain;
  const auto h = [&](int r, int c) -> double {
    return heights[static_cast<size_t>(std::clamp(r, 0, rows - 1) * columns + std::clamp(c, 0, columns - 1))];
  };
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      double east = 0, north = 0;
      for (int k = -1; k <= 1; ++k) {
        const double weight = k == 0 ? 2 : 1;
        east += weight * (h(r + k, c + 1) - h(r + k, c - 1)) / (8 * cell_x);
        north += weight * (h(r - 1, c + k) - h(r + 1, c + k)) / (8 * cell_y);
      }
      const double squared = east * east + north * north;
      plain.slope.push_back(std::atan(std::sqrt(squared)) * 180 / std::numbers::pi);
      plain.shade.push_back(std::max(0.0, (sun[2] - east * sun[0] - north * sun[1]) / std::sqrt(1 + squared)));
    }
  return plain;
}

TEST_F(Launch, AnInstanceIsMadeOncePerChoiceOfMacros) {
  Program& words = program_of<k::transpose>(*device_, {{"WORD", "uint"}});
  EXPECT_EQ(&words, &program_of<k::transpose>(*device_, {{"WORD", "uint"}}));
  EXPECT_NE(&words, &program_of<k::transpose>(*device_, {{"WORD", "uvec2"}}));
  EXPECT_EQ(words.name(), "transpose WORD=uint");
}

TEST_F(Launch, AGeneratedKernelMatchesItsPlainForm) {
  for (const auto& [rows, columns] : {std::pair{37, 150}, {1, 1}, {1, 65}, {5, 64}}) {
    const size_t count = static_cast<size_t>(rows * columns);
    std::vector<float> heights(count), slope(count), shade(count);
    const auto random = noise(count, 3);
    for (size_t i = 0; i < count; ++i) heights[i] = static_cast<float>(random[i] % 1000) * 0.1f;
    const auto in = Buffer::create(device_, count * 4, Memory::device);
    const auto out_slope = Buffer::create(device_, count * 4, Memory::device),
               out_shade = Buffer::create(device_, count * 4, Memory::device);
    vk::upload(BufferRef(in), heights.data());
    const std::array<float, 3> sun{0.5f, 0.5f, 0.70710678f};
    vk::Commands commands(device_);
    dispatch(commands,
             k::horn{.height = in,
                     .slope = out_slope,
                     .shade = out_shade,
                     .rows = static_cast<uint32_t>(rows),
                     .columns = static_cast<uint32_t>(columns),
                     .cell_x = 30,
                     .cell_y = 25,
                     .sun = sun},
             groups_for<k::horn>(*device_, static_cast<uint64_t>(columns), static_cast<uint64_t>(rows)));
    commands.submit();
    vk::download(slope.data(), BufferRef(out_slope));
    vk::download(shade.data(), BufferRef(out_shade));
    const Plain plain = horn_on_host(heights, rows, columns, 30, 25, sun);
    for (size_t i = 0; i < count; ++i) {
      ASSERT_NEAR(slope[i], plain.slope[i], 2e-2)
          << i << " of " << rows << " x " << columns;  // atan: 4096 ulp in Vulkan
      ASSERT_NEAR(shade[i], plain.shade[i], 1e-5) << i;
    }
  }
}

TEST_F(Launch, GroupsCoverTheThreads) {
  using Groups = std::array<uint32_t, 3>;
  EXPECT_EQ(program_of<k::horn>(*device_).workgroup(), (Groups{64, 4, 1}));
  EXPECT_EQ(groups_for<k::horn>(*device_, 1), (Groups{1, 1, 1}));
  EXPECT_EQ(groups_for<k::horn>(*device_, 64, 4), (Groups{1, 1, 1}));
  EXPECT_EQ(groups_for<k::horn>(*device_, 65, 5, 3), (Groups{2, 2, 3}));
}

TEST_F(Launch, AProgramIsMadeOnceForEachDevice) {
  Program& first = program_of<k::horn>(*device_);
  EXPECT_EQ(&program_of<k::horn>(*device_), &first);
  const auto other = own_device();
  EXPECT_NE(&program_of<k::horn>(*other), &first);
}

TEST_F(Launch, WhatTheShaderReadsAndWritesIsWhatTheRecorderHears) {
  const auto in = Buffer::create(device_, 4, Memory::device), slope = Buffer::create(device_, 4, Memory::device);
  const auto shade = Buffer::create(device_, 4, Memory::device);
  PackedArguments arguments;
  k::horn{.height = in, .slope = slope, .shade = shade, .rows = 1, .columns = 1, .cell_x = 1, .cell_y = 1, .sun = {}}
      .pack(arguments);
  const LaunchResources compute = compute_resources(program_of<k::horn>(*device_), arguments);
  ASSERT_EQ(compute.buffers.size(), 3u);
  EXPECT_TRUE(compute.descriptors.empty());
  for (const vk::BufferTouch& touch : compute.buffers)
    EXPECT_EQ(touch.usage, touch.buffer.buffer == in ? vk::Usage::compute_read : vk::Usage::compute_write);
}

TEST_F(Launch, BothStagesOfADrawAreDeclared) {
  const auto buffer = Buffer::create(device_, 4, Memory::device);
  vk::ImageSpec spec;
  const auto image = vk::Image::create(device_, spec);
  k::terrain terrain{.view_proj = {},
                     .heights = buffer,
                     .shade = buffer,
                     .rows = 1,
                     .columns = 1,
                     .step = 1,
                     .cell_x = 1,
                     .cell_z = 1,
                     .low = 0,
                     .inverse_range = 1,
                     .exposure = 1,
                     .tone = 0,
                     .base = 0,
                     .lut = {image, vk::SamplerKind::linear_clamp}};
  PackedArguments arguments;
  terrain.pack(arguments);
  const LaunchResources draw = draw_resources(program_of<k::terrain>(*device_), arguments);
  ASSERT_EQ(draw.images.size(), 2u);
  EXPECT_EQ(draw.images[0].usage, vk::Usage::sampled_vertex);
  EXPECT_EQ(draw.images[1].usage, vk::Usage::sampled_fragment);
  ASSERT_EQ(draw.descriptors.size(), 1u);
  EXPECT_EQ(draw.descriptors[0].type, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER);
}

}  // namespace
}  // namespace forge::shader
