#include "engine/onnx/import.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/onnx/model_proto.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

// y = Relu(x + w), w of `elements` floats.
onnx::ModelProto SmallModel(int elements = 4) {
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "x", {-1, elements});
  AddInitializer(model, FloatTensor("w", {elements}, std::vector<float>(elements, 0.5f)));
  NodeWriter(model, "Add", {"x", "w"}, {"sum"}).Name("add");
  NodeWriter(model, "Relu", {"sum"}, {"y"}).Name("relu");
  AddOutput(model, "y");
  return model;
}

TEST(Import, GivesInputsConstantsNodesAndOutputs) {
  const absl::StatusOr<Graph> graph = Import(SmallModel());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Dump(*graph),
            "graph \"test\" (%x:float32[N,4])\n"
            "  %sum:undefined = Add(%x:float32[N,4], $w:float32[4])\n"
            "  %y:float32 = Relu(%sum:undefined)\n"
            "  return %y:float32\n");
  EXPECT_EQ(graph->nodes[0].opset, 13);
}

TEST(Import, LeavesLargeWeightsInTheFile) {
  const absl::StatusOr<Graph> graph = Import(SmallModel(5000));
  ASSERT_THAT(graph, IsOk());
  for (const Value& value : graph->values) {
    if (value.name == "w") {
      EXPECT_EQ(value.constant->in_memory(), nullptr);
      const absl::StatusOr<Tensor> tensor = value.constant->Materialize();
      ASSERT_THAT(tensor, IsOk());
      EXPECT_EQ(tensor->data<float>()[4999], 0.5f);
    }
  }
}

TEST(Import, ATruncatedFileIsRefusedWhereverItEnds) {
  const std::string bytes = SmallModel(3000).SerializeAsString();
  for (size_t size = 0; size < bytes.size(); size += 97) {
    const absl::StatusOr<Graph> graph =
        ImportModel(BytesInMemory(bytes.substr(0, size)), ImportOptions());
    EXPECT_THAT(graph, StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_)) << size;
  }
}

TEST(Import, NoFlippedByteCrashes) {
  const std::string bytes = SmallModel(2000).SerializeAsString();
  for (size_t place = 0; place < bytes.size(); place += place < 400 ? 1 : 89) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      std::string broken = bytes;
      broken[place] ^= mask;
      ImportModel(BytesInMemory(broken), ImportOptions()).IgnoreError();
    }
  }
}

TEST(Import, AnInitializerThatIsAlsoListedAsAnInputIsNone) {
  onnx::ModelProto model = SmallModel();
  AddInput(model, "w", {4});
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(graph->inputs.size(), 1);
  EXPECT_EQ(graph->value(graph->inputs[0]).name, "x");
}

TEST(Import, NodesOutOfOrderAreSorted) {
  onnx::ModelProto model = SmallModel();
  model.mutable_graph()->mutable_node()->SwapElements(0, 1);
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes[0].op, "Add");
  EXPECT_EQ(graph->nodes[1].op, "Relu");
}

TEST(Import, ACycleIsRefused) {
  onnx::ModelProto model = ModelOfOpset(13);
  NodeWriter(model, "Relu", {"a"}, {"b"}).Name("first");
  NodeWriter(model, "Relu", {"b"}, {"a"}).Name("second");
  AddOutput(model, "a");
  EXPECT_THAT(Import(model), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cycle")));
}

TEST(Import, ALongChainBackwardsNeedsNoRecursion) {
  constexpr int kNodes = 50'000;
  onnx::ModelProto model = ModelOfOpset(13);
  AddInput(model, "0", {1});
  for (int i = kNodes; i > 0; --i) {
    NodeWriter(model, "Relu", {std::to_string(i - 1)}, {std::to_string(i)});
  }
  AddOutput(model, std::to_string(kNodes));
  EXPECT_THAT(Import(model), IsOk());
}

TEST(Import, NamesOfNodesBecomeUniqueAndNotEmpty) {
  onnx::ModelProto model = SmallModel();
  model.mutable_graph()->mutable_node(0)->set_name("same");
  model.mutable_graph()->mutable_node(1)->set_name("same");
  NodeWriter(model, "Relu", {"y"}, {"z"});
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes[0].name, "same");
  EXPECT_NE(graph->nodes[1].name, "same");
  EXPECT_NE(graph->nodes[2].name, "");
}

TEST(Import, AnOpenExtentOfAnInputIsNamed) {
  onnx::ModelProto model = SmallModel();
  auto& shape = *model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  shape.mutable_shape()->mutable_dim(0)->Clear();
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(ToString(*graph->value(graph->inputs[0]).declared), "[x.0,4]");
}

