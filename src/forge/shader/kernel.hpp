#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/core/shape.hpp"
#include "forge/shader/layout.hpp"
#include "forge/shader/loop_watch.hpp"
#include "forge/shader/program.hpp"
#include "forge/shader/watch.hpp"
#include "forge/vk/texture.hpp"

namespace forge::shader {

/// One number as a caller wrote it: whether it was a bool, an integer or a float matters to the check.
using Number = std::variant<bool, int64_t, uint64_t, double>;

/// An array or raw buffer handed to a kernel.
struct ArrayArgument {
  vk::BufferRef buffer;
  std::optional<DType> dtype;  // none: raw bytes, any block fits
  Dims shape;
  bool writable = true;
  std::optional<HostType> record = std::nullopt;  // of structured arrays, in place of dtype
};

/// Scalars, vectors and matrices (column by column) for push constants.
struct NumbersArgument {
  std::vector<Number> values;
  bool is_sequence = false;
};

/// Structures for push constants, as NumPy holds them.
struct RecordsArgument {
  HostRecords records;
  std::vector<std::byte> bytes;  // of all elements in C order
};

/// A texture, or a sampler alone.
struct TextureArgument {
  std::shared_ptr<vk::Texture> texture;
  vk::SamplerKind sampler;
};

/// What an array of descriptors is given, element by element.
struct ListArgument {
  std::vector<std::variant<ArrayArgument, TextureArgument>> items;
};

struct NamedArgument {
  std::string name;
  std::variant<ArrayArgument, NumbersArgument, RecordsArgument, TextureArgument, ListArgument> value;
};

/// How many invocations or workgroups to run; exactly one of the three is given.
struct Grid {
  std::optional<std::array<uint64_t, 3>> threads;
  std::optional<std::array<uint64_t, 3>> groups;
  std::optional<ArrayArgument> groups_from = {};  // three uint32 that the device reads when the work begins
};

struct KernelOptions {
  std::string name = "kernel";
  std::map<std::string, Number> spec = {};  // specialisation constants by name
  bool debug = false;                  // check every index
};

/// Arguments checked against a kernel and packed: ready to record any number of times.
struct KernelCall {
  std::shared_ptr<vk::Device> device;  // first, so that it outlives the pipeline
  vk::PipelineRef pipeline;
  std::vector<std::byte> push;
  std::vector<vk::DescriptorWrite> descriptors;
  std::vector<vk::BufferTouch> buffers;
  std::vector<vk::ImageTouch> images;
  std::array<uint64_t, 3> groups{1, 1, 1};
  std::optional<vk::BufferRef> groups_from;  // instead of groups
  std::shared_ptr<Watch> watch;  // what the kernel says while it runs; of kernels that debug or print
  bool has_work = true;                                      // false: an axis of the grid is 0

  void record(vk::Commands& commands) const;
};

/// A user's compute shader on one device, called with arguments by the shader's own names.
class Kernel {
 public:
  /// One named thing a caller gives: a buffer, or a member of the push constants.
  struct Parameter {
    enum class Kind : unsigned char { binding, pointer, value } kind;
    std::string name;
    size_t index;  // into bindings, or into the push block's members
  };

  Kernel(std::shared_ptr<vk::Device> device, Words words, const KernelOptions& options);

  /// The same program with other values; those not named stay as they are.
  Kernel specialize(const std::map<std::string, Number>& given) const;
  /// What it takes, what it uses and what the driver says of it, a line each.
  std::string explain() const;
  std::span<const uint32_t> words() const { return program_->stages().front().words; }  // as the driver got them

  const std::shared_ptr<vk::Device>& device() const { return device_; }
  const Reflection& reflection() const { return program_->reflection(); }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::string& name() const { return program_->name(); }
  std::array<uint32_t, 3> workgroup() const { return program_->workgroup(spec_); }
  Access access(const Parameter& parameter) const;  // of array parameters; none for values
  /// True where this kernel reaches the named array by address: any alignment works.
  bool by_address(const Parameter& parameter) const { return parameter.kind == Parameter::Kind::pointer; }
  bool is_image(const Parameter& parameter) const;  // or a sampler
  bool is_list(const Parameter& parameter) const;   // an array of descriptors: takes several arrays or textures
  /// Descriptors of a list: 0 where each call says how many.
  uint32_t list_count(const Parameter& parameter) const;
  /// Throws BAD_SHAPE where a list has not as many elements as the shader declares.
  void check_count(const Parameter& parameter, size_t count) const;
  const Parameter* find(const std::string& name) const;
  std::string type_text(const Parameter& parameter) const;  // as GLSL writes it: "float[]"; of a list one element's
  std::string expected_text(
      const Parameter& parameter) const;  // with access, and how many: "list of 3 readonly float[]"
  std::string element_text(const Parameter& parameter) const;   // "readonly float[]"
  /// What NumPy needs to hold this argument: of arrays one element, of a block of several members the block.
  HostType host_type(const Parameter& parameter) const;

