#include "forge/shader/watch.hpp"

#include <algorithm>
#include <cstring>

namespace forge::shader {

namespace {

constexpr size_t kTold = 4;  // faults in a message; more would bury the first

std::string place_text(const Place& place) {
  return place.line ? (place.file.empty() ? "" : place.file + " ") + "line " + std::to_string(place.line)
                    : "a line without number";
}

uint32_t elements_in(uint64_t bytes, const AddressedArray& array) {
  const uint64_t elements = bytes > array.offset ? (bytes - array.offset) / std::max(array.stride, 1u) : 0;
  return static_cast<uint32_t>(std::min<uint64_t>(elements, UINT32_MAX));
}

uint32_t words_of(Scalar scalar) {
  return scalar == Scalar::i64 || scalar == Scalar::u64 || scalar == Scalar::f64 ? 2 : 1;
}

}  // namespace

Watch::Watch(std::shared_ptr<vk::Device> device, std::shared_ptr<const Instrumented> program,
             std::vector<std::string> arguments, uint64_t elements)
    : program_(std::move(program)),
      arguments_(std::move(arguments)),
      buffer_(vk::Buffer::create(std::move(device), (program_->layout.words() + elements) * 4, vk::Memory::readback,
                                 "what a kernel says")),
      listed_(program_->layout.words()) {
  std::memset(words(), 0, buffer_.size);
  buffer_.buffer->flush(0, buffer_.size);
}

void Watch::set_argument(size_t number, uint64_t address, uint64_t bytes) {
  const WatchLayout& layout = program_->layout;
  words()[WatchLayout::kAddresses + 2 * number] = static_cast<uint32_t>(address);
  words()[WatchLayout::kAddresses + 2 * number + 1] = static_cast<uint32_t>(address >> 32);
  for (uint32_t row = 0; row < layout.arrays; ++row)
    words()[layout.sizes() + row * layout.pointers + number] = elements_in(bytes, program_->arrays[row]);
  buffer_.buffer->flush(0, buffer_.size);
}

void Watch::set_list(uint32_t set, uint32_t binding, std::span<const uint64_t> bytes) {
  const auto& lists = program_->lists;
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const WatchedList& list) { return list.set == set && list.binding == binding; });
  if (found == lists.end()) return;
  uint32_t* row = words() + program_->layout.list_rows() + 2 * (found - lists.begin());
  row[0] = static_cast<uint32_t>(bytes.size());
  row[1] = listed_;
  for (const uint64_t size : bytes) words()[listed_++] = elements_in(size, found->array);
  buffer_.buffer->flush(0, buffer_.size);
}

std::string Watch::fault_text(const uint32_t* fault) const {
  if (fault[0] == 0 || fault[0] > program_->indices.size()) return "an unknown place";
  const IndexSite& site = program_->indices[fault[0] - 1];
  const std::string target = site.path_of(fault[3] < arguments_.size() ? arguments_[fault[3]] : "");
  const std::string index = site.is_signed ? std::to_string(static_cast<int32_t>(fault[1])) : std::to_string(fault[1]);
  return place_text(site.place) + ": index " + index + " of " + target + ", which has " + std::to_string(fault[2]) +
         " elements (invocation " + std::to_string(fault[4]) + ", " + std::to_string(fault[5]) + ", " +
         std::to_string(fault[6]) + ")";
}

void Watch::read_lines(WatchReport& report) const {
  const WatchLayout& layout = program_->layout;
  const uint32_t* text = words() + layout.prints();
  const uint32_t end = std::min(words()[WatchLayout::kPrinted], layout.print_words);
  for (uint32_t at = 0; at < end;) {
    const uint32_t number = text[at];
    if (number == 0 || number > program_->prints.size()) break;  // the line that no longer fitted
    const PrintSite& site = program_->prints[number - 1];
    uint32_t length = 1;
    for (const auto& argument : site.arguments) length += argument.components * words_of(argument.scalar);
    if (length > end - at) break;
    report.lines.push_back(format_print(site, text + at + 1));
    at += length;
  }
}

WatchReport Watch::collect() {
  const std::lock_guard lock(mutex_);
  buffer_.buffer->invalidate(0, buffer_.size);
  const WatchLayout& layout = program_->layout;
  WatchReport report;
  report.faults = words()[WatchLayout::kFaults];
  report.lost = words()[WatchLayout::kLost];
  const auto kept = static_cast<uint32_t>(std::min<uint64_t>(report.faults, WatchLayout::kMostFaults));
  for (uint32_t i = 0; i < kept && report.first.size() < kTold; ++i) {
    std::string text = fault_text(words() + layout.faults() + size_t{i} * WatchLayout::kFaultWords);
    // One for each place says more than the same place again.
    const auto place = text.substr(0, text.find(": index"));
    const bool known = std::any_of(report.first.begin(), report.first.end(),
                                   [&](const std::string& other) { return other.starts_with(place + ": index"); });
    if (!known) report.first.push_back(std::move(text));
  }
  read_lines(report);
  std::fill_n(words(), WatchLayout::kAddresses, 0u);
  std::fill(words() + layout.prints(), words() + layout.words(), 0u);
  buffer_.buffer->flush(0, buffer_.size);
  return report;
}

}  // namespace forge::shader
