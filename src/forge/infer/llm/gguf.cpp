#include "forge/infer/llm/gguf.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "forge/core/error.hpp"

namespace forge::llm {

namespace {

static_assert(std::endian::native == std::endian::little, "GGUF files are read as they lie");

constexpr uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr uint64_t kMostKey = 65535;     // bytes, as the format says
constexpr uint64_t kMostTensorName = 1024;
constexpr uint64_t kMostKeys = 1 << 16, kMostTensors = 1 << 20;  // each takes more memory than bytes of the file
constexpr uint32_t kMostAxes = 4;
constexpr int kMostNesting = 4;          // arrays in arrays
constexpr uint64_t kDefaultAlignment = 32, kMostAlignment = 1 << 20;

size_t size_of_type(GgufType type) {
  switch (type) {
    case GgufType::uint8:
    case GgufType::int8:
    case GgufType::boolean: return 1;
    case GgufType::uint16:
    case GgufType::int16: return 2;
    case GgufType::uint32:
    case GgufType::int32:
    case GgufType::float32: return 4;
    case GgufType::uint64:
    case GgufType::int64:
    case GgufType::float64: return 8;
    default: return 0;
  }
}

// Names of the file in messages: whatever its bytes are, the message is text.
std::string shown(std::string_view name) {
  std::string text = "'";
  for (const char c : name.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return text + (name.size() > 80 ? "...'" : "'");
}

}  // namespace

/// A place in the file that moves on, and never beyond the end.
class GgufReader {
 public:
  GgufReader(std::span<const std::byte> bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}

  uint64_t at() const { return at_; }
  uint64_t left() const { return bytes_.size() - at_; }
  void in(std::string what) { what_ = std::move(what); }

  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    throw Error(ErrorCode::FILE_READ, "a GGUF file is damaged at byte " + std::to_string(at_) + ", in " + what_,
                expected, got, "fetch the file again")
        .with("where", what_);
  }

