#pragma once

#include <complex>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "forge/array/array.hpp"
#include "forge/vk/profile.hpp"

namespace forge::array {

struct Node;
enum class Elementwise : unsigned char;  // elementwise.hpp, which changes with each row of the table

/// Values that may not have been computed: an array, a number, or what an elementwise operation makes of others.
/// Copying a Lazy copies a reference to the same values. Building costs no device work; any thread may build and evaluate.
/// Values never change: where the device or Array::host() is about to write memory that an expression still reads, the
/// expression gets a copy first. What the host writes through an address that it kept is not seen.
class Lazy {
 public:
  Lazy(Array array);  // NOLINT(google-explicit-constructor): an array is values
  /// One number, of shape ().
  static Lazy number(double value, DType dtype);
  static Lazy number(int64_t value, DType dtype);
  static Lazy number(std::complex<double> value, DType dtype);

  DType dtype() const;
  const Dims& shape() const;
  /// Of the arrays in it; null where there are numbers alone.
  const std::shared_ptr<vk::Device>& device() const;
  /// The array, where the values are computed already.
  std::optional<Array> computed() const;
  /// Operations to be computed, those that several parts share counted each time.
  size_t pending() const;

  explicit Lazy(std::shared_ptr<Node> node) : node_(std::move(node)) {}
  const std::shared_ptr<Node>& node() const { return node_; }

 private:
  std::shared_ptr<Node> node_;
};

/// NumPy's default dtypes where the device has them: float64 and int64, else those of 32 bits.
DType default_real(const vk::Device& device);
DType default_integer(const vk::Device& device);

/// An operation on values that broadcast. Throws BAD_DTYPE or BAD_SHAPE; evaluates operands that have grown too long.
Lazy elementwise(Elementwise op, std::span<const Lazy> operands);
/// Complex numbers become no other kind: BAD_DTYPE.
Lazy cast(const Lazy& value, DType dtype);
/// The same values along more axes; throws BAD_SHAPE where they do not broadcast to exactly this shape.
Lazy broadcast_to(const Lazy& value, const Dims& shape);

/// table[places]: values of an array of one axis at places that an expression gives, which the caller knows to lie in it.
Lazy gathered(const Array& table, const Lazy& places);

/// The same values, those of each axis moved by so many places; what leaves at one end comes in at the other.
Lazy rolled(const Array& values, const Dims& by);

/// The same values in memory of their own.
Lazy copy(const Lazy& value);

/// Computes these values, with equal parts once, in one kernel for each shape among them, and returns when it is submitted.
/// Each is remembered: what is built on a value afterwards reads its array. Small work, and dtypes that the device lacks, are
/// computed by the host where it sees the memory. Throws MISSING_FEATURE where neither can.
std::vector<Array> evaluate(const std::shared_ptr<vk::Device>& device, std::span<const Lazy> values,
                            vk::Why why = vk::Why::values);
inline Array evaluate(const std::shared_ptr<vk::Device>& device, const Lazy& value) {
  return evaluate(device, std::span(&value, 1)).front();
}
/// Small work goes to the device as well, whatever it costs: for tests and measurements. Off at first.
void compute_on_device_alone(vk::Device& device, bool alone);
/// The same as part of other commands, and by the device alone: for recordings that are run later.
std::vector<Array> evaluate(vk::Commands& commands, std::span<const Lazy> values);

/// Writes a value, converted and broadcast, over all elements of an array. Throws BAD_SHAPE, READ_ONLY.
void assign(const Array& target, const Lazy& value);
void assign(vk::Commands& commands, const Array& target, const Lazy& value);

/// What this thread builds from now on is part of a recording, 0 for none: it is computed by the commands that
/// evaluate(commands) records, and not before.
void build_for_recording(uint64_t number);
uint64_t recording_number();
/// The largest parts of a value that are not computed and were built outside of this thread's recording.
void collect_unrecorded(const Lazy& value, std::vector<Lazy>& parts);

/// The shape that all broadcast to; throws BAD_SHAPE.
Dims broadcast(const Dims& a, const Dims& b);

}  // namespace forge::array
