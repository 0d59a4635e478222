#pragma once

#include <string>

// What users set before a process starts.
namespace forge {

/// "" where the variable is not set.
std::string environment(const char* name);

/// No: "0", "false", "no" and "off". Yes: any other word. Neither set nor empty: `unset`.
bool environment_flag(const char* name, bool unset = false);

}  // namespace forge