TEST(Import, ConstantNodesBecomeConstants) {
  onnx::ModelProto model = ModelOfOpset(13);
  std::vector<float> large(2000, 3.f);
  NodeWriter(model, "Constant", {}, {"tensor"})
      .TensorValue("value", FloatTensor("", {2000}, large));
  NodeWriter(model, "Constant", {}, {"int"}).Int("value_int", 7);
  NodeWriter(model, "Constant", {}, {"ints"}).Ints("value_ints", {1, 2});
  NodeWriter(model, "Constant", {}, {"float"}).Float("value_float", 0.5f);
  NodeWriter(model, "Constant", {}, {"floats"}).Floats("value_floats", {0.5f, 1.5f});
  NodeWriter(model, "Constant", {}, {"string"}).String("value_string", "s");
  NodeWriter(model, "Constant", {}, {"strings"}).Strings("value_strings", {"a", "b"});
  for (const char* name : {"tensor", "int", "ints", "float", "floats", "string", "strings"}) {
    AddOutput(model, name);
  }
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_TRUE(graph->nodes.empty());
  std::vector<std::string> types;
  for (const ValueId output : graph->outputs) {
    types.push_back(graph->value(output).tensor_type().ToString());
  }
  EXPECT_THAT(types, ::testing::ElementsAre("float32[2000]", "int64[]", "int64[2]", "float32[]",
                                            "float32[2]", "string[]", "string[2]"));
  EXPECT_EQ(graph->value(graph->outputs[0]).constant->in_memory(), nullptr);
}

TEST(Import, OutputsThatNothingReadsAreDropped) {
  onnx::ModelProto model = SmallModel();
  NodeWriter(model, "MaxPool", {"y"}, {"pooled", "indices"}).Ints("kernel_shape", {1});
  AddOutput(model, "pooled");
  const absl::StatusOr<Graph> graph = Import(model);
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes.back().outputs[1], kNoValue);
}

TEST(Import, EveryNodeThatCannotBeReadIsNamedAtOnce) {
  onnx::ModelProto model = SmallModel();
  NodeWriter(model, "Scan", {"y"}, {"z"}).Name("again").Subgraph("body", {});
  NodeWriter(model, "FusedConv", {"z"}, {"q"}).Name("fused").proto().set_domain("com.microsoft");
  AddOutput(model, "q");
  EXPECT_THAT(Import(model),
              StatusIs(absl::StatusCode::kUnimplemented,
                       AllOf(HasSubstr("Scan node \"again\" (opset 13)"), HasSubstr("subgraphs"),
                             HasSubstr("FusedConv node \"fused\""), HasSubstr("com.microsoft"))));
}

// They trust their arguments: a scale of another type than its weights would be read beyond its
// end.
TEST(Import, OperatorsOfOurOwnAreNotForFiles) {
  for (const char* op : {"dnnd.ScaleChannels", "dnnd.ChannelScale", "dnnd.ChannelBias"}) {
    onnx::ModelProto model = SmallModel();
    NodeWriter(model, op, {"y", "w"}, {"z"}).Name("inner");
    AddOutput(model, "z");
    EXPECT_THAT(Import(model),
                StatusIs(absl::StatusCode::kUnimplemented,
                         AllOf(HasSubstr("node \"inner\""), HasSubstr("not supported"))));
  }
}

struct Broken {
  const char* name;
  void (*breaks)(onnx::ModelProto&);
  absl::StatusCode code;
  const char* message;
};

class ImportRefuses : public ::testing::TestWithParam<Broken> {};

TEST_P(ImportRefuses, WithAClearError) {
  onnx::ModelProto model = SmallModel();
  GetParam().breaks(model);
  EXPECT_THAT(Import(model), StatusIs(GetParam().code, HasSubstr(GetParam().message)));
}

