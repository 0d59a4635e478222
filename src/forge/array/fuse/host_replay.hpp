#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "forge/array/fuse/fused.hpp"
#include "forge/array/fuse/lazy.hpp"

namespace forge::array {

/// Expressions that the host computes again and again, with other arrays in the place of some: small work on a device that shares
/// the processor costs less so than handing it a recording. Safe to use from any thread.
class HostReplay {
 public:
  /// Of expressions over `inputs`, which are arrays of their own, and over what else they read. Null where the host does not do such
  /// work: products, rows that are reduced, parts of an input, or more than small_work().
  static std::shared_ptr<HostReplay> of(std::span<const Array> inputs, std::span<const Lazy> results);

  /// Fresh arrays. Nothing where the host would have to wait for the device, or must not compute at all; nothing is done then.
  std::optional<std::vector<Array>> run(std::span<const Array> inputs) const;

 private:
  // Results of one shape.
  struct Part {
    Fused fused;
    std::vector<std::optional<size_t>> given;  // which of the inputs each array read is
    std::vector<size_t> results;
    std::vector<DType> dtypes;  // of the results
  };
  void add(const Lazy& value, size_t index);
  static bool find_inputs(Part& part, std::span<const Array> inputs);

  std::vector<Part> parts_;
  size_t results_ = 0;
};

}  // namespace forge::array
