#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/core/shape.hpp"
#include "forge/shader/layout.hpp"
#include "forge/shader/program.hpp"
#include "forge/shader/watch.hpp"
#include "forge/vk/texture.hpp"

// What kernels and draws share: arguments by the shader's own names, checked against what it says about itself.
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

/// Scalars, vectors, matrices and arrays of them for push constants: all numbers in one row as GLSL's constructors take
/// them, or in the shape of the array, then that of an element, a matrix written row by row.
struct NumbersArgument {
  std::vector<Number> values;  // in C order
  Dims shape;  // of a number alone: none

  bool is_sequence() const { return !shape.empty(); }
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

/// Arguments checked and packed, in the recorder's terms.
struct BoundArguments {
  std::vector<std::byte> push;
  std::vector<vk::DescriptorWrite> descriptors;
  std::vector<vk::BufferTouch> buffers;
  std::vector<vk::ImageTouch> images;
  bool has_work = true;  // false: an axis of the grid is 0
};

/// A program of one stage or several that is called with arguments by the shaders' own names.
class Callable {
 public:
  /// One named thing a caller gives: a buffer, or a member of the push constants.
  struct Parameter {
    enum class Kind : unsigned char { binding, pointer, value } kind;
    std::string name;
    size_t index;  // into bindings, or into the push block's members
    VkShaderStageFlags stages = VK_SHADER_STAGE_COMPUTE_BIT;  // that declare it
  };

  const std::shared_ptr<vk::Device>& device() const { return device_; }
  const Reflection& reflection() const { return *interface_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::string& name() const { return program_->name(); }
  Access access(const Parameter& parameter) const;  // of array parameters; none for values
  /// True where the shader reaches the named array by address: any alignment works.
  bool by_address(const Parameter& parameter) const { return parameter.kind == Parameter::Kind::pointer; }
  bool is_image(const Parameter& parameter) const;  // or a sampler
  bool is_list(const Parameter& parameter) const;  // an array of descriptors: takes several arrays or textures
  /// Descriptors of a list: 0 where each call says how many.
  uint32_t list_count(const Parameter& parameter) const;
  /// Throws BAD_SHAPE where a list has not as many elements as the shader declares.
  void check_count(const Parameter& parameter, size_t count) const;
  const Parameter* find(const std::string& name) const;
  std::string type_text(const Parameter& parameter) const;  // as GLSL writes it: "float[]"; of a list one element's
  std::string expected_text(
      const Parameter& parameter) const;  // with access, and how many: "list of 3 readonly float[]"
  std::string element_text(const Parameter& parameter) const;  // "readonly float[]"
  /// What NumPy needs to hold this argument: of arrays one element, of a block of several members the block.
  HostType host_type(const Parameter& parameter) const;
  /// Packs another value of one push constant, with the same checks. False where only binding anew can: it is an array.
  bool repack(const NamedArgument& argument, std::span<std::byte> push) const;
  /// Tells a watch where the arguments by address lie, out of what a call touches.
  void tell_addresses(std::span<const vk::BufferTouch> touches, Watch& watch) const;
  /// The alignment, in bytes, that an array for this parameter must have on the device.
  uint64_t alignment(const Parameter& parameter) const;

 protected:
  /// `word`: what it is in messages, "kernel" or "pipeline".
  Callable(std::shared_ptr<vk::Device> device, std::string_view word) : device_(std::move(device)), word_(word) {}
  ~Callable() = default;
  Callable(const Callable&) = default;
  Callable& operator=(const Callable&) = default;

  void add_binding(size_t index, VkShaderStageFlags stages);  // refuses what cannot be given by name
  void add_push_member(size_t index, VkShaderStageFlags stages);
  /// Refuses what is missing, unknown, of the wrong kind, dtype, layout or size, or read-only where it is written.
  void check_names(std::span<const NamedArgument> arguments) const;
  void bind_arguments(std::span<const NamedArgument> arguments, std::span<const Program::Room> room,
                      BoundArguments& call) const;
  std::vector<Program::Room> room_for(std::span<const NamedArgument> arguments) const;
  std::string where(const Parameter& parameter,
                    std::optional<uint32_t> element = {}) const;  // "argument xs[2] of blur"
  std::string signature() const;  // "x: readonly float[], n: uint"

  std::shared_ptr<vk::Device> device_;
  std::string_view word_;
  std::shared_ptr<Program> program_;
  std::shared_ptr<const Reflection> interface_;  // of all stages together
  std::vector<vk::SpecValue> spec_;
  std::vector<Parameter> parameters_;

 private:
  using Element = std::optional<uint32_t>;  // of a list
  void bind_array(const Parameter& parameter, Element element, const ArrayArgument& argument,
                  BoundArguments& call) const;
  void bind_range(const Parameter& parameter, Element element, const ArrayArgument& argument,
                  BoundArguments& call) const;
  void bind_numbers(const Parameter& parameter, const NumbersArgument& argument, BoundArguments& call) const;
  void bind_records(const Parameter& parameter, const RecordsArgument& argument, BoundArguments& call) const;
  void bind_texture(const Parameter& parameter, Element element, const TextureArgument& argument,
                    BoundArguments& call) const;
  void bind_list(const Parameter& parameter, const ListArgument& argument, BoundArguments& call) const;
  void touch_image(const Parameter& parameter, const std::shared_ptr<vk::Image>& image, const std::string& where,
                   BoundArguments& call) const;
  void fill_room(std::span<const Program::Room> room, BoundArguments& call) const;
  void check_layout(const Parameter& parameter, const ArrayArgument& argument, const std::string& where) const;
  const Block& block_of(const Parameter& parameter) const;
};

/// How the stages touch what they read and write, one usage a stage.
std::vector<vk::Usage> usages_of(VkShaderStageFlags stages, Access access);
/// The same of images that are sampled.
std::vector<vk::Usage> sampled_usages(VkShaderStageFlags stages);

/// Packs one number as a GLSL scalar; throws BAD_TYPE or INVALID_ARGUMENT where it would not arrive unchanged.
void pack_number(const Number& number, Scalar scalar, std::byte* to, const std::string& name);

/// The same for a whole push constant: scalar, vector, matrix or an array of them.
void pack_numbers(const Member& member, const NumbersArgument& argument, std::byte* push, const std::string& where);
/// Throws where a texture is not what a binding declares: dimensions, numbers, format of storage images.
void check_texture(const Binding& binding, const vk::Texture& texture, const std::string& where);
/// Throws where an array's elements are not what a block holds: dtype, padding, vector length.
void check_elements(const Block& block, DType dtype, const Dims& shape, const std::string& where);

}  // namespace forge::shader
