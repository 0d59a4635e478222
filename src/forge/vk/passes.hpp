#pragma once

#include <span>

#include "forge/vk/schedule.hpp"
#include "forge/vk/work.hpp"

namespace forge::vk {

enum class Passes : unsigned char {
  joined,  // draws that follow each other into the same attachments are one pass, wherever none needs a barrier
  apart,   // each is its own, so that it can be timed
};

/// An order for captured commands (vk/schedule.hpp). Passes that are joined stand next to each other in one level.
Schedule schedule(std::span<const Capture::Item> items, std::span<const ImageHome> images, Passes passes);

/// How many of the commands in a level, from the first one on, are one pass; 1 for anything else.
size_t passes_together(std::span<const Capture::Item> items, std::span<const uint32_t> commands);

/// The draws of all of them in the first one's pass.
RenderPass joined(std::span<const Capture::Item> items, std::span<const uint32_t> commands);

}  // namespace forge::vk
