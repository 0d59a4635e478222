#include "forge/infer/onnx/model.hpp"

#include <gtest/gtest.h>

#include "forge/core/error.hpp"

namespace forge::infer::onnx {
namespace {

Node node(const std::string& op, Texts inputs, Texts outputs) {
  return {op, "", op + "_1", std::move(inputs), std::move(outputs)};
}

Model model_of(std::vector<Node> nodes, Texts outputs) {
  Model model{{std::move(nodes), {{"x", DType::float32}}, {}, {}}, {{"", 17}}};
  for (const std::string& name : outputs) model.graph.outputs.push_back({name, std::nullopt});
  return model;
}

std::string refusal(Model model) {
  try {
    check(model);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(OnnxModel, NodesComeIntoAnOrderInWhichTheyCanRun) {
  Model model = model_of({node("Relu", {"b"}, {"y"}), node("Abs", {"a"}, {"b"}), node("Neg", {"x"}, {"a"})}, {"y"});
  check(model);
  EXPECT_EQ(model.graph.nodes[0].op, "Neg");
  EXPECT_EQ(model.graph.nodes[1].op, "Abs");
  EXPECT_EQ(model.graph.nodes[2].op, "Relu");
}

TEST(OnnxModel, ValuesGoWithTheirLastUse) {
  Model model = model_of({node("Neg", {"x"}, {"a"}), node("Abs", {"a"}, {"b"}), node("Add", {"a", "b"}, {"y"})}, {"y"});
  check(model);
  EXPECT_TRUE(model.graph.nodes[0].last.empty());
  EXPECT_TRUE(model.graph.nodes[1].last.empty());
  EXPECT_EQ(model.graph.nodes[2].last, (Texts{"a", "b"}));
}

TEST(OnnxModel, CirclesAreRefused) {
  EXPECT_NE(refusal(model_of({node("Neg", {"b"}, {"a"}), node("Abs", {"a"}, {"b"})}, {"b"})).find("circle"),
            std::string::npos);
}

TEST(OnnxModel, ValuesThatNobodyMakesAreRefused) {
  EXPECT_NE(refusal(model_of({node("Neg", {"no"}, {"y"})}, {"y"})).find("\"no\""), std::string::npos);
  EXPECT_NE(refusal(model_of({node("Neg", {"x"}, {"a"})}, {"y"})).find("\"y\""), std::string::npos);
}

TEST(OnnxModel, ValuesThatAreMadeTwiceAreRefused) {
  EXPECT_NE(refusal(model_of({node("Neg", {"x"}, {"y"}), node("Abs", {"x"}, {"y"})}, {"y"})).find("twice"),
            std::string::npos);
}

TEST(OnnxModel, OperatorsWithoutARowAreNamedWithOpsetAndNode) {
  const std::string text = refusal(model_of({node("Marvel", {"x"}, {"y"})}, {"y"}));
  EXPECT_NE(text.find("Marvel of opset 17 (node \"Marvel_1\")"), std::string::npos);
  EXPECT_EQ(unsupported(model_of({node("LayerNormalization", {"x", "x"}, {"y"})}, {"y"})).size(), 0u);
}

TEST(OnnxModel, ChainsOfAnyLengthAreOrdered) {
  std::vector<Node> nodes;
  for (int i = 20000; i > 0; --i)
    nodes.push_back(node("Neg", {i == 1 ? "x" : "v" + std::to_string(i - 1)}, {"v" + std::to_string(i)}));
  Model model = model_of(std::move(nodes), {"v20000"});
  check(model);
  EXPECT_EQ(model.graph.nodes.front().outputs[0], "v1");
}

}  // namespace
}  // namespace forge::infer::onnx
