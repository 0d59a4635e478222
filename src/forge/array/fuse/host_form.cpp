#include "forge/array/fuse/host_form.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <optional>

#include "forge/array/fuse/collapse.hpp"
#include "forge/array/fuse/host_rows.hpp"
#include "forge/vk/device.hpp"

namespace forge::array {

namespace {

// Elements times cheap statements that cost less than handing a kernel to the device and waiting for it. A driver's threads on
// the same processor take 0.1 ms to wake, and two of them compute no faster than a row here.
constexpr int64_t kSmallWork = 250000, kSmallWorkBesideCpu = 4000000;
constexpr int64_t kCostly = 64, kGathered = 40;  // cheap statements that others count as
constexpr size_t kBlock = 512;  // elements that every statement does before the next one

bool device_has_all(const vk::Device& device, const Fused& fused, const std::vector<Array>& outputs) {
  const auto has = [&](DType dtype) { return device_has(device, dtype); };
  const auto holds = [&](const Array& array) { return has(array.dtype()); };
  const auto states = [&](const Statement& s) {  // bool and narrow integers need no small registers
    return (size_of(s.computed) < 8 || has(s.computed)) && (size_of(s.dtype) < 8 || has(s.dtype));
  };
  return std::all_of(fused.inputs().begin(), fused.inputs().end(), holds) &&
         std::all_of(fused.tables().begin(), fused.tables().end(), holds) &&
         std::all_of(outputs.begin(), outputs.end(), holds) &&
         std::all_of(fused.statements().begin(), fused.statements().end(), states);
}

float half_to_float(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16, size = bits & 0x7FFFu;
  if (size >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000u | (size & 0x3FFu) << 13);
  if (size >= 0x0400) return std::bit_cast<float>(sign | ((size << 13) + 0x38000000u));
  const float tiny = static_cast<float>(size) * 5.9604644775390625e-8F;  // 2^-24
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(tiny));
}

// Of a float that a half holds.
uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000u, size = bits & 0x7FFFFFFFu;
  if (size > 0x7F800000u) return static_cast<uint16_t>(sign | 0x7E00u);
  if (size >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7C00u);
  if (size >= 0x38800000u) return static_cast<uint16_t>(sign | ((size - 0x38000000u) >> 13));
  return static_cast<uint16_t>(sign | static_cast<uint32_t>(std::bit_cast<float>(size) * 16777216.0F));
}

struct Half {
  uint16_t bits;
};
struct Brain {  // bfloat16
  uint16_t bits;
};
template <class To, class From>
To moved(From value) {
  if constexpr (std::is_same_v<From, Half>)
    return half_to_float(value.bits);
  else if constexpr (std::is_same_v<From, Brain>)
    return std::bit_cast<float>(uint32_t{value.bits} << 16);
  else if constexpr (std::is_same_v<To, Brain>)
    return {static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16)};
  else if constexpr (std::is_same_v<To, Half>)
    return {float_to_half(value)};
  else
    return static_cast<To>(value);
}

struct Pair {  // a complex number, moved as it is
  uint64_t low = 0, high = 0;
};

template <class Work>
void with_types(DType dtype, const Work& work) {  // of memory, and of a value in a block
  switch (dtype) {
    case DType::bool_: return work(uint8_t{}, uint8_t{});
    case DType::int8: return work(int8_t{}, int32_t{});
    case DType::int16: return work(int16_t{}, int32_t{});
    case DType::int32: return work(int32_t{}, int32_t{});
    case DType::int64: return work(int64_t{}, int64_t{});
    case DType::uint8: return work(uint8_t{}, uint32_t{});
    case DType::uint16: return work(uint16_t{}, uint32_t{});
    case DType::uint32: return work(uint32_t{}, uint32_t{});
    case DType::uint64:
    case DType::complex64: return work(uint64_t{}, uint64_t{});
    case DType::float16: return work(Half{}, float{});
    case DType::bfloat16: return work(Brain{}, float{});
    case DType::float32: return work(float{}, float{});
    case DType::float64: return work(double{}, double{});
    case DType::complex128: return work(Pair{0, 0}, Pair{0, 0});
  }
}

// The host's addresses of arrays, whose elements lie as a walk has it.
struct Place {
  std::byte* first;
  DType dtype;
  Dims strides;  // bytes
  Dims ahead;  // places, round the end
  bool is_ahead;
};

template <class Memory>
Memory read_at(const std::byte* at) {
  Memory value;
  std::memcpy(&value, at, sizeof value);  // of any alignment
  return value;
}

