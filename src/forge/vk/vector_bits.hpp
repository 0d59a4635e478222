#pragma once

#include <string>

#include "forge/vk/adapter.hpp"

// How wide the vectors are that Mesa's CPU driver makes kernels of. It takes 256 bits by itself, also where the processor
// has 512; with those, products and convolutions run up to twice as fast, but its fragment shaders are wrong (they know
// at most 8 pixels at once and end the process), so it is for programs that only compute, and has to be asked for.
namespace forge::vk {

/// Obeys VULKAN_FORGE_CPU_VECTOR_BITS (256: what the driver takes by itself; 512, which changes nothing on a processor
/// without AVX-512).
/// To be called before the loader opens a driver: Mesa reads its own variable then, for the whole process. That variable
/// stays set, since a second instance would read it again and must find the same. Kernels of another width are kept in a
/// folder of their own: Mesa's cache does not tell them apart.
void choose_vector_bits();

/// Whether kernels of the width that the driver has now may end the process, in words; empty where they do not.
std::string fails_at_computing(const AdapterInfo& info);

/// Whether Mesa's driver has been given another width than its usual one.
bool has_other_width();

/// Whether the driver compiles wrongly on two threads at once, as Mesa's does with another width (CompilerTurn).
bool compiles_alone(const AdapterInfo& info);

/// Whether the driver's fragment shaders are those that end the process: rendering is then no feature of the device.
bool fails_at_drawing(const AdapterInfo& info);

}  // namespace forge::vk
