#include "forge/infer/llm/family.hpp"

#include "forge/core/error.hpp"

namespace forge::llm {

ModelSource read_model(std::shared_ptr<const ModelFile> file) {
  for (const auto& read : {read_llama, read_gemma3})
    if (std::optional<ModelSource> source = read(file)) return *std::move(source);
  throw Error(ErrorCode::MISSING_FEATURE, "a model has an architecture that is not known here",
              "llama, mistral, qwen2 or gemma3", file->architecture());
}

}  // namespace forge::llm
