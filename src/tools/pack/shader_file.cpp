#include "tools/pack/shader_file.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <string_view>

#include "forge/core/error.hpp"

namespace forge::pack {

namespace {

namespace fs = std::filesystem;

using Defines = std::map<std::string, std::string>;

struct Axis {
  std::string name;
  std::vector<std::string> values;
};

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

struct Header {
  bool is_template = false;
  std::vector<Axis> axes;
};

// The line `// forge: dtype=f32,f16 tile=64,256`, the first of the file. `spec=` is for tests. The word `template` says
// that the text is compiled at run time, where the macros get any value; those named here are compiled as samples.
Header read_header(const std::string& text) {
  constexpr std::string_view kMark = "// forge:";
  Header header;
  if (!text.starts_with(kMark)) return header;
  const std::string line = text.substr(kMark.size(), text.find('\n') - kMark.size());
  std::stringstream words(line);
  for (std::string word; words >> word;) {
    if (word == "template") {
      header.is_template = true;
      continue;
    }
    const size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size())
      throw Error(ErrorCode::INVALID_ARGUMENT, "the variants line is not understood", "name=value,value", word);
    if (const std::string name = word.substr(0, equals); name != "spec")
      header.axes.push_back({name, split(word.substr(equals + 1), ',')});
  }
  return header;
}

struct Choice {
  std::string word;
  Defines defines;
};

// `dtype=f16` defines DTYPE as f16 and DTYPE_F16 as 1; a value that starts with a digit brings its axis into the name.
Choice with(const Choice& base, const Axis& axis, const std::string& value) {
  Choice choice = base;
  const bool digit = std::isdigit(static_cast<unsigned char>(value[0]));
  choice.word += (choice.word.empty() ? "" : "_") + (digit ? axis.name : "") + value;
  choice.defines[upper(axis.name)] = value;
  choice.defines[upper(axis.name + "_" + value)] = "1";
  return choice;
}

std::vector<Choice> choices_of(const std::vector<Axis>& axes) {
  std::vector<Choice> choices(1);
  for (const Axis& axis : axes) {
    std::vector<Choice> next;
    for (const Choice& base : choices)
      for (const std::string& value : axis.values) next.push_back(with(base, axis, value));
    choices = std::move(next);
  }
  return choices;
}

shader::Stage stage_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".vert") return shader::Stage::vertex;
  return extension == ".frag" ? shader::Stage::fragment : shader::Stage::compute;
}

bool is_shader(const fs::path& below) {
  const std::string extension = below.extension().string();
  return (extension == ".comp" || extension == ".vert" || extension == ".frag") && *below.begin() != "include";
}

ShaderFile compile_file(const fs::path& root, const fs::path& below) {
  ShaderFile file{below.generic_string(),
                  below.parent_path().generic_string(),
                  below.stem().string(),
                  stage_of(below),
                  {},
                  false,
                  {}};
  file.text = read_text(root / below);
  const Header header = read_header(file.text);
  file.is_template = header.is_template;
  for (const Choice& choice : choices_of(header.axes)) {
    shader::CompileOptions options;
    options.stage = file.stage;
    options.name = "shaders/" + file.path;
    options.defines = choice.defines;
    Variant& variant = file.variants.emplace_back();
    variant.word = choice.word;
    variant.words = shader::compile(file.text, options);
    variant.reflection = shader::reflect(variant.words);
  }
  return file;
}

}  // namespace

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) throw Error(ErrorCode::FILE_READ, "cannot read " + path.string());
  return text.str();
}

std::map<std::string, std::string> read_includes(const fs::path& root) {
  std::map<std::string, std::string> includes;
  const fs::path folder = root / "include";
  if (!fs::exists(folder)) return includes;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".glsl")
      includes[fs::relative(entry.path(), folder).generic_string()] = read_text(entry.path());
  return includes;
}

std::vector<ShaderFile> compile_folder(const fs::path& root) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (const fs::path below = fs::relative(entry.path(), root); is_shader(below)) paths.push_back(below);
  std::sort(paths.begin(), paths.end());
  std::vector<ShaderFile> files;
  files.reserve(paths.size());
  for (const fs::path& path : paths) files.push_back(compile_file(root, path));
  return files;
}

}  // namespace forge::pack
