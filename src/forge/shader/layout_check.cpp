// Does a structured array lie in memory as the shader reads it? Field by field, in the shader's order.
#include <algorithm>

#include "forge/core/error.hpp"
#include "forge/shader/layout.hpp"

namespace forge::shader {

namespace {

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t extent : shape) text += "[" + (extent ? std::to_string(extent) : "") + "]";
  return text;
}

std::string type_text(const HostType& type) {
  return (type.is_record() ? "a structure" : std::string(name_of(type.dtype))) + shape_text(type.shape);
}

std::string names_text(const HostType& type) {
  std::string text;
  for (const HostField& field : type.fields) text += (text.empty() ? "" : ", ") + field.name;
  return text;
}

std::string at_byte(uint64_t offset) { return " at byte " + std::to_string(offset); }

// A runtime array's extent is whatever the array has.
bool same_shape(const std::vector<int64_t>& wanted, const std::vector<int64_t>& given) {
  return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(),
                    [](int64_t a, int64_t b) { return a == 0 || a == b; });
}

// Complex numbers are vectors of two.
bool same_numbers(const HostType& wanted, const HostType& given) {
  if (given.dtype == wanted.dtype) return same_shape(wanted.shape, given.shape);
  if (wanted.shape.empty() || wanted.shape.back() != 2) return false;
  return same_element(given.dtype, wanted.dtype, 2) &&
         same_shape({wanted.shape.begin(), wanted.shape.end() - 1}, given.shape);
}

class Comparison {
 public:
  Comparison(const HostType& wanted, std::string where, std::string_view helper)
      : wanted_(wanted), where_(std::move(where)), helper_(helper) {}

  void records(const HostType& wanted, const HostType& given, const std::string& path) const {
    for (const HostField& field : wanted.fields) {
      const auto found = std::find_if(given.fields.begin(), given.fields.end(),
                                      [&](const HostField& other) { return other.name == field.name; });
      if (found == given.fields.end())
        refuse(ErrorCode::BAD_DTYPE, "lacks field " + path + field.name, type_text(field.type) + at_byte(field.offset),
               "fields " + names_text(given));
      one(field, *found, path);
    }
    for (const HostField& field : given.fields)
      if (!field.name.starts_with('_') && std::none_of(wanted.fields.begin(), wanted.fields.end(),
                                                       [&](const auto& known) { return known.name == field.name; }))
        refuse(ErrorCode::BAD_DTYPE, "has a field that the shader lacks, " + path + field.name,
               "fields " + names_text(wanted), type_text(field.type) + at_byte(field.offset));
  }

  void itemsize(const HostType& wanted, const HostType& given, const std::string& of) const {
    if (wanted.size != given.size)
      refuse(ErrorCode::NOT_CONTIGUOUS, "has " + of + " of another size",
             std::to_string(wanted.size) + " bytes from one to the next",
             std::to_string(given.size) + " (its itemsize)");
  }

  [[noreturn]] void refuse(ErrorCode code, const std::string& what, std::string expected, std::string got) const {
    throw Error(code, where_ + " " + what, std::move(expected), std::move(got),
                "use " + helper_ + ", which is " + numpy_text(wanted_));
  }

 private:
  void one(const HostField& wanted, const HostField& given, const std::string& path) const {
    const std::string name = path + wanted.name;
    const bool same_kind = wanted.type.is_record() == given.type.is_record();
    const bool same = same_kind && (wanted.type.is_record() ? same_shape(wanted.type.shape, given.type.shape)
                                                            : same_numbers(wanted.type, given.type));
    if (!same)
      refuse(ErrorCode::BAD_DTYPE, "has another type in field " + name, type_text(wanted.type) + at_byte(wanted.offset),
             type_text(given.type) + at_byte(given.offset));
    if (wanted.offset != given.offset)
      refuse(ErrorCode::NOT_CONTIGUOUS, "has field " + name + " at another place",
             "byte " + std::to_string(wanted.offset), "byte " + std::to_string(given.offset));
    if (!wanted.type.is_record()) return;
    records(wanted.type, given.type, name + ".");
    if (!wanted.type.shape.empty()) itemsize(wanted.type, given.type, "elements of " + name);
  }

  const HostType& wanted_;
  std::string where_;
  std::string helper_;
};

void check(const HostType& wanted, const HostRecords& given, bool is_array, const std::string& where,
           std::string_view helper) {
  const Comparison comparison(wanted, where, helper);
  if (!wanted.is_record())
    throw Error(ErrorCode::BAD_DTYPE, where + " takes numbers", numpy_text(wanted), "structures",
                "hand in the field that holds them, copied: np.ascontiguousarray(a[\"field\"])");
  comparison.records(wanted, given.type, "");
  const auto count = static_cast<uint64_t>(element_count(given.shape));
  if (is_array || count > 1) comparison.itemsize(wanted, given.type, "elements");
}

}  // namespace

void check_records(const Block& block, const HostRecords& given, const std::string& where, std::string_view helper) {
  const HostType wanted = host_element(block);
  const bool whole = block.members.size() != 1 || block.members.front().offset != 0;
  if (whole && element_count(given.shape) != 1)
    throw Error(ErrorCode::BAD_SHAPE, where + " is one block of several members", "one structure, shape () or (1,)",
                "shape " + to_string(given.shape), "call the kernel for one at a time: a[:1]");
  check(wanted, given, !whole && !block.members.front().type.array.empty(), where, helper);
}

void check_records(const Member& member, const HostRecords& given, const std::string& where, std::string_view helper) {
  HostType wanted = host_type(member.type);
  uint64_t count = 1;
  for (const uint32_t extent : member.type.array) count *= extent;
  wanted.shape.clear();
  if (static_cast<uint64_t>(element_count(given.shape)) != count)
    throw Error(ErrorCode::BAD_SHAPE, where, to_string(member.type) + ", " + std::to_string(count) + " structures",
                "shape " + to_string(given.shape));
  check(wanted, given, count > 1, where, helper);
}

}  // namespace forge::shader
