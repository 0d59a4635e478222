#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "forge/vk/device.hpp"

// The table of tile sizes and variants (tuning.def), and what was measured on this device instead.
namespace forge::array {

/// What the table tells apart.
enum class DeviceClass : unsigned char { cpu, wide, narrow, gpu, unknown };

DeviceClass device_class(const vk::AdapterInfo& info);
std::string_view name_of(DeviceClass device);

/// One row's parameters: "rows=32 lanes=4 step=2".
class Choice {
 public:
  Choice() = default;
  explicit Choice(std::string_view text);

  /// A parameter's number; an assertion where the row has none of this name.
  uint32_t operator[](std::string_view name) const;
  uint32_t get(std::string_view name, uint32_t otherwise) const;
  const std::string& text() const { return text_; }
  friend bool operator==(const Choice& a, const Choice& b) { return a.text_ == b.text_; }

 private:
  std::string text_;
  std::map<std::string, uint32_t, std::less<>> numbers_;
};

/// What a row is found by. `kind` and `size` are the operation's own words; a row that says "any" serves all.
struct TuningKey {
  std::string operation;
  std::string kind = "any";
  std::string size = "any";
  friend auto operator<=>(const TuningKey&, const TuningKey&) = default;
};

/// Whether a device can run a choice; operations with limits of their own (shared memory, invocations) give one.
using Fits = std::function<bool(const vk::Device&, const Choice&)>;

/// The choice for a key: the measured one, else the table's first that fits. Throws INTERNAL where the table has none.
Choice tuned(vk::Device& device, const TuningKey& key, const Fits& fits = {});

/// Every row of the table for a key on this device, in the table's order.
std::vector<Choice> candidates(const vk::Device& device, const TuningKey& key);

/// Every key that the table knows for this device's class.
std::vector<TuningKey> tuning_keys(const vk::Device& device);

/// Every row of an operation, whatever its device, kind and size.
std::vector<Choice> every_choice(std::string_view operation);

/// Takes one of the operation's rows from now on; throws INVALID_ARGUMENT for another. An empty text goes back to the table.
void choose(vk::Device& device, const TuningKey& key, std::string_view choice);

/// Keeps what was chosen for this device and driver on disk; false where nothing can be kept.
bool save_tuning(vk::Device& device);

}  // namespace forge::array