void load(void* block, const Place& place, const std::byte* from, int64_t step, size_t count) {
  with_types(place.dtype, [&]<class Memory, class Value>(Memory, Value) {
    auto* const to = static_cast<Value*>(block);
    const auto is_true = [](const std::byte* at) { return moved<Value>(static_cast<uint8_t>(*at != std::byte{0})); };
    if (place.dtype == DType::bool_ && step == 1)
      for (size_t i = 0; i < count; ++i) to[i] = is_true(from + i);
    else if (place.dtype == DType::bool_)
      for (size_t i = 0; i < count; ++i, from += step) to[i] = is_true(from);
    else if (step == sizeof(Memory))
      for (size_t i = 0; i < count; ++i) to[i] = moved<Value>(read_at<Memory>(from + i * sizeof(Memory)));
    else
      for (size_t i = 0; i < count; ++i, from += step) to[i] = moved<Value>(read_at<Memory>(from));
  });
}

void store(std::byte* to, const Place& place, const void* block, int64_t step, size_t count) {
  with_types(place.dtype, [&]<class Memory, class Value>(Memory, Value) {
    const auto* const from = static_cast<const Value*>(block);
    const auto put = [&](size_t i, std::byte* at) {
      const Memory value = moved<Memory>(from[i]);
      std::memcpy(at, &value, sizeof value);
    };
    if (step == sizeof(Memory))
      for (size_t i = 0; i < count; ++i) put(i, to + i * sizeof(Memory));
    else
      for (size_t i = 0; i < count; ++i, to += step) put(i, to);
  });
}

// One value everywhere in a block of so many.
void spread(void* block, const void* value, size_t size, size_t count) {
  const auto fill = [&]<class Value>(Value) {
    std::fill_n(static_cast<Value*>(block), count, read_at<Value>(static_cast<const std::byte*>(value)));
  };
  if (size == 1) return fill(uint8_t{});
  if (size == 4) return fill(uint32_t{});
  if (size == 8) return fill(uint64_t{});
  fill(Pair{});
}

// Memory holds such values as they are computed with.
bool lies_as_computed(DType dtype) { return dtype_row(dtype).kind != 'b' && size_of(dtype) >= 4; }

class Interpreter {
 public:
  Interpreter(const Fused& fused, const std::vector<Array>& inputs, const std::vector<Array>& outputs) : fused_(fused) {
    std::vector<Array> arrays = inputs;
    arrays.insert(arrays.end(), outputs.begin(), outputs.end());
    walk_ = walk_of(fused.shape(), arrays, false, fused.ahead());
    for (size_t k = 0; k < arrays.size(); ++k) {
      Dims strides = walk_.strides[k];
      for (size_t axis = 0; axis < strides.size(); ++axis)
        strides[axis] *= static_cast<int64_t>(size_of(arrays[k].dtype()));
      const bool is_output = k >= fused.inputs().size();
      places_.push_back({arrays[k].host(is_output), arrays[k].dtype(), strides, walk_.ahead[k], walk_.is_ahead(k)});
    }
    lay_out();
    plan();
    fill_constants();
  }

  void run() {
    const size_t inner = walk_.shape.size() - 1;
    Dims index = walk_.shape;
    for (size_t i = 0; i < index.size(); ++i) index[i] = 0;
    while (true) {
      row(index);
      size_t axis = inner;
      while (axis-- > 0) {
        for (Place& place : places_) place.first += place.strides[axis];
        if (++index[axis] < walk_.shape[axis]) break;
        for (Place& place : places_) place.first -= place.strides[axis] * walk_.shape[axis];
        index[axis] = 0;
      }
      if (axis == static_cast<size_t>(-1)) return;
    }
  }

 private:
  static constexpr size_t kWidest = 16;  // bytes of a value
  struct Step {
    HostRow row;
    void (*fit)(void*, size_t);
    size_t out;  // operands by their place in `at_`
    std::array<size_t, 3> in;
    size_t operands;
    const Array* table = nullptr;  // not null: reads it at the places in `in`
    HostValue places = HostValue::int32;
  };

  size_t place_of(uint16_t operand) const {
    const size_t inputs = fused_.inputs().size();
    if (operand & Statement::kNumber) return inputs + (operand & ~Statement::kNumber);
    if (operand & Statement::kInput) return operand & ~Statement::kInput;
    return inputs + fused_.numbers().size() + operand;
  }

