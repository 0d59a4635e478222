#include "forge/shader/compile.hpp"

#include <glslang/Public/ResourceLimits.h>
#include <glslang/Public/ShaderLang.h>
#include <glslang/SPIRV/GlslangToSpv.h>
#include <glslang/build_info.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "forge/core/error.hpp"
#include "forge/shader/compile_log.hpp"
#include "forge/shader/includer.hpp"
#include "forge/shader/runaway.hpp"

namespace forge::shader {

namespace {

struct Target {
  glslang::EShTargetClientVersion client;
  glslang::EShTargetLanguageVersion spirv;
};

Target target_of(uint32_t vulkan_minor) {
  static constexpr Target targets[] = {
      {glslang::EShTargetVulkan_1_0, glslang::EShTargetSpv_1_0},
      {glslang::EShTargetVulkan_1_1, glslang::EShTargetSpv_1_3},
      {glslang::EShTargetVulkan_1_2, glslang::EShTargetSpv_1_5},
      {glslang::EShTargetVulkan_1_3, glslang::EShTargetSpv_1_6},
  };
  return targets[std::min<size_t>(vulkan_minor, std::size(targets) - 1)];
}

EShLanguage language_of(Stage stage) {
  switch (stage) {
    case Stage::vertex: return EShLangVertex;
    case Stage::fragment: return EShLangFragment;
    case Stage::compute: break;
  }
  return EShLangCompute;
}

// glslang counts its users and frees its tables with the last; they live as long as the process here, since building
// them costs 60 ms. Its pools are thread-local and belong to the TShader and TProgram of each compile.
void start_glslang() {
  static const bool started = glslang::InitializeProcess();
  if (!started) throw Error(ErrorCode::SHADER_COMPILE, "glslang could not start");
}

bool is_identifier(std::string_view word) {
  const auto fits = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); };
  return !word.empty() && !std::isdigit(static_cast<unsigned char>(word[0])) &&
         std::all_of(word.begin(), word.end(), fits);
}

// Runs before the text and has no lines of its own: what stands here never moves the user's line numbers.
std::string preamble_of(const CompileOptions& options) {
  std::string preamble = "#extension GL_GOOGLE_include_directive : enable\n";
  for (const auto& [name, text] : options.defines) {
    if (!is_identifier(name) || text.find_first_of(std::string_view("\n\r\\\0", 4)) != std::string::npos)
      throw Error(ErrorCode::INVALID_ARGUMENT, "macro \"" + name + "\" cannot be defined",
                  "an identifier and a text of one line", "\"" + text + "\"");
    preamble.append("#define ").append(name).append(" ").append(text).append("\n");
  }
  return preamble;
}

Words to_spirv(const glslang::TIntermediate& tree, const SourceTexts& texts, bool lines) {
  glslang::SpvOptions options;
  options.disableOptimizer = true;  // drivers optimise anyway: measured no gain for 8x the compile time
  options.stripDebugInfo = false;   // reflection lives on the names
  options.generateDebugInfo = lines;
  spv::SpvBuildLogger logger;
  Words words;
  glslang::GlslangToSpv(tree, words, &logger, &options);
  if (words.size() < 5) throw_compile_error("ERROR: " + logger.getAllMessages(), texts);
  return words;
}

// With lines the module names its text.
std::string shown_name(const CompileOptions& options) {
  const std::string name = options.name.empty() ? "kernel" : options.name;
  return options.lines ? in_ascii(name) : name;
}

}  // namespace

Words compile(const std::string& glsl, const CompileOptions& options) {
  const std::string name = shown_name(options);
  refuse_empty(name, glsl);
  refuse_runaway(name, glsl);
  for (const auto& [include, text] : options.includes) refuse_runaway(include, text);
  start_glslang();

  const std::string preamble = preamble_of(options);
  const SourceTexts texts(name, glsl, options.includes, library_includes());
  const Target target = target_of(options.vulkan_minor);
  const std::string plain = in_ascii(glsl);
  const char* text = plain.c_str();
  const char* shown = name.c_str();
  const int length = static_cast<int>(plain.size());
  const auto messages = static_cast<EShMessages>(EShMsgSpvRules | EShMsgVulkanRules | EShMsgCascadingErrors);
  constexpr int kVersionWhereMissing = 450;

  glslang::TShader shader(language_of(options.stage));
  shader.setStringsWithLengthsAndNames(&text, &length, &shown, 1);
  shader.setPreamble(preamble.c_str());
  shader.setEnvInput(glslang::EShSourceGlsl, language_of(options.stage), glslang::EShClientVulkan, 100);
  shader.setEnvClient(glslang::EShClientVulkan, target.client);
  shader.setEnvTarget(glslang::EShTargetSpv, target.spirv);
  Includer includer(texts, options.lines);
  if (!shader.parse(GetDefaultResources(), kVersionWhereMissing, false, messages, includer))
    throw_compile_error(shader.getInfoLog(), texts);

  glslang::TProgram program;  // after the shader: it is destroyed first, as glslang asks
  program.addShader(&shader);
  if (!program.link(messages)) throw_compile_error(program.getInfoLog(), texts);
  return to_spirv(*program.getIntermediate(language_of(options.stage)), texts, options.lines);
}

std::string compiler_version() {
  return "glslang " + std::to_string(GLSLANG_VERSION_MAJOR) + "." + std::to_string(GLSLANG_VERSION_MINOR) + "." +
         std::to_string(GLSLANG_VERSION_PATCH);
}

}  // namespace forge::shader
