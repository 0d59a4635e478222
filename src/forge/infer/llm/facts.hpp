#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "forge/infer/llm/family.hpp"

namespace forge::llm {

/// The same thing by its two names: in GGUF, and in Hugging Face's files.
struct Name {
  const char *gguf, *folder;
};

/// What families read of a file. GGUF's keys stand behind the architecture's name; tensors of a layer behind its number.
class Facts {
 public:
  explicit Facts(std::shared_ptr<const ModelFile> file);

  bool gguf() const { return gguf_; }
  const std::string& architecture() const { return architecture_; }
  const std::shared_ptr<const ModelFile>& file() const { return file_; }

  std::optional<double> number(Name name) const;
  std::optional<std::string> text(Name name) const;
  uint32_t count(Name name) const;

  TensorView tensor(Name name, std::initializer_list<uint64_t> shape) const;
  TensorView tensor(uint32_t layer, Name name, std::initializer_list<uint64_t> shape) const;
  std::optional<TensorView> bias(uint32_t layer, Name name, uint64_t rows) const;
  bool has_bias(uint32_t layer, Name name) const;

  /// Layers, widths and heads; throws MISSING_FEATURE for sizes that the kernels do not take.
  Shape shape() const;
  /// How positions are stretched; `part` is that of config.json's rope_scaling ("" or "full_attention.", ...).
  Stretch stretch(const std::string& part = "") const;
  /// Embedding, last norm and output of a model of that shape, without its layers.
  ModelSource source(const Shape& shape) const;
  /// The first norm and the products that all layers have.
  LayerTensors layer(uint32_t index, const Shape& shape) const;

 private:
  std::string key(Name name) const;
  std::string name_of(uint32_t layer, Name name) const;

  std::shared_ptr<const ModelFile> file_;
  bool gguf_;
  std::string architecture_;
};

}  // namespace forge::llm
