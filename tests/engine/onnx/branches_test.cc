// Graphs inside a node: what names in the branches of an If mean, read and written.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/onnx/export.h"
#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A branch of one node.
onnx::GraphProto Branch(const std::string& op, std::vector<std::string> inputs,
                        const std::string& output) {
  onnx::GraphProto branch;
  branch.set_name(op);
  NodeWriter(branch, op, std::move(inputs), {output}).Name(output + "_node");
  AddOutput(branch, output);
  return branch;
}

void AddCondition(onnx::ModelProto& model, const std::string& name) {
  AddInput(model, name, {});
  model.mutable_graph()
      ->mutable_input(model.graph().input_size() - 1)
      ->mutable_type()
      ->mutable_tensor_type()
      ->set_elem_type(onnx::TensorProto::BOOL);
}

// y = c ? then_branch : else_branch, over the inputs c, a and b.
onnx::ModelProto Choice(onnx::GraphProto then_branch, onnx::GraphProto else_branch,
                        int opset = 13) {
  onnx::ModelProto model = ModelOfOpset(opset);
  AddCondition(model, "c");
  AddInput(model, "a", {2});
  AddInput(model, "b", {2});
  NodeWriter(model, "If", {"c"}, {"y"})
      .Name("choice")
      .Subgraph("else_branch", std::move(else_branch))
      .Subgraph("then_branch", std::move(then_branch));
  AddOutput(model, "y");
  return model;
}

std::vector<std::string> Names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> names;
  for (const ValueId id : ids) {
    names.push_back(graph.value(id).name);
  }
  return names;
}

TEST(ImportBranches, WhatEitherReadsIsAnInputOfBothInOrderOfFirstUse) {
  const absl::StatusOr<Graph> graph =
      Import(Choice(Branch("Sub", {"b", "a"}, "t"), Branch("Relu", {"a"}, "e")));
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Dump(*graph),
            "graph \"test\" (%c:bool[], %a:float32[2], %b:float32[2])\n"
            "  %y:float32 = If(%c:bool[], %b:float32[2], %a:float32[2])\n"
            "    else_branch: graph \"Relu\" (%b:float32[2], %a:float32[2])\n"
            "      %e:float32 = Relu(%a:float32[2])\n"
            "      return %e:float32\n"
            "    then_branch: graph \"Sub\" (%b:float32[2], %a:float32[2])\n"
            "      %t:float32 = Sub(%b:float32[2], %a:float32[2])\n"
            "      return %t:float32\n"
            "  return %y:float32\n");
}

TEST(ImportBranches, AnInnerNameHidesTheOuterOneAndLeavesItToTheOtherBranch) {
  onnx::GraphProto hides = Branch("Neg", {"b"}, "a");
  NodeWriter(hides, "Relu", {"a"}, {"r"});
  hides.mutable_output(0)->set_name("r");
  const absl::StatusOr<Graph> graph = Import(Choice(Branch("Relu", {"a"}, "t"), hides));
  ASSERT_THAT(graph, IsOk());
  const Graph& branch = *graph->nodes[0].attributes.Subgraph("else_branch");
  EXPECT_THAT(Names(*graph, graph->nodes[0].inputs), ElementsAre("c", "a", "b"));
  ASSERT_EQ(branch.nodes.size(), 2);
  EXPECT_EQ(branch.nodes[0].outputs, branch.nodes[1].inputs);
  EXPECT_EQ(branch.nodes[0].inputs[0], branch.inputs[1]);
  EXPECT_NE(branch.nodes[1].inputs[0], branch.inputs[0]);
}

TEST(ImportBranches, NestedBranchesReadThroughTheOnesAroundThem) {
  onnx::GraphProto outer;
  outer.set_name("outer");
  NodeWriter(outer, "Neg", {"a"}, {"minus"});
  NodeWriter(outer, "If", {"c"}, {"o"})
      .Name("inner")
      .Subgraph("then_branch", Branch("Add", {"minus", "b"}, "t"))
      .Subgraph("else_branch", Branch("Relu", {"minus"}, "e"));
  AddOutput(outer, "o");
  const absl::StatusOr<Graph> graph = Import(Choice(outer, Branch("Abs", {"a"}, "x")));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Names(*graph, graph->nodes[0].inputs), ElementsAre("c", "a", "c", "b"));
  const Graph& branch = *graph->nodes[0].attributes.Subgraph("then_branch");
  EXPECT_THAT(Names(branch, branch.inputs), ElementsAre("a", "c", "b"));
  EXPECT_THAT(Names(branch, branch.nodes[1].inputs), ElementsAre("c", "minus", "b"));
  EXPECT_EQ(branch.nodes[1].attributes.Subgraph("else_branch")->inputs.size(), 2);
}

