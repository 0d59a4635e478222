// What a C++ user writes: one kernel of their own, on the best device, and one of the library's.
#include <cstdio>
#include <vector>

#include "forge/core/error.hpp"
#include "forge/shader/compile.hpp"
#include "forge/shader/kernel.hpp"
#include "forge/vk/commands.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/staging.hpp"
#include "forge_shaders/raster/horn.hpp"

using namespace forge;

int main() try {
  const auto device = vk::Device::open({});
  constexpr uint32_t n = 1000;
  const auto memory = vk::Buffer::create(device, n * sizeof(float), vk::Memory::device);
  const vk::BufferRef buffer{memory, 0, memory->size()};

  shader::Kernel fill(device,
                      shader::compile(R"(#version 450
    layout(local_size_x = 64) in;
    layout(binding = 0) writeonly buffer Y { float y[]; };
    layout(push_constant) uniform Push { uint n; float value; };
    void main() { uint i = gl_GlobalInvocationID.x; if (i < n) y[i] = value * float(i); }
  )",
                                      {}),
                      {});
  const shader::NamedArgument arguments[] = {
      {"y", shader::ArrayArgument{buffer, DType::float32, Dims{n}}},
      {"n", shader::NumbersArgument{{uint64_t{n}}, {}}},
      {"value", shader::NumbersArgument{{2.5}, {}}},
  };
  vk::Commands commands(device);
  fill.bind(arguments, {.threads = std::array<uint64_t, 3>{n, 1, 1}, .groups = {}}).record(commands);
  device->wait(commands.submit());

  std::vector<float> values(n);
  vk::download(values.data(), buffer);
  const bool packed = !k::horn::modules().empty();
  std::printf("%s on %s\n", values[999] == 2497.5f && packed ? "OK" : "WRONG", device->info().name.c_str());
  return 0;
} catch (const forge::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
