// The one translation unit that holds volk's bodies.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define VOLK_IMPLEMENTATION
#include "forge/vk/vulkan.hpp"
#pragma GCC diagnostic pop
