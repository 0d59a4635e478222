#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "forge/infer/onnx/model.hpp"

// Nodes that become fewer nodes. Each row of the table can be switched off, for comparison.
namespace forge::infer::onnx {

/// Operators that models do not have, but what fusions make of theirs; they mean the same at every opset.
inline constexpr std::string_view kOwnDomain = "vulkan_forge";

class Rewriting;

struct FusionRow {
  std::string_view name, meaning;
  bool (*rewrite)(Rewriting&, size_t node);  // whether the node was replaced; null: decided while nodes are walked
};

std::span<const FusionRow> fusion_rows();

using Fusions = std::set<std::string, std::less<>>;
/// All of them, or those of these names. Throws INVALID_ARGUMENT for a name that is none.
Fusions fusions_named(const std::optional<Texts>& names);

/// Rewrites a model's graphs, those of nodes too. What is malformed stays as it is, for check() to say.
void fuse(Model& model, const Fusions& wanted);

}  // namespace forge::infer::onnx
