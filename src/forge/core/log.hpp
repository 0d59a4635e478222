#pragma once

#include <functional>
#include <string>

// Messages for whoever listens. Nothing in here decides anything by them.
namespace forge {

enum class LogLevel : unsigned char { debug = 10, info = 20, warning = 30, error = 40 };  // Python's numbers

/// Called with any lock held and from any thread: it may only keep the line for later.
using LogSink = std::function<void(LogLevel level, std::string line)>;

/// One listener for the process; none: lines are dropped.
void set_log_sink(LogSink sink);
void log(LogLevel level, std::string line);

}  // namespace forge
