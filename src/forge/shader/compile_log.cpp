#include "forge/shader/compile_log.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "forge/core/error.hpp"

namespace forge::shader {

namespace {

constexpr size_t kMostShown = 20;  // errors; a missing brace can make hundreds

struct LogEntry {
  std::string_view file;
  size_t line = 0;
  std::string message;
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)); };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// glslang quotes the token first and leaves the quotes empty where there is none: "'' : compilation terminated".
// It also doubles spaces round the parts of its sentences.
std::string tidy(std::string_view message) {
  message = trimmed(message);
  if (message.starts_with("'' :")) message = trimmed(message.substr(4));
  std::string text;
  for (char c : message)
    if (c != ' ' || !text.ends_with(' ')) text += c;
  return text;
}

bool is_summary(std::string_view message) {
  return message.find("compilation terminated") != std::string_view::npos ||
         message.find("No code generated") != std::string_view::npos;
}

// The file's name comes last in glslang's words: "'#include' : no include ... for header name: nope.glsl".
void name_include(std::string& message) {
  constexpr std::string_view kTail = " for header name: ";
  const size_t at = message.rfind(kTail);
  if (at == std::string::npos) return;
  const std::string name = message.substr(at + kTail.size());
  message = "'" + name + "' : " + message.substr(0, at);
  if (const size_t token = message.find("'#include' : "); token != std::string::npos) message.erase(token, 13);
}

// "name:12: message"; the name may hold colons itself, so the first ":<digits>: " counts.
LogEntry parse_entry(std::string_view text) {
  for (size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    size_t line = 0;
    const auto [end, problem] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), line);
    const size_t after = static_cast<size_t>(end - text.data());
    if (problem == std::errc() && text.substr(after).starts_with(": "))
      return {text.substr(0, colon), line, tidy(text.substr(after + 2))};
  }
  return {{}, 0, tidy(text)};
}

std::vector<LogEntry> parse_log(std::string_view log) {
  std::vector<LogEntry> entries;
  for (std::string_view line : lines_of(log)) {
    line = trimmed(line);
    if (line.empty() || line.starts_with("WARNING:") || is_summary(line)) continue;
    if (line.starts_with("ERROR:"))
      entries.push_back(parse_entry(trimmed(line.substr(6))));
    else if (!entries.empty())
      entries.back().message += " " + std::string(line);
    else
      entries.push_back({{}, 0, std::string(line)});
    name_include(entries.back().message);
    if (std::find(entries.begin(), entries.end() - 1, entries.back()) != entries.end() - 1) entries.pop_back();
  }
  return entries;
}

std::string render(const LogEntry& entry, const SourceTexts& texts) {
  if (entry.line == 0) return std::string(texts.name()) + ": " + entry.message;
  const std::string number = std::to_string(entry.line);
  std::string text = std::string(entry.file) + ":" + number + ": " + entry.message;
  if (const auto shown = texts.line(entry.file, entry.line); !trimmed(shown).empty())
    text += "\n    " + number + " | " + std::string(shown);
  return text;
}

}  // namespace

const std::string* SourceTexts::include(const std::string& name) const {
  if (const auto found = user_.find(name); found != user_.end()) return &found->second;
  if (const auto found = library_.find(name); found != library_.end()) return &found->second;
  return nullptr;
}

std::vector<std::string> SourceTexts::include_names() const {
  std::vector<std::string> names;
  for (const Texts* texts : {&user_, &library_})
    for (const auto& [name, text] : *texts) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string_view SourceTexts::line(std::string_view name, size_t number) const {
  const std::string* found = name == name_ ? nullptr : include(std::string(name));
  if (name != name_ && !found) return {};
  const std::string_view text = found ? std::string_view(*found) : text_;
  if (text.find("#line") != std::string_view::npos) return {};
  const auto lines = lines_of(text);
  if (number == 0 || number > lines.size()) return {};
  std::string_view line = lines[number - 1];
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.substr(0, 200);
}

void throw_compile_error(const std::string& log, const SourceTexts& texts) {
  const auto entries = parse_log(log);
  std::string message;
  for (size_t i = 0; i < std::min(entries.size(), kMostShown); ++i)
    message += (i ? "\n" : "") + render(entries[i], texts);
  if (entries.empty()) message = std::string(texts.name()) + ": glslang failed without a message";
  if (entries.size() > kMostShown) message += "\nand " + std::to_string(entries.size() - kMostShown) + " more";
  const size_t line = entries.empty() ? 0 : entries.front().line;
  throw Error(ErrorCode::SHADER_COMPILE, message).with("line", std::to_string(line)).with("log", log);
}

}  // namespace forge::shader
