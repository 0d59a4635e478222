#pragma once

#include <map>

#include "forge/shader/instrument.hpp"
#include "forge/shader/spirv_patch.hpp"

namespace forge::shader {

/// The functions that instrumented code calls, and the hidden buffer they write.
class WatchFunctions {
 public:
  WatchFunctions(spirv::Patch& patch, const spirv::Module& module, const WatchLayout& layout, uint32_t binding);

  /// bool (site, index, size, argument): whether index < size; writes down where it is not.
  uint32_t check();
  /// uint (uvec2 address): the argument that starts there; the count of arguments where none does.
  uint32_t find();
  /// uint (argument, row): elements of an addressed array, all bits set where the argument is unknown.
  uint32_t size();
  /// uint (list): how many descriptors there are.
  uint32_t list_count();
  /// uint (list, element): how long the runtime array of a descriptor is; the element is in range.
  uint32_t list_size();
  /// void (site, words...): one line of text.
  uint32_t print(uint32_t words);

 private:
  using Body = std::vector<spirv::Line>;
  uint32_t begin(Body& body, const std::vector<uint32_t>& signature, std::vector<uint32_t>& parameters);
  void end(Body& body);
  uint32_t word(Body& body, uint32_t index);  // pointer to a word of the buffer
  uint32_t load(Body& body, uint32_t index);
  void store(Body& body, uint32_t index, uint32_t value);
  uint32_t add(Body& body, uint32_t a, uint32_t b);
  uint32_t op(Body& body, spirv::Put op, uint32_t type, std::initializer_list<uint32_t> operands);
  uint32_t atomic_add(Body& body, uint32_t counter, uint32_t by);
  uint32_t atomic_load(Body& body, uint32_t counter);
  uint32_t invocation();  // the variable of gl_GlobalInvocationID

  spirv::Patch& patch_;
  const spirv::Module& module_;
  WatchLayout layout_;
  uint32_t buffer_ = 0;  // the variable
  uint32_t scope_ = 1;
  uint32_t check_ = 0, find_ = 0, size_ = 0, list_count_ = 0, list_size_ = 0, invocation_ = 0;
  std::map<uint32_t, uint32_t> prints_;
};

}  // namespace forge::shader
