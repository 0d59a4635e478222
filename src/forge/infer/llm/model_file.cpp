#include "forge/infer/llm/model_file.hpp"

#include <algorithm>
#include <cmath>

#include "forge/core/error.hpp"

namespace forge::llm {

namespace {

std::string text_of(std::span<const uint64_t> shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

[[noreturn]] void refuse(const std::string& failed, const std::string& expected, const std::string& got) {
  throw Error(ErrorCode::FILE_READ, failed, expected, got);
}

class GgufModel : public ModelFile {
 public:
  explicit GgufModel(std::shared_ptr<const Gguf> gguf) : gguf_(std::move(gguf)) {}
  Kind kind() const override { return Kind::gguf; }
  std::string architecture() const override {
    const auto name = gguf_->text("general.architecture");
    if (!name) refuse("a GGUF file does not say what it holds", "the key 'general.architecture'", "none");
    return std::string(*name);
  }
  std::optional<TensorView> find(const std::string& name) const override {
    const GgufTensor* tensor = gguf_->find(name);
    if (!tensor) return std::nullopt;
    if (!tensor->quant) {
      std::string known;
      for (const QuantRow& row : quant_rows()) known.append(known.empty() ? "" : ", ").append(row.name);
      throw Error(ErrorCode::MISSING_FEATURE, "tensor '" + name + "' has a format that is not known here", known,
                  "GGUF's type " + std::to_string(tensor->type), "quantise the model to one of these");
    }
    return TensorView{tensor->name, tensor->quant, tensor->shape, tensor->bytes};
  }
  std::optional<double> number(const std::string& key) const override { return gguf_->number(key); }
  std::optional<std::string> text(const std::string& key) const override {
    const auto value = gguf_->text(key);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  void let_go(const TensorView& tensor) const noexcept override { gguf_->file().let_go(tensor.bytes); }

 private:
  std::shared_ptr<const Gguf> gguf_;
};

class SafetensorsFiles : public ModelFile {
 public:
  explicit SafetensorsFiles(const SafetensorsModel& model)
      : architecture_(model.architecture), numbers_(model.numbers), texts_(model.texts) {
    for (const std::string& path : model.files) files_.push_back(MappedFile::open(path));
    for (const SafetensorsEntry& entry : model.tensors) add(entry);
  }
  Kind kind() const override { return Kind::safetensors; }
  std::string architecture() const override { return architecture_; }
  std::optional<TensorView> find(const std::string& name) const override {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return std::nullopt;
    if (!found->second.view.quant)
      throw Error(ErrorCode::MISSING_FEATURE, "tensor '" + name + "' has a dtype that is not known here",
                  "F32, F16 or BF16", found->second.dtype);
    return found->second.view;
  }
  std::optional<double> number(const std::string& key) const override {
    const auto found = numbers_.find(key);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<std::string> text(const std::string& key) const override {
    const auto found = texts_.find(key);
    return found == texts_.end() ? std::nullopt : std::optional(found->second);
  }
  void let_go(const TensorView& tensor) const noexcept override {
    const auto found = tensors_.find(tensor.name);
    if (found != tensors_.end()) files_[found->second.file]->let_go(tensor.bytes);
  }

 private:
  struct Tensor {
    TensorView view;
    std::string dtype;
    size_t file;
  };
  void add(const SafetensorsEntry& entry) {
    if (entry.file >= files_.size())
      refuse("a tensor lies in a file that is not named", "an index of files", entry.name);
    const auto bytes = files_[entry.file]->bytes();
    if (entry.begin > entry.end || entry.end > bytes.size())
      refuse("tensor '" + entry.name + "' lies outside of its file",
             "at most " + std::to_string(bytes.size()) + " bytes",
             std::to_string(entry.begin) + " to " + std::to_string(entry.end));
    const QuantRow* quant = nullptr;
    for (const QuantRow& row : quant_rows())
      if (row.is_float() && row.name == entry.dtype) quant = &row;
    uint64_t values = 1, most = 1;  // values as they are, and where no extent is 0
    for (const uint64_t extent : entry.shape) {
      if (extent != 0 && most > kMostValues / extent)
        refuse("tensor '" + entry.name + "' is too large", "fewer than 2^48 values", text_of(entry.shape));
      most *= std::max<uint64_t>(extent, 1), values *= extent;
    }
    if (quant && values * quant->bytes != entry.end - entry.begin)
      refuse("tensor '" + entry.name + "' has more or fewer bytes than its shape says",
             std::to_string(values * quant->bytes), std::to_string(entry.end - entry.begin));
    tensors_[entry.name] = {
        {entry.name, quant, entry.shape, bytes.subspan(entry.begin, entry.end - entry.begin)}, entry.dtype, entry.file};
  }

  std::string architecture_;
  std::vector<std::shared_ptr<MappedFile>> files_;
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, double> numbers_;
  std::map<std::string, std::string> texts_;
};

}  // namespace

std::span<const std::byte> TensorView::row(uint64_t index) const {
  const uint64_t size = quant_bytes(quant->quant, columns());
  return bytes.subspan(index * size, size);
}

std::vector<float> TensorView::values() const {
  std::vector<float> list(rows() * columns());
  dequantise(quant->quant, bytes, list);
  return list;
}

TensorView ModelFile::tensor(const std::string& name, std::span<const uint64_t> shape) const {
  std::optional<TensorView> found = find(name);
  if (!found) refuse("a model lacks a tensor", "'" + name + "' " + text_of(shape), "none of that name");
  if (!std::equal(found->shape.begin(), found->shape.end(), shape.begin(), shape.end()))
    refuse("tensor '" + name + "' has the wrong shape", text_of(shape), text_of(found->shape));
  return *std::move(found);
}

uint64_t ModelFile::count(const std::string& key) const {
  const std::optional<double> value = number(key);
  if (!value) refuse("a model does not say all of its sizes", "the key '" + key + "'", "none");
  if (!(*value >= 1 && *value <= 1 << 24) || *value != std::floor(*value))
    refuse("the key '" + key + "' of a model cannot be", "a whole number from 1 to 2^24", std::to_string(*value));
  return static_cast<uint64_t>(*value);
}

std::shared_ptr<const ModelFile> model_of(std::shared_ptr<const Gguf> gguf) {
  return std::make_shared<GgufModel>(std::move(gguf));
}

std::shared_ptr<const ModelFile> model_of(const SafetensorsModel& model) {
  return std::make_shared<SafetensorsFiles>(model);
}

}  // namespace forge::llm
