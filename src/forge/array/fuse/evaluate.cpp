#include <algorithm>
#include <cstring>
#include <mutex>

#include "forge/array/fuse/kernel_text.hpp"
#include "forge/array/ops/groups.hpp"
#include "forge/array/ops/window.hpp"
#include "forge/core/error.hpp"
#include "forge/shader/from_text.hpp"
#include "forge/shader/launch.hpp"

namespace forge::array {

namespace {

// Addresses in push constants of 128 bytes: the parameters' first, then as many arrays.
constexpr size_t kMostArrays = 15;
constexpr size_t kMostStatements = 128;  // of several values together
constexpr int64_t kShortRow = 64;        // elements
constexpr int64_t kWorthATail = 65536;  // elements of which the last three or fewer are worth a dispatch of their own

// The fused kernels of a device, by their text, and the lock under which values become arrays.
struct Fuser {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<shader::Program>, std::less<>> programs;
};
constexpr char kFuserKey{};

shader::Program& program_of(Fuser& fuser, vk::Device& device, const std::string& text, const std::string& name) {
  std::unique_ptr<shader::Program>& program = fuser.programs[text];
  if (program) return *program;
  shader::CompileOptions options;
  options.name = name;
  program = shader::program_from(device, text, std::move(options), name);
  return *program;
}

bool fits_words(const vk::Device& device, const Array& array) {
  const uint64_t alignment = std::max<uint64_t>(device.limits().storage_offset_alignment, 16);
  return size_of(array.dtype()) == 4 && array.nbytes() <= window_limit(device) &&
         (array.storage()->origin() + array.offset()) % alignment == 0;
}

WalkForm form_of(const vk::Device& device, const Fused& fused, const Walk& walk) {
  const size_t arrays = fused.inputs().size() + fused.outputs().size();
  const int64_t elements = element_count(walk.shape);
  bool words = (elements % 4 == 0 || elements >= kWorthATail) && arrays <= device.limits().max_stage_storage_buffers &&
               static_cast<uint64_t>(elements) * 4 <= window_limit(device);
  for (size_t k = 0; words && k < fused.inputs().size(); ++k)
    words = walk.uniform(k) || (walk.contiguous(k) && fits_words(device, fused.inputs()[k]));
  for (const Node* output : fused.outputs()) words = words && size_of(output->dtype) == 4;
  if (words) return WalkForm::words;
  return walk.shape.size() == 1 || walk.shape[walk.shape.size() - 1] >= kShortRow ? WalkForm::rows : WalkForm::cells;
}

// CPU drivers walk several streams of bound words best in one order, with few lanes; GPUs want many invocations.
KernelShape shape_of(const vk::Device& device, const Fused& fused, const Walk& walk, WalkForm form) {
  const bool cpu = device.info().type == vk::AdapterType::cpu;
  KernelShape shape{form, std::min(256u, device.limits().max_invocations), cpu ? 64u : 8u, walk.shape.size(), {}};
  if (shape.form == WalkForm::words && cpu) shape.workgroup = device.limits().subgroup_size;
  if (shape.form == WalkForm::words) shape.each = cpu ? 256 : 4;
  for (size_t k = 0; k < fused.inputs().size(); ++k) shape.uniform.push_back(walk.uniform(k));
  return shape;
}

void check_extent(const Fused& fused) {
  constexpr uint64_t kMost = 0xFFFF0000;  // kernels count in 32 bits, up to one step of a workgroup beyond the end
  auto most = static_cast<uint64_t>(element_count(fused.shape()));
  for (const Array& input : fused.inputs()) most = std::max(most, input.span().bytes.size / size_of(input.dtype()));
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
  int64_t from = 0;
};

shader::PackedArguments packed(const vk::BufferRef& parameters, const Fused& fused, const KernelShape& shape,
                               const std::vector<Array>& outputs, int64_t from) {
  shader::PackedArguments arguments;
  arguments.pointer(0, parameters, shader::Access::read);
  uint32_t push = 8, slot = 0;
  for (size_t k = 0; k < fused.inputs().size(); ++k, push += 8) {
    arguments.pointer(push, fused.inputs()[k].span().bytes, shader::Access::read);
    if (shape.form == WalkForm::words && !shape.uniform[k])
      arguments.bind(0, slot++, fused.inputs()[k].bytes(), shader::Access::read);
  }
  for (const Array& output : outputs) {
    const uint64_t skipped = static_cast<uint64_t>(from) * size_of(output.dtype());
    arguments.pointer(push, output.bytes().part(skipped, output.nbytes() - skipped), shader::Access::write);
    if (shape.form == WalkForm::words) arguments.bind(0, slot++, output.bytes(), shader::Access::write);
    push += 8;
  }
  return arguments;
}

void run_piece(Fuser& fuser, vk::Commands& commands, const Fused& fused, const std::vector<Array>& outputs,
               const Piece& piece) {
  const KernelShape shape = shape_of(commands.device(), fused, piece.walk, piece.form);
  std::vector<uint32_t> first;
  for (size_t k = 0; k < fused.inputs().size(); ++k) {
    const auto behind = fused.inputs()[k].span().first / size_of(fused.inputs()[k].dtype());
    first.push_back(static_cast<uint32_t>(static_cast<int64_t>(behind) + piece.from * piece.walk.strides[k][0]));
  }
  const vk::BufferRef parameters = parameters_on(commands, parameters_of(fused, shape, piece.walk, first));
  const std::string name = fused.name().empty() ? "copy" : fused.name();
  shader::dispatch_packed(commands, program_of(fuser, commands.device(), kernel_text(fused, shape), name),
                          packed(parameters, fused, shape, outputs, piece.from),
                          grid_of(shares_of(shape, piece.walk).groups, 1), {});
}

std::vector<Array> run(Fuser& fuser, vk::Commands& commands, const Fused& fused) {
  std::vector<Array> outputs;
  for (const Node* node : fused.outputs())
    outputs.push_back(Array::empty(commands.device_ptr(), node->dtype, fused.shape()));
  const int64_t elements = element_count(fused.shape());
  if (elements == 0) return outputs;
  check_extent(fused);
  Piece piece{walk_of(fused.shape(), fused.inputs()), WalkForm::cells};
  piece.form = form_of(commands.device(), fused, piece.walk);
  run_piece(fuser, commands, fused, outputs, piece);
  if (piece.form != WalkForm::words || elements % 4 == 0) return outputs;
  piece.walk.shape[0] = elements % 4;
  run_piece(fuser, commands, fused, outputs, {piece.walk, WalkForm::rows, elements / 4 * 4});
  return outputs;
}

// Turns values into arrays. What they were made of goes when this goes, after the lock: letting go may need other locks.
class Evaluation {
 public:
  Evaluation(Fuser& fuser, vk::Commands& commands) : fuser_(fuser), commands_(commands) {}

