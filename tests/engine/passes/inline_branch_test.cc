// Conditions that are known when a graph is specialised leave nothing of their If.
#include "engine/passes/inline_branch.h"

#include "engine/passes/check_supported.h"
#include "engine/passes/rows_apart.h"
#include "engine/passes/specialize.h"
#include "tests/engine/passes/pass_tester.h"
#include "tests/testing/branches.h"
#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

using ::testing::HasSubstr;

// The bool whether `value` has no element.
ValueId IsEmpty(GraphBuilder& g, ValueId value) {
  const ValueId size = g.Op("Size", "size", {value});
  return g.Op("Equal", "is_empty", {size, g.Constant("zero", Tensor::Scalar<int64_t>(0))});
}

Branch AddsOne(int num_inputs) {
  return BranchOf(num_inputs, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{
        b.Op("Add", "add", {in[0], b.Constant("one", Tensor::Scalar(1.f))})};
  });
}

// As torchvision exports write it: x without elements goes by one branch, x with some by the other.
Graph ByNumberOfElements() {
  GraphBuilder g("numel");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{2, ""}});
  const ValueId y = AddIf(g, "choice", IsEmpty(g, x), {x}, BranchOf(1, "Neg"), AddsOne(1));
  g.Output(g.Op("Relu", "relu", {y}));
  return std::move(g).Build().value();
}

TEST(InlineBranchTest, ABranchThatShapesDecideTakesThePlaceOfItsNode) {
  const Graph graph = ByNumberOfElements();
  const auto some = Specialize(graph, {{"N", 3}});
  ASSERT_THAT(some, IsOk());
  EXPECT_THAT(VerifyGraph(*some), IsOk());
  EXPECT_EQ(Running(*some), "Add, Relu");
  EXPECT_EQ(some->value(some->outputs[0]).tensor_type().ToString(), "float32[3,2]");
  const auto none = Specialize(graph, {{"N", 0}});
  ASSERT_THAT(none, IsOk());
  EXPECT_EQ(Running(*none), "Neg, Relu");
  const Tensor x = RandomTensor({3, 2}, 1);
  const auto got = Interpret(*some, {x});
  const auto want = Interpret(graph, {x});
  ASSERT_TRUE(got.ok() && want.ok()) << got.status() << want.status();
  ExpectTensor<float>((*got)[0], {3, 2},
                      std::vector<float>((*want)[0].data<float>(), (*want)[0].data<float>() + 6));
}

TEST(InlineBranchTest, NamesTellTheNodeAndTheBranchWhateverTheExtents) {
  for (const int64_t rows : {1, 4}) {
    const auto graph = Specialize(ByNumberOfElements(), {{"N", rows}});
    ASSERT_THAT(graph, IsOk());
    EXPECT_EQ(graph->nodes[0].name, "choice.else_branch.add");
    EXPECT_EQ(graph->value(graph->nodes[0].inputs[1]).name, "choice.else_branch.one");
    EXPECT_EQ(graph->value(graph->nodes[0].outputs[0]).name, "choice");
  }
}

TEST(InlineBranchTest, NestedBranchesFoldWithWhatIsKnownInThem) {
  GraphBuilder g("nested");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}});
  const Branch outer = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    const ValueId empty = IsEmpty(b, in[0]);
    return std::vector<ValueId>{AddIf(b, "inner", empty, {in[0]}, BranchOf(1, "Neg"), AddsOne(1))};
  });
  const ValueId yes = g.Constant("yes", Tensor::Scalar(true));
  g.Output(AddIf(g, "outer", yes, {x}, outer, BranchOf(1, "Abs")));
  const auto graph = Specialize(std::move(g).Build().value(), {{"N", 2}});
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(Running(*graph), "Add") << Dump(*graph);
  EXPECT_EQ(graph->nodes[0].name, "outer.then_branch.inner.else_branch.add");
}

TEST(InlineBranchTest, ResultsThatABranchOnlyHandsOutPassAnIdentity) {
  GraphBuilder g("hands out");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId yes = g.Constant("yes", Tensor::Scalar(true));
  const Branch branch = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    const ValueId minus = b.Op("Neg", "minus", {in[0]});
    return std::vector<ValueId>{in[0], minus, minus, b.Constant("k", Tensor::Scalar(7.f))};
  });
  const std::vector<ValueId> outputs =
      g.MultiOp("If", "if", {yes, x}, 4, {{"then_branch", branch}, {"else_branch", branch}});
  for (const ValueId output : outputs) {
    g.Output(output);
  }
  const auto graph = Specialize(std::move(g).Build().value(), {});
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(VerifyGraph(*graph), IsOk());
  const auto got = Interpret(*graph, {Tensor::Of<float>({2}, {1, 2})});
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectTensor<float>((*got)[0], {2}, {1, 2});
  ExpectTensor<float>((*got)[1], {2}, {-1, -2});
  ExpectTensor<float>((*got)[2], {2}, {-1, -2});
  ExpectTensor<float>((*got)[3], {}, {7});
}

