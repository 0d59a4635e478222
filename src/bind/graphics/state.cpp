// A DrawState of Python in Vulkan's words.
#include "bind/graphics/draw.hpp"

namespace py = pybind11;

namespace forge::bind {

namespace {

template <class T>
struct Named {
  const char* name;
  T value;
};

using vk::Compare;
using vk::Cull;
using vk::Topology;

// clang-format off: a row for each word
constexpr Named<Topology> kTopologies[] = {{"triangles", Topology::triangles},
                                           {"triangle-strip", Topology::triangle_strip},
                                           {"lines", Topology::lines},
                                           {"line-strip", Topology::line_strip},
                                           {"points", Topology::points}};
constexpr Named<Cull> kCulls[] = {{"none", Cull::none}, {"back", Cull::back}, {"front", Cull::front}};
constexpr Named<bool> kFronts[] = {{"counter-clockwise", false}, {"clockwise", true}};
constexpr Named<Compare> kCompares[] = {
    {"never", Compare::never}, {"less", Compare::less}, {"less-equal", Compare::less_equal}, {"equal", Compare::equal},
    {"greater-equal", Compare::greater_equal}, {"greater", Compare::greater}, {"not-equal", Compare::not_equal},
    {"always", Compare::always}};
constexpr Named<VkBlendFactor> kFactors[] = {
    {"zero", VK_BLEND_FACTOR_ZERO}, {"one", VK_BLEND_FACTOR_ONE},
    {"source", VK_BLEND_FACTOR_SRC_COLOR}, {"one-minus-source", VK_BLEND_FACTOR_ONE_MINUS_SRC_COLOR},
    {"target", VK_BLEND_FACTOR_DST_COLOR}, {"one-minus-target", VK_BLEND_FACTOR_ONE_MINUS_DST_COLOR},
    {"source-alpha", VK_BLEND_FACTOR_SRC_ALPHA}, {"one-minus-source-alpha", VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA},
    {"target-alpha", VK_BLEND_FACTOR_DST_ALPHA}, {"one-minus-target-alpha", VK_BLEND_FACTOR_ONE_MINUS_DST_ALPHA}};
constexpr Named<VkBlendOp> kOperations[] = {
    {"add", VK_BLEND_OP_ADD}, {"subtract", VK_BLEND_OP_SUBTRACT}, {"reverse-subtract", VK_BLEND_OP_REVERSE_SUBTRACT},
    {"min", VK_BLEND_OP_MIN}, {"max", VK_BLEND_OP_MAX}};
constexpr Named<VkStencilOp> kStencilOps[] = {
    {"keep", VK_STENCIL_OP_KEEP}, {"zero", VK_STENCIL_OP_ZERO}, {"replace", VK_STENCIL_OP_REPLACE},
    {"increment", VK_STENCIL_OP_INCREMENT_AND_CLAMP}, {"decrement", VK_STENCIL_OP_DECREMENT_AND_CLAMP},
    {"increment-wrap", VK_STENCIL_OP_INCREMENT_AND_WRAP}, {"decrement-wrap", VK_STENCIL_OP_DECREMENT_AND_WRAP},
    {"invert", VK_STENCIL_OP_INVERT}};
// clang-format on

template <class T, size_t N>
T named(const Named<T> (&rows)[N], py::handle from, const char* attribute) {
  const auto word = py::str(from.attr(attribute)).cast<std::string>();
  std::string known;
  for (const auto& row : rows) {
    if (word == row.name) return row.value;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  throw Error(ErrorCode::INVALID_ARGUMENT, std::string("unknown ") + attribute, known, "'" + word + "'");
}

uint32_t to_mask(const std::string& channels) {
  uint32_t mask = 0;
  for (const char channel : channels) mask |= 1u << std::string_view("rgba").find(channel);
  return mask & 0xF;
}

vk::Blend to_blend(py::handle blend, const std::string& write) {
  vk::Blend made;
  made.mask = to_mask(write);
  if (blend.is_none()) return made;
  made.enabled = true;
  made.color = {named(kFactors, blend, "source"), named(kFactors, blend, "target"),
                named(kOperations, blend, "operation")};
  made.alpha = {named(kFactors, blend, "source_alpha"), named(kFactors, blend, "target_alpha"),
                named(kOperations, blend, "operation_alpha")};
  return made;
}

vk::StencilFace to_face(py::handle face) {
  return {named(kCompares, face, "compare"), named(kStencilOps, face, "fail"), named(kStencilOps, face, "depth_fail"),
          named(kStencilOps, face, "success")};
}

void set_stencil(py::handle stencil, vk::DrawState& made) {
  if (stencil.is_none()) return;
  made.stencil_test = true;
  made.stencil.front = to_face(stencil);
  const py::object back = stencil.attr("back");
  made.stencil.back = back.is_none() ? made.stencil.front : to_face(back);
  made.stencil.reference = stencil.attr("reference").cast<uint32_t>();
  made.stencil.read_mask = stencil.attr("read_mask").cast<uint32_t>();
  made.stencil.write_mask = stencil.attr("write_mask").cast<uint32_t>();
}

}  // namespace

vk::DrawState to_draw_state(py::handle state) {
  vk::DrawState made;
  made.depth_test = made.depth_write = true;
  if (state.is_none()) return made;
  if (!py::hasattr(state, "blends") || !py::hasattr(state, "topology"))
    throw Error(ErrorCode::BAD_TYPE, "the state of a Pipeline", "a graphics.DrawState", Py_TYPE(state.ptr())->tp_name);
  made.topology = named(kTopologies, state, "topology");
  made.primitive_restart = state.attr("primitive_restart").cast<bool>();
  made.cull = named(kCulls, state, "cull");
  made.front_clockwise = named(kFronts, state, "front");
  made.wireframe = state.attr("wireframe").cast<bool>();
  made.line_width = state.attr("line_width").cast<float>();
  made.depth_test = state.attr("depth_test").cast<bool>();
  made.depth_write = made.depth_test && state.attr("depth_write").cast<bool>();
  made.depth_compare = named(kCompares, state, "depth_compare");
  const py::tuple bias = state.attr("depth_bias");
  made.depth_bias_constant = bias[0].cast<float>();
  made.depth_bias_slope = bias[1].cast<float>();
  set_stencil(state.attr("stencil"), made);
  made.alpha_to_coverage = state.attr("alpha_to_coverage").cast<bool>();
  made.blends.clear();
  for (const auto pair : state.attr("blends"))
    made.blends.push_back(to_blend(pair[py::int_(0)], pair[py::int_(1)].cast<std::string>()));
  return made;
}

}  // namespace forge::bind