  void compute(Node& node) {
    if (node.is_ready() || add(node)) return;
    shrink(node);
    FORGE_ASSERT(add(node));  // now it reads three arrays at most
  }

  void flush() {
    for (const Fused& fused : kernels_) finish(fused, run(fuser_, commands_, fused));
    kernels_.clear();
  }

 private:
  bool waits(const Node& node) const {
    return std::any_of(kernels_.begin(), kernels_.end(), [&](const Fused& fused) {
      return std::find(fused.outputs().begin(), fused.outputs().end(), &node) != fused.outputs().end();
    });
  }

  // To the last kernel of its shape, or to a new one.
  bool add(Node& node) {
    if (waits(node)) return true;
    for (Fused& fused : kernels_)
      if (fused.shape() == node.shape && fused.statements() < kMostStatements && fused.add(node, kMostArrays))
        return true;
    Fused fresh(node.shape);
    if (!fresh.add(node, kMostArrays)) return false;
    kernels_.push_back(std::move(fresh));
    return true;
  }

  // Computes a node's operands, so that it reads no more arrays than a kernel may.
  void shrink(Node& node) {
    const auto operands = std::get<Node::Operation>(node.how).operands;
    for (const auto& operand : operands)
      if (!operand->is_number()) compute(*operand);
    flush();
  }

  void finish(const Fused& fused, std::vector<Array> arrays) {
    for (size_t i = 0; i < arrays.size(); ++i) {
      Node& node = *fused.outputs()[i];
      node.array = std::move(arrays[i]);
      spent_.push_back(std::move(node.how));
      node.how = std::monostate{};
      node.ready.store(true, std::memory_order_release);
    }
  }

  Fuser& fuser_;
  vk::Commands& commands_;
  std::vector<Fused> kernels_;
  std::vector<decltype(Node::how)> spent_;
};

}  // namespace

std::vector<Array> evaluate(const std::shared_ptr<vk::Device>& device, std::span<const Lazy> values, vk::Why why) {
  const bool ready = std::all_of(values.begin(), values.end(), [](const Lazy& v) { return v.computed() != nullptr; });
  if (!ready) {
    Fuser& fuser = device->shared_object<Fuser>(&kFuserKey, [] { return std::make_shared<Fuser>(); });
    vk::Commands commands(device);
    Evaluation evaluation(fuser, commands);
    const std::lock_guard lock(fuser.mutex);
    commands.because(why);
    try {
      for (const Lazy& value : values) evaluation.compute(*value.node());
      evaluation.flush();
    } catch (...) {
      commands.submit();  // what is recorded stands behind values that count as computed
      throw;
    }
    commands.submit();
  }
  std::vector<Array> arrays;
  for (const Lazy& value : values) arrays.push_back(*value.computed());
  return arrays;
}

}  // namespace forge::array
