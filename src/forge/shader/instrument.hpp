#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "forge/shader/reflect.hpp"

// Shaders that tell: a pass over SPIR-V that checks every index and carries debugPrintfEXT to the host. Both go through
// one hidden storage buffer, so every driver can do it.
namespace forge::shader {

/// Where a shader says something: its file and line, 0 where the module has no line numbers.
struct Place {
  std::string file;
  uint32_t line = 0;
};

/// An index into memory.
struct IndexSite {
  Place place;
  std::string target;  // "x", "particles[].at"; behind an address what follows the argument's name: ".v"
  std::string pointee;  // behind an address, the name of its block; else empty
  bool is_signed = false;  // the index may be negative

  /// With the name of the argument behind whose address it lies; empty where none is known.
  std::string path_of(const std::string& argument) const {
    if (pointee.empty()) return target;
    return (argument.empty() ? "(a " + pointee + ")" : argument) + target;
  }
};

struct PrintSite {
  struct Argument {
    Scalar scalar;
    uint32_t components;
  };
  Place place;
  std::string format;
  std::vector<Argument> arguments;
};

/// A runtime-sized array behind an address: how many elements it has follows from the bound argument's bytes.
struct AddressedArray {
  uint32_t offset, stride;
  friend bool operator==(const AddressedArray&, const AddressedArray&) = default;
};

/// An array of descriptors: each call says how many there are, and how long the runtime array in each is.
struct WatchedList {
  uint32_t set, binding;
  AddressedArray array;  // a stride of 0: there is none
  bool open;  // its count is not the shader's
};

/// How the hidden buffer is laid out, in words.
struct WatchLayout {
  static constexpr uint32_t kFaults = 0, kPrinted = 1, kLost = 2;  // counters
  static constexpr uint32_t kAddresses = 4;
  static constexpr uint32_t kFaultWords = 8;  // site, index, size, argument, invocation x y z, spare
  static constexpr uint32_t kMostFaults = 64;  // kept
  static constexpr uint32_t kMostCounted = 1u << 30;
  uint32_t pointers = 0;  // arguments by address
  uint32_t arrays = 0;  // rows of sizes
  uint32_t lists = 0;  // arrays of descriptors: two words each, how many and where their sizes stand behind all else
  uint32_t print_words = 0;  // room for text; a line takes one word and one for each 32 bits of arguments

  uint32_t sizes() const { return kAddresses + 2 * pointers; }
  uint32_t list_rows() const { return sizes() + arrays * pointers; }
  uint32_t faults() const { return list_rows() + 2 * lists; }
  uint32_t prints() const { return faults() + kMostFaults * kFaultWords; }
  uint32_t words() const { return prints() + print_words; }  // sizes of lists' elements follow
};

struct Instrumented {
  Words words;
  std::vector<IndexSite> indices;
  std::vector<PrintSite> prints;
  std::vector<AddressedArray> arrays;
  std::vector<WatchedList> lists;
  WatchLayout layout;
  Binding hidden;
};

/// True where a module holds debugPrintfEXT.
bool has_prints(std::span<const uint32_t> words);

/// Rewrites a compute module. `reflection` is of these words.
Instrumented instrument(std::span<const uint32_t> words, const Reflection& reflection, bool check_indices);

}  // namespace forge::shader
