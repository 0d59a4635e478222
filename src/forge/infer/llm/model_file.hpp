#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forge/infer/llm/gguf.hpp"

// What a model's families read: tensors and facts by name, whatever kind of file they come from.
namespace forge::llm {

/// Values as they lie in a file.
struct TensorView {
  std::string name;
  const QuantRow* quant = nullptr;
  std::vector<uint64_t> shape;  // rows first
  std::span<const std::byte> bytes;
  uint64_t rows() const { return shape.size() > 1 ? shape[0] : 1; }
  uint64_t columns() const { return shape.empty() ? 1 : shape.back(); }
  std::span<const std::byte> row(uint64_t index) const;
  std::vector<float> values() const;
};

class ModelFile {
 public:
  enum class Kind : unsigned char { gguf, safetensors };
  virtual ~ModelFile() = default;
  virtual Kind kind() const = 0;
  virtual std::string architecture() const = 0;
  virtual std::optional<TensorView> find(const std::string& name) const = 0;
  virtual std::optional<double> number(const std::string& key) const = 0;
  virtual std::optional<std::string> text(const std::string& key) const = 0;
  /// A tensor was read and is not needed soon: its pages may leave memory.
  virtual void let_go(const TensorView& tensor) const noexcept = 0;

  /// Throws FILE_READ, naming it, where it is not there or has another shape.
  TensorView tensor(const std::string& name, std::span<const uint64_t> shape) const;
  uint64_t count(const std::string& key) const;  // throws FILE_READ where it is no whole number from 1 on
};

std::shared_ptr<const ModelFile> model_of(std::shared_ptr<const Gguf> gguf);

/// Hugging Face's form: files whose headers, and a config.json, somebody else has read.
struct SafetensorsEntry {
  std::string name, dtype;
  size_t file;
  std::vector<uint64_t> shape;
  uint64_t begin, end;  // bytes from the file's start
};
struct SafetensorsModel {
  std::string architecture;
  std::vector<std::string> files;
  std::vector<SafetensorsEntry> tensors;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
};
std::shared_ptr<const ModelFile> model_of(const SafetensorsModel& model);

}  // namespace forge::llm
