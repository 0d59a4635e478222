#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/graphics/target.hpp"
#include "forge/shader/callable.hpp"

namespace forge::graphics {

/// Values of one vertex input, as they lie in a buffer.
struct VertexData {
  std::string name;          // the shader's own
  vk::BufferRef buffer;
  DType dtype = DType::float32;
  uint32_t components = 1;   // numbers a vertex
  uint32_t offset = 0;       // bytes from the start of a vertex
  uint32_t stride = 0;       // bytes from vertex to vertex
  uint64_t count = 0;        // vertices, or instances
  bool per_instance = false;
};

struct IndexData {
  vk::BufferRef buffer;
  DType dtype = DType::uint32;
  uint64_t count = 0;
};

/// Rows of counts that the device reads: 4 uint32 a draw, 5 with indices.
struct IndirectData {
  vk::BufferRef buffer;
  uint32_t columns = 4;
  uint64_t rows = 1;
};

/// A user's vertex and fragment shader with fixed state; vertices and arguments are given by the shaders' own names.
class DrawPipeline : public shader::Callable {
 public:
  using Spec = std::map<std::string, shader::Number>;  // specialisation constants by name, of both stages
  /// `state` gives everything but formats and vertex layout, which follow from the target and the shader.
  DrawPipeline(std::shared_ptr<vk::Device> device, shader::Words vertex, shader::Words fragment, vk::DrawState state,
               std::string name, const Spec& spec = {});

  const std::vector<shader::InterfaceVariable>& inputs() const { return program_->reflection(0).inputs; }
  const std::vector<shader::InterfaceVariable>& outputs() const { return program_->reflection(1).outputs; }
  const vk::DrawState& state() const { return state_; }

  struct Inputs {
    std::vector<VertexData> vertices;  // per vertex and per instance
    std::optional<IndexData> indices;
    std::optional<IndirectData> indirect;
    std::vector<shader::NamedArgument> values;
    std::optional<uint64_t> instances;
    std::optional<uint64_t> count;  // vertices to draw where the shader takes no inputs
  };
  /// Refuses what is missing, unknown, or of another type or count.
  vk::DrawCall call(const Target& target, const Inputs& inputs) const;

 private:
  struct Counts {
    std::optional<uint64_t> vertices, instances;
  };
  void check_writes(const Parameter& parameter) const;
  void describe(const Target& target, vk::DrawState& state) const;
  void match_outputs(const Target& target, vk::DrawState& state) const;
  void add_streams(const Inputs& inputs, vk::DrawState& state, vk::DrawCall& call, Counts& counts) const;
  void add_stream(const VertexData& data, const shader::InterfaceVariable& input, vk::DrawState& state,
                  vk::DrawCall& call) const;
  void add_counts(const Inputs& inputs, const Counts& counts, vk::DrawCall& call) const;
  void add_indirect(const Inputs& inputs, vk::DrawCall& call) const;
  void check_device(const vk::BufferRef& memory, const std::string& what) const;
  std::string input_names() const;

  vk::DrawState state_;
};

}  // namespace forge::graphics
