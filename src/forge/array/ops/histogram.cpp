#include "forge/array/ops/histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "forge/array/ops/reduce.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge_shaders/histogram/histogram.hpp"

namespace forge::array {

namespace {

constexpr int64_t kLeastOfLane = 256;  // words
// CPU drivers end all loops of an invocation together after so many rounds, in silence; a look-up is two loops or a search.
constexpr int64_t kRounds = 24000, kRoundsOfLookUp = 6, kRoundsOfSearch = 26;
constexpr int64_t kTeamsWanted = 128;
constexpr float kMostDoubt = 0.25f;  // of a bin, up to which most guesses stand
constexpr uint64_t kMostPrivate = 2048;  // bins that each lane may count alone

constexpr uint64_t kOtherShared = 2048;  // bytes that lanes need to meet where they are emulated

struct Bins {
  std::vector<std::byte> edges;  // of the type that is compared
  uint32_t count;  // those that an element of the dtype can reach
  bool uneven;
  float scale, doubt;
  float middle = 0.5f;
};

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
  const size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// at + rest, or the nearest that the type holds. Where at is one more than that, a rest below zero leads back to it.
template <class T>
T nearest(double at, int rest) {
  constexpr T kLeast = std::numeric_limits<T>::lowest(), kMost = std::numeric_limits<T>::max();
  if (at < static_cast<double>(kLeast)) return kLeast;
  if (const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits); at >= beyond)
    return at == beyond && rest < 0 ? static_cast<T>(kMost - static_cast<T>(-(rest + 1))) : kMost;
  return static_cast<T>(static_cast<T>(at) + static_cast<T>(rest));
}

// x >= edge is x >= ceil(edge) for integers; x <= last is x <= floor(last).
template <class T>
Bins integer_bins(const Edges& edges, double lowest, double beyond) {
  const std::vector<double>& at = edges.at;
  Bins bins{{}, 0, !edges.even, 0, 0};
  const auto rest = [&](size_t i) { return edges.rest.empty() ? 0 : edges.rest[i]; };
  const auto reached = [&](size_t i) { return std::ceil(at[i]) < beyond || (at[i] == beyond && rest(i) < 0); };
  for (size_t i = 0; i + 1 < at.size() && reached(i); ++i, ++bins.count) {
    if (at[i] < lowest) bins.uneven = true;  // guesses start from the first
    append(bins.edges, nearest<T>(std::ceil(at[i]), rest(i)));
  }
  append(bins.edges, nearest<T>(std::floor(at.back()), rest(at.size() - 1)));
  if (std::floor(at.back()) < lowest) bins.count = 0;
  return bins;
}

// x >= edge is x >= the next number of x's type above it; x <= last is x <= the next below.
template <class T>
Bins float_bins(const Edges& edges) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Bins bins{{}, static_cast<uint32_t>(edges.at.size() - 1), !edges.even, 0, 0};
  for (size_t i = 0; i < edges.at.size(); ++i) {
    const double edge = edges.at[i], away = i + 1 < edges.at.size() ? kInfinity : -kInfinity;
    auto near = static_cast<T>(edge);
    if (away > 0 ? near < edge : near > edge) near = std::nextafter(near, static_cast<T>(away));
    append(bins.edges, near);
  }
  return bins;
}

Bins bins_of(DType dtype, const Edges& given) {
  const std::vector<double>& edges = given.at;
  const DTypeRow& row = dtype_row(dtype);
  const int bits = static_cast<int>(row.size * 8);
  Bins bins = [&] {
    if (row.kind == 'f') return row.size == 8 ? float_bins<double>(given) : float_bins<float>(given);
    if (row.kind == 'i') {
      const double top = std::ldexp(1.0, bits - 1);
      return row.size == 8 ? integer_bins<int64_t>(given, -top, top) : integer_bins<int32_t>(given, -top, top);
    }
    const double top = row.kind == 'b' ? 2 : std::ldexp(1.0, bits);
    return row.size == 8 ? integer_bins<uint64_t>(given, 0, top) : integer_bins<uint32_t>(given, 0, top);
  }();
  const auto span = static_cast<float>(edges.back() - edges.front());
  bins.scale = static_cast<float>(static_cast<double>(edges.size() - 1) / (edges.back() - edges.front()));
  if (!std::isfinite(span) || !std::isnormal(bins.scale) || !std::isnormal(span)) {
    bins.uneven = true;
    bins.scale = 0;
  }
  // Edges are rounded to the dtype, the guess to float32: by how much of a bin, at most six roundings of half an ulp.
  const auto far = static_cast<float>(std::max(std::abs(edges.front()), std::abs(edges.back()))) / span;
  bins.doubt = static_cast<float>(edges.size() - 1) * std::max(far, 1.0f) *
               std::ldexp(1.0f, row.kind == 'f' && row.size == 2 ? -9 : -21);
  if (row.kind != 'f') {  // x >= edge where x + 1/2 is, but for an edge between the two
    const bool whole = std::all_of(edges.begin(), edges.end(), [](double edge) { return edge == std::floor(edge); });
    bins.middle = 0.5f - 0.5f * bins.scale;
    if (!whole) bins.doubt += 0.5f * bins.scale;
    if (bins.doubt >= kMostDoubt) bins.doubt = 1;  // all are looked up
  }
  return bins;
}

