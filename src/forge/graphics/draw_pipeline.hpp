#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "forge/core/dtype.hpp"
#include "forge/graphics/target.hpp"
#include "forge/shader/kernel.hpp"

namespace forge::graphics {

/// Values of one vertex input, as they lie in a buffer.
struct VertexData {
  std::string name;          // the shader's own
  vk::BufferRef buffer;
  DType dtype = DType::float32;
  uint32_t components = 1;   // numbers a vertex
  uint32_t offset = 0;       // bytes from the start of a vertex
  uint32_t stride = 0;       // bytes from vertex to vertex
  uint64_t count = 0;        // vertices
};

struct IndexData {
  vk::BufferRef buffer;
  DType dtype = DType::uint32;
  uint64_t count = 0;
};

/// A user's vertex and fragment shader with fixed state; inputs and push constants are given by the shaders' own names.
class DrawPipeline {
 public:
  /// `state` gives everything but formats and vertex layout, which follow from the target and the shader.
  DrawPipeline(std::shared_ptr<vk::Device> device, shader::Words vertex, shader::Words fragment, vk::DrawState state,
               std::string name);

  const std::shared_ptr<vk::Device>& device() const { return device_; }
  const shader::Reflection& vertex_stage() const { return program_->reflection(0); }
  const std::string& name() const { return program_->name(); }

  struct Inputs {
    std::vector<VertexData> vertices;
    std::optional<IndexData> indices;
    std::vector<shader::NamedArgument> values;  // push constants
    uint32_t instances = 1;
    std::optional<uint64_t> count;  // vertices to draw where the shader takes no inputs
  };
  /// Refuses what is missing, unknown, or of another type or count.
  vk::DrawCall call(const Target& target, const Inputs& inputs);

 private:
  void check_resources() const;
  void add_streams(const Inputs& inputs, vk::DrawState& state, vk::DrawCall& call, uint64_t& count) const;
  void add_push(const Inputs& inputs, vk::DrawCall& call) const;
  const shader::Member* push_member(const std::string& name) const;

  std::shared_ptr<vk::Device> device_;
  std::unique_ptr<shader::Program> program_;
  vk::DrawState state_;
};

}  // namespace forge::graphics
