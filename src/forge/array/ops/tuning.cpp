#include "forge/array/ops/tuning.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>
#include <span>
#include <sstream>

#include "forge/core/error.hpp"
#include "forge/core/file_cache.hpp"

namespace forge::array {

namespace {

struct Row {
  std::string_view operation, kind, size;
  DeviceClass device;
  std::string_view choice;
};

std::span<const Row> table() {
  static constexpr Row rows[] = {
#define FORGE_TUNING(operation, kind, size, device, choice) {#operation, #kind, #size, DeviceClass::device, choice},
#include "forge/array/ops/tuning.def"
#undef FORGE_TUNING
  };
  return rows;
}

bool matches(std::string_view row, const std::string& wish) { return row == "any" || row == wish; }

bool serves(const Row& row, DeviceClass device, const TuningKey& key) {
  return row.device == device && row.operation == key.operation && matches(row.kind, key.kind) &&
         matches(row.size, key.size);
}

// Rows that name a kind and a size come before those for any.
int rank(const Row& row) { return (row.kind == "any" ? 2 : 0) + (row.size == "any" ? 1 : 0); }

std::vector<Choice> rows_for(DeviceClass device, const TuningKey& key) {
  int best = 4;
  for (const Row& row : table())
    if (serves(row, device, key)) best = std::min(best, rank(row));
  std::vector<Choice> list;
  for (const Row& row : table())
    if (serves(row, device, key) && rank(row) == best) list.emplace_back(row.choice);
  return list;
}

// Rows of other classes may be chosen too: by hand, and by the tests, which have no GPU.
bool is_known(std::string_view operation, std::string_view choice) {
  const auto rows = table();
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return row.operation == operation && row.choice == choice; });
}

// What was chosen on one device: from the cache at first, then by choose().
class Chosen {
 public:
  explicit Chosen(const vk::Device& device) : cache_(FileCache::open("tuning")), key_(key_of(device)) {
    if (const auto text = cache_.load(key_)) read(*text);
  }

  std::string get(const TuningKey& key) {
    const std::lock_guard lock(mutex_);
    const std::string any = "any";
    for (const auto& [kind, size] : {std::pair(key.kind, key.size), {key.kind, any}, {any, key.size}, {any, any}})
      if (const auto found = choices_.find({key.operation, kind, size}); found != choices_.end()) return found->second;
    return {};
  }

  void set(const TuningKey& key, std::string_view choice) {
    const std::lock_guard lock(mutex_);
    if (choice.empty())
      choices_.erase(key);
    else
      choices_[key] = choice;
  }

  bool save() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [key, choice] : choices_)
      text += key.operation + " " + key.kind + " " + key.size + " " + choice + "\n";
    return cache_.store(key_, text);
  }

 private:
  static std::string key_of(const vk::Device& device) {
    const vk::AdapterInfo& info = device.info();
    return "tuning of " + info.uuid + " " + info.driver_uuid + " " + info.driver + " " +
           std::to_string(info.driver_version) + " subgroup " + std::to_string(info.limits.subgroup_size);
  }

  // A line that the table does not know (another version's, or damage) is passed over.
  void read(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      TuningKey key;
      std::string choice;
      words >> key.operation >> key.kind >> key.size;
      std::getline(words >> std::ws, choice);
      if (is_known(key.operation, choice)) choices_[key] = choice;
    }
  }

  FileCache cache_;
  std::string key_;
  std::mutex mutex_;
  std::map<TuningKey, std::string> choices_;
};

constexpr char kChosen{};

Chosen& chosen_on(vk::Device& device) {
  return device.shared_object<Chosen>(&kChosen, [&] { return std::make_shared<Chosen>(device); });
}

std::string text_of(const TuningKey& key) { return key.operation + " of " + key.kind + ", size " + key.size; }

}  // namespace

DeviceClass device_class(const vk::AdapterInfo& info) {
  const vk::Limits& limits = info.limits;
  if (info.type == vk::AdapterType::cpu)
    return limits.subgroup_size >= 16  ? DeviceClass::wide
           : limits.subgroup_size >= 8 ? DeviceClass::cpu
                                       : DeviceClass::narrow;
  const bool hardware = info.type == vk::AdapterType::discrete || info.type == vk::AdapterType::integrated ||
                        info.type == vk::AdapterType::virtual_;
  const bool roomy = limits.max_shared_bytes >= 32768 && limits.max_invocations >= 256 && limits.subgroup_size >= 16;
  return hardware && roomy ? DeviceClass::gpu : DeviceClass::unknown;
}

std::string_view name_of(DeviceClass device) {
  constexpr std::string_view names[] = {"cpu", "wide", "narrow", "gpu", "unknown"};
  return names[static_cast<size_t>(device)];
}

Choice::Choice(std::string_view text) : text_(text) {
  std::istringstream words(text_);
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    uint32_t number = 0;
    FORGE_ASSERT(equals != std::string::npos);
    std::from_chars(word.data() + equals + 1, word.data() + word.size(), number);
    numbers_[word.substr(0, equals)] = number;
  }
}

uint32_t Choice::operator[](std::string_view name) const {
  const auto found = numbers_.find(name);
  FORGE_ASSERT(found != numbers_.end());
  return found->second;
}

uint32_t Choice::get(std::string_view name, uint32_t otherwise) const {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? otherwise : found->second;
}

Choice tuned(vk::Device& device, const TuningKey& key, const Fits& fits) {
  if (const std::string text = chosen_on(device).get(key); !text.empty()) {
    Choice choice(text);
    if (!fits || fits(device, choice)) return choice;
  }
  // Where no row of the device's own class fits, those for unknown devices do.
  for (const DeviceClass device_kind : {device_class(device.info()), DeviceClass::unknown})
    for (Choice& choice : rows_for(device_kind, key))
      if (!fits || fits(device, choice)) return std::move(choice);
  throw Error(ErrorCode::INTERNAL, "the tuning table has no row for " + text_of(key));
}

std::vector<Choice> candidates(const vk::Device& device, const TuningKey& key) {
  std::vector<Choice> list = rows_for(device_class(device.info()), key);
  return list.empty() ? rows_for(DeviceClass::unknown, key) : list;
}

std::vector<TuningKey> tuning_keys(const vk::Device& device) {
  std::set<TuningKey> keys;
  const DeviceClass own = device_class(device.info());
  for (const Row& row : table())
    if (row.device == own || row.device == DeviceClass::unknown)
      keys.insert({std::string(row.operation), std::string(row.kind), std::string(row.size)});
  return {keys.begin(), keys.end()};
}

void choose(vk::Device& device, const TuningKey& key, std::string_view choice) {
  if (!choice.empty() && !is_known(key.operation, choice)) {
    std::string list;
    for (const Choice& one : candidates(device, key)) list += (list.empty() ? "\"" : ", \"") + one.text() + "\"";
    throw Error(ErrorCode::INVALID_ARGUMENT, "no row of the tuning table for " + text_of(key),
                list.empty() ? "an operation of the table" : list, "\"" + std::string(choice) + "\"",
                "add it to src/forge/array/ops/tuning.def");
  }
  chosen_on(device).set(key, choice);
}

std::vector<Choice> every_choice(std::string_view operation) {
  std::vector<Choice> list;
  for (const Row& row : table())
    if (row.operation == operation) list.emplace_back(row.choice);
  return list;
}

bool save_tuning(vk::Device& device) { return chosen_on(device).save(); }

}  // namespace forge::array
