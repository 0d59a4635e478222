#pragma once

#include <pybind11/pybind11.h>

#include "bind/shader/graph.hpp"

namespace forge::bind {

/// What a graph says about itself: nodes, edges, names, text, pictures.
void bind_graph_text(pybind11::class_<PyGraph>& cls);

}  // namespace forge::bind