  // A block for each operand, but those that are read and written in memory itself.
  void lay_out() {
    const size_t inner = walk_.shape.size() - 1, inputs = fused_.inputs().size();
    for (const Place& place : places_)
      in_memory_.push_back(lies_as_computed(place.dtype) && !place.is_ahead &&
                           place.strides[inner] == static_cast<int64_t>(size_of(place.dtype)) &&
                           reinterpret_cast<uintptr_t>(place.first) % size_of(part_of(place.dtype)) == 0);
    // One result, that the last statement gives: nothing is read any more that it may overwrite.
    const size_t last = fused_.statements().size() - 1;
    const bool direct = fused_.results().size() == 1 && !fused_.statements().empty() && fused_.results()[0] == last;
    for (size_t i = inputs; i < places_.size(); ++i) in_memory_[i] = in_memory_[i] && direct;
    std::vector<size_t> sizes;
    for (const Array& input : fused_.inputs()) sizes.push_back(host_size(host_value(input.dtype())));
    for (const DType dtype : fused_.number_dtypes()) sizes.push_back(host_size(host_value(dtype)));
    for (const Statement& s : fused_.statements()) sizes.push_back(host_size(host_value(s.dtype)));
    size_t room = 0;
    for (const size_t size : sizes) room += kBlock * size;
    blocks_ = std::make_unique_for_overwrite<std::byte[]>(room);  // NOLINT(modernize-avoid-c-arrays)
    std::byte* next = blocks_.get();
    for (const size_t size : sizes) at_.push_back(next), next += kBlock * size;
  }

  static HostRow row_of(const Statement& s) {
    if (s.row) return host_row(*s.row, host_value(s.computed));
    if (s.computed == DType::float64 && is_short_float(s.dtype)) return host_conversion_to_short(s.dtype);
    return host_conversion(host_value(s.computed), host_value(s.dtype));
  }

  void plan() {
    for (size_t i = 0; i < fused_.statements().size(); ++i) {
      const Statement& s = fused_.statements()[i];
      Step step{
          s.table ? nullptr : row_of(s), host_fit(s.dtype), place_of(static_cast<uint16_t>(i)), {}, s.operand_count()};
      if (s.table) step.table = &fused_.tables()[s.table - 1], step.places = host_value(s.computed), step.fit = nullptr;
      for (size_t k = 0; k < s.operand_count(); ++k) step.in[k] = place_of(s.operands[k]);
      steps_.push_back(step);
    }
  }

  void fill_constants() {
    const auto count = std::min(kBlock, static_cast<size_t>(walk_.shape[walk_.shape.size() - 1]));
    for (size_t i = 0; i < fused_.numbers().size(); ++i)
      spread(at_[place_of(static_cast<uint16_t>(Statement::kNumber | i))], fused_.numbers()[i].data(),
             host_size(host_value(fused_.number_dtypes()[i])), count);
    for (size_t i = 0; i < fused_.inputs().size(); ++i) {
      if (!walk_.uniform(i)) continue;
      alignas(16) std::array<std::byte, kWidest> one{};
      load(one.data(), places_[i], places_[i].first, 0, 1);
      spread(at_[i], one.data(), host_size(host_value(places_[i].dtype)), count);
    }
  }

  void gather(const Step& step, size_t count) const {
    const Array& table = *step.table;
    const Place place{const_cast<std::byte*>(table.host(false)), table.dtype(), {}, {}, false};
    const bool wide = host_size(step.places) == 8;
    const size_t size = host_size(host_value(table.dtype()));
    for (size_t i = 0; i < count; ++i) {
      uint64_t at = 0;
      std::memcpy(&at, at_[step.in[0]] + i * (wide ? 8 : 4), wide ? 8 : 4);
      load(at_[step.out] + i * size, place, place.first + at * size_of(table.dtype()), 0, 1);
    }
  }

  // From an element of this row on, as far as they lie in step: round the end in two parts.
  void load_ahead(size_t input, const Dims& index, int64_t begin, size_t count) {
    const Place& place = places_[input];
    const size_t inner = walk_.shape.size() - 1;
    const std::byte* first = place.first;
    for (size_t axis = 0; axis < inner; ++axis) {
      const bool round = index[axis] + place.ahead[axis] >= walk_.shape[axis];
      first += (place.ahead[axis] - (round ? walk_.shape[axis] : 0)) * place.strides[axis];
    }
    const size_t size = host_size(host_value(place.dtype));
    for (size_t done = 0; done < count;) {
      const int64_t length = walk_.shape[inner];
      const int64_t from = (begin + static_cast<int64_t>(done) + place.ahead[inner]) % length;
      const size_t part = std::min(count - done, static_cast<size_t>(length - from));
      load(at_[input] + done * size, place, first + from * place.strides[inner], place.strides[inner], part);
      done += part;
    }
  }

