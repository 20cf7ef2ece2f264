#include "engine/ir/graph.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "engine/ir/builder.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// x -> a -> b -> output, with a constant and a node that nothing reads.
struct Small {
  Graph graph;
  ValueId x;
  ValueId weight;
  ValueId a;
  ValueId b;
  ValueId unused;
};

Small MakeSmall() {
  GraphBuilder builder("small", 13);
  Small small;
  small.x = builder.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{4, ""}});
  small.weight = builder.Constant("w", Tensor::Of<float>(Shape({4}), {1, 2, 3, 4}));
  small.a = builder.Op("Add", "a", {small.x, small.weight});
  small.unused = builder.Op("Relu", "unused", {small.a});
  small.b = builder.Op("LeakyRelu", "b", {small.a}, {{"alpha", 0.5f}});
  builder.Output(small.b);
  small.graph = *std::move(builder).Build();
  return small;
}

std::shared_ptr<const Graph> Share(Graph graph) {
  return std::make_shared<const Graph>(std::move(graph));
}

TEST(Graph, KnowsProducersConsumersAndOutputs) {
  const Small small = MakeSmall();
  EXPECT_EQ(small.graph.Producers()[small.a], 0);
  EXPECT_EQ(small.graph.Producers()[small.x], kNoNode);
  EXPECT_EQ(small.graph.Consumers()[small.a], (std::vector<NodeId>{1, 2}));
  EXPECT_TRUE(small.graph.IsOutput(small.b));
  EXPECT_FALSE(small.graph.IsOutput(small.a));
}

TEST(Graph, ADumpIsStable) {
  EXPECT_EQ(Dump(MakeSmall().graph),
            "graph \"small\" (%x:float32[N,4])\n"
            "  %a:undefined = Add(%x:float32[N,4], $w:float32[4])\n"
            "  %unused:undefined = Relu(%a:undefined)\n"
            "  %b:undefined = LeakyRelu(%a:undefined)\n"
            "  return %b:undefined\n");
}

TEST(Graph, ADumpShowsTheGraphsInsideANodeBelowIt) {
  Small small = MakeSmall();
  small.graph.nodes[1].attributes.Set("else_branch", Share(MakeSmall().graph));
  EXPECT_THAT(VerifyGraph(small.graph), IsOk());
  EXPECT_THAT(Dump(small.graph),
              HasSubstr("  %unused:undefined = Relu(%a:undefined)\n"
                        "    else_branch: graph \"small\" (%x:float32[N,4])\n"
                        "      %a:undefined = Add(%x:float32[N,4], $w:float32[4])\n"));
  EXPECT_THAT(Dump(small.graph), HasSubstr("      return %b:undefined\n"
                                           "  %b:undefined = LeakyRelu"));
}

TEST(Graph, NamesAreMadeUnique) {
  Graph graph;
  ValueNames names(graph);
  EXPECT_EQ(graph.value(graph.AddValue("v", DataType::kFloat32, names)).name, "v");
  EXPECT_EQ(graph.value(graph.AddValue("v", DataType::kFloat32, names)).name, "v#1");
  ValueNames later(graph);
  EXPECT_EQ(graph.value(graph.AddValue("v", DataType::kFloat32, later)).name, "v#2");
}

TEST(Graph, DeadNodesGoAndLiveOnesStay) {
  Small small = MakeSmall();
  EXPECT_TRUE(RemoveDeadNodes(small.graph));
  ASSERT_EQ(small.graph.nodes.size(), 2);
  EXPECT_EQ(small.graph.nodes[1].op, "LeakyRelu");
  EXPECT_FALSE(RemoveDeadNodes(small.graph));
}

TEST(Graph, UsesAreReplacedInNodesAndOutputs) {
  Small small = MakeSmall();
  ReplaceUses(small.graph, small.a, small.x);
  EXPECT_EQ(small.graph.nodes[2].inputs[0], small.x);
  ReplaceUses(small.graph, small.b, small.unused);
  EXPECT_TRUE(small.graph.IsOutput(small.unused));
}

struct Breakage {
  const char* name;
  void (*breaks)(Small&);
  const char* message;
};

class VerifyGraphFinds : public ::testing::TestWithParam<Breakage> {};

TEST_P(VerifyGraphFinds, TheBrokenInvariant) {
  Small small = MakeSmall();
  ASSERT_THAT(VerifyGraph(small.graph), IsOk());
  GetParam().breaks(small);
  EXPECT_THAT(VerifyGraph(small.graph),
              StatusIs(absl::StatusCode::kInternal, HasSubstr(GetParam().message)));
}

