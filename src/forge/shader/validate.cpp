#include <spirv-tools/libspirv.h>

#include <bit>
#include <cstring>
#include <memory>

#include "forge/core/error.hpp"
#include "forge/shader/compile.hpp"
#include "forge/shader/spirv_words.hpp"

namespace forge::shader {

namespace {

constexpr size_t kHeaderWords = 5;

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using Context = std::unique_ptr<spv_context_t, Destroy<spvContextDestroy>>;
using Options = std::unique_ptr<spv_validator_options_t, Destroy<spvValidatorOptionsDestroy>>;

spv_target_env environment_of(uint32_t vulkan_minor) {
  switch (vulkan_minor) {
    case 0: return SPV_ENV_VULKAN_1_0;
    case 1: return SPV_ENV_VULKAN_1_1;
    case 2: return SPV_ENV_VULKAN_1_2;
    default: return SPV_ENV_VULKAN_1_3;
  }
}

[[noreturn]] void refuse(std::string got, std::string mend = {}) {
  throw Error(ErrorCode::SHADER_INVALID, "the SPIR-V module is not valid", {}, std::move(got), std::move(mend));
}

}  // namespace

void validate(std::span<const uint32_t> words, uint32_t vulkan_minor) {
  if (words.size() < kHeaderWords || words[0] != spirv::kMagic) refuse("words that do not start as SPIR-V does");
  const Context context(spvContextCreate(environment_of(vulkan_minor)));
  const Options options(spvValidatorOptionsCreate());
  spvValidatorOptionsSetScalarBlockLayout(options.get(), true);  // a device without it says so when the program is made
  spv_const_binary_t binary{words.data(), words.size()};
  spv_diagnostic diagnostic = nullptr;
  const spv_result_t result = spvValidateWithOptions(context.get(), options.get(), &binary, &diagnostic);
  const std::string message = diagnostic ? diagnostic->error : "result " + std::to_string(result);
  spvDiagnosticDestroy(diagnostic);
  if (result != SPV_SUCCESS) refuse(message);
}

Words words_from_bytes(std::string_view bytes) {
  if (bytes.size() % sizeof(uint32_t) != 0)
    refuse(std::to_string(bytes.size()) + " bytes, which is no multiple of 4", "was the file cut short?");
  Words words(bytes.size() / sizeof(uint32_t));
  if (!words.empty()) std::memcpy(words.data(), bytes.data(), bytes.size());
  const auto swapped = [](uint32_t w) { return w >> 24 | (w >> 8 & 0xff00) | (w << 8 & 0xff0000) | w << 24; };
  if (!words.empty() && words[0] == swapped(spirv::kMagic))  // written on a machine of the other byte order
    for (uint32_t& word : words) word = swapped(word);
  if (words.size() < kHeaderWords || words[0] != spirv::kMagic)
    refuse(std::to_string(bytes.size()) + " bytes without SPIR-V's magic number",
           "pass the bytes of a .spv file, or GLSL as text");
  return words;
}

}  // namespace forge::shader