TEST(InlineBranchTest, ResultsThatNobodyAskedForGo) {
  GraphBuilder g("partly");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId yes = g.Constant("yes", Tensor::Scalar(true));
  const Branch branch = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{b.Op("Neg", "minus", {in[0]}), b.Op("Abs", "plus", {in[0]})};
  });
  const std::vector<ValueId> outputs =
      g.MultiOp("If", "if", {yes, x}, 2, {{"then_branch", branch}, {"else_branch", branch}});
  g.Output(outputs[0]);
  Graph partly = std::move(g).Build().value();
  partly.nodes[0].outputs[1] = kNoValue;
  const auto graph = Specialize(partly, {});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Running(*graph), "Neg");
}

// A condition that is known even though what the branches read is not.
TEST(InlineBranchTest, ABranchMayReadWhatDataDecide) {
  GraphBuilder g("behind");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId found = g.Op("NonZero", "found", {x});
  g.Output(AddIf(g, "choice", IsEmpty(g, x), {found}, BranchOf(1, "Neg"), BranchOf(1, "Abs")));
  const auto graph = Specialize(std::move(g).Build().value(), {});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Running(*graph), "NonZero, Abs");
  EXPECT_FALSE(graph->value(graph->outputs[0]).shape.has_value());
}

TEST(InlineBranchTest, AConditionThatDataDecideLeavesTheNodeAndItsExtentsOpen) {
  GraphBuilder g("data");
  const ValueId c = g.Input("c", DataType::kBool, {});
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}});
  const ValueId y = AddIf(g, "choice", c, {x}, BranchOf(1, "Neg"), AddsOne(1));
  g.Output(g.Op("Relu", "relu", {y}));
  const auto graph = Specialize(std::move(g).Build().value(), {{"N", 2}});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Running(*graph), "If, Relu");
  EXPECT_FALSE(graph->value(graph->nodes[0].outputs[0]).shape.has_value());
}

TEST(InlineBranchTest, AConditionThatIsNoBoolIsRefusedByNode) {
  GraphBuilder g("two");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId two = g.Constant("two", Tensor::Of<bool>({2}, {true, true}));
  g.Output(AddIf(g, "choice", two, {x}, BranchOf(1, "Neg"), BranchOf(1, "Abs")));
  EXPECT_THAT(Specialize(std::move(g).Build().value(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("If node \"choice\"")));
}

TEST(InlineBranchTest, ErrorsNameTheNodeAndTheOneAroundIt) {
  GraphBuilder g("broken");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId yes = g.Constant("yes", Tensor::Scalar(true));
  const Branch broken = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    const ValueId three = b.Constant("three", Tensor::Of<float>({3}, {1, 2, 3}));
    return std::vector<ValueId>{b.Op("Add", "add", {in[0], three})};
  });
  g.Output(AddIf(g, "choice", yes, {x}, broken, BranchOf(1, "Abs")));
  EXPECT_THAT(Specialize(std::move(g).Build().value(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(HasSubstr("If node \"choice\""),
                                        HasSubstr("Add node \"choice.then_branch.add\""))));
}

// Rows stay apart in either branch, yet what one gets depends on how many there are. (Both branches
// are of one node, and leave graphs with the same values.)
TEST(InlineBranchTest, ABranchThatTheNumberOfRowsDecidesKeepsThemFromABatch) {
  GraphBuilder g("rows");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{2, ""}});
  const ValueId size = g.Op("Size", "size", {x});
  const ValueId few = g.Op("Less", "few", {size, g.Constant("limit", Tensor::Scalar<int64_t>(4))});
  g.Output(AddIf(g, "choice", few, {x}, BranchOf(1, "Neg"), BranchOf(1, "Abs")));
  const Graph graph = std::move(g).Build().value();
  EXPECT_THAT(CheckRowsApart(*Specialize(graph, {{"N", 1}}), *Specialize(graph, {{"N", 3}}), 3),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("3 rows take another branch")));
  const Graph same = ByNumberOfElements();
  EXPECT_THAT(CheckRowsApart(*Specialize(same, {{"N", 1}}), *Specialize(same, {{"N", 3}}), 3),
              IsOk());
}

// A file may hold as many as it may hold nodes: the time must not grow with their square (some
// seconds each in place of minutes).
TEST(InlineBranchTest, ManyBranchesTakeTheirTimeOnceEach) {
  constexpr int kBranches = 30'000;
  GraphBuilder g("many");
  const ValueId yes = g.Constant("yes", Tensor::Scalar(true));
  const Branch neg = BranchOf(1, "Neg");
  ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  for (int i = 0; i < kBranches; ++i) {
    x = AddIf(g, absl::StrCat("if_", i), yes, {x}, neg, neg);
  }
  g.Output(x);
  const auto graph = Specialize(std::move(g).Build().value(), {});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes.size(), kBranches);
}

TEST(CheckSupportedTest, LooksIntoBranches) {
  GraphBuilder g("unknown", 13);
  const ValueId c = g.Input("c", DataType::kBool, {});
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const Branch nested = BranchOf(2, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{
        AddIf(b, "inner", in[0], {in[1]}, BranchOf(1, "Frobnicate"), BranchOf(1, "Abs"))};
  });
  g.Output(AddIf(g, "outer", c, {c, x}, BranchOf(2, "Not"), nested));
  EXPECT_THAT(CheckSupported(std::move(g).Build().value()),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("If node \"outer\" (opset 13): else_branch: If node \"inner\" "
                                 "(opset 17): then_branch: Frobnicate node \"inner\" (opset 17): "
                                 "operator not supported")));
}

}  // namespace
}  // namespace dnnd::engine
