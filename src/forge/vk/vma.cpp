#define VMA_IMPLEMENTATION
#include "forge/vk/vma.hpp"
