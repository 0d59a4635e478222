#include "forge/infer/llm/family.hpp"

#include "forge/core/error.hpp"

namespace forge::llm {

ModelSource read_model(std::shared_ptr<const ModelFile> file) {
  if (std::optional<ModelSource> source = read_llama(file)) return *std::move(source);
  throw Error(ErrorCode::MISSING_FEATURE, "a model has an architecture that is not known here",
              "llama, mistral or qwen2", file->architecture());
}

}  // namespace forge::llm
