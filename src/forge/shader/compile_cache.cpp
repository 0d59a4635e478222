#include <cstring>
#include <set>

#include "forge/core/file_cache.hpp"
#include "forge/shader/compile.hpp"

namespace forge::shader {

namespace {

using Texts = std::map<std::string, std::string>;

// Parts with their lengths, so that no two different lists read alike.
constexpr int kForm = 2;  // counted up where compile() makes something else of the same text

void add(std::string& key, std::string_view part) {
  key += std::to_string(part.size()) + ":";
  key += part;
}

// An include counts as used where its name stands anywhere in the text: too many at worst, never too few.
void add_includes(std::string& key, std::string_view text, const Texts& texts, std::set<std::string>& seen) {
  if (text.find("include") == std::string_view::npos) return;
  for (const auto& [name, content] : texts) {
    if (text.find(name) == std::string_view::npos || !seen.insert(name).second) continue;
    add(key, name);
    add(key, content);
    add_includes(key, content, texts, seen);
  }
}

// `name` is left out: it stands in messages alone, and only what compiled is kept.
std::string key_of(const std::string& glsl, const CompileOptions& options) {
  std::string key;
  add(key, compiler_version());
  add(key, std::to_string(kForm));
  add(key, name_of(options.stage));
  add(key, std::to_string(options.vulkan_minor));
  // Line numbers bring the name of the text with them.
  if (options.lines) add(key, "lines"), add(key, options.name);
  add(key, std::to_string(options.defines.size()));
  for (const auto& [name, text] : options.defines) add(key, name), add(key, text);
  add(key, glsl);
  Texts texts = options.includes;  // the user's come first
  texts.insert(library_includes().begin(), library_includes().end());
  std::set<std::string> seen;
  add_includes(key, glsl, texts, seen);
  return key;
}

}  // namespace

Words compile_cached(const std::string& glsl, const CompileOptions& options) {
  const FileCache cache = FileCache::open("spirv");
  const std::string key = key_of(glsl, options);
  if (const auto bytes = cache.load(key); bytes && bytes->size() >= 20 && bytes->size() % 4 == 0) {
    Words words(bytes->size() / 4);
    std::memcpy(words.data(), bytes->data(), bytes->size());
    return words;
  }
  Words words = compile(glsl, options);
  cache.store(key, {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(uint32_t)});
  return words;
}

}  // namespace forge::shader