shader::Defines element_defines(const Array& in) {
  shader::Defines d = counting(in.dtype(), true).defines;
  const std::string type = wide_type(in.dtype());
  d["ACC"] = type;
  if (dtype_row(in.dtype()).kind != 'f') d["DISTANCE_UNSIGNED"] = type == "int" || type == "uint" ? "uint" : "uint64_t";
  return d;
}

// What fits into shared memory: the edges of a search, then counters.
void add_shared(shader::Defines& d, const vk::Device& device, const Team& team, uint32_t bins, bool searched) {
  const uint64_t most = std::max(64u, std::bit_ceil(bins)), edges = (most + 1) * sizeof(double);
  uint64_t left = device.limits().max_shared_bytes - std::min<uint64_t>(device.limits().max_shared_bytes, kOtherShared);
  d["MOST_BINS"] = std::to_string(most);
  if (searched && edges <= left / 2) {
    d["SHARED_EDGES"] = "1";
    left -= edges;
  }
  if (team.cpu && most <= kMostPrivate && (most + 2) * team.lanes * team.teams * 4 <= left)
    d["PRIVATE_COUNTERS"] = "1";
  else if (most * 4 <= left)
    d["SHARED_COUNTERS"] = "1";
}

// The bin of each byte, or none.
std::vector<uint32_t> table_of(DType dtype, const std::vector<double>& edges) {
  std::vector<uint32_t> table(256, 0xFFFFFFFFu);
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    const double value = dtype == DType::int8 ? static_cast<int8_t>(byte) : static_cast<int>(byte);
    if (value < edges.front() || value > edges.back()) continue;
    const auto above = std::upper_bound(edges.begin(), edges.end() - 1, value);
    table[byte] = u32(std::max<ptrdiff_t>(above - edges.begin(), 1) - 1);
  }
  return table;
}

enum class Way { direct, looked_up, guessed, searched };  // how an element finds its bin

Way way_of(DType dtype, const Bins& bins, const Array* edges) {
  if (!edges) return Way::direct;
  if (size_of(dtype) == 1) return Way::looked_up;
  return !bins.uneven && bins.doubt < kMostDoubt ? Way::guessed : Way::searched;
}

shader::Defines defines_of(const vk::Device& device, const Array& in, const Bins& bins, const Team& team, Way way) {
  shader::Defines defines = element_defines(in);
  defines.merge(team.defines());
  add_shared(defines, device, team, bins.count, way == Way::searched);
  if (way == Way::direct) defines["DIRECT"] = "1";
  if (way == Way::looked_up) defines["LOOKED_UP"] = "1";
  if (way == Way::guessed) defines["GUESSED"] = "1";
  if (way == Way::searched && bins.uneven) defines["UNEVEN"] = "1";
  return defines;
}

// That an invocation loops for a word of so many elements; a word in doubt is seen twice.
int64_t rounds_of(const Bins& bins, Way way, int64_t of_word) {
  if (way == Way::guessed) return 3;
  if (way != Way::searched) return 1;
  return 1 + of_word * (bins.uneven ? kRoundsOfSearch : kRoundsOfLookUp);
}

// `edges` null: an element is its bin.
Array count_into(vk::Commands& commands, const Array& in, const Bins& bins, const Array* edges, int64_t result) {
  const Team team = team_of(commands.device());
  const vk::BufferRef memory = in.bytes();
  const vk::BufferRef counts = scratch(commands, static_cast<uint64_t>(result) * sizeof(uint32_t));
  commands.fill(counts, 0);
  const Way way = way_of(in.dtype(), bins, edges);
  const shader::Defines defines = defines_of(commands.device(), in, bins, team, way);
  const size_t size = size_of(in.dtype());
  const AxisView view{1, in.size(), 1};
  Strips strips = strips_of(commands, view, memory, size);
  const auto whole = static_cast<int64_t>(16 / size);
  const int64_t of_word = strips.wide ? whole : 1;
  const int64_t wanted = std::max(in.size() / of_word / (team.lanes * kTeamsWanted), kLeastOfLane);
  const int64_t per_lane = std::min(wanted, kRounds / rounds_of(bins, way, of_word));
  strips.strip = per_lane * team.lanes * of_word;
  for (const Cut& cut : cuts_of(view, strips))
    for (const Piece& piece : pieces_of(commands.device(), cut, size, 4, cut.strip)) {
      const int64_t per = cut.wide ? whole : 1;
      const Window source = window_on(commands, memory, static_cast<uint64_t>(piece.k) * size,
                                      static_cast<uint64_t>(piece.extent) * size, u32(cut.wide ? 16 : size));
      shader::Defines these = defines;
      if (cut.wide) these.merge(team.wide());
      shader::dispatch(commands, shader::program_of<k::histogram>(commands.device(), these),
                       k::histogram{.extent = u32(piece.extent / per),
                                    .strip = u32(cut.strip / per),
                                    .first = source.first,
                                    .bins = bins.count,
                                    .scale = bins.scale,
                                    .doubt = bins.doubt,
                                    .middle = bins.middle,
                                    .source = source.bytes,
                                    .edges = edges ? edges->bytes() : counts,
                                    .counts = counts},
                       team.groups(commands.device(), static_cast<uint64_t>(ceil_div(piece.extent, cut.strip))));
    }
  Array out = Array::empty(commands.device_ptr(), DType::int64, {result});
  reduce_into(commands, combining(commands.device(), Operation::sum, DType::uint32), counts, {1, 1, result}, false,
              out.bytes());
  return out;
}

