#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "bind/lifecycle.hpp"
#include "forge/array/fuse/views.hpp"
#include "forge/shader/kernel.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/texture.hpp"

// What the Python classes hold.
namespace forge::bind {

class PyDevice : public Owner<std::shared_ptr<vk::Device>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<vk::Device>& device() const { return live("Device"); }
};

class PyBuffer : public Owner<std::shared_ptr<vk::Buffer>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<vk::Buffer>& buffer() const { return live("Buffer"); }
};

class PyTexture : public Owner<std::shared_ptr<vk::Texture>> {
 public:
  using Owner::Owner;
  const std::shared_ptr<vk::Texture>& share() const { return live("Texture"); }
};

/// Owns nothing: samplers belong to the device.
struct PySampler {
  vk::SamplerKind kind;
};

/// Values, computed or not. While they are not, no memory belongs to them, and asking for it computes them.
class PyArray {
 public:
  /// What a view shows of another Array: some of its elements, or all of them in another shape.
  using Seen = std::variant<array::View, Dims>;

  explicit PyArray(array::Array values, bool shared = false);
  /// What an expression gives when it is asked for.
  explicit PyArray(const array::Lazy& values);
  /// A view of an Array that is not computed. What it is is found out when somebody asks: part of the other's memory, or, where
  /// nobody else has kept that one, an expression of its own, with no more computed than is seen.
  PyArray(pybind11::object of, const Seen& seen);
  ~PyArray() { let_go(); }
  PyArray(PyArray&& other) noexcept;
  PyArray(const PyArray&) = delete;
  PyArray& operator=(const PyArray&) = delete;

  /// The memory, for whoever may keep it or write it: from now on in-place operators write it too.
  const array::Array& array() const { return *share(); }
  const std::shared_ptr<const array::Array>& share() const;
  /// The memory, for whoever only reads it now.
  const std::shared_ptr<const array::Array>& values() const;
  /// The memory, for a host that reads it now. Throws WRONG_STATE while a graph is recorded that computes it only when it runs.
  const std::shared_ptr<const array::Array>& host_values() const;
  /// Says that the values are there already, whatever this thread records.
  PyArray&& known() && {
    recording_ = 0;
    return std::move(*this);
  }
  /// The values as part of an expression.
  array::Lazy lazy() const;
  /// In-place operators: these values instead, in the same memory where others may see it.
  void replace(const array::Lazy& values);

  DType dtype() const;
  const Dims& shape() const;
  std::shared_ptr<vk::Device> device() const;
  bool recorded() const { return recording_ != 0 && recording_ == array::recording_number(); }
  bool pending() const;  // not computed yet
  bool waits() const { return pending_ || view_; }  // the same, or a view that has not found out what it is
  bool closed() const { return closed_ || (!pending_ && !view_ && !array_); }
  void close();
  /// Something outside holds the bare address (__array_interface__): memory then stays until this object goes.
  void pin() { pinned_ = share(); }

 private:
  void check_open() const;
  void refuse_left_behind() const;
  const std::shared_ptr<const array::Array>& earlier_memory() const;
  void hold(const array::Lazy& values) const;
  void let_go() const;
  // What is held, of an Array that was closed as well: views of it may not have found out yet what they are.
  const std::shared_ptr<const array::Array>& memory() const;
  array::Lazy held_lazy() const;
  DType held_dtype() const;
  std::shared_ptr<vk::Device> held_device() const;
  void drop() const;

  // Held while a view has not found out what it is.
  struct Viewed {
    Viewed(pybind11::object source, const Seen& what);
    ~Viewed();
    Viewed(const Viewed&) = delete;
    Viewed& operator=(const Viewed&) = delete;
    const PyArray& array() const { return of.cast<const PyArray&>(); }

    pybind11::object of;
    Seen seen;
  };
  void settle() const;

  mutable std::optional<array::Lazy> pending_;
  mutable std::unique_ptr<Viewed> view_;
  mutable std::shared_ptr<const array::Array> array_;
  mutable bool shared_ = false;  // others may see the memory
  mutable int viewers_ = 0;  // views that have not found out what they are
  bool closed_ = false;
  mutable uint64_t recording_;  // that its values come from when it runs
  std::shared_ptr<const array::Array> pinned_;
};

/// What a view shows of memory.
array::Array seen_in(const array::Array& whole, const PyArray::Seen& seen);

/// Computes them together, once.
void evaluate_all(std::span<const PyArray* const> arrays);
void evaluate_together(const std::shared_ptr<vk::Device>& device, std::span<const array::Lazy> wanted);

class PyKernel : public Owner<std::shared_ptr<shader::Kernel>> {
 public:
  using Owner::Owner;
  shader::Kernel& kernel() const { return *live("Kernel"); }
};

/// None: the shared default device.
std::shared_ptr<vk::Device> device_or_default(pybind11::handle device);

}  // namespace forge::bind