TEST(ImportBranches, NodesInsideAreSortedAndNormalised) {
  onnx::GraphProto branch;
  branch.set_name("old");
  NodeWriter(branch, "Clip", {"minus"}, {"t"}).Float("max", 6);
  NodeWriter(branch, "Neg", {"a"}, {"minus"});
  AddOutput(branch, "t", onnx::TensorProto::DOUBLE);
  onnx::ModelProto model = Choice(branch, Branch("Abs", {"a"}, "e"), 9);
  onnx::TypeProto& outside = *model.mutable_graph()->mutable_input(1)->mutable_type();
  outside.mutable_tensor_type()->set_elem_type(onnx::TensorProto::DOUBLE);
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  const Graph& read = *graph->nodes[0].attributes.Subgraph("then_branch");
  ASSERT_EQ(read.nodes.size(), 2);
  EXPECT_EQ(read.nodes[0].op, "Neg");
  ASSERT_EQ(read.nodes[1].inputs.size(), 3);
  EXPECT_EQ(read.value(read.nodes[1].inputs[2]).tensor_type().ToString(), "float64[]");
}

// The rules need what is outside: void arguments of Resize, the rank that a broadcast is aligned
// to.
TEST(ImportBranches, RulesOfOldOpsetsSeeWhatABranchReads) {
  onnx::GraphProto resize = Branch("Resize", {"a", "void", "scales"}, "t");
  onnx::ModelProto model = Choice(resize, Branch("Abs", {"a"}, "e"), 11);
  AddInitializer(model, FloatTensor("void", {0}, {}));
  AddInitializer(model, FloatTensor("scales", {1}, {2}));
  const absl::StatusOr<Graph> resized = Import(model);
  ASSERT_THAT(resized, IsOk());
  const Graph& branch = *resized->nodes[0].attributes.Subgraph("then_branch");
  EXPECT_EQ(branch.nodes[0].inputs[1], kNoValue);
  EXPECT_FALSE(branch.value(branch.inputs[1]).constant.has_value()) << Dump(*resized);

  onnx::GraphProto add;
  add.set_name("add");
  NodeWriter(add, "Add", {"a", "b"}, {"t"}).Int("broadcast", 1).Int("axis", 0);
  AddOutput(add, "t");
  model = Choice(add, Branch("Abs", {"a"}, "e"), 6);
  model.mutable_graph()
      ->mutable_input(1)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->add_dim()
      ->set_dim_value(3);
  const absl::StatusOr<Graph> aligned = Import(model);
  ASSERT_THAT(aligned, IsOk());
  EXPECT_EQ(aligned->nodes[0].attributes.Subgraph("then_branch")->nodes[0].op, "Unsqueeze");
}

TEST(ImportBranches, ConstantsInsideAreConstantsOfTheBranchHoweverLarge) {
  onnx::GraphProto branch = Branch("Add", {"a", "w"}, "t");
  std::vector<float> large(5000, 0.5f);
  *branch.add_initializer() = FloatTensor("w", {2500, 2}, large);
  onnx::GraphProto constant;
  constant.set_name("constant");
  NodeWriter(constant, "Constant", {}, {"e"})
      .TensorValue("value", FloatTensor("", {2500, 2}, large));
  AddOutput(constant, "e");
  onnx::ModelProto model = Choice(branch, constant);
  // Indices in the model's own graph must not be taken for those in a branch.
  AddInitializer(model, FloatTensor("outside", {5000}, std::vector<float>(5000, 2)));
  NodeWriter(model, "Add", {"a", "outside"}, {"z"});
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  for (const char* name : {"then_branch", "else_branch"}) {
    const Graph& read = *graph->nodes[0].attributes.Subgraph(name);
    int constants = 0;
    for (const Value& value : read.values) {
      if (value.constant.has_value()) {
        ++constants;
        EXPECT_EQ(value.constant->Materialize()->data<float>()[4999], 0.5f);
      }
    }
    EXPECT_EQ(constants, 1) << name;
  }
}

