#include "forge/infer/onnx/stream.hpp"

#include "forge/array/fuse/product.hpp"

namespace forge::infer::onnx {

array::Array Stream::array(const array::Lazy& value) const {
  if (const auto ready = value.computed()) return *ready;
  if (!capture_) return array::evaluate(device_, value);
  vk::Commands commands(device_, *capture_);
  return array::evaluate_fixed(commands, std::span(&value, 1)).front();
}

array::Array Stream::dense(const array::Lazy& value) const {
  array::Array values = array(value);
  if (values.contiguous()) return values;
  return array(array::copy(values));
}

void Stream::assign(const array::Array& target, const array::Lazy& value) const {
  if (!capture_) return array::assign(target, value);
  vk::Commands commands(device_, *capture_);
  array::assign_fixed(commands, target, value);
}

}  // namespace forge::infer::onnx
