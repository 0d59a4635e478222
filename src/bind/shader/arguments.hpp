#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "bind/ndarray.hpp"
#include "bind/shader/dtypes.hpp"
#include "forge/shader/kernel.hpp"

namespace forge::bind {

/// A kernel's arguments as they came from Python, on their way to the device and, for copies, back.
class CallArguments {
 public:
  enum class Lifetime : unsigned char {
    borrowed,  // the call waits: the caller holds the ndarrays
    kept,      // shared ndarrays live until the device has finished with them
  };
  CallArguments(const shader::Callable& kernel, const pybind11::dict& given, Lifetime lifetime = Lifetime::borrowed);

  std::span<const shader::NamedArgument> named() const { return named_; }
  bool shares_host_memory() const { return shares_; }
  bool brings_back() const;  // fetch() has something to do
  /// Host arrays that had to be copied are sent to the device; run without the GIL.
  void send() const;
  /// What the kernel wrote comes back into the caller's ndarrays; run without the GIL, after the wait.
  void fetch() const;

 private:
  struct Copied {
    vk::BufferRef buffer;
    void* host;
    bool reads, writes;
  };
  struct Written {  // a host array that the kernel writes, in place or in a copy
    std::string name;
    uintptr_t begin, end;
    bool copied;
  };
  void add(const shader::Callable& kernel, const std::string& name, pybind11::handle value);
  void add_list(const shader::Callable& kernel, const shader::Callable::Parameter& parameter, pybind11::handle value);
  shader::ArrayArgument take_ndarray(const shader::Callable& kernel, const shader::Callable::Parameter& parameter,
                                     const std::string& name, pybind11::handle value);
  void note(const std::string& name, const HostElements& host, bool writes, bool copied);
  void add_value(const shader::Callable::Parameter& parameter, pybind11::handle value);

  std::vector<shader::NamedArgument> named_;
  std::vector<Copied> copied_;
  std::vector<Written> written_;
  std::vector<std::shared_ptr<void>> held_;  // what lists hold now: they may change while the device works
  Lifetime lifetime_;
  bool shares_ = false;
};

/// What is on the device already: an Array, Buffer, Texture or Sampler; none for anything else.
using Resource = std::variant<shader::ArrayArgument, shader::TextureArgument>;
std::optional<Resource> to_resource(pybind11::handle value);
/// Takes threads=, groups= and groups_from= out of a kernel's arguments.
shader::Grid take_grid(pybind11::dict& arguments);
/// For calls that outlive their arguments: refuses memory that is only borrowed.
void refuse_ndarrays(const shader::Callable& kernel, const pybind11::dict& arguments, const char* where);
/// threads= or groups=: an int or up to three.
std::optional<std::array<uint64_t, 3>> to_grid(pybind11::handle value, const char* what);
bool has(shader::Access access, shader::Access bit);
/// A number, a sequence, or a matrix written row by row.
shader::NumbersArgument to_numbers_argument(pybind11::handle value, const std::string& name);
shader::Number to_number(pybind11::handle value, const std::string& name);

}  // namespace forge::bind