TEST(ImportBranches, ExternalDataOfABranchLieBesideTheModel) {
  const testing::TempDir folder;
  const float elements[] = {1, 2};
  folder.Write("w.bin", std::string(reinterpret_cast<const char*>(elements), sizeof(elements)));
  onnx::GraphProto branch = Branch("Add", {"a", "w"}, "t");
  onnx::TensorProto& weight = *branch.add_initializer();
  weight = FloatTensor("w", {2}, {});
  weight.clear_raw_data();
  weight.set_data_location(onnx::TensorProto::EXTERNAL);
  onnx::StringStringEntryProto& place = *weight.add_external_data();
  place.set_key("location");
  place.set_value("w.bin");
  const onnx::ModelProto model = Choice(branch, Branch("Abs", {"a"}, "e"));
  const absl::StatusOr<Graph> graph = Import(model, folder.path());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Import(model), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("then_branch: initializer \"w\"")));
}

// ONNX Runtime refuses this, older exporters write it.
TEST(ImportBranches, MayHandOutWhatTheyRead) {
  onnx::GraphProto same;
  same.set_name("same");
  AddOutput(same, "a");
  const absl::StatusOr<Graph> graph = Import(Choice(same, Branch("Abs", {"b"}, "e")));
  ASSERT_THAT(graph, IsOk());
  const Graph& branch = *graph->nodes[0].attributes.Subgraph("then_branch");
  EXPECT_TRUE(branch.nodes.empty());
  EXPECT_EQ(branch.outputs[0], branch.inputs[0]);
}

// `depth` graphs, one inside the other.
onnx::ModelProto Nested(int depth) {
  onnx::GraphProto graph = Branch("Abs", {"a"}, "x");
  for (int level = depth - 1; level > 1; --level) {
    onnx::GraphProto around;
    around.set_name("around");
    NodeWriter(around, "If", {"c"}, {"x"})
        .Subgraph("then_branch", graph)
        .Subgraph("else_branch", Branch("Neg", {"a"}, "x"));
    AddOutput(around, "x");
    graph = around;
  }
  return Choice(graph, Branch("Neg", {"a"}, "x"));
}

