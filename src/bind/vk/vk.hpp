#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "forge/vk/refs.hpp"

namespace forge::bind {

void bind_device(pybind11::module_& module);
void bind_profile(pybind11::module_& module);
void bind_event(pybind11::module_& module);
void bind_buffer(pybind11::module_& module);
void bind_texture(pybind11::module_& module);

/// The words of a Texture or Sampler; throws INVALID_ARGUMENT naming what there is.
vk::SamplerKind to_sampler(const std::string& filter, const std::string& wrap, bool normalized);

}  // namespace forge::bind
