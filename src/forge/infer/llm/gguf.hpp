#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "forge/core/mapped_file.hpp"
#include "forge/infer/llm/quant.hpp"

// GGUF, versions 2 and 3: what a model file says about itself, and where its tensors lie. Nothing in a file is trusted: each
// count and place is checked against the file's size before memory is taken for it.
namespace forge::llm {

enum class GgufType : uint32_t {
  uint8,
  int8,
  uint16,
  int16,
  uint32,
  int32,
  float32,
  boolean,
  string,
  array,
  uint64,
  int64,
  float64
};

constexpr uint64_t kMostValues = uint64_t{1} << 48;  // of a tensor

class GgufArray;
using GgufValue = std::variant<bool, uint64_t, int64_t, double, std::string_view, GgufArray>;

/// Values that stay in the file; walked when asked for.
class GgufArray {
 public:
  GgufArray(GgufType type, uint64_t count, std::span<const std::byte> bytes)
      : type_(type), count_(count), bytes_(bytes) {}
  GgufType type() const { return type_; }
  uint64_t size() const { return count_; }
  /// As they lie in the file: numbers one after the other.
  std::span<const std::byte> bytes() const { return bytes_; }
  /// Hands over one value after the other: together they would take many times what the file does.
  void walk(const std::function<void(const GgufValue&)>& take) const;

 private:
  GgufType type_;
  uint64_t count_;
  std::span<const std::byte> bytes_;
};

struct GgufTensor {
  std::string name;
  const QuantRow* quant;  // null: a format that is not known here
  uint32_t type;  // GGUF's number
  std::vector<uint64_t> shape;  // rows first, as NumPy has it; the file lists the contiguous axis first
  std::span<const std::byte> bytes;  // empty where quant is null
  uint64_t values() const;
};

class Gguf {
 public:
  /// Throws FILE_READ, naming the key or tensor, where the file is no GGUF or is damaged.
  static std::shared_ptr<const Gguf> open(const std::filesystem::path& path);
  explicit Gguf(std::shared_ptr<const MappedFile> file);

  const MappedFile& file() const { return *file_; }
  const std::map<std::string, GgufValue, std::less<>>& metadata() const { return metadata_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }
  const GgufTensor* find(std::string_view name) const;

  /// Values by key; none where the key is not there. Throws FILE_READ where it has another type.
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<uint64_t> count(std::string_view key) const;  // throws for what is negative too

 private:
  friend class GgufReader;
  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, GgufValue, std::less<>> metadata_;
  std::vector<GgufTensor> tensors_;
  std::map<std::string, size_t, std::less<>> by_name_;
};

}  // namespace forge::llm
