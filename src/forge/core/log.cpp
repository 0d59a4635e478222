#include "forge/core/log.hpp"

#include <mutex>

namespace forge {

namespace {
struct Listener {
  std::mutex mutex;
  LogSink sink;
};
Listener& listener() {
  static auto* one = new Listener;  // leaked on purpose: threads may outlive static destructors
  return *one;
}
}  // namespace

void set_log_sink(LogSink sink) {
  const std::lock_guard lock(listener().mutex);
  listener().sink = std::move(sink);
}

void log(LogLevel level, std::string line) {
  const std::lock_guard lock(listener().mutex);
  if (listener().sink) listener().sink(level, std::move(line));
}

}  // namespace forge
