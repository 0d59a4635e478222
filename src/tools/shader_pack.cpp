// The build-time shader compiler: shader_pack --out DIR --report shaders/report.txt shaders/
// Compiles every shader with the code that users' kernels go through, and writes a typed C++ struct for each. Files whose
// text has not changed keep their times, so a changed shader rebuilds what uses it and no more.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "forge/core/error.hpp"
#include "tools/pack/emit.hpp"
#include "tools/pack/kernel.hpp"
#include "tools/pack/shader_file.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge::pack;

struct Arguments {
  fs::path out, report, shaders;
};

std::map<std::string, std::string> includes;  // read before the first compile

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const bool has_value = i + 1 < count;
    if (word == "--out" && has_value)
      arguments.out = words[++i];
    else if (word == "--report" && has_value)
      arguments.report = words[++i];
    else
      arguments.shaders = word;
  }
  if (arguments.out.empty() || !fs::is_directory(arguments.shaders))
    throw forge::Error(forge::ErrorCode::INVALID_ARGUMENT, "usage: shader_pack --out DIR [--report FILE] SHADERS");
  return arguments;
}

void write_if_changed(const fs::path& path, const std::string& text) {
  if (fs::exists(path) && read_text(path) == text) return;
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw forge::Error(forge::ErrorCode::FILE_WRITE, "cannot write " + path.string());
}

// The report is committed. A build with another glslang than the one it names (the system's, where the pinned one is
// missing) leaves it alone: delete it to renew it with another compiler.
void write_report(const fs::path& path, const std::string& text) {
  const std::string compiler = "# " + forge::shader::compiler_version() + ":";
  if (fs::exists(path) && !read_text(path).starts_with(compiler)) return;
  write_if_changed(path, text);
}

std::string file_word(std::string family) {
  for (char& c : family)
    if (c == '/') c = '_';
  return family.empty() ? "top" : family;
}

// A struct whose shader is gone must not go on compiling.
void remove_others(const fs::path& folder, const std::set<fs::path>& kept) {
  std::vector<fs::path> gone;
  if (!fs::is_directory(folder)) return;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".hpp" && !kept.contains(entry.path())) gone.push_back(entry.path());
  for (const fs::path& path : gone) fs::remove(path);
}

fs::path header_of(const Arguments& arguments, const Kernel& kernel) {
  return arguments.out / "forge_shaders" / kernel.family / (kernel.name + ".hpp");
}

void pack(const Arguments& arguments) {
  includes = read_includes(arguments.shaders);
  const std::vector<ShaderFile> files = compile_folder(arguments.shaders);
  const std::vector<Kernel> kernels = group(files);
  std::map<std::string, std::vector<const Kernel*>> families;
  std::set<fs::path> headers;
  for (const Kernel& kernel : kernels) {
    families[file_word(kernel.family)].push_back(&kernel);
    headers.insert(header_of(arguments, kernel));
    write_if_changed(header_of(arguments, kernel), emit_header(kernel));
  }
  remove_others(arguments.out / "forge_shaders", headers);
  for (const auto& [family, members] : families)
    write_if_changed(arguments.out / ("modules_" + family + ".cpp"), emit_family(members));
  write_if_changed(arguments.out / "registry.cpp", emit_registry(kernels));
  write_if_changed(arguments.out / "library_includes.cpp", emit_includes(includes));
  if (!arguments.report.empty()) write_report(arguments.report, report(files));
}

}  // namespace

// The library has these texts compiled in; here they are read, since this program writes that very file.
const std::map<std::string, std::string>& forge::shader::library_includes() { return includes; }

int main(int count, char** words) {
  try {
    pack(parse(count, words));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "shader_pack: %s\n", e.what());
    return 1;
  }
  return 0;
}
