#include "forge/shader/instrument_functions.hpp"

namespace forge::shader {

using namespace spirv;

namespace {

constexpr uint32_t kVersion13 = 0x10300, kVersion14 = 0x10400;
constexpr uint32_t kDecorationBlock = 2, kBuiltInGlobalInvocationId = 28;
constexpr uint32_t kScopeDevice = 1, kScopeQueueFamily = 5, kVulkanMemoryModel = 3;
constexpr uint32_t kNoControl = 0;

}  // namespace

WatchFunctions::WatchFunctions(Patch& patch, const Module& module, const WatchLayout& layout, uint32_t binding)
    : patch_(patch), module_(module), layout_(layout) {
  const uint32_t array = patch.aggregate(Op::type_runtime_array, {patch.uint_type()});
  const uint32_t block = patch.aggregate(Op::type_struct, {array});
  patch.decorate(array, Decoration::array_stride, {4});
  patch.decorate(block, static_cast<Decoration>(kDecorationBlock));
  patch.decorate_member(block, 0, Decoration::offset, 0);
  buffer_ = patch.global(Op::variable, patch.pointer(Storage::storage_buffer, block),
                         {static_cast<uint32_t>(Storage::storage_buffer)});
  patch.decorate(buffer_, Decoration::descriptor_set, {0});
  patch.decorate(buffer_, Decoration::binding, {binding});
  patch.name(buffer_, "forge.watch");
  if (module.version() >= kVersion14) patch.add_interface(buffer_);
  bool has_extension = module.version() >= kVersion13;
  for (const Instruction& i : module.globals()) {
    if (i.op() == Op::extension) has_extension |= i.text(0) == "SPV_KHR_storage_buffer_storage_class";
    if (static_cast<Put>(i.op()) == Put::memory_model && i[1] == kVulkanMemoryModel) scope_ = kScopeQueueFamily;
  }
  if (!has_extension) patch.add_extension("SPV_KHR_storage_buffer_storage_class");
}

uint32_t WatchFunctions::begin(Body& body, const std::vector<uint32_t>& signature, std::vector<uint32_t>& parameters) {
  const uint32_t function = patch_.id();
  body.push_back(line_of(Op::function, {signature[0], function, kNoControl, patch_.function_type(signature)}));
  for (size_t i = 1; i < signature.size(); ++i) {
    parameters.push_back(patch_.id());
    body.push_back(line_of(Put::function_parameter, {signature[i], parameters.back()}));
  }
  body.push_back(line_of(Put::label, {patch_.id()}));
  return function;
}

void WatchFunctions::end(Body& body) {
  body.push_back(line_of(Put::function_end, {}));
  auto& functions = patch_.functions();
  functions.insert(functions.end(), body.begin(), body.end());
}

uint32_t WatchFunctions::op(Body& body, Put what, uint32_t type, std::initializer_list<uint32_t> operands) {
  const uint32_t result = patch_.id();
  Line line = line_of(what, {type, result});
  line.insert(line.end(), operands.begin(), operands.end());
  line[0] = static_cast<uint32_t>(line.size()) << 16 | static_cast<uint16_t>(what);
  body.push_back(std::move(line));
  return result;
}

uint32_t WatchFunctions::add(Body& body, uint32_t a, uint32_t b) {
  return op(body, Put::i_add, patch_.uint_type(), {a, b});
}

uint32_t WatchFunctions::word(Body& body, uint32_t index) {
  return op(body, static_cast<Put>(Op::access_chain), patch_.pointer(Storage::storage_buffer, patch_.uint_type()),
            {buffer_, patch_.constant(0), index});
}

uint32_t WatchFunctions::load(Body& body, uint32_t index) {
  return op(body, static_cast<Put>(Op::load), patch_.uint_type(), {word(body, index)});
}

void WatchFunctions::store(Body& body, uint32_t index, uint32_t value) {
  body.push_back(line_of(Op::store, {word(body, index), value}));
}

uint32_t WatchFunctions::atomic_add(Body& body, uint32_t counter, uint32_t by) {
  return op(body, Put::atomic_i_add, patch_.uint_type(),
            {word(body, patch_.constant(counter)), patch_.constant(scope_), patch_.constant(0), by});
}

uint32_t WatchFunctions::atomic_load(Body& body, uint32_t counter) {
  return op(body, static_cast<Put>(Op::atomic_load), patch_.uint_type(),
            {word(body, patch_.constant(counter)), patch_.constant(scope_), patch_.constant(0)});
}

uint32_t WatchFunctions::invocation() {
  if (invocation_) return invocation_;
  for (const Instruction& i : module_.globals())
    if (i.op() == Op::variable && module_.decoration(i[1], Decoration::built_in) == kBuiltInGlobalInvocationId)
      return invocation_ = i[1];
  invocation_ = patch_.global(Op::variable, patch_.pointer(Storage::input, patch_.uvec_type(3)),
                              {static_cast<uint32_t>(Storage::input)});
  patch_.decorate(invocation_, Decoration::built_in, {kBuiltInGlobalInvocationId});
  patch_.add_interface(invocation_);
  return invocation_;
}

uint32_t WatchFunctions::check() {
  if (check_) return check_;
  const uint32_t number = patch_.uint_type();
  const auto value = [&](uint32_t v) { return patch_.constant(v); };
  std::vector<uint32_t> p;
  Body body;
  check_ = begin(body, {patch_.bool_type(), number, number, number, number}, p);
  const uint32_t bad = patch_.id(), count = patch_.id(), keep = patch_.id(), kept = patch_.id(), out = patch_.id();
  const uint32_t ok = op(body, Put::u_less_than, patch_.bool_type(), {p[1], p[2]});
  body.push_back(line_of(Put::selection_merge, {out, kNoControl}));
  body.push_back(line_of(Put::branch_conditional, {ok, out, bad}));
  body.push_back(line_of(Put::label, {bad}));
  // The counter stops long before it could wrap.
  const uint32_t open = op(body, Put::u_less_than, patch_.bool_type(),
                           {atomic_load(body, WatchLayout::kFaults), value(WatchLayout::kMostCounted)});
  body.push_back(line_of(Put::selection_merge, {kept, kNoControl}));
  body.push_back(line_of(Put::branch_conditional, {open, count, kept}));
  body.push_back(line_of(Put::label, {count}));
  const uint32_t slot = atomic_add(body, WatchLayout::kFaults, value(1));
  const uint32_t fits = op(body, Put::u_less_than, patch_.bool_type(), {slot, value(WatchLayout::kMostFaults)});
  const uint32_t counted = patch_.id();
  body.push_back(line_of(Put::selection_merge, {counted, kNoControl}));
  body.push_back(line_of(Put::branch_conditional, {fits, keep, counted}));
  body.push_back(line_of(Put::label, {keep}));
  const uint32_t at =
      add(body, op(body, Put::i_mul, number, {slot, value(WatchLayout::kFaultWords)}), value(layout_.faults()));
  for (uint32_t i = 0; i < 4; ++i) store(body, add(body, at, value(i)), p[i]);
  const uint32_t where = op(body, static_cast<Put>(Op::load), patch_.uvec_type(3), {invocation()});
  for (uint32_t axis = 0; axis < 3; ++axis)
    store(body, add(body, at, value(4 + axis)), op(body, Put::composite_extract, number, {where, axis}));
  body.push_back(line_of(Put::branch, {counted}));
  body.push_back(line_of(Put::label, {counted}));
  body.push_back(line_of(Put::branch, {kept}));
  body.push_back(line_of(Put::label, {kept}));
  body.push_back(line_of(Put::branch, {out}));
  body.push_back(line_of(Put::label, {out}));
  body.push_back(line_of(Op::return_value, {ok}));
  end(body);
  return check_;
}

uint32_t WatchFunctions::find() {
  if (find_) return find_;
  const uint32_t number = patch_.uint_type(), pair = patch_.uvec_type(2);
  std::vector<uint32_t> p;
  Body body;
  find_ = begin(body, {number, pair}, p);
  uint32_t found = patch_.constant(layout_.pointers);
  for (uint32_t i = layout_.pointers; i-- > 0;) {
    const uint32_t low = load(body, patch_.constant(WatchLayout::kAddresses + 2 * i));
    const uint32_t high = load(body, patch_.constant(WatchLayout::kAddresses + 2 * i + 1));
    const uint32_t address = op(body, static_cast<Put>(Op::composite_construct), pair, {low, high});
    const uint32_t both = patch_.type(Op::type_vector, {patch_.bool_type(), 2});
    const uint32_t same = op(body, Put::all, patch_.bool_type(), {op(body, Put::i_equal, both, {address, p[0]})});
    found = op(body, static_cast<Put>(Op::select), number, {same, patch_.constant(i), found});
  }
  body.push_back(line_of(Op::return_value, {found}));
  end(body);
  return find_;
}

uint32_t WatchFunctions::size() {
  if (size_) return size_;
  const uint32_t number = patch_.uint_type();
  std::vector<uint32_t> p;
  Body body;
  size_ = begin(body, {number, number, number}, p);
  const uint32_t known = op(body, Put::u_less_than, patch_.bool_type(), {p[0], patch_.constant(layout_.pointers)});
  const uint32_t argument = op(body, static_cast<Put>(Op::select), number, {known, p[0], patch_.constant(0)});
  const uint32_t row = op(body, Put::i_mul, number, {p[1], patch_.constant(layout_.pointers)});
  const uint32_t elements = load(body, add(body, add(body, row, argument), patch_.constant(layout_.sizes())));
  const uint32_t result = op(body, static_cast<Put>(Op::select), number, {known, elements, patch_.constant(~0u)});
  body.push_back(line_of(Op::return_value, {result}));
  end(body);
  return size_;
}

uint32_t WatchFunctions::list_count() {
  if (list_count_) return list_count_;
  const uint32_t number = patch_.uint_type();
  std::vector<uint32_t> p;
  Body body;
  list_count_ = begin(body, {number, number}, p);
  const uint32_t row = op(body, Put::i_mul, number, {p[0], patch_.constant(2)});
  const uint32_t count = load(body, add(body, row, patch_.constant(layout_.list_rows())));
  body.push_back(line_of(Op::return_value, {count}));
  end(body);
  return list_count_;
}

uint32_t WatchFunctions::list_size() {
  if (list_size_) return list_size_;
  const uint32_t number = patch_.uint_type();
  std::vector<uint32_t> p;
  Body body;
  list_size_ = begin(body, {number, number, number}, p);
  const uint32_t row = op(body, Put::i_mul, number, {p[0], patch_.constant(2)});
  const uint32_t start = load(body, add(body, row, patch_.constant(layout_.list_rows() + 1)));
  const uint32_t size = load(body, add(body, start, p[1]));
  body.push_back(line_of(Op::return_value, {size}));
  end(body);
  return list_size_;
}

uint32_t WatchFunctions::print(uint32_t words) {
  uint32_t& function = prints_[words];
  if (function) return function;
  const uint32_t number = patch_.uint_type();
  std::vector<uint32_t> signature(words + 2, number), p;
  signature[0] = patch_.void_type();
  Body body;
  function = begin(body, signature, p);
  const uint32_t ask = patch_.id(), asked = patch_.id(), write = patch_.id(), lost = patch_.id(), out = patch_.id();
  const auto less = [&](uint32_t a, uint32_t b) {
    return op(body, Put::u_less_than_equal, patch_.bool_type(), {a, b});
  };
  const uint32_t room = patch_.constant(layout_.print_words);
  const uint32_t open = less(atomic_load(body, WatchLayout::kPrinted), room);
  body.push_back(line_of(Put::selection_merge, {out, kNoControl}));
  body.push_back(line_of(Put::branch_conditional, {open, ask, lost}));
  body.push_back(line_of(Put::label, {ask}));
  const uint32_t start = atomic_add(body, WatchLayout::kPrinted, patch_.constant(words + 1));
  const uint32_t fits = less(add(body, start, patch_.constant(words + 1)), room);
  body.push_back(line_of(Put::selection_merge, {asked, kNoControl}));
  body.push_back(line_of(Put::branch_conditional, {fits, write, asked}));
  body.push_back(line_of(Put::label, {write}));
  const uint32_t at = add(body, start, patch_.constant(layout_.prints()));
  for (uint32_t i = 0; i <= words; ++i) store(body, add(body, at, patch_.constant(i)), p[i]);
  body.push_back(line_of(Put::branch, {asked}));
  body.push_back(line_of(Put::label, {asked}));
  const uint32_t missed =
      op(body, static_cast<Put>(Op::select), number, {fits, patch_.constant(0), patch_.constant(1)});
  atomic_add(body, WatchLayout::kLost, missed);
  body.push_back(line_of(Put::branch, {out}));
  body.push_back(line_of(Put::label, {lost}));
  atomic_add(body, WatchLayout::kLost, patch_.constant(1));
  body.push_back(line_of(Put::branch, {out}));
  body.push_back(line_of(Put::label, {out}));
  body.push_back(line_of(Put::return_void, {}));
  end(body);
  return function;
}

}  // namespace forge::shader
