#include "forge/core/environment.hpp"

#include <cstdlib>

namespace forge {

std::string environment(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): a process that writes it meanwhile has to stop
  return value ? value : "";
}

bool environment_flag(const char* name, bool unset) {
  const std::string word = environment(name);
  return word.empty() ? unset : word != "0" && word != "false" && word != "no" && word != "off";
}

}  // namespace forge
