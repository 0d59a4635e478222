#include "forge/array/ops/sort.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "forge/array/ops/scan.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/array/ops/words.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/sort/count_digits.hpp"
#include "forge_shaders/sort/move_keys.hpp"
#include "forge_shaders/sort/rank_rows.hpp"

namespace forge::array {

namespace {

constexpr int64_t kShortRow = 256;            // keys: shorter rows are sorted by counting
constexpr int64_t kLeastTile = 256, kMostTile = 4096;
constexpr int64_t kTilesWanted = 2048;        // a row is cut until there are so many
constexpr int64_t kTableBytes = int64_t{64} << 20;  // rows are taken in blocks whose counters fit

constexpr size_t kOtherShared = 2048;         // bytes that lanes need to meet where they are emulated

struct Sorting {
  size_t key_bytes;
  size_t word_bytes;       // of what belongs to a key; 0: nothing
  bool indices;            // what belongs to a key is its place
  bool keep_keys;          // sorted keys are wanted
  shader::Defines defines;
};

// One set of keys and words; passes go from one to another.
struct Side {
  vk::BufferRef keys, words;
};

int64_t row_length(const Array& keys) { return keys.shape().empty() ? 1 : keys.shape()[keys.shape().size() - 1]; }

shader::Defines key_defines(const Array& keys, bool descending) {
  const DTypeRow& row = dtype_row(keys.dtype());
  if (row.kind == 'c')
    throw Error(ErrorCode::BAD_DTYPE, "complex numbers have no order here", "integers, bool or real floats",
                std::string(row.name), "sort np.abs of them, or their parts");
  shader::Defines d{{"KEY", word_of(row.size)}, {"KEY_BITS", std::to_string(row.size * 8)}};
  if (row.kind == 'f') d["FLOAT_KEY"] = "1";
  if (row.kind == 'i') d["SIGNED_KEY"] = "1";
  if (descending) d["DESCENDING"] = "1";
  return d;
}

bool private_counters(const vk::Device& device, const Team& team) {
  return team.cpu && sizeof(uint32_t) * 256 * team.lanes + kOtherShared <= device.limits().max_shared_bytes;
}

struct Rows {
  int64_t first, count, n;
};

// Macros of one kernel: in the first pass places come from nowhere, in the last they become int64.
shader::Defines move_defines(const Sorting& sorting, bool first, bool last) {
  shader::Defines d = sorting.defines;
  if (sorting.word_bytes > 0) d["WORD"] = word_of(sorting.word_bytes);
  if (sorting.indices && first) d["INDICES_IN"] = "1";
  if (sorting.indices && last) d["INDICES_OUT"] = "1";
  if (last && !sorting.keep_keys) d["ONLY_WORDS"] = "1";
  return d;
}

size_t word_bytes_of(const Sorting& sorting, bool last) {
  return sorting.indices && last ? sizeof(int64_t) : sorting.word_bytes;
}

vk::BufferRef rows_of(const vk::BufferRef& memory, const Rows& rows, size_t bytes) {
  const auto row = static_cast<uint64_t>(rows.n) * bytes;
  return bytes == 0 ? memory
                    : memory.part(static_cast<uint64_t>(rows.first) * row, static_cast<uint64_t>(rows.count) * row);
}

void rank_rows(vk::Commands& commands, const Sorting& sorting, const Rows& rows, const Side& from, const Side& to) {
  const Team team = team_of(commands.device()).spread();
  const size_t kb = sorting.key_bytes;
  const auto row = static_cast<uint64_t>(rows.n) * kb;
  const Window keys = window_on(commands, from.keys, static_cast<uint64_t>(rows.first) * row,
                                static_cast<uint64_t>(rows.count) * row, u32(kb));
  shader::Defines defines = move_defines(sorting, true, true);
  defines.merge(team.defines());
  shader::dispatch(commands, shader::program_of<k::rank_rows>(commands.device(), defines),
                   k::rank_rows{.moved_keys = sorting.keep_keys ? rows_of(to.keys, rows, kb) : to.keys,
                                .words = sorting.indices ? from.words : rows_of(from.words, rows, sorting.word_bytes),
                                .moved_words = rows_of(to.words, rows, word_bytes_of(sorting, true)),
                                .count = u32(rows.count * rows.n),
                                .n = u32(rows.n),
                                .first = keys.first,
                                .keys = keys.bytes},
                   team.groups_of_lanes(commands.device(), static_cast<uint64_t>(rows.count * rows.n)));
}

// How rows are cut for radix passes.
struct Tiling {
  int64_t tile, tiles;  // keys; tiles of a row
  int64_t here;         // tiles of a row in one dispatch
  bool counters_private;
};

Tiling tiling_of(const vk::Device& device, const Rows& rows, size_t key_bytes) {
  Tiling t{};
  t.tile = std::clamp(rows.n / kTilesWanted, kLeastTile, kMostTile);
  while (ceil_div(rows.n, t.tile) * 1024 > kTableBytes) t.tile *= 2;  // a row alone may have a larger table
  if (t.tile > 16384) t.tile = 16384;                                 // the loop budget of CPU drivers
  t.tiles = ceil_div(rows.n, t.tile);
  const int64_t fitting = static_cast<int64_t>(window_limit(device)) / (t.tile * static_cast<int64_t>(key_bytes));
  t.here = rows.count > 1 ? t.tiles : std::min(t.tiles, fitting);
  t.counters_private = private_counters(device, team_of(device));
  return t;
}

void radix_pass(vk::Commands& commands, const Sorting& sorting, const Rows& rows, const Tiling& t, int pass,
                const vk::BufferRef& table, const Side& from, const Side& to) {
  const Team team = team_of(commands.device());
  const bool first = pass == 0, last = pass + 1 == static_cast<int>(sorting.key_bytes);
  const size_t kb = sorting.key_bytes;
  const vk::BufferRef scanned = scratch(commands, table.size);
  const auto each = [&](auto&& run) {
    for (int64_t tile = 0; tile < t.tiles; tile += t.here) {
      const int64_t here = std::min(t.here, t.tiles - tile), at = rows.first * rows.n + tile * t.tile;
      const int64_t count = rows.count > 1 ? rows.count * rows.n : std::min(here * t.tile, rows.n - tile * t.tile);
      const Window keys =
          window_on(commands, from.keys, static_cast<uint64_t>(at) * kb, static_cast<uint64_t>(count) * kb, u32(kb));
      const auto work = static_cast<uint64_t>(rows.count * here);
      run(keys, tile, here,
          t.counters_private ? team.groups_of_lanes(commands.device(), work) : team.groups(commands.device(), work));
    }
  };
  shader::Defines counted = sorting.defines, moved = move_defines(sorting, first, last);
  for (shader::Defines* d : {&counted, &moved}) {
    d->merge(team.defines());
    if (t.counters_private) (*d)["PRIVATE_COUNTERS"] = "1";
  }
  each([&](const Window& keys, int64_t tile, int64_t here, std::array<uint32_t, 3> groups) {
    shader::dispatch(commands, shader::program_of<k::count_digits>(commands.device(), counted),
                     k::count_digits{.count = u32(rows.count * here),
                                     .tiles = u32(t.tiles),
                                     .from_tile = u32(tile),
                                     .here = u32(here),
                                     .n = u32(rows.n),
                                     .tile = u32(t.tile),
                                     .shift = static_cast<uint32_t>(pass * 8),
                                     .first = keys.first,
                                     .table_first = 0,
                                     .keys = keys.bytes,
                                     .table = table},
                     groups);
  });
  scan_into(commands, counting(DType::uint32, true), table, {rows.count, 256 * t.tiles, 1}, {.exclusive = true}, true,
            true, scanned);
  each([&](const Window& keys, int64_t tile, int64_t here, std::array<uint32_t, 3> groups) {
    const bool places = sorting.indices && first;
    shader::dispatch(commands, shader::program_of<k::move_keys>(commands.device(), moved),
                     k::move_keys{.moved_keys = last && !sorting.keep_keys ? to.keys : rows_of(to.keys, rows, kb),
                                  .words = places ? from.words : rows_of(from.words, rows, sorting.word_bytes),
                                  .moved_words = rows_of(to.words, rows, word_bytes_of(sorting, last)),
                                  .count = u32(rows.count * here),
                                  .tiles = u32(t.tiles),
                                  .from_tile = u32(tile),
                                  .here = u32(here),
                                  .n = u32(rows.n),
                                  .tile = u32(t.tile),
                                  .shift = static_cast<uint32_t>(pass * 8),
                                  .first = keys.first,
                                  .table_first = 0,
                                  .keys = keys.bytes,
                                  .table = scanned},
                     groups);
  });
}

// Between passes rows lie in blocks of their own, so only the first and last touch the arrays.
void radix_rows(vk::Commands& commands, const Sorting& sorting, const Rows& rows, const Side& from, const Side& to) {
  const Tiling t = tiling_of(commands.device(), rows, sorting.key_bytes);
  const auto passes = static_cast<int>(sorting.key_bytes);
  const auto keys = static_cast<uint64_t>(rows.count * rows.n);
  const vk::BufferRef table = scratch(commands, static_cast<uint64_t>(rows.count * 256 * t.tiles) * sizeof(uint32_t));
  std::vector<Side> sides;
  for (int i = 0; i < std::min(passes - 1, 2); ++i)
    sides.push_back({scratch(commands, keys * sorting.key_bytes),
                     scratch(commands, std::max<uint64_t>(keys * sorting.word_bytes, 4))});
  const Rows inside{0, rows.count, rows.n};
  const auto block = [&](const Side& side, bool last) -> Side {  // these rows of whole arrays
    const bool no_words = sorting.word_bytes == 0 || (sorting.indices && !last);
    return {last && !sorting.keep_keys ? side.keys : rows_of(side.keys, rows, sorting.key_bytes),
            no_words ? side.words : rows_of(side.words, rows, word_bytes_of(sorting, last))};
  };
  Side source = block(from, false);
  for (int pass = 0; pass < passes; ++pass) {
    const bool last = pass + 1 == passes;
    const Side target = last ? block(to, true) : sides[static_cast<size_t>(pass % 2)];
    radix_pass(commands, sorting, inside, t, pass, table, source, target);
    source = target;
  }
}

void run(vk::Commands& commands, const Sorting& sorting, int64_t total, int64_t n, const Side& from, const Side& to) {
  const size_t widest = std::max({sorting.key_bytes, sorting.word_bytes, sizeof(uint32_t)});
  if (n > int64_t{0xFFFFFFFF} / static_cast<int64_t>(widest))
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a row is too long to sort", "less than 4 GiB",
                std::to_string(n) + " elements of " + std::to_string(widest) + " bytes", "sort pieces and merge them");
  const auto limit = static_cast<int64_t>(window_limit(commands.device()));
  const bool short_rows = n <= kShortRow;
  const int64_t table =
      short_rows ? 1 : int64_t{256} * 4 * ceil_div(n, std::clamp(n / kTilesWanted, kLeastTile, kMostTile));
  int64_t block = limit / (n * static_cast<int64_t>(widest));
  if (!short_rows) block = std::min(block, kTableBytes / table);
  block = std::max<int64_t>(block, 1);
  for (int64_t row = 0, rows = total / n; row < rows; row += block) {
    const Rows some{row, std::min(block, rows - row), n};
    short_rows ? rank_rows(commands, sorting, some, from, to) : radix_rows(commands, sorting, some, from, to);
  }
}

}  // namespace