  template <class T>
  T take() {
    T value;
    std::memcpy(&value, take_bytes(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::span<const std::byte> take_bytes(uint64_t count) {
    if (count > left())
      fail(std::to_string(count) + " more bytes", std::to_string(left()) + " before the end of the file");
    const auto part = bytes_.subspan(at_, count);
    at_ += count;
    return part;
  }
  std::string_view take_text(uint64_t most = std::numeric_limits<uint64_t>::max()) {
    const auto length = take<uint64_t>();
    if (length > most) fail("a name of at most " + std::to_string(most) + " bytes", std::to_string(length));
    const auto bytes = take_bytes(length);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  GgufType take_type() {
    const auto type = take<uint32_t>();
    if (type > static_cast<uint32_t>(GgufType::float64)) fail("a value type from 0 to 12", std::to_string(type));
    return static_cast<GgufType>(type);
  }
  GgufValue take_value(GgufType type, int nesting = 0) {
    switch (type) {
      case GgufType::uint8: return uint64_t{take<uint8_t>()};
      case GgufType::int8: return int64_t{take<int8_t>()};
      case GgufType::uint16: return uint64_t{take<uint16_t>()};
      case GgufType::int16: return int64_t{take<int16_t>()};
      case GgufType::uint32: return uint64_t{take<uint32_t>()};
      case GgufType::int32: return int64_t{take<int32_t>()};
      case GgufType::uint64: return take<uint64_t>();
      case GgufType::int64: return take<int64_t>();
      case GgufType::float32: return double{take<float>()};
      case GgufType::float64: return take<double>();
      case GgufType::boolean: return take<uint8_t>() != 0;
      case GgufType::string: return take_text();
      case GgufType::array: return take_array(nesting);
    }
    fail("a known type", "another");
  }

  static Gguf& fill(Gguf& gguf);

 private:
  GgufArray take_array(int nesting) {
    if (nesting >= kMostNesting) fail("arrays at most " + std::to_string(kMostNesting) + " deep", "deeper ones");
    const GgufType type = take_type();
    const auto count = take<uint64_t>();
    const uint64_t begin = at_;
    if (const size_t size = size_of_type(type)) {
      if (count > left() / size)
        fail("as many values as the file has room for",
             std::to_string(count) + " of " + std::to_string(size) + " bytes");
      take_bytes(count * size);
    } else {
      if (count > left() / (type == GgufType::array ? 12 : 8))
        fail("as many values as the file has room for", std::to_string(count));
      for (uint64_t i = 0; i < count; ++i) take_value(type, nesting + 1);
    }
    return {type, count, bytes_.subspan(begin, at_ - begin)};
  }

  std::span<const std::byte> bytes_;
  std::string what_;
  uint64_t at_ = 0;
};

void GgufArray::walk(const std::function<void(const GgufValue&)>& take) const {
  GgufReader reader(bytes_, "an array");
  for (uint64_t i = 0; i < count_; ++i) take(reader.take_value(type_));
}

uint64_t GgufTensor::values() const {
  uint64_t count = 1;
  for (const uint64_t extent : shape) count *= extent;
  return count;
}

namespace {

GgufTensor take_tensor(GgufReader& reader) {
  reader.in("the list of tensors");
  const std::string_view name = reader.take_text(kMostTensorName);
  reader.in("tensor " + shown(name));
  const auto axes = reader.take<uint32_t>();
  if (axes > kMostAxes) reader.fail("at most 4 axes", std::to_string(axes));
  GgufTensor tensor{std::string(name), nullptr, 0, std::vector<uint64_t>(axes), {}};
  uint64_t most = 1;  // values where no extent is 0: those of an empty tensor have to fit beside it too
  for (uint32_t i = axes; i-- > 0;) {
    const auto extent = reader.take<uint64_t>();
    if (extent != 0 && most > kMostValues / extent)
      reader.fail("fewer than 2^48 values", "an extent of " + std::to_string(extent));
    most *= std::max<uint64_t>(extent, 1);
    tensor.shape[i] = extent;
  }
  tensor.type = reader.take<uint32_t>();
  tensor.quant = find_quant(tensor.type);
  if (tensor.quant && (axes == 0 ? 1 : tensor.shape.back()) % tensor.quant->block != 0)
    reader.fail("rows of whole blocks of " + std::to_string(tensor.quant->block) + " values",
                std::to_string(axes == 0 ? 1 : tensor.shape.back()));
  return tensor;
}

void take_metadata(GgufReader& reader, uint64_t count, std::map<std::string, GgufValue, std::less<>>& metadata) {
  for (uint64_t i = 0; i < count; ++i) {
    reader.in("the metadata");
    const std::string_view key = reader.take_text(kMostKey);
    reader.in("key " + shown(key));
    if (!metadata.emplace(key, reader.take_value(reader.take_type())).second) reader.fail("each key once", "it twice");
  }
}

}  // namespace

Gguf::Gguf(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  const auto bytes = file_->bytes();
  GgufReader reader(bytes, "the header");
  if (bytes.size() < 24 || reader.take<uint32_t>() != kMagic)
    throw Error(ErrorCode::FILE_READ, "a file is no GGUF model", "one that begins with \"GGUF\"",
                "'" + file_->path().string() + "'");
  if (const auto version = reader.take<uint32_t>(); version != 2 && version != 3)
    reader.fail("version 2 or 3, little-endian", std::to_string(version));
  const auto tensors = reader.take<uint64_t>(), keys = reader.take<uint64_t>();
  if (keys > std::min(reader.left() / 13, kMostKeys))
    reader.fail("at most 65536 keys, and as many as the file has room for", std::to_string(keys));
  take_metadata(reader, keys, metadata_);
  reader.in("the list of tensors");
  if (tensors > std::min(reader.left() / 24, kMostTensors))
    reader.fail("at most 2^20 tensors, and as many as the file has room for", std::to_string(tensors));
  tensors_.reserve(tensors);
  std::vector<uint64_t> places;
  for (uint64_t i = 0; i < tensors; ++i) {
    tensors_.push_back(take_tensor(reader));
    places.push_back(reader.take<uint64_t>());
    if (!by_name_.emplace(tensors_.back().name, i).second) reader.fail("each name once", "it twice");
  }
  reader.in("general.alignment");
  const uint64_t alignment = count("general.alignment").value_or(kDefaultAlignment);
  if (!std::has_single_bit(alignment) || alignment > kMostAlignment)
    reader.fail("a power of two up to 2^20", std::to_string(alignment));
  const uint64_t data = (reader.at() + alignment - 1) / alignment * alignment;
  const uint64_t room = data <= bytes.size() ? bytes.size() - data : 0;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    GgufTensor& tensor = tensors_[i];
    if (!tensor.quant) continue;
    reader.in("tensor " + shown(tensor.name));
    const uint64_t size = quant_bytes(tensor.quant->quant, tensor.values());
    if (places[i] % alignment != 0)
      reader.fail("a start at a multiple of " + std::to_string(alignment), std::to_string(places[i]));
    if (places[i] > room || size > room - places[i])
      reader.fail(std::to_string(size) + " bytes from " + std::to_string(places[i]) + " on",
                  std::to_string(room) + " bytes of data");
    tensor.bytes = bytes.subspan(data + places[i], size);
  }
}

std::shared_ptr<const Gguf> Gguf::open(const std::filesystem::path& path) {
  return std::make_shared<const Gguf>(MappedFile::open(path));
}

const GgufTensor* Gguf::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

namespace {

[[noreturn]] void wrong_type(std::string_view key, const char* expected) {
  throw Error(ErrorCode::FILE_READ, "the key " + shown(key) + " of a GGUF file has the wrong type", expected,
              "another");
}

}  // namespace

std::optional<std::string_view> Gguf::text(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::string_view>(&found->second)) return *value;
  wrong_type(key, "text");
}

std::optional<double> Gguf::number(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return std::nullopt;
  if (const auto* value = std::get_if<double>(&found->second)) return *value;
  if (const auto* value = std::get_if<uint64_t>(&found->second)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<int64_t>(&found->second)) return static_cast<double>(*value);
  wrong_type(key, "a number");
}

std::optional<uint64_t> Gguf::count(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) return std::nullopt;
  if (const auto* value = std::get_if<uint64_t>(&found->second)) return *value;
  if (const auto* value = std::get_if<int64_t>(&found->second); value && *value >= 0)
    return static_cast<uint64_t>(*value);
  wrong_type(key, "a whole number, 0 or more");
}

}  // namespace forge::llm
