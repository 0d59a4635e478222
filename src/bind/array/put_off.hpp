#pragma once

#include <span>

#include "forge/array/fuse/lazy.hpp"
#include "forge/shader/callable.hpp"

namespace forge::bind {

/// Called for each value that an Array begins to hold before it is computed.
void note_put_off(const array::Lazy& values);
/// Before a command of this thread's recording writes memory: what the recording has put off that reads it is computed by
/// commands ahead of that one, since it means the values from before. Nothing where no recording is open.
void compute_readers(const vk::BufferRef& written);
/// The same for all that a kernel or a draw writes.
void compute_readers(const shader::Callable& callee, std::span<const shader::NamedArgument> arguments);

}  // namespace forge::bind
