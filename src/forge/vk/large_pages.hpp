#pragma once

#include <cstddef>

namespace forge::vk {

/// Memory that a CPU driver has just taken from the system, to come in large pages: the first touch of each costs a microsecond
/// or more, which for pages of 4 KiB is several times what filling them costs. A wish, with no effect where the system
/// has none or does not grant it.
void prefer_large_pages(void* start, size_t bytes);

/// The same memory to be there at once, where all of it is about to be written: the system then finds pages many at a time.
/// A wish as well.
void take_pages(void* start, size_t bytes);

}  // namespace forge::vk
