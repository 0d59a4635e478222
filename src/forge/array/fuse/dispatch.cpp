#include "forge/array/fuse/dispatch.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "forge/array/fuse/kernel_text.hpp"
#include "forge/array/ops/groups.hpp"
#include "forge/array/ops/team.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/from_text.hpp"
#include "forge/shader/launch.hpp"

namespace forge::array {

namespace {

constexpr int64_t kShortRow = 64;       // elements
constexpr uint32_t kElementsOfRows = 2048;  // that a workgroup takes where rows are shorter
constexpr int64_t kWorthATail = 65536;  // elements of which the last few are worth a dispatch of their own
constexpr int64_t kWorthCompiling = 1000000000;  // host_cost: what takes the host longer than LLVM at once
constexpr std::chrono::milliseconds kCompiling{60};  // about what LLVM takes for a short chain
constexpr char kFuserKey{};

// CPU drivers that round as IEEE 754 says, so that nobody sees who computed.
bool gives_the_hosts_bits(const vk::Device& device) {
  return device.info().type == vk::AdapterType::cpu && device.has("shaderRoundingModeRTEFloat32") &&
         device.has("shaderSignedZeroInfNanPreserveFloat32");
}

std::string key_of(const Fused& fused) {
  std::string key;
  fused.append_key(key);
  return key;
}

shader::Program& program_of(Fuser& fuser, vk::Device& device, const Fused& fused, const KernelShape& shape) {
  std::string key;
  shape.append_key(key);
  fused.append_key(key);
  std::unique_ptr<shader::Program>& program = fuser.programs[key];
  if (program) return *program;
  fuser.host_shares[key_of(fused)] = {};
  shader::CompileOptions options;
  options.name = fused.name();
  program = shader::program_from(device, kernel_text(fused, shape), options, options.name);
  return *program;
}

bool fits_words(const vk::Device& device, const Array& array) {
  const uint64_t alignment = std::max<uint64_t>(device.limits().storage_offset_alignment, 16);
  return size_of(array.dtype()) == 4 && array.nbytes() <= window_limit(device) &&
         (array.storage()->origin() + array.offset()) % alignment == 0;
}

bool begins_with_a_word(const Array& array) { return (array.storage()->origin() + array.span().bytes.offset) % 4 == 0; }

WalkForm form_of(const vk::Device& device, const Fused& fused, const Walk& walk, const std::vector<Array>& outputs) {
  const size_t arrays = fused.inputs().size() + fused.outputs().size();
  const int64_t elements = element_count(walk.shape);
  bool words = (elements % 4 == 0 || elements >= kWorthATail) && arrays <= device.limits().max_stage_storage_buffers &&
               static_cast<uint64_t>(elements) * 4 <= window_limit(device);
  for (size_t k = 0; words && k < fused.inputs().size(); ++k)
    words = walk.uniform(k) || (walk.contiguous(k) && !walk.is_ahead(k) && fits_words(device, fused.inputs()[k]));
  for (size_t i = 0; words && i < outputs.size(); ++i)
    words = walk.contiguous(fused.inputs().size() + i) && fits_words(device, outputs[i]);
  if (words) return WalkForm::words;
  return walk.shape.size() == 1 || walk.shape[walk.shape.size() - 1] >= kShortRow ? WalkForm::rows : WalkForm::cells;
}

bool goes_along(const Walk& walk, size_t array) { return walk.strides[array][walk.shape.size() - 1] != 0; }

// Rows in words: what goes along a row lies in one piece, and each row begins with a whole word.
bool rows_fit_words(const vk::Device& device, const Walk& walk, const std::vector<Array>& arrays) {
  if (walk.shape[walk.shape.size() - 1] % 4 != 0 || arrays.size() > device.limits().max_stage_storage_buffers)
    return false;
  for (size_t k = 0; k < arrays.size(); ++k)
    if (goes_along(walk, k) && (walk.is_ahead(k) || !arrays[k].contiguous() || !fits_words(device, arrays[k])))
      return false;
  return true;
}

// Enough rows for a device, each short enough for a workgroup.
bool suits_row_by_row(const Walk& walk) {
  constexpr int64_t kLongest = 65536;
  const int64_t length = walk.shape[walk.shape.size() - 1];
  return length >= kShortRow && length <= kLongest && element_count(walk.shape) / length >= kShortRow;
}

// A workgroup a row, with lanes of a power of two, which a tree reduces; of short rows several, one after the other, where
// lanes share nothing, since a workgroup costs a CPU driver what a hundred elements do.
void share_rows(const vk::Device& device, const Walk& walk, KernelShape& shape) {
  const auto length = static_cast<uint32_t>(walk.shape[walk.shape.size() - 1]);
  const bool cpu = device.info().type == vk::AdapterType::cpu;
  const uint32_t lanes = cpu ? device.limits().subgroup_size : std::clamp(length / 4, 32u, shape.workgroup);
  shape.workgroup = std::bit_floor(lanes);
  shape.one_subgroup = cpu && shape.workgroup == team_of(device).lanes && !team_of(device).emulated;
  shape.each = shape.one_subgroup ? std::max(1u, kElementsOfRows / length) : 1;
  shape.shared_bytes = std::min(16384u, device.limits().max_shared_bytes / 2);  // the lanes' sums need some, too
  if (shape.form == WalkForm::reduced_words) shape.row_room = std::bit_ceil(length / shape.word);
}

uint8_t axes_ahead(const Dims& places) {
  uint8_t axes = 0;
  for (size_t i = 0; i < places.size(); ++i) axes = static_cast<uint8_t>(axes | (places[i] != 0) << i);
  return axes;
}

bool is_in_words(WalkForm form) { return form == WalkForm::words || form == WalkForm::reduced_words; }

// Elements of a word: eight where memory is accessed lane by lane, as one access of 32 bytes is cheaper than two of 16. Each
// element's statements are a copy of the text: where those are long, LLVM takes longer for more than accesses gain.
uint32_t word_of(const vk::Device& device, const Fused& fused, const Walk& walk, WalkForm form) {
  if (!is_in_words(form) || !team_of(device).long_words) return 4;
  const auto costly = std::count_if(fused.statements().begin(), fused.statements().end(),
                                    [](const Statement& s) { return s.is_costly(); });
  if (form == WalkForm::words && costly > 1) return 4;
  const int64_t elements = form == WalkForm::words ? element_count(walk.shape) : walk.shape[walk.shape.size() - 1];
  return elements % 8 == 0 || elements % 4 != 0 ? 8 : 4;  // where there is a rest, one dispatch does it whatever it is
}

// CPU drivers walk several streams of bound words best in one order, with few lanes; GPUs want many invocations.
KernelShape shape_of(const vk::Device& device, const Fused& fused, const Walk& walk, WalkForm form, uint32_t word) {
  const bool cpu = device.info().type == vk::AdapterType::cpu;
  KernelShape shape{form, std::min(256u, device.limits().max_invocations), 8, walk.shape.size(), {}, false, {}, {}};
  if (cpu) shape.workgroup = device.limits().subgroup_size;
  if (cpu) shape.each = 256;
  if (shape.form == WalkForm::words && !cpu) shape.each = 4;
  shape.word = word;
  shape.long_words = is_in_words(form) && team_of(device).long_words;
  if (takes_rows(form)) share_rows(device, walk, shape);
  for (size_t k = 0; k < fused.inputs().size(); ++k) shape.uniform.push_back(walk.uniform(k));
  for (const Array& input : fused.inputs())
    shape.parts.push_back(reads_in_parts(input.dtype()) && begins_with_a_word(input));
  for (const Dims& places : walk.ahead) shape.ahead.push_back(axes_ahead(places));
  for (size_t i = 0; i < fused.outputs().size(); ++i)
    shape.strided = shape.strided || takes_rows(form) || !walk.lies_in_order(fused.inputs().size() + i);
  for (size_t k = 0; takes_rows(form) && k < walk.strides.size(); ++k)
    (k < fused.inputs().size() ? shape.row_constant : shape.row_results).push_back(!goes_along(walk, k));
  for (size_t k = 0; k < walk.strides.size(); ++k) {
    const bool through_words = form == WalkForm::words || (form == WalkForm::reduced_words && goes_along(walk, k));
    const bool bound = through_words && !(k < fused.inputs().size() && shape.uniform[k]);
    (k < fused.inputs().size() ? shape.bound_inputs : shape.bound_outputs).push_back(bound);
  }
  return shape;
}

void check_extent(const Fused& fused, const std::vector<Array>& outputs) {
  constexpr uint64_t kMost = 0xFFFF0000;  // kernels count in 32 bits, up to one step of a workgroup beyond the end
  auto most = static_cast<uint64_t>(element_count(fused.shape()));
  for (const auto* arrays : {&fused.inputs(), &fused.tables(), &outputs})
    for (const Array& array : *arrays) most = std::max(most, array.span().bytes.size / size_of(array.dtype()));
  if (most > kMost)
    throw Error(ErrorCode::LIMIT_EXCEEDED, "an array is too long for one elementwise kernel",
                "at most " + std::to_string(kMost) + " elements from the first to the last", std::to_string(most),
                "work in pieces");
}

vk::BufferRef parameters_on(vk::Commands& commands, const std::vector<uint32_t>& words) {
  auto buffer =
      vk::Buffer::create(commands.device_ptr(), words.size() * 4, vk::Memory::upload, "parameters of a fused kernel");
  std::memcpy(buffer->mapped(), words.data(), words.size() * 4);
  buffer->flush(0, words.size() * 4);
  return buffer;
}

// What one dispatch computes: all, or from an element on where all is one axis.
struct Piece {
  Walk walk;
  WalkForm form;
  uint32_t word = 4;  // elements
  int64_t from = 0;
};

shader::PackedArguments packed(const vk::BufferRef& parameters, const Fused& fused, const KernelShape& shape,
                               const std::vector<Array>& outputs, int64_t from) {
  shader::PackedArguments arguments;
  arguments.pointer(0, parameters, shader::Access::read);
  uint32_t push = 8, slot = 0;
  for (size_t k = 0; k < fused.inputs().size(); ++k, push += 8) {
    arguments.pointer(push, fused.inputs()[k].span().bytes, shader::Access::read);
    if (shape.bound_inputs[k]) arguments.bind(0, slot++, fused.inputs()[k].bytes(), shader::Access::read);
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Array& output = outputs[i];
    const uint64_t skipped = static_cast<uint64_t>(from) * size_of(output.dtype());
    const vk::BufferRef bytes = output.span().bytes;
    arguments.pointer(push, bytes.part(skipped, bytes.size - skipped), shader::Access::write);
    if (shape.bound_outputs[i]) arguments.bind(0, slot++, output.bytes(), shader::Access::write);
    push += 8;
  }
  for (const Array& table : fused.tables()) {
    arguments.pointer(push, table.bytes(), shader::Access::read);
    push += 8;
  }
  return arguments;
}

void run_piece(Fuser& fuser, vk::Commands& commands, const Fused& fused, const std::vector<Array>& outputs,
               const Piece& piece) {
  const KernelShape shape = shape_of(commands.device(), fused, piece.walk, piece.form, piece.word);
  std::vector<uint32_t> first;
  for (size_t k = 0; k < fused.inputs().size(); ++k) {
    const auto behind = fused.inputs()[k].span().first / size_of(fused.inputs()[k].dtype());
    first.push_back(static_cast<uint32_t>(static_cast<int64_t>(behind) + piece.from * piece.walk.strides[k][0]));
  }
  for (const Array& output : outputs)
    first.push_back(static_cast<uint32_t>(output.span().first / size_of(output.dtype())));
  const vk::BufferRef parameters = parameters_on(commands, parameters_of(fused, shape, piece.walk, first));
  shader::dispatch_packed(commands, program_of(fuser, commands.device(), fused, shape),
                          packed(parameters, fused, shape, outputs, piece.from),
                          grid_of(shares_of(shape, piece.walk).groups, 1), {});
}

}  // namespace

Fuser& Fuser::of(vk::Device& device) {
  return device.shared_object<Fuser>(&kFuserKey, [] { return std::make_shared<Fuser>(); });
}

bool Fuser::lets_host_do(const Fused& fused, int64_t cost, const vk::Device& device) {
  if (fused.by_rows() || cost > kWorthCompiling || device.profiling() || !gives_the_hosts_bits(device)) return false;
  return host_shares.try_emplace(key_of(fused), kCompiling).first->second.count() > 0;
}

void Fuser::host_did(const Fused& fused, std::chrono::nanoseconds time) { host_shares[key_of(fused)] -= time; }

void dispatch_fused(Fuser& fuser, vk::Commands& commands, const Fused& fused, const std::vector<Array>& outputs) {
  const int64_t elements = element_count(fused.shape());
  if (elements == 0) return;
  check_extent(fused, outputs);
  std::vector<Array> arrays = fused.inputs();
  arrays.insert(arrays.end(), outputs.begin(), outputs.end());
  Piece piece{walk_of(fused.shape(), arrays, fused.by_rows(), fused.ahead()), WalkForm::reduced};
  if (!fused.by_rows()) piece.form = form_of(commands.device(), fused, piece.walk, outputs);
  const bool is_rows = fused.by_rows() || (piece.form == WalkForm::rows && suits_row_by_row(piece.walk));
  if (is_rows && rows_fit_words(commands.device(), piece.walk, arrays)) piece.form = WalkForm::reduced_words;
  piece.word = word_of(commands.device(), fused, piece.walk, piece.form);
  run_piece(fuser, commands, fused, outputs, piece);
  const int64_t rest = elements % piece.word;
  if (piece.form != WalkForm::words || rest == 0) return;
  piece.walk.shape[0] = rest;
  run_piece(fuser, commands, fused, outputs, {piece.walk, WalkForm::rows, 4, elements - rest});
}

}  // namespace forge::array
