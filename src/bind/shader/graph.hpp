#pragma once

#include <pybind11/pybind11.h>

#include "bind/objects.hpp"
#include "forge/shader/graph.hpp"

namespace forge::bind {

struct OpenRecording;

/// A graph while its block is open, and after.
class PyGraph {
 public:
  void begin(std::shared_ptr<vk::Device> device);
  void finish(bool failed);
  shader::GraphRecording& capturing() const;  // throws outside of the block, and in another thread
  std::shared_ptr<shader::Graph> share() const;  // throws inside it, and where it failed
  bool ready() const { return graph_ != nullptr; }
  bool closed() const { return closed_; }
  void close();

 private:
  [[noreturn]] static void refuse_closed();
  std::shared_ptr<OpenRecording> open_;
  std::shared_ptr<shader::Graph> graph_;
  bool failed_ = false, closed_ = false;
};

/// What this thread records inside `with vf.record()`; null where it records nothing. Calls that can be captured ask
/// here before they run.
shader::GraphRecording* recording();
/// For what cannot be part of a graph: throws where this thread records one.
void refuse_recording(const char* what);

/// Captures a kernel's call; its arguments may be `vf.param`s.
void capture_call(shader::GraphRecording& open, const std::shared_ptr<shader::Kernel>& kernel,
                  pybind11::dict arguments);
/// A call that goes by its kernel's name and its arguments' own.
shader::GraphCall named_call(const std::shared_ptr<shader::Kernel>& kernel,
                             std::vector<shader::NamedArgument> arguments, const shader::Grid& grid);
/// A number under a name, as vf.param gives it to a call; takes its name and leaves the value. "" for others.
std::string take_param(pybind11::object& value);

void bind_graph(pybind11::module_& module);

}  // namespace forge::bind
