#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "forge/shader/compile.hpp"

namespace forge::pack {

/// One compiled form of a shader. Without a variants line there is one, with an empty word.
struct Variant {
  std::string word;  // "f16_tile64"
  shader::Words words;
  shader::Reflection reflection;
};

struct ShaderFile {
  std::string path;    // below shaders/: "raster/hillshade.comp"
  std::string family;  // its folder: "raster"
  std::string stem;    // "hillshade"
  shader::Stage stage;
  std::string text;
  bool is_template = false;  // compiled at run time, with macros chosen there; the variants are samples
  std::vector<Variant> variants;
};

/// name -> text of everything under `root`/include, which #include finds.
std::map<std::string, std::string> read_includes(const std::filesystem::path& root);

/// Compiles every shader under `root`, sorted by path. Throws forge::Error; the message names the file.
std::vector<ShaderFile> compile_folder(const std::filesystem::path& root);

std::string read_text(const std::filesystem::path& path);

}  // namespace forge::pack