  /// Refuses what is missing, unknown, of the wrong kind, dtype, layout or size, or read-only where it is written.
  KernelCall bind(std::span<const NamedArgument> arguments, const Grid& grid);
  /// Packs another value of one push constant, with the same checks. False where only bind() can: it is an array.
  bool repack(const NamedArgument& argument, std::span<std::byte> push) const;
  /// Tells a watch where this kernel's arguments by address lie, out of what a call of it touches.
  void tell_addresses(std::span<const vk::BufferTouch> touches, Watch& watch) const;
  /// The alignment, in bytes, that an array for this parameter must have on the device.
  uint64_t alignment(const Parameter& parameter) const;

 private:
  void list_parameters();
  bool is_hidden(const Binding& binding) const;  // ours, not the shader's own
  void watch_arguments(std::span<const NamedArgument> arguments, KernelCall& call) const;
  void read_spec(const std::map<std::string, Number>& given);
  void choose_workgroup();
  std::string spec_lines() const;
  using Element = std::optional<uint32_t>;  // of a list
  void bind_array(const Parameter& parameter, Element element, const ArrayArgument& argument, KernelCall& call) const;
  void bind_range(const Parameter& parameter, Element element, const ArrayArgument& argument, KernelCall& call) const;
  void bind_numbers(const Parameter& parameter, const NumbersArgument& argument, KernelCall& call) const;
  void bind_records(const Parameter& parameter, const RecordsArgument& argument, KernelCall& call) const;
  void bind_texture(const Parameter& parameter, Element element, const TextureArgument& argument,
                    KernelCall& call) const;
  void bind_list(const Parameter& parameter, const ListArgument& argument, KernelCall& call) const;
  void tell_list(const std::string& parameter, const ListArgument& list, Watch& watch) const;
  void fill_room(std::span<const Program::Room> room, KernelCall& call) const;
  std::vector<Program::Room> room_for(std::span<const NamedArgument> arguments) const;
  void make_pipeline();
  std::string where(const Parameter& parameter, Element element = {}) const;  // "argument xs[2] of blur"
  void check_layout(const Parameter& parameter, const ArrayArgument& argument, const std::string& where) const;
  void check_names(std::span<const NamedArgument> arguments) const;
  void set_grid(const Grid& grid, KernelCall& call) const;
  vk::BufferRef indirect_groups(const ArrayArgument& from) const;
  const Block& block_of(const Parameter& parameter) const;
  std::string signature() const;  // "x: readonly float[], n: uint"

  std::shared_ptr<vk::Device> device_;
  std::shared_ptr<const LoopWatch> watch_;  // null: this device runs loops to their end
  std::shared_ptr<const Instrumented> watched_;  // of kernels that debug or print
  std::shared_ptr<Program> program_;  // of all that were specialised from one
  std::vector<vk::SpecValue> given_spec_, spec_;  // by id; what callers gave, and with the chosen workgroup
  std::string chosen_;                            // how, where the workgroup was
  std::vector<Parameter> parameters_;
};

/// Packs one number as a GLSL scalar; throws BAD_TYPE or INVALID_ARGUMENT where it would not arrive unchanged.
void pack_number(const Number& number, Scalar scalar, std::byte* to, const std::string& name);

/// The same for a whole push constant: scalar, vector, matrix or an array of them.
void pack_numbers(const Member& member, const NumbersArgument& argument, std::byte* push, const std::string& where);
/// Throws where a texture is not what a binding declares: dimensions, numbers, format of storage images.
void check_texture(const Binding& binding, const vk::Texture& texture, const std::string& where);
/// Throws where an array's elements are not what a block holds: dtype, padding, vector length.
void check_elements(const Block& block, DType dtype, const Dims& shape, const std::string& where);

}  // namespace forge::shader
