#include "forge/infer/onnx/operators.hpp"

// Attention is a function of ONNX's own: the reader of models puts its parts in its place.
namespace forge::infer::onnx {

std::span<const OperatorRow> attention_ops() { return {}; }

}  // namespace forge::infer::onnx