TEST(ImportBranches, ManyInsideEachOtherAreReadAndMoreAreRefused) {
  EXPECT_THAT(Import(Nested(kMaxNesting)), IsOk());
  EXPECT_THAT(Import(Nested(kMaxNesting + 1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("lies in 8 others, wanted at most 7")));
  EXPECT_THAT(Import(Nested(60)), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST(ImportBranches, TheirNodesCountAsNodesOfTheModel) {
  ImportOptions options;
  options.max_nodes = 3;
  const onnx::ModelProto model = Nested(3);
  EXPECT_THAT(ImportModel(BytesInMemory(model.SerializeAsString()), options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("5 nodes, wanted at most 3")));
}

TEST(ImportBranches, WhatCannotBeReadInsideIsNamedWithTheNodesAroundIt) {
  onnx::GraphProto foreign = Branch("Abs", {"a"}, "t");
  foreign.mutable_node(0)->set_domain("com.microsoft");
  onnx::ModelProto model = Choice(foreign, Branch("Abs", {"a"}, "e"));
  NodeWriter(model, "Scan", {"a"}, {"s"}).Name("other").Subgraph("body", {});
  EXPECT_THAT(Import(model),
              StatusIs(absl::StatusCode::kUnimplemented,
                       AllOf(HasSubstr("If node \"choice\" (opset 13): then_branch: Abs node "
                                       "\"t_node\" (opset 13): the domain \"com.microsoft\""),
                             HasSubstr("Scan node \"other\""))));
  onnx::GraphProto old = Branch("Upsample", {"a"}, "t");
  EXPECT_THAT(Import(Choice(Branch("Abs", {"a"}, "e"), old, 9)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("If node \"choice\" (opset 9): else_branch: Upsample node")));
}

struct BrokenBranch {
  const char* name;
  void (*breaks)(onnx::GraphProto& then_branch, onnx::NodeProto& node);
  absl::StatusCode code;
  const char* message;
};

class ImportRefusesBranches : public ::testing::TestWithParam<BrokenBranch> {};

TEST_P(ImportRefusesBranches, WithAClearError) {
  onnx::ModelProto model = Choice(Branch("Abs", {"a"}, "t"), Branch("Neg", {"b"}, "e"));
  onnx::NodeProto& node = *model.mutable_graph()->mutable_node(0);
  GetParam().breaks(*node.mutable_attribute(1)->mutable_g(), node);
  EXPECT_THAT(Import(model), StatusIs(GetParam().code, HasSubstr(GetParam().message)));
}

using G = onnx::GraphProto;
using N = onnx::NodeProto;
constexpr absl::StatusCode kWrong = absl::StatusCode::kInvalidArgument;

const BrokenBranch kBroken[] = {
    {"ANameThatNobodyDefines", [](G& branch, N&) { branch.mutable_node(0)->set_input(0, "ghost"); },
     kWrong, "\"choice\" (opset 13) reads \"ghost\", which nothing produces"},
    {"AnOutputThatNobodyDefines",
     [](G& branch, N&) { branch.mutable_output(0)->set_name("ghost"); }, kWrong,
     "reads \"ghost\", which nothing produces"},
    {"AnOutputWithoutName", [](G& branch, N&) { branch.mutable_output(0)->clear_name(); }, kWrong,
     "then_branch: output \"\""},
    {"ACycleInside", [](G& branch, N&) { branch.mutable_node(0)->set_input(0, "t"); }, kWrong,
     "then_branch: Abs node \"t_node\" (opset 13) waits for its own result (a cycle)"},
    {"ACycleThroughTheNode", [](G& branch, N&) { branch.mutable_node(0)->set_input(0, "y"); },
     kWrong, "\"choice\" (opset 13) waits for its own result (a cycle)"},
    {"AValueOfTheOtherBranch", [](G& branch, N&) { branch.mutable_node(0)->set_input(0, "e"); },
     kWrong, "reads \"e\", which nothing produces"},
    {"TwoProducers", [](G& branch, N&) { NodeWriter(branch, "Neg", {"a"}, {"t"}); }, kWrong,
     "\"t\": something of this name is defined already"},
    {"AnInput", [](G& branch, N&) { SetInfo(*branch.add_input(), "x", {2}); }, kWrong,
     "then_branch: has an input, \"x\", where a branch takes none"},
    {"MoreResultsThanTheNodeHas", [](G& branch, N&) { AddOutput(branch, "t"); }, kWrong,
     "then_branch gives 2 results, the node has 1"},
    {"FewerResults", [](G&, N& node) { node.add_output("z"); }, kWrong,
     "then_branch gives 1 results, the node has 2"},
    {"NoResults", [](G& branch, N&) { branch.clear_output(); }, kWrong,
     "then_branch: the graph has no output"},
    {"AnEmptyBranch", [](G& branch, N&) { branch.Clear(); }, kWrong,
     "then_branch: the graph has no output"},
    {"NoElse", [](G&, N& node) { node.mutable_attribute()->DeleteSubrange(0, 1); }, kWrong,
     "has no else_branch"},
    {"TwoThens", [](G&, N& node) { *node.add_attribute() = node.attribute(1); }, kWrong,
     "attribute \"then_branch\" stands twice"},
    {"ABranchThatIsANumber",
     [](G&, N& node) { node.mutable_attribute(1)->set_type(onnx::AttributeProto::INT); }, kWrong,
     "attribute \"then_branch\": has type INT"},
    {"AThirdBranch",
     [](G&, N& node) {
       *node.add_attribute() = node.attribute(1);
       node.mutable_attribute(2)->set_name("third");
     },
     absl::StatusCode::kUnimplemented, "attribute \"third\": subgraphs"},
    {"NoCondition", [](G&, N& node) { node.clear_input(); }, kWrong,
     "has 0 inputs, wanted the condition alone"},
    {"TwoConditions", [](G&, N& node) { node.add_input("a"); }, kWrong,
     "has 2 inputs, wanted the condition alone"},
    {"AResultThatIsASequence",
     [](G& branch, N&) { branch.mutable_output(0)->mutable_type()->mutable_sequence_type(); },
     absl::StatusCode::kUnimplemented, "then_branch: \"t\" is no tensor"},
    {"SparseInitializers", [](G& branch, N&) { branch.add_sparse_initializer(); },
     absl::StatusCode::kUnimplemented, "then_branch: sparse"},
    {"AnInitializerOfTheWrongSize",
     [](G& branch, N&) { *branch.add_initializer() = FloatTensor("w", {3}, {1}); }, kWrong,
     "then_branch: initializer \"w\": got 4 bytes"},
};

INSTANTIATE_TEST_SUITE_P(All, ImportRefusesBranches, ::testing::ValuesIn(kBroken),
                         [](const auto& info) { return info.param.name; });

TEST(ImportBranches, NoFlippedByteCrashes) {
  const std::string bytes = Nested(4).SerializeAsString();
  for (size_t place = 0; place < bytes.size(); ++place) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string broken = bytes;
      broken[place] ^= mask;
      ImportModel(BytesInMemory(broken), ImportOptions()).IgnoreError();
    }
  }
}

absl::StatusOr<Graph> RoundTrip(const Graph& graph) {
  const testing::TempDir folder;
  const std::string path = folder.path() + "/model.onnx";
  if (absl::Status status = ExportModel(graph, path); !status.ok()) {
    return status;
  }
  return ImportModelFile(path);
}

TEST(ExportBranches, ARoundTripKeepsThem) {
  onnx::GraphProto branch = Branch("Add", {"a", "w"}, "t");
  *branch.add_initializer() = FloatTensor("w", {2}, {1, 2});
  onnx::GraphProto outer;
  outer.set_name("outer");
  NodeWriter(outer, "Neg", {"k"}, {"minus"}).Name("neg");
  NodeWriter(outer, "If", {"c"}, {"o"})
      .Name("inner")
      .Subgraph("then_branch", Branch("Add", {"minus", "b"}, "t"))
      .Subgraph("else_branch", Branch("Softmax", {"minus"}, "e"));
  AddOutput(outer, "o");
  onnx::ModelProto model = Choice(branch, outer);
  AddInitializer(model, FloatTensor("k", {2}, {3, 4}));
  const absl::StatusOr<Graph> before = Import(model);
  ASSERT_THAT(before, IsOk());
  const absl::StatusOr<Graph> after = RoundTrip(*before);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(Dump(*after), Dump(*before));
  const Graph& read = *after->nodes[0].attributes.Subgraph("then_branch");
  for (const Value& value : read.values) {
    if (value.name == "w") {
      EXPECT_EQ(value.constant->Materialize()->data<float>()[1], 2.f);
    }
  }
}

// The file may not call a value of a branch like one that the branch, or one inside it, can see.
TEST(ExportBranches, NamesThatHideOuterOnesAreWrittenAsOthers) {
  onnx::GraphProto hides = Branch("Neg", {"b"}, "a");
  NodeWriter(hides, "Relu", {"a"}, {"y"}).Name("relu");
  hides.mutable_output(0)->set_name("y");
  const absl::StatusOr<Graph> before = Import(Choice(Branch("Relu", {"a"}, "t"), hides));
  ASSERT_THAT(before, IsOk());
  const absl::StatusOr<Graph> after = RoundTrip(*before);
  ASSERT_THAT(after, IsOk());
  const Graph& branch = *after->nodes[0].attributes.Subgraph("else_branch");
  EXPECT_THAT(Names(*after, after->nodes[0].inputs), ElementsAre("c", "a", "b"));
  EXPECT_EQ(branch.nodes[0].inputs[0], branch.inputs[1]);
  EXPECT_EQ(branch.value(branch.nodes[0].outputs[0]).name, "a_");
  EXPECT_EQ(branch.value(branch.outputs[0]).name, "y_");
}

TEST(ExportBranches, WhatABranchHandsOutAsItIsPassesAnIdentity) {
  onnx::GraphProto same;
  same.set_name("same");
  AddOutput(same, "a");
  const absl::StatusOr<Graph> before = Import(Choice(same, Branch("Abs", {"b"}, "e")));
  ASSERT_THAT(before, IsOk());
  const absl::StatusOr<Graph> after = RoundTrip(*before);
  ASSERT_THAT(after, IsOk());
  const Graph& branch = *after->nodes[0].attributes.Subgraph("then_branch");
  ASSERT_EQ(branch.nodes.size(), 1);
  EXPECT_EQ(branch.nodes[0].op, "Identity");
  EXPECT_EQ(branch.nodes[0].inputs[0], branch.inputs[0]);
}

TEST(ExportBranches, WhatOpset17CannotExpressInsideIsNamed) {
  const absl::StatusOr<Graph> graph =
      Import(Choice(Branch("Gelu", {"a"}, "t"), Branch("Abs", {"a"}, "e"), 20));
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(RoundTrip(*graph),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("If node \"choice\" (opset 20): then_branch: Gelu node")));
}

}  // namespace
}  // namespace dnnd::engine