Array zeros(vk::Commands& commands, int64_t n) {
  Array out = Array::empty(commands.device_ptr(), DType::int64, {n});
  if (n > 0) commands.fill(out.bytes(), 0);
  return out;
}

void check_input(const Array& in, const char* what, const char* kinds, const char* expected) {
  const DTypeRow& row = dtype_row(in.dtype());
  if (std::string_view(kinds).find(row.kind) == std::string_view::npos)
    throw Error(ErrorCode::BAD_DTYPE, std::string(what) + " does not take this dtype", expected, std::string(row.name));
  if (in.size() > int64_t{0xFFFFFFFF})
    throw Error(ErrorCode::LIMIT_EXCEEDED, std::string(what) + " of too many elements", "at most 4294967295",
                std::to_string(in.size()), "count pieces and add");
}

void check_edges(const std::vector<double>& edges) {
  if (edges.size() < 2)
    throw Error(ErrorCode::INVALID_ARGUMENT, "a histogram has too few edges", "2 or more",
                std::to_string(edges.size()));
  for (size_t i = 0; i + 1 < edges.size(); ++i)
    if (!(edges[i] <= edges[i + 1]))
      throw Error(ErrorCode::INVALID_ARGUMENT, "the edges of a histogram do not rise", "each at least the one before",
                  std::to_string(edges[i]) + ", then " + std::to_string(edges[i + 1]));
  if (edges.size() > (size_t{1} << 24))
    throw Error(ErrorCode::LIMIT_EXCEEDED, "a histogram has too many bins", "at most 16777215",
                std::to_string(edges.size() - 1));
}

// Integers of any dtype as the host reads them, after the device is done.
int64_t as_int64(const Array& one) {
  std::array<std::byte, 8> raw{};
  one.copy_to(raw.data());
  const DTypeRow& row = dtype_row(one.dtype());
  uint64_t value = 0;
  std::memcpy(&value, raw.data(), 8);
  if (row.kind != 'i') return static_cast<int64_t>(std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
  const int unused = 64 - static_cast<int>(row.size * 8);
  return static_cast<int64_t>(value << unused) >> unused;
}

}  // namespace

Span span_of(vk::Commands& commands, const Array& in) {
  Span span{reduce(commands, in, Operation::min), reduce(commands, in, Operation::max)};
  commands.finish();
  return span;
}

Array histogram(vk::Commands& commands, const Array& in, const Edges& given) {
  const std::vector<double>& edges = given.at;
  check_input(in, "histogram", "biuf", "integers or real floats");
  check_edges(edges);
  const Bins bins = bins_of(in.dtype(), given);
  const auto result = static_cast<int64_t>(edges.size() - 1);
  const vk::BufferRef checked = in.bytes();
  if (in.size() == 0 || bins.count == 0) return zeros(commands, result);
  std::vector<std::byte> values = bins.edges;
  if (size_of(in.dtype()) == 1) {
    values.clear();
    for (const uint32_t bin : table_of(in.dtype(), edges)) append(values, bin);
  }
  const auto bytes = static_cast<int64_t>(values.size());
  const Array held = Array::over(scratch(commands, values.size()), DType::uint8, {bytes});
  held.copy_from({1}, values.data());
  return count_into(commands, in, bins, &held, result);
}

Array bincount(vk::Commands& commands, const Array& in, int64_t minlength) {
  check_input(in, "bincount", "biu", "integers");
  if (minlength < 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "minlength is negative", "0 or more", std::to_string(minlength));
  if (in.size() == 0) return zeros(commands, minlength);
  const Span span = span_of(commands, in);
  const int64_t low = dtype_row(in.dtype()).kind == 'i' ? as_int64(span.low) : 0, high = as_int64(span.high);
  if (low < 0)
    throw Error(ErrorCode::INVALID_ARGUMENT, "bincount of a negative value", "0 or more", std::to_string(low));
  if (high >= int64_t{1} << 28)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "bincount of too large a value", "less than 268435456", std::to_string(high),
                "use histogram");
  const Bins bins{{}, static_cast<uint32_t>(high + 1), false, 0, 0};
  return count_into(commands, in, bins, nullptr, std::max(minlength, high + 1));
}

}  // namespace forge::array
