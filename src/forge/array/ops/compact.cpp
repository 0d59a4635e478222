#include "forge/array/ops/compact.hpp"

#include <algorithm>

#include "forge/array/ops/gather.hpp"
#include "forge/array/ops/reduce.hpp"
#include "forge/array/ops/scan.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/array/ops/words.hpp"
#include "forge/core/error.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/move/compact.hpp"

namespace forge::array {

namespace {

struct Counted {
  Strips strips;
  vk::BufferRef before;  // uint32: set elements before each part
  int64_t count;
};

int64_t read_count(vk::Commands& commands, const vk::BufferRef& at) {
  commands.finish();
  uint32_t count = 0;
  vk::download(&count, at);
  return count;
}

Counted count_set(vk::Commands& commands, const Array& mask) {
  const Combining how = counting(mask.dtype());
  const AxisView view{1, mask.size(), 1};
  const vk::BufferRef bytes = mask.bytes();
  const Strips strips = strips_of(commands, view, bytes, size_of(mask.dtype()));
  const AxisView parts{1, strips.parts, 1};
  const vk::BufferRef counts = reduce_parts(commands, how, bytes, view, strips, false);
  vk::BufferRef before = scratch(commands, static_cast<uint64_t>(strips.parts) * sizeof(uint32_t));
  const vk::BufferRef total = scratch(commands, sizeof(uint32_t));
  scan_into(commands, how, counts, parts, {.exclusive = true}, true, true, before);
  reduce_into(commands, how, counts, parts, true, total);
  return {strips, before, read_count(commands, total)};
}

void check_length(int64_t elements) {
  if (elements > int64_t{0xFFFFFFFF})
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a mask has too many elements", "at most 4294967295",
                std::to_string(elements), "work in pieces");
}

void move_set(vk::Commands& commands, const Array* in, const Array& mask, const Counted& counted, const Array& out) {
  const Team team = team_of(commands.device());
  const size_t word = size_of(out.dtype()), mask_word = size_of(mask.dtype());
  shader::Defines defines = team.defines();
  defines["WORD"] = word_of(word);
  defines["MASK"] = dtype_row(mask.dtype()).glsl;
  defines["WIDE_MASK"] = wide_type(mask.dtype());
  if (dtype_row(mask.dtype()).kind == 'c') defines["MASK_COMPLEX"] = "1";
  if (!in) defines["INDICES"] = "1";
  const AxisView view{1, mask.size(), 1};
  for (const Cut& cut : cuts_of(view, counted.strips))
    for (const Piece& piece : pieces_of(commands.device(), cut, std::max(word, mask_word), 4, cut.strip)) {
      const auto from = static_cast<uint64_t>(piece.k), n = static_cast<uint64_t>(piece.extent);
      const auto part = static_cast<uint64_t>(cut.part + (piece.k - cut.k) / cut.strip);
      const auto parts = static_cast<uint64_t>(ceil_div(piece.extent, cut.strip));
      const Window masks = window_on(commands, mask.bytes(), from * mask_word, n * mask_word, u32(mask_word));
      const Window source = in ? window_on(commands, in->bytes(), from * word, n * word, u32(word)) : masks;
      const Window before = window_on(commands, counted.before, part * 4, parts * 4, 4);
      shader::dispatch(commands, shader::program_of<k::compact>(commands.device(), defines),
                       k::compact{.target = out.bytes(),
                                  .extent = u32(piece.extent),
                                  .strip = u32(cut.strip),
                                  .parts = static_cast<uint32_t>(parts),
                                  .index = u32(piece.k),
                                  .first = source.first,
                                  .mask_first = masks.first,
                                  .before_first = before.first,
                                  .source = source.bytes,
                                  .mask = masks.bytes,
                                  .before = before.bytes},
                       team.groups(commands.device(), parts));
    }
}

}  // namespace

Array nonzero(vk::Commands& commands, const Array& mask) {
  check_length(mask.size());
  if (mask.size() == 0) return Array::empty(commands.device_ptr(), DType::int64, {0});
  const Counted counted = count_set(commands, mask);
  Array out = Array::empty(commands.device_ptr(), DType::int64, {counted.count});
  if (counted.count > 0) move_set(commands, nullptr, mask, counted, out);
  return out;
}

Array compact(vk::Commands& commands, const Array& in, const Array& mask) {
  const bool entries = mask.shape().size() == 1 && in.shape().size() > 1;
  if (entries ? mask.shape()[0] != in.shape()[0] : mask.shape() != in.shape())
    throw Error(ErrorCode::BAD_SHAPE, "the mask does not fit the array",
                to_string(in.shape()) + ", or its first extent alone", to_string(mask.shape()));
  if (entries) return gather(commands, in, nonzero(commands, mask), 0, IndexMode::trusted);
  check_length(mask.size());
  if (mask.size() == 0) return Array::empty(commands.device_ptr(), in.dtype(), {0});
  const vk::BufferRef checked = in.bytes();
  const Counted counted = count_set(commands, mask);
  Array out = Array::empty(commands.device_ptr(), in.dtype(), {counted.count});
  if (counted.count > 0) move_set(commands, &in, mask, counted, out);
  return out;
}

}  // namespace forge::array