const Broken kBroken[] = {
    {"AnOpsetAboveTheNewest",
     [](onnx::ModelProto& model) { model.mutable_opset_import(0)->set_version(22); },
     absl::StatusCode::kUnimplemented, "opset 22, supported are 1 to 21"},
    {"NoOpset", [](onnx::ModelProto& model) { model.clear_opset_import(); },
     absl::StatusCode::kInvalidArgument, "opset"},
    {"NoGraph", [](onnx::ModelProto& model) { model.clear_graph(); },
     absl::StatusCode::kInvalidArgument, "no graph"},
    {"NoOutput", [](onnx::ModelProto& model) { model.mutable_graph()->clear_output(); },
     absl::StatusCode::kInvalidArgument, "no output"},
    {"Functions", [](onnx::ModelProto& model) { model.add_functions()->set_name("f"); },
     absl::StatusCode::kUnimplemented, "functions"},
    {"SparseInitializers",
     [](onnx::ModelProto& model) { model.mutable_graph()->add_sparse_initializer(); },
     absl::StatusCode::kUnimplemented, "sparse"},
    {"AnInputThatIsNoTensor",
     [](onnx::ModelProto& model) {
       model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_sequence_type();
     },
     absl::StatusCode::kUnimplemented, "\"x\" is no tensor"},
    {"AnInputWithoutType",
     [](onnx::ModelProto& model) { model.mutable_graph()->mutable_input(0)->clear_type(); },
     absl::StatusCode::kInvalidArgument, "no element type"},
    {"TwoInputsOfOneName", [](onnx::ModelProto& model) { AddInput(model, "x", {1}); },
     absl::StatusCode::kInvalidArgument, "defined already"},
    {"TwoInitializersOfOneName",
     [](onnx::ModelProto& model) { AddInitializer(model, FloatTensor("w", {1}, {1})); },
     absl::StatusCode::kInvalidArgument, "defined already"},
    {"TwoProducersOfOneValue",
     [](onnx::ModelProto& model) { NodeWriter(model, "Relu", {"x"}, {"y"}); },
     absl::StatusCode::kInvalidArgument, "defined already"},
    {"ANodeThatProducesAnInput",
     [](onnx::ModelProto& model) { NodeWriter(model, "Relu", {"y"}, {"x"}); },
     absl::StatusCode::kInvalidArgument, "defined already"},
    {"AnInitializerWithoutName",
     [](onnx::ModelProto& model) { AddInitializer(model, FloatTensor("", {1}, {1})); },
     absl::StatusCode::kInvalidArgument, "no name"},
    {"AnInitializerOfTheWrongSize",
     [](onnx::ModelProto& model) { AddInitializer(model, FloatTensor("v", {3}, {1})); },
     absl::StatusCode::kInvalidArgument, "initializer \"v\": got 4 bytes"},
    {"ALargeInitializerOfTheWrongSize",
     [](onnx::ModelProto& model) {
       AddInitializer(model, FloatTensor("v", {3000}, std::vector<float>(2999)));
     },
     absl::StatusCode::kInvalidArgument, "initializer \"v\": got 11996 bytes"},
    {"AValueThatNothingProduces",
     [](onnx::ModelProto& model) { NodeWriter(model, "Relu", {"ghost"}, {"z"}).Name("n"); },
     absl::StatusCode::kInvalidArgument,
     "\"n\" (opset 13) reads \"ghost\", which nothing produces"},
    {"AnOutputThatNothingProduces", [](onnx::ModelProto& model) { AddOutput(model, "ghost"); },
     absl::StatusCode::kInvalidArgument, "output \"ghost\""},
    {"ANodeWithoutOutputs", [](onnx::ModelProto& model) { NodeWriter(model, "Relu", {"x"}, {}); },
     absl::StatusCode::kInvalidArgument, "no output"},
    {"AnAttributeOfAnotherType",
     [](onnx::ModelProto& model) { NodeWriter(model, "Concat", {"x"}, {"z"}).Float("axis", 1); },
     absl::StatusCode::kInvalidArgument, "attribute \"axis\": has type FLOAT"},
    {"AnAttributeThatStandsTwice",
     [](onnx::ModelProto& model) {
       NodeWriter(model, "Concat", {"x"}, {"z"}).Int("axis", 1).Int("axis", 1);
     },
     absl::StatusCode::kInvalidArgument, "stands twice"},
};

INSTANTIATE_TEST_SUITE_P(All, ImportRefuses, ::testing::ValuesIn(kBroken),
                         [](const auto& info) { return info.param.name; });

TEST(Import, MoreNodesThanTheLimitAreRefused) {
  ImportOptions options;
  options.max_nodes = 1;
  EXPECT_THAT(ImportModel(BytesInMemory(SmallModel().SerializeAsString()), options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 nodes, wanted at most 1")));
}

TEST(Import, BytesThatAreNoModelAreRefused) {
  for (const std::string& bytes :
       {std::string(), std::string("hello, world"), std::string(1000, '\xff'),
        std::string(100000, '\x3a'), std::string("\x3a\x05\x0a\x10zzz", 7)}) {
    EXPECT_THAT(ImportModel(BytesInMemory(bytes), ImportOptions()),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not an ONNX model")));
  }
}

}  // namespace
}  // namespace dnnd::engine
