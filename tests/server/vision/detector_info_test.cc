#include "server/vision/detector_info.h"

#include <gtest/gtest.h>

#include <memory>

namespace dnnd::server {
namespace {

// A picture of 8 x 6 goes in; one operator gives what comes out.
DetectorInfo DescribeModel(engine::Node node) {
  engine::Graph graph;
  engine::ValueNames names(graph);
  const engine::ValueId input = graph.AddValue("x", engine::DataType::kFloat32, names);
  const engine::ValueId output = graph.AddValue("y", engine::DataType::kFloat32, names);
  node.inputs = {input};
  node.outputs = {output};
  graph.inputs = {input};
  graph.outputs = {output};
  graph.nodes = {std::move(node)};
  engine::Signature signature;
  signature.inputs = {{"x", engine::DataType::kFloat32, {{3, ""}, {6, ""}, {8, ""}}, std::nullopt}};
  signature.outputs = {{"y", engine::DataType::kFloat32, {{-1, "n"}, {6, ""}}, std::nullopt}};
  return DescribeDetector(graph, signature, {3, 6, 8});
}

TEST(DetectorInfoTest, TellsWhetherTheModelSuppressesOverlapsItself) {
  EXPECT_FALSE(DescribeModel({.op = "Concat"}).suppresses);
  EXPECT_TRUE(DescribeModel({.op = "NonMaxSuppression"}).suppresses);
  for (const char* inner : {"Identity", "NonMaxSuppression"}) {
    auto branch = std::make_shared<engine::Graph>();
    branch->nodes.push_back({.op = inner});
    engine::Node node = {.op = "If"};
    node.attributes.Set("else_branch", std::shared_ptr<const engine::Graph>(branch));
    EXPECT_EQ(DescribeModel(node).suppresses, branch->nodes[0].op == "NonMaxSuppression");
  }
}

TEST(DetectorInfoTest, LeavesExtentsThatDataDecideOpen) {
  const DetectorInfo info = DescribeModel({.op = "Concat"});
  EXPECT_EQ(info.input.width, 8);
  ASSERT_EQ(info.outputs.size(), 1u);
  EXPECT_EQ(info.outputs[0].row.size(), 2u);
  EXPECT_EQ(info.outputs[0].Extent(0), -1);
  EXPECT_EQ(info.outputs[0].Extent(1), 6);
}

}  // namespace
}  // namespace dnnd::server
