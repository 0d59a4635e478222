#pragma once

#include <cstddef>
#include <functional>

namespace forge {

/// Cores that work is worth spreading over.
size_t cores();

/// Calls work(i) for all i below count, by as many threads as there are cores; the first exception comes through.
void in_parallel(size_t count, const std::function<void(size_t)>& work);

/// memcpy; of much memory by as many threads as there are cores, since one neither fills the bus nor takes new pages fast.
void copy_bytes(void* to, const void* from, size_t bytes);

}  // namespace forge
