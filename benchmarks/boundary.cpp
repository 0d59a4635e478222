// What the runtime adds to bare Vulkan calls: a prepared submission and wait, and recording dispatches.
// Prints one line a row: name, ours, the bare calls in the same run, and the ratio or distance.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "forge/shader/compile.hpp"
#include "forge/shader/kernel.hpp"
#include "forge/vk/device.hpp"
#include "forge/vk/slot.hpp"

namespace {

using namespace forge;
using Clock = std::chrono::steady_clock;

template <class Action>
double best_us(int rounds, int per_round, Action&& action) {
  double best = 1e300;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    for (int k = 0; k < per_round; ++k) action();
    best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - start).count() / per_round);
  }
  return best;
}

constexpr const char* kSource = R"(
layout(local_size_x = 64) in;
layout(binding = 0) buffer X { uint x[]; };
layout(push_constant) uniform Push { uint n; };
void main() { if (gl_GlobalInvocationID.x < n) x[gl_GlobalInvocationID.x] += 1; }
)";

shader::KernelCall make_call(shader::Kernel& kernel, const vk::BufferRef& memory) {
  const shader::NamedArgument arguments[] = {{"x", shader::ArrayArgument{memory, DType::uint32, Dims{64}, true}},
                                             {"n", shader::NumbersArgument{{int64_t{64}}, {}}}};
  return kernel.bind(arguments, {.threads = std::array<uint64_t, 3>{64, 1, 1}, .groups = {}});
}

// A submission and wait as one would write them by hand.
class Bare {
 public:
  Bare(vk::Device& device, VkCommandBuffer commands) : device_(device), commands_(commands) {
    VkSemaphoreTypeCreateInfo type{};
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO;
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO;
    info.pNext = &type;
    device_.vk().vkCreateSemaphore(device_.handle(), &info, nullptr, &semaphore_);
    device_.vk().vkGetDeviceQueue(device_.handle(), 0, 0, &queue_);
  }
  ~Bare() { device_.vk().vkDestroySemaphore(device_.handle(), semaphore_, nullptr); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void submit_and_wait() {
    ++number_;
    VkTimelineSemaphoreSubmitInfo values{};
    values.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO;
    values.signalSemaphoreValueCount = 1;
    values.pSignalSemaphoreValues = &number_;
    VkSubmitInfo info{};
    info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO;
    info.pNext = &values;
    info.commandBufferCount = 1;
    info.pCommandBuffers = &commands_;
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &semaphore_;
    device_.vk().vkQueueSubmit(queue_, 1, &info, VK_NULL_HANDLE);
    VkSemaphoreWaitInfo wait{};
    wait.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO;
    wait.semaphoreCount = 1;
    wait.pSemaphores = &semaphore_;
    wait.pValues = &number_;
    device_.vk().vkWaitSemaphores(device_.handle(), &wait, ~0ull);
  }

 private:
  vk::Device& device_;
  VkCommandBuffer commands_;
  VkSemaphore semaphore_ = VK_NULL_HANDLE;
  VkQueue queue_ = VK_NULL_HANDLE;
  uint64_t number_ = 0;
};

void row(const char* name, double ours, double bare, double limit) {
  std::printf("%-44s ours %8.2f us   bare %8.2f us   adds %6.2f us   ratio %.2f   (aim: adds < %.0f us)\n", name, ours,
              bare, ours - bare, ours / bare, limit);
}

}  // namespace

int main() {
  const auto device = vk::Device::open(vk::options_from_environment());
  std::printf("device: %s, %s\n", device->info().name.c_str(), device->info().driver.c_str());
  shader::Kernel kernel(device, shader::compile(kSource, {}), {});
  const vk::BufferRef memory(vk::Buffer::create(device, 256, vk::Memory::device));
  const shader::KernelCall call = make_call(kernel, memory);

  vk::Commands once(device);
  call.record(once);
  const auto prepared = once.prepare();
  device->wait(prepared->submit());
  const double ours = best_us(20, 500, [&] { device->wait(prepared->submit()); });
  Bare bare(*device, prepared->slot->commands);
  const double by_hand = best_us(20, 500, [&] { bare.submit_and_wait(); });
  row("prepared kernel, submit and wait", ours, by_hand, 15);

  constexpr int kDispatches = 1000;
  const double recorded = best_us(20, 1, [&] {
    vk::Commands commands(device);
    commands.begin_scope("no early submission");  // an open scope keeps the recording whole
    for (int i = 0; i < kDispatches; ++i) call.record(commands);
    commands.end_scope();
  });
  const auto& vk = device->vk();
  auto slot = device->take_slot();
  const double bare_recorded = best_us(20, 1, [&] {
    vk.vkResetCommandPool(device->handle(), slot->pool, 0);
    VkCommandBufferBeginInfo info{};
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO;
    vk.vkBeginCommandBuffer(slot->commands, &info);
    vk.vkCmdBindPipeline(slot->commands, VK_PIPELINE_BIND_POINT_COMPUTE, call.pipeline.pipeline->handle());
    VkMemoryBarrier barrier{};
    barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
    barrier.srcAccessMask = barrier.dstAccessMask = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT;
    for (int i = 0; i < kDispatches; ++i) {
      vk.vkCmdPipelineBarrier(slot->commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                              VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, 0, 1, &barrier, 0, nullptr, 0, nullptr);
      vk.vkCmdPushConstants(slot->commands, call.pipeline.layout, call.pipeline.push_stages, 0, 4, call.push.data());
      vk.vkCmdDispatch(slot->commands, 1, 1, 1);
    }
    vk.vkEndCommandBuffer(slot->commands);
  });
  device->give_slot(std::move(slot));
  row("1,000 dispatches recorded, each", recorded / kDispatches, bare_recorded / kDispatches, 3);
  return 0;
}
