#pragma once

#include <memory>

#include "forge/core/dtype.hpp"
#include "forge/core/shape.hpp"
#include "forge/vk/buffer.hpp"

namespace forge::vk {
class Commands;
}

namespace forge::array {

/// Values of one dtype over a shared run of device memory: shape, byte strides and offset, as in NumPy.
/// Copying an Array copies the description; the memory is shared.
class Array {
 public:
  /// Contiguous and uninitialised.
  static Array empty(std::shared_ptr<vk::Device> device, DType dtype, const Dims& shape, const std::string& label = {});
  /// A contiguous copy of host values, whatever their strides.
  static Array from_values(std::shared_ptr<vk::Device> device, DType dtype, const Dims& shape, const Dims& strides,
                           const void* values, const std::string& label = {});
  /// The host's own memory, in place; `keepalive` goes when the device has finished with it.
  static Array from_host(std::shared_ptr<vk::Device> device, DType dtype, const Dims& shape, const Dims& strides,
                         void* values, bool writable, std::shared_ptr<void> keepalive, const std::string& label = {});
  /// Part of a buffer seen as values.
  static Array over(vk::BufferRef memory, DType dtype, const Dims& shape);

  /// The same memory with another shape and byte strides, from so many bytes behind the first element on. Throws
  /// OUT_OF_RANGE where it would leave the memory, NOT_CONTIGUOUS where elements would lie between elements. What has
  /// elements twice is not writable.
  Array view(int64_t first, const Dims& shape, const Dims& strides) const;

  /// The same elements at the same place in other memory.
  Array moved_to(std::shared_ptr<vk::Buffer> memory) const {
    return {std::move(memory), offset_, dtype_, shape_, strides_, true};
  }

  DType dtype() const { return dtype_; }
  const Dims& shape() const { return shape_; }
  const Dims& strides() const { return strides_; }  // bytes
  bool writable() const { return writable_; }
  int64_t size() const { return element_count(shape_); }
  uint64_t nbytes() const { return static_cast<uint64_t>(element_count(shape_, 1)) * size_of(dtype_); }
  bool contiguous() const { return is_contiguous(shape_, strides_, size_of(dtype_)); }
  uint64_t offset() const { return offset_; }  // bytes from the storage's start to the first element
  const std::shared_ptr<vk::Buffer>& storage() const { return storage_; }
  vk::Device& device() const { return storage_->device(); }
  bool in_place() const { return storage_->mapped() != nullptr; }  // the host sees the memory itself

  /// The bytes of a contiguous array; throws NOT_CONTIGUOUS otherwise.
  vk::BufferRef bytes() const;
  /// All bytes between the first and the last that elements lie in, whatever the strides.
  struct Span {
    vk::BufferRef bytes;
    uint64_t first;  // bytes from there to the first element
  };
  Span span() const;
  /// The first element as the host sees it; in_place() arrays only. Waits for pending writes, or for all use.
  std::byte* host(bool for_writing) const;
  /// Records a copy into memory that the host sees, of the same shape and strides.
  Array snapshot(vk::Commands& commands) const;
  /// Copies the values out, C-contiguous.
  void copy_to(void* values) const;
  /// Overwrites the values of a contiguous array.
  void copy_from(const Dims& strides, const void* values) const;

 private:
  Array(std::shared_ptr<vk::Buffer> storage, uint64_t offset, DType dtype, const Dims& shape, const Dims& strides,
        bool writable);
  std::shared_ptr<vk::Buffer> storage_;
  uint64_t offset_;  // bytes from the storage's start to the first element
  DType dtype_;
  Dims shape_;
  Dims strides_;
  bool writable_;
};

/// Copies strided values into a C-contiguous run.
void gather(std::byte* to, const std::byte* from, const Dims& shape, const Dims& strides, size_t element_size);

}  // namespace forge::array