const Breakage kBreakages[] = {
    {"AnOrderThatCannotRun",
     [](Small& small) { std::swap(small.graph.nodes[0], small.graph.nodes[2]); },
     "before it is produced"},
    {"TwoProducers", [](Small& small) { small.graph.nodes[1].outputs[0] = small.a; },
     "something else produces already"},
    {"ANodeThatWritesAnInput", [](Small& small) { small.graph.nodes[1].outputs[0] = small.x; },
     "something else produces already"},
    {"AnArgumentThatIsNotThere", [](Small& small) { small.graph.nodes[1].inputs[0] = 99; },
     "does not exist"},
    {"AnOutputThatIsNotThere", [](Small& small) { small.graph.outputs[0] = 99; },
     "output is not produced"},
    {"AnInputThatIsNotThere", [](Small& small) { small.graph.inputs[0] = -7; },
     "input does not exist"},
    {"TwoValuesOfOneName", [](Small& small) { small.graph.value(small.a).name = "x"; },
     "two values are named \"x\""},
    {"AValueWithoutName", [](Small& small) { small.graph.value(small.a).name = ""; },
     "has no name"},
    {"ABranchThatIsBroken",
     [](Small& small) {
       Graph branch = MakeSmall().graph;
       branch.outputs[0] = 99;
       small.graph.nodes[1].attributes.Set("then_branch", Share(branch));
     },
     "then_branch of Relu node \"unused\" (opset 13): graph invariant broken: a graph output"},
    {"ABranchThatReadsMoreThanItIsGiven",
     [](Small& small) {
       Graph branch = MakeSmall().graph;
       branch.inputs.push_back(branch.inputs[0]);
       small.graph.nodes[1].attributes.Set("then_branch", Share(branch));
     },
     "has 2 inputs, the node 1"},
};

INSTANTIATE_TEST_SUITE_P(All, VerifyGraphFinds, ::testing::ValuesIn(kBreakages),
                         [](const auto& info) { return info.param.name; });

TEST(Attributes, GiveTheDefaultWhereTheyAreAbsentOrOfAnotherType) {
  Attributes attributes = {{"axis", int64_t{2}}, {"mode", std::string("linear")}};
  EXPECT_EQ(attributes.Int("axis", 0), 2);
  EXPECT_EQ(attributes.Int("other", 7), 7);
  EXPECT_EQ(attributes.Float("axis", 0.5f), 0.5f);
  EXPECT_EQ(attributes.String("mode", ""), "linear");
  EXPECT_FALSE(attributes.TensorValue("value").defined());
  attributes.Remove("axis");
  EXPECT_FALSE(attributes.Has("axis"));
}

TEST(Attributes, ListTheGraphsAmongThem) {
  const std::shared_ptr<const Graph> graph = Share(MakeSmall().graph);
  const Attributes attributes = {{"axis", int64_t{2}}, {"then_branch", graph}};
  EXPECT_EQ(attributes.Subgraph("then_branch"), graph.get());
  EXPECT_EQ(attributes.Subgraph("axis"), nullptr);
  EXPECT_EQ(attributes.Subgraph("else_branch"), nullptr);
  ASSERT_EQ(attributes.Subgraphs().size(), 1);
  EXPECT_EQ(attributes.Subgraphs()[0].first, "then_branch");
}

TEST(Constant, ReadsStoredElementsAnewAndSaysWhereReadingFailed) {
  const float values[] = {1, 2, 3};
  const auto source = BytesInMemory(std::string(reinterpret_cast<const char*>(values), 12));
  const Constant stored({DataType::kFloat32, Shape({2})}, source, 4);
  EXPECT_EQ(stored.in_memory(), nullptr);
  EXPECT_EQ(stored.Materialize()->data<float>()[1], 3);
  const Constant beyond({DataType::kFloat32, Shape({3})}, source, 4);
  EXPECT_FALSE(beyond.Materialize().ok());
}

TEST(GraphBuilder, SeveralOutputsAreNumbered) {
  GraphBuilder builder("split");
  const ValueId x = builder.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const std::vector<ValueId> parts = builder.MultiOp("Split", "s", {x}, 2);
  builder.Output(parts[1]);
  const absl::StatusOr<Graph> graph = std::move(builder).Build();
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->value(parts[1]).name, "s.1");
}

TEST(GraphBuilder, RefusesAGraphWhoseOutputNothingProduces) {
  GraphBuilder builder("broken");
  builder.Output(12);
  EXPECT_THAT(std::move(builder).Build(), StatusIs(absl::StatusCode::kInternal, ::testing::_));
}

}  // namespace
}  // namespace dnnd::engine
