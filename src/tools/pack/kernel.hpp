#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/pack/shader_file.hpp"

namespace forge::pack {

/// One generated struct: a compute shader, a lone vertex or fragment shader, or both of one stem.
struct Kernel {
  std::string family;
  std::string name;
  std::vector<const ShaderFile*> stages;        // vertex before fragment
  std::optional<shader::Block> push;
  std::vector<shader::Binding> bindings;        // of all stages and variants, access joined
  const std::vector<Variant>& variants() const { return stages.front()->variants; }
  bool is_template() const { return stages.front()->is_template; }
  bool has_variants() const { return variants().size() > 1 || !variants().front().word.empty(); }
};

/// Groups files by stem and merges what their stages ask for. Throws where they disagree.
std::vector<Kernel> group(const std::vector<ShaderFile>& files);

/// Lines of shaders/report.txt, one a file.
std::string report(const std::vector<ShaderFile>& files);

}  // namespace forge::pack
