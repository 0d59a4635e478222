#include "tools/pack/emit.hpp"

#include <cstdio>
#include <string_view>

#include "tools/pack/fields.hpp"
#include "tools/pack/names.hpp"

namespace forge::pack {

namespace {

constexpr std::string_view kNote = "// Written by shader_pack: edit the shader instead.\n";

std::string header_path(const Kernel& kernel) {
  return "forge_shaders/" + (kernel.family.empty() ? "" : kernel.family + "/") + kernel.name + ".hpp";
}

std::string module_name(const Kernel& kernel, const Variant& variant) {
  return kernel.name + (variant.word.empty() ? "" : "_" + variant.word);
}

std::string words_name(const Kernel& kernel, const ShaderFile& file, size_t variant) {
  return kernel.name + "_" + std::string(shader::name_of(file.stage)) + "_" + std::to_string(variant);
}

std::string emit_words(const std::string& name, const shader::Words& words) {
  std::string text = "constexpr uint32_t " + name + "[] = {";
  char number[16];
  for (size_t i = 0; i < words.size(); ++i) {
    std::snprintf(number, sizeof number, "0x%x,", words[i]);
    text += (i % 12 == 0 ? "\n    " : "") + std::string(number);
  }
  return text + "};\n";
}

// Words of each module, then one row per module; the modules of a variant lie together.
std::string emit_modules(const Kernel& kernel) {
  std::string text, rows;
  for (size_t v = 0; v < kernel.variants().size(); ++v)
    for (const ShaderFile* file : kernel.stages) {
      const std::string words = words_name(kernel, *file, v);
      text += emit_words(words, file->variants[v].words);
      rows += "    {\"" + module_name(kernel, kernel.variants()[v]) +
              "\", shader::Stage::" + std::string(shader::name_of(file->stage)) + ", " + words + "},\n";
    }
  return text + "constexpr shader::EmbeddedModule " + kernel.name + "_modules[] = {\n" + rows + "};\n";
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    char octal[8];
    if (c == '\n')
      out += "\\n\"\n    \"";
    else if (c == '"' || c == '\\' || c == '?')
      out += std::string("\\") + c;
    else if (c >= ' ' && c < 127)
      out += c;
    else
      std::snprintf(octal, sizeof octal, "\\%03o", static_cast<unsigned char>(c)), out += octal;
  }
  return out + "\"";
}

std::string emit_functions(const Kernel& kernel) {
  const std::string stages = std::to_string(kernel.stages.size());
  std::string text = kernel.is_template() ? "\nconst shader::TemplateSource& " + kernel.name
                                          : "\nstd::span<const shader::EmbeddedModule> " + kernel.name;
  if (kernel.is_template())
    text += "::template_source() {\n  static constexpr shader::TemplateSource source = {\"" + kernel.name +
            "\",\n    " + quoted(kernel.stages.front()->text) + "};\n  return source;\n}\n";
  else if (kernel.has_variants())
    text += "::modules(Variant variant) {\n  return std::span(" + kernel.name +
            "_modules).subspan(static_cast<size_t>(variant) * " + stages + ", " + stages + ");\n}\n";
  else
    text += "::modules() { return " + kernel.name + "_modules; }\n";
  return text + "\nvoid " + kernel.name + "::pack(shader::PackedArguments& out) const {\n" + pack_lines(kernel) + "}\n";
}

std::string emit_variants(const Kernel& kernel) {
  std::string text;
  for (const Variant& variant : kernel.variants()) text += (text.empty() ? "" : ", ") + cpp_name(variant.word);
  return "  enum class Variant : unsigned char { " + text +
         " };\n  static constexpr size_t kVariants = " + std::to_string(kernel.variants().size()) + ";\n";
}

std::string paths_of(const Kernel& kernel) {
  std::string text;
  for (const ShaderFile* file : kernel.stages) text += (text.empty() ? "shaders/" : ", shaders/") + file->path;
  return text;
}

}  // namespace

std::string emit_header(const Kernel& kernel) {
  std::string text = std::string(kNote) + "#pragma once\n\n#include <array>\n#include <cstdint>\n#include <span>\n\n" +
                     "#include \"forge/shader/packed.hpp\"\n\nnamespace forge::k {\n\n";
  text += "struct " + kernel.name + " {  // " + paths_of(kernel) + "\n" + nested_structs(kernel);
  for (const Field& field : fields_of(kernel))
    text += "  " + field.type + " " + field.name + ";  // " + field.comment + "\n";
  text += "\n";
  if (kernel.is_template())
    return text + "  static const shader::TemplateSource& template_source();\n" +
           "  void pack(shader::PackedArguments& out) const;\n};\n\n}  // namespace forge::k\n";
  if (kernel.has_variants()) text += emit_variants(kernel);
  text += std::string("  static std::span<const shader::EmbeddedModule> modules(") +
          (kernel.has_variants() ? "Variant variant" : "") + ");\n";
  return text + "  void pack(shader::PackedArguments& out) const;\n};\n\n}  // namespace forge::k\n";
}

std::string emit_family(const std::vector<const Kernel*>& kernels) {
  std::string includes, modules, functions;
  for (const Kernel* kernel : kernels) {
    includes += "#include \"" + header_path(*kernel) + "\"\n";
    if (!kernel->is_template()) modules += emit_modules(*kernel);
    functions += emit_functions(*kernel);
  }
  return std::string(kNote) + includes + "\nnamespace forge::k {\n\nnamespace {\n" + modules + "}  // namespace\n" +
         functions + "\n}  // namespace forge::k\n";
}

std::string emit_registry(const std::vector<Kernel>& kernels) {
  std::string includes, rows;
  for (const Kernel& kernel : kernels) {
    if (kernel.is_template()) continue;
    includes += "#include \"" + header_path(kernel) + "\"\n";
    for (const Variant& variant : kernel.variants())
      rows += "    add(k::" + kernel.name + "::modules(" +
              (kernel.has_variants() ? "k::" + kernel.name + "::Variant::" + cpp_name(variant.word) : "") + "));\n";
  }
  return std::string(kNote) + "#include <vector>\n\n#include \"forge/shader/packed.hpp\"\n" + includes +
         "\nnamespace forge::shader {\n\nstd::span<const EmbeddedModule> embedded_modules() {\n"
         "  static const std::vector<EmbeddedModule> all = [] {\n    std::vector<EmbeddedModule> list;\n"
         "    [[maybe_unused]] const auto add = [&](std::span<const EmbeddedModule> some) {\n"
         "      list.insert(list.end(), some.begin(), some.end());\n    };\n" +
         rows + "    return list;\n  }();\n  return all;\n}\n\n}  // namespace forge::shader\n";
}

std::string emit_includes(const std::map<std::string, std::string>& includes) {
  std::string rows;
  for (const auto& [name, text] : includes) rows += "      {" + quoted(name) + ",\n    " + quoted(text) + "},\n";
  return std::string(kNote) +
         "#include \"forge/shader/compile.hpp\"\n\nnamespace forge::shader {\n\n"
         "const std::map<std::string, std::string>& library_includes() {\n"
         "  static const std::map<std::string, std::string> texts = {\n" +
         rows + "  };\n  return texts;\n}\n\n}  // namespace forge::shader\n";
}

}  // namespace forge::pack
