#include "forge/array/fuse/epilogue_text.hpp"

#include <algorithm>

#include "forge/array/fuse/statement_text.hpp"

namespace forge::array {

using std::to_string;

namespace {

// An input of an epilogue: its memory as a block, and what is read of the words before the first element.
struct EpilogueInput {
  std::string block, members, reading, value;
};

EpilogueInput epilogue_input(const Array& array, size_t k, size_t at) {
  const auto word = [&](size_t i) { return "p.at[" + to_string(at + i) + "]"; };
  const std::string n = to_string(k), block = "Epilogue" + n;
  const DType dtype = array.dtype();
  EpilogueInput input;
  input.block = "layout(buffer_reference, scalar, buffer_reference_align = " + to_string(size_of(part_of(dtype))) +
                ") readonly buffer " + block + " { " + text_of(dtype_row(dtype).glsl) + " at[]; }; ";
  input.members = block + " m" + n + "; uint f" + n + "; ";
  input.reading =
      "e.m" + n + " = " + block + "(uvec2(" + word(0) + ", " + word(1) + ")); e.f" + n + " = " + word(2) + "; ";
  std::string place = "e.f" + n;
  const auto along = [&](const char* name, const char* index, size_t i) {
    const std::string stride = name + n;
    input.members += "uint " + stride + "; ";
    input.reading += "e." + stride + " = " + word(i) + "; ";
    place += " + " + std::string(index) + " * e." + stride;
  };
  if (varies_along(array, 2)) along("r", "row", 3);
  if (varies_along(array, 1)) along("c", "column", 4);
  input.value = text_of(value_type(dtype)) + " x" + n + " = " + loaded(dtype, "e.m" + n + ".at[" + place + "]") + "; ";
  return input;
}

// Strides of an array along the rows and the columns of a matrix that it broadcasts to.
uint32_t stride_along(const Array& array, size_t from_end) {
  if (!varies_along(array, from_end)) return 0;
  const size_t dims = array.shape().size();
  return static_cast<uint32_t>(array.strides()[dims - from_end] / static_cast<int64_t>(size_of(array.dtype())));
}

}  // namespace

Epilogue::Operand operand_of(const Array& matrix) {
  const Array::Span span = matrix.span();
  const auto first = static_cast<uint32_t>(span.first / size_of(matrix.dtype()));
  return {span.bytes, first, stride_along(matrix, 2), stride_along(matrix, 1)};
}

bool varies_along(const Array& array, size_t from_end) {
  const size_t dims = array.shape().size();
  return dims >= from_end && array.shape()[dims - from_end] > 1 && array.strides()[dims - from_end] != 0;
}

std::string epilogue_text(const Fused& fused, const std::vector<Array>& inputs) {
  const DType product = fused.dtype_of(Statement::kProduct), out = fused.outputs()[0]->dtype;
  std::string blocks, members = "uint words; ", reading, body;
  body +=
      text_of(value_type(product)) + " product_value = " + fitted(product, text_of(value_type(product)) + "(x)") + "; ";
  for (size_t i = 0; i < fused.numbers().size(); ++i) {
    const std::string n = "n" + to_string(i), type = text_of(value_type(fused.number_dtypes()[i]));
    members.append(type).append(" ").append(n).append("; ");
    reading.append("e.").append(n).append(" = ").append(number_text(fused.number_dtypes()[i], i)).append("; ");
    body.append(type).append(" ").append(n).append(" = e.").append(n).append("; ");
  }
  for (size_t k = 0; k < inputs.size(); ++k) {
    const EpilogueInput input = epilogue_input(inputs[k], k, kNumberWords * fused.numbers().size() + 5 * k);
    blocks += input.block, members += input.members, reading += input.reading, body += input.value;
  }
  body += body_of(fused);
  std::replace(body.begin(), body.end(), '\n', ' ');
  return blocks + "struct Ending { " + members + "}; Ending ending_of(EpilogueWords p) { Ending e; e.words = 0; " +
         reading + "return e; } " + text_of(dtype_row(out).glsl) +
         " epilogue(SUM x, uint row, uint column, Ending e) { " + body + "return " +
         stored(out, operand_text(fused.results()[0])) + "; }";
}

}  // namespace forge::array