  void row(const Dims& index) {
    const size_t inner = walk_.shape.size() - 1;
    const int64_t length = walk_.shape[inner];
    for (int64_t begin = 0; begin < length; begin += static_cast<int64_t>(kBlock)) {
      const auto count = static_cast<size_t>(std::min<int64_t>(length - begin, kBlock));
      const auto at = [&](const Place& place) { return place.first + begin * place.strides[inner]; };
      for (size_t i = 0; i < fused_.inputs().size(); ++i) {
        if (in_memory_[i])
          at_[i] = at(places_[i]);
        else if (places_[i].is_ahead)
          load_ahead(i, index, begin, count);
        else if (!walk_.uniform(i))
          load(at_[i], places_[i], at(places_[i]), places_[i].strides[inner], count);
      }
      for (size_t i = 0; i < fused_.results().size(); ++i)
        if (const size_t k = fused_.inputs().size() + i; in_memory_[k])
          at_[place_of(fused_.results()[i])] = at(places_[k]);
      for (const Step& step : steps_) compute(step, count);
      for (size_t i = 0; i < fused_.results().size(); ++i) {
        const size_t k = fused_.inputs().size() + i;
        const Place& place = places_[k];
        if (!in_memory_[k]) store(at(place), place, at_[place_of(fused_.results()[i])], place.strides[inner], count);
      }
    }
  }

  void compute(const Step& step, size_t count) {
    if (step.table) return gather(step, count);
    std::array<const void*, 3> in{};
    for (size_t k = 0; k < step.operands; ++k) in[k] = at_[step.in[k]];
    step.row(at_[step.out], in.data(), count);
    if (step.fit) step.fit(at_[step.out], count);
  }

  const Fused& fused_;
  Walk walk_;
  std::vector<Place> places_;
  std::vector<bool> in_memory_;  // by place
  std::unique_ptr<std::byte[]> blocks_;  // NOLINT(modernize-avoid-c-arrays)
  std::vector<std::byte*> at_;  // by operand: where the block's values stand now
  std::vector<Step> steps_;
};

}  // namespace

bool device_has(const vk::Device& device, DType dtype) {
  const DTypeRow& row = dtype_row(dtype);
  const size_t size = row.kind == 'c' ? row.size / 2 : row.size;
  const bool is_float = row.kind == 'f' || row.kind == 'c';
  switch (size) {
    case 1: return device.has("storageBuffer8BitAccess") && device.has("shaderInt8");
    case 2: {
      const bool halves = is_float && dtype != DType::bfloat16;  // bfloat16 lies in memory as its bits
      return device.has("storageBuffer16BitAccess") && device.has(halves ? "shaderFloat16" : "shaderInt16");
    }
    case 8: return device.has(is_float ? "shaderFloat64" : "shaderInt64");
    default: return true;
  }
}

bool device_has_all_of(const vk::Device& device, const Node& node) {
  if (!device_has(device, node.dtype)) return false;
  const auto* how = std::get_if<Node::Operation>(&node.how);
  if (node.is_ready() || node.cut || !how) return true;
  for (size_t i = 0; i < how->count; ++i)
    if (!how->again(i) && !device_has_all_of(device, *how->operands[i])) return false;
  return true;
}

int64_t small_work(const vk::Device& device) {
  return device.info().type == vk::AdapterType::cpu ? kSmallWorkBesideCpu : kSmallWork;
}

int64_t host_cost(const Fused& fused) {
  int64_t each = 2;  // to read and to write
  for (const Statement& s : fused.statements()) {
    const auto words = static_cast<int64_t>(std::max(size_of(s.computed), size_of(s.dtype)) + 7) / 8;
    each += words * (s.is_costly() ? kCostly : s.table != 0 ? kGathered : 1);
  }
  return element_count(fused.shape()) * each;  // far below 2^63: a kernel has few statements, and 2^32 elements at most
}

bool suits_host(const Fused& fused, const std::vector<Array>& inputs, const std::vector<Array>& outputs, bool cheap) {
  vk::Device& device = outputs.front().device();
  const auto seen = [](const Array& array) { return array.in_place(); };
  if (!std::all_of(inputs.begin(), inputs.end(), seen) ||
      !std::all_of(fused.tables().begin(), fused.tables().end(), seen) ||
      !std::all_of(outputs.begin(), outputs.end(), seen))
    return false;
  if (fused.by_rows()) return false;  // rows are reduced on the device alone
  if (!device_has_all(device, fused, outputs)) return true;
  if (!cheap) return false;
  const auto idle = [&](const Array& array) { return device.reached(array.storage()->last_write()); };
  return std::all_of(inputs.begin(), inputs.end(), idle) &&
         std::all_of(fused.tables().begin(), fused.tables().end(), idle) &&
         std::all_of(outputs.begin(), outputs.end(),
                     [&](const Array& array) { return device.reached(array.storage()->last_use()); });
}

void run_on_host(const Fused& fused, const std::vector<Array>& inputs, const std::vector<Array>& outputs) {
  if (element_count(fused.shape()) == 0) return;
  Interpreter(fused, inputs, outputs).run();
  for (const Array& output : outputs) {
    const vk::BufferRef touched = output.span().bytes;
    output.storage()->flush(touched.offset, touched.size);
  }
}

}  // namespace forge::array