Array sort(vk::Commands& commands, const Array& keys, bool descending) {
  const Sorting sorting{size_of(keys.dtype()), 0, false, true, key_defines(keys, descending)};
  const vk::BufferRef from = keys.bytes();
  Array out = Array::empty(commands.device_ptr(), keys.dtype(), keys.shape());
  if (keys.size() > 0) run(commands, sorting, keys.size(), row_length(keys), {from, from}, {out.bytes(), out.bytes()});
  return out;
}

Array argsort(vk::Commands& commands, const Array& keys, bool descending) {
  const Sorting sorting{size_of(keys.dtype()), sizeof(uint32_t), true, false, key_defines(keys, descending)};
  const vk::BufferRef from = keys.bytes();
  Array out = Array::empty(commands.device_ptr(), DType::int64, keys.shape());
  if (keys.size() > 0) run(commands, sorting, keys.size(), row_length(keys), {from, from}, {out.bytes(), out.bytes()});
  return out;
}

SortedPairs sort_pairs(vk::Commands& commands, const Array& keys, const Array& values, bool descending) {
  if (keys.shape() != values.shape())
    throw Error(ErrorCode::BAD_SHAPE, "keys and values differ in shape", to_string(keys.shape()),
                to_string(values.shape()));
  const Sorting sorting{size_of(keys.dtype()), size_of(values.dtype()), false, true, key_defines(keys, descending)};
  const Side from{keys.bytes(), values.bytes()};
  SortedPairs out{Array::empty(commands.device_ptr(), keys.dtype(), keys.shape()),
                  Array::empty(commands.device_ptr(), values.dtype(), values.shape())};
  if (keys.size() > 0)
    run(commands, sorting, keys.size(), row_length(keys), from, {out.keys.bytes(), out.values.bytes()});
  return out;
}

}  // namespace forge::array
