#include "forge/vk/pick.hpp"

#include <algorithm>
#include <cctype>

#include "forge/core/error.hpp"
#include "forge/vk/features.hpp"
#include "forge/vk/vector_bits.hpp"

namespace forge::vk {

namespace {

int kind_rank(AdapterType type) {
  switch (type) {
    case AdapterType::discrete: return 4;
    case AdapterType::integrated: return 3;
    case AdapterType::virtual_: return 2;
    case AdapterType::cpu: return 1;
    case AdapterType::other: break;
  }
  return 0;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string gibibytes(uint64_t bytes) {
  const auto tenths = (bytes * 10 + (1ULL << 29)) >> 30;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

std::string listing(std::span<const AdapterInfo> adapters) {
  std::string text;
  for (size_t i = 0; i < adapters.size(); ++i) {
    text += (i ? "; [" : "[") + std::to_string(i) + "] " + adapters[i].name;
    const Judgement verdict = judge(adapters[i]);
    for (const std::string& reason : verdict.reasons_against) text += ", not usable: " + reason;
  }
  return text.empty() ? "no Vulkan device at all" : text;
}

// True where a wish names this device: by index, by uuid, or by part of the name.
bool named_by(const AdapterInfo& adapter, size_t position, const std::string& text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); }) &&
      text.size() < 4)
    return std::stoul(text) == position;
  std::string plain = lower(text);
  if (lower(adapter.name).find(plain) != std::string::npos) return true;
  std::erase(plain, '-');
  return plain == adapter.uuid;
}

[[noreturn]] void refuse(std::span<const AdapterInfo> adapters, const std::string& wished) {
  throw Error(ErrorCode::NO_DEVICE, "No suitable GPU adapter", wished, listing(adapters),
              adapters.empty() ? "install a Vulkan driver (Debian, Ubuntu: mesa-vulkan-drivers), then run "
                                 "`vulkan-forge doctor`"
                               : "name one of these, or run `vulkan-forge doctor`");
}

}  // namespace

Judgement judge(const AdapterInfo& adapter) {
  Judgement verdict;
  if (adapter.api_version < (1u << 22 | 2u << 12))
    verdict.reasons_against.push_back("Vulkan " + version_text(adapter.api_version) +
                                      ", needs 1.2 (a newer driver may have it)");
  for (const FeatureRow& row : feature_rows())
    if (row.needed && !adapter.has(std::string(row.name)))
      verdict.reasons_against.push_back("lacks " + std::string(row.name) + " (" + std::string(row.why) + ")");
  if (std::none_of(adapter.queues.begin(), adapter.queues.end(), [](const QueueFamily& q) { return q.compute; }))
    verdict.reasons_against.push_back("has no queue that computes");
  if (std::string too_wide = fails_at_computing(adapter); !too_wide.empty())
    verdict.reasons_against.push_back(std::move(too_wide));
  verdict.usable = verdict.reasons_against.empty();
  verdict.rank = {kind_rank(adapter.type), adapter.device_memory()};
  verdict.reasons_for.push_back(std::string(name_of(adapter.type)));
  verdict.reasons_for.push_back(gibibytes(adapter.device_memory()) + " of its own memory");
  if (adapter.unified_cached_memory()) verdict.reasons_for.push_back("memory shared with the host in place");
  return verdict;
}

size_t choose(std::span<const AdapterInfo> adapters, const DeviceWish& wish) {
  std::vector<size_t> candidates;
  const bool named = !wish.text.empty() || wish.index.has_value();
  for (size_t i = 0; i < adapters.size(); ++i) {
    if (wish.index && *wish.index != i) continue;
    if (!wish.text.empty() && !named_by(adapters[i], i, wish.text)) continue;
    candidates.push_back(i);
  }
  std::erase_if(candidates, [&](size_t i) { return !judge(adapters[i]).usable; });
  if (candidates.empty())
    refuse(adapters, named
                         ? "a usable device matching \"" + (wish.index ? std::to_string(*wish.index) : wish.text) + "\""
                         : "a Vulkan 1.2 device");
  const auto better = [&](size_t a, size_t b) {
    if (wish.prefer_software) {
      const bool software_a = adapters[a].type == AdapterType::cpu, software_b = adapters[b].type == AdapterType::cpu;
      if (software_a != software_b) return software_a;
    }
    return judge(adapters[a]).rank > judge(adapters[b]).rank;
  };
  return *std::min_element(candidates.begin(), candidates.end(), better);  // the first of equals
}

// A queue that draws serves everything; a compute-only device still runs kernels. Copies go to an engine made for them,
// else to a family of its own, else to a second queue of the same.
QueueChoice choose_queues(const AdapterInfo& info) {
  const auto find = [&](auto fits) -> std::optional<uint32_t> {
    const auto at = std::find_if(info.queues.begin(), info.queues.end(), fits);
    if (at == info.queues.end()) return std::nullopt;
    return static_cast<uint32_t>(at - info.queues.begin());
  };
  QueueChoice choice;
  const auto both = find([](const QueueFamily& q) { return q.graphics && q.compute; });
  choice.family = both ? *both : find([](const QueueFamily& q) { return q.compute; }).value_or(0);
  const auto engine = find([](const QueueFamily& q) { return q.count > 0 && q.transfer && !q.graphics && !q.compute; });
  const auto async = find([](const QueueFamily& q) { return q.count > 0 && q.compute && !q.graphics; });
  if (engine)
    choice.transfer = {*engine, 0};
  else if (async && *async != choice.family)
    choice.transfer = {*async, 0};
  else if (choice.family < info.queues.size() && info.queues[choice.family].count > 1)
    choice.transfer = {choice.family, 1};
  return choice;
}

}  // namespace forge::vk
