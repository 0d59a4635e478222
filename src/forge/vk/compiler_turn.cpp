#include "forge/vk/compiler_turn.hpp"

#include "forge/vk/device.hpp"

namespace forge::vk {

namespace {

struct Compiler {
  std::mutex mutex;
  const Device* busy = nullptr;  // whose work may still run: one at most
};

Compiler& compiler() {
  static auto* one = new Compiler;  // leaked on purpose: the process may end while devices live
  return *one;
}

// Nothing is submitted meanwhile, as that takes a turn. A device that is lost says so to whoever waits for its work.
void wait_for_busy(Compiler& one) {
  if (one.busy) static_cast<void>(one.busy->vk().vkDeviceWaitIdle(one.busy->handle()));
  one.busy = nullptr;
}

}  // namespace

CompilerTurn CompilerTurn::to_send(const Device& device) {
  if (!device.compiles_alone()) return {};
  Compiler& one = compiler();
  CompilerTurn turn(one.mutex);
  if (one.busy != &device) wait_for_busy(one);
  one.busy = &device;
  return turn;
}

CompilerTurn CompilerTurn::to_make(const Device& device) { return to_open(device.compiles_alone()); }

CompilerTurn CompilerTurn::to_open(bool compiles_alone) {
  if (!compiles_alone) return {};
  Compiler& one = compiler();
  CompilerTurn turn(one.mutex);
  wait_for_busy(one);
  return turn;
}

void CompilerTurn::forget(const Device& device) {
  if (!device.compiles_alone()) return;
  Compiler& one = compiler();
  const std::lock_guard lock(one.mutex);
  if (one.busy == &device) wait_for_busy(one);
}

}  // namespace forge::vk
