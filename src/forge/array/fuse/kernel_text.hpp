#pragma once

#include "forge/array/fuse/collapse.hpp"
#include "forge/array/fuse/fused.hpp"

namespace forge::array {

/// How a fused kernel walks memory.
enum class WalkForm : unsigned char {
  words,  // all contiguous or uniform, all of four bytes: bound memory, a word at a time
  rows,   // by address; a workgroup walks along the last axis, and finds out once where its row begins
  cells,  // by address; each element is found by itself: for short rows
  reduced,  // by address; a workgroup takes a row of the last axis, once for each reduction and once for what comes of them
  reduced_words,  // the same through bound memory, a word at a time: rows of whole words of elements of four bytes
};

/// What a kernel's text depends on beside the expression.
struct KernelShape {
  WalkForm form;
  uint32_t workgroup, each;  // invocations, and elements or words that each walks, or rows that all take one by one
  size_t axes;
  std::vector<bool> uniform;  // by input: one element for all
  bool strided;  // results do not lie one behind the other
  std::vector<bool> bound_inputs, bound_outputs;  // read and written through bindings
  std::vector<bool> parts =
      {};  // by input, of one or two bytes: read as part of a word of four, which CPU drivers do at once
  std::vector<uint8_t> ahead = {};  // by array: a bit for each axis along which it is read ahead, round the end
  std::vector<bool> row_constant = {};  // by input, of rows: one element for each row
  std::vector<bool> row_results = {};  // by result, of rows: the same
  uint32_t shared_bytes = 0;  // of rows: shared memory that values may wait in
  uint32_t row_room = 0;  // reduced_words: words of a row, up to the next power of two
  uint32_t word = 4;  // elements of a word
  bool long_words =
      false;  // words are read and written as integers of 64 bits: half the accesses where drivers make them lane by lane
  bool one_subgroup = false;  // of rows: a workgroup is a subgroup, whose lanes hand their values round

  void append_key(std::string& key) const;
};

/// Whether elements can be read as parts of words.
bool reads_in_parts(DType dtype);

constexpr bool takes_rows(WalkForm form) { return form == WalkForm::reduced || form == WalkForm::reduced_words; }

/// GLSL of a fused kernel. Its push constants are addresses: of the parameters, of each input, output and table; what is
/// bound comes as well as bindings, inputs first. Parameters are words:
///   numbers, two words each; elements (rows: of a row; words: whole words); groups; rows: workgroups of a row, or rows;
///   extents of the axes; of each input, then of each result, its first element and its strides; where an input is read
///   ahead, the place along the axis that reads its first element.
std::string kernel_text(const Fused& fused, const KernelShape& shape);

/// How a walk is shared out.
struct Shares {
  uint64_t count;  // elements (rows: of a row; words: whole words)
  uint64_t pieces;  // workgroups for so many; of reduced rows how many there are
  uint64_t groups;  // workgroups in all
};
Shares shares_of(const KernelShape& shape, const Walk& walk);

/// Parameters of a walk over inputs and results; `first` element of each behind its address.
std::vector<uint32_t> parameters_of(const Fused& fused, const KernelShape& shape, const Walk& walk,
                                    const std::vector<uint32_t>& first);

}  // namespace forge::array
