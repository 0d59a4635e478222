#include "forge/shader/launch.hpp"

namespace forge::shader {

namespace {

void add_descriptor(const Program& program, const BoundArgument& bound, LaunchResources& resources) {
  vk::DescriptorWrite write{.set = bound.set,
                            .binding = bound.binding,
                            .type = program.descriptor_type(bound.set, bound.binding),
                            .resource = bound.resource};
  if (write.type == VK_DESCRIPTOR_TYPE_STORAGE_IMAGE) write.layout = VK_IMAGE_LAYOUT_GENERAL;
  resources.descriptors.push_back(std::move(write));
}

}  // namespace

LaunchResources compute_resources(const Program& program, const PackedArguments& arguments) {
  LaunchResources resources;
  for (const AddressArgument& argument : arguments.addressed())
    resources.buffers.push_back({argument.buffer, compute_usage(argument.access), argument.push_offset});
  for (const BoundArgument& bound : arguments.bound()) {
    add_descriptor(program, bound, resources);
    const bool storage = resources.descriptors.back().type == VK_DESCRIPTOR_TYPE_STORAGE_IMAGE;
    if (const auto* buffer = std::get_if<vk::BufferRef>(&bound.resource))
      resources.buffers.push_back({*buffer, compute_usage(bound.access)});
    else
      resources.images.push_back({std::get<vk::TextureRef>(bound.resource).image,
                                  storage ? compute_usage(bound.access) : vk::Usage::sampled_compute});
  }
  return resources;
}

// Which of the two stages reads a resource is not asked: declaring both costs nothing before a pass.
LaunchResources draw_resources(const Program& program, const PackedArguments& arguments) {
  LaunchResources resources;
  const auto add_buffer = [&](const vk::BufferRef& buffer, Access access, uint32_t at = vk::BufferTouch::kNoAddress) {
    resources.buffers.push_back({buffer, vk::Usage::vertex_shader_read, at});
    resources.buffers.push_back(
        {buffer, access == Access::read ? vk::Usage::fragment_shader_read : vk::Usage::fragment_shader_write, at});
  };
  for (const AddressArgument& argument : arguments.addressed())
    add_buffer(argument.buffer, argument.access, argument.push_offset);
  for (const BoundArgument& bound : arguments.bound()) {
    add_descriptor(program, bound, resources);
    if (const auto* buffer = std::get_if<vk::BufferRef>(&bound.resource)) {
      add_buffer(*buffer, bound.access);
      continue;
    }
    const auto& image = std::get<vk::TextureRef>(bound.resource).image;
    resources.images.push_back({image, vk::Usage::sampled_vertex});
    resources.images.push_back({image, vk::Usage::sampled_fragment});
  }
  return resources;
}

void dispatch_packed(vk::Commands& commands, Program& program, const PackedArguments& arguments,
                     std::array<uint32_t, 3> groups, std::span<const vk::SpecValue> spec) {
  const LaunchResources resources = compute_resources(program, arguments);
  commands.dispatch({.pipeline = program.compute(spec),
                     .push = arguments.push(),
                     .descriptors = resources.descriptors,
                     .buffers = resources.buffers,
                     .images = resources.images},
                    groups);
}

vk::DrawCall draw_packed(Program& program, const PackedArguments& arguments, const std::string& state_key,
                         const vk::DrawState& state) {
  LaunchResources resources = draw_resources(program, arguments);
  vk::DrawCall call;
  call.pipeline = program.graphics(state_key, state);
  call.push.assign(arguments.push().begin(), arguments.push().end());
  call.descriptors = std::move(resources.descriptors);
  call.buffers = std::move(resources.buffers);
  call.images = std::move(resources.images);
  return call;
}

}  // namespace forge::shader
