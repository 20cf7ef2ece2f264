#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/ops/interpret.h"
#include "tests/testing/branches.h"
#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor Bools(const Shape& shape, const std::vector<uint8_t>& values) {
  Tensor tensor = Tensor::Create(DataType::kBool, shape).value();
  std::copy(values.begin(), values.end(), tensor.mutable_data<uint8_t>());
  return tensor;
}
Tensor Floats(const std::vector<float>& values) {
  return Tensor::Of<float>(Shape({static_cast<int64_t>(values.size())}), values);
}

// y = c ? concat(x, x) : -x: the branches differ in the extents of what they give.
Graph Choice() {
  GraphBuilder g("choice");
  const ValueId c = g.Input("c", DataType::kBool, {});
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}});
  const Branch twice = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{b.Op("Concat", "twice", {in[0], in[0]}, {{"axis", int64_t{0}}})};
  });
  g.Output(AddIf(g, "y", c, {x}, twice, BranchOf(1, "Neg")));
  return std::move(g).Build().value();
}

TEST(IfTest, TheConditionSaysWhichBranchRuns) {
  for (const Shape& shape : {Shape(), Shape({1}), Shape({1, 1})}) {
    const auto then = Interpret(Choice(), {Bools(shape, {1}), Floats({1, 2})});
    ASSERT_TRUE(then.ok()) << then.status();
    ExpectTensor<float>((*then)[0], {4}, {1, 2, 1, 2});
    const auto otherwise = Interpret(Choice(), {Bools(shape, {0}), Floats({1, 2})});
    ASSERT_TRUE(otherwise.ok()) << otherwise.status();
    ExpectTensor<float>((*otherwise)[0], {2}, {-1, -2});
  }
}

TEST(IfTest, AnyByteButZeroIsTrue) {
  const auto got = Interpret(Choice(), {Bools(Shape(), {2}), Floats({1})});
  ASSERT_TRUE(got.ok()) << got.status();
  ExpectTensor<float>((*got)[0], {2}, {1, 1});
}

TEST(IfTest, AConditionThatIsNotOneBoolIsRefused) {
  EXPECT_THAT(Interpret(Choice(), {Bools(Shape({2}), {1, 1}), Floats({1})}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("If node \"y\""), HasSubstr("bool[2], wanted one"))));
  EXPECT_THAT(Interpret(Choice(), {Floats({1}), Floats({1})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("float32[1], wanted one")));
}

TEST(IfTest, ABranchThatDoesNotFitTheNodeIsRefused) {
  Graph graph = Choice();
  graph.nodes[0].attributes.Set("then_branch", BranchOf(2, "Relu"));
  EXPECT_THAT(Interpret(graph, {Bools(Shape(), {1}), Floats({1})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no then_branch of 1")));
  graph.nodes[0].attributes.Remove("else_branch");
  EXPECT_THAT(Interpret(graph, {Bools(Shape(), {0}), Floats({1})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no else_branch")));
}

// a ? (b ? -x : |x|) : x, with a second result that only one branch computes.
Graph Nested() {
  GraphBuilder g("nested");
  const ValueId a = g.Input("a", DataType::kBool, {});
  const ValueId b = g.Input("b", DataType::kBool, {});
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}});
  const auto inner = [](GraphBuilder& i, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{
        AddIf(i, "inner", in[0], {in[1]}, BranchOf(1, "Neg"), BranchOf(1, "Abs")), in[1]};
  };
  const auto same = [](GraphBuilder& s, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{in[1], s.Constant("k", Tensor::Scalar(7.f))};
  };
  const std::vector<ValueId> outputs =
      g.MultiOp("If", "outer", {a, b, x}, 2,
                {{"then_branch", BranchOf(2, inner)}, {"else_branch", BranchOf(2, same)}});
  g.Output(outputs[0]);
  g.Output(outputs[1]);
  return std::move(g).Build().value();
}

TEST(IfTest, BranchesNestAndHandOutInputsAndConstants) {
  const auto run = [](bool a, bool b) {
    return Interpret(Nested(), {Bools(Shape(), {a}), Bools(Shape(), {b}), Floats({-1, 2})});
  };
  ExpectTensor<float>((*run(true, true))[0], {2}, {1, -2});
  ExpectTensor<float>((*run(true, false))[0], {2}, {1, 2});
  ExpectTensor<float>((*run(true, false))[1], {2}, {-1, 2});
  ExpectTensor<float>((*run(false, true))[0], {2}, {-1, 2});
  ExpectTensor<float>((*run(false, true))[1], {}, {7});
}

// Whoever interprets a graph sees every node that runs, and bounds what each may hold.
TEST(IfTest, TheNodesOfABranchHaveTheRunnerAndTheBoundOfTheGraph) {
  std::vector<std::string> ran;
  const auto run = [&](const Node& node, absl::Span<const Tensor> inputs, int64_t most_bytes) {
    ran.push_back(node.op);
    return RunNode(node, inputs, most_bytes);
  };
  const std::vector<Tensor> inputs = {Bools(Shape(), {1}), Bools(Shape(), {0}), Floats({-1, 2})};
  EXPECT_TRUE(Interpret(Nested(), inputs, run, 64).ok());
  EXPECT_THAT(ran, ElementsAre("Abs"));
  EXPECT_THAT(Interpret(Nested(), inputs, run, 7),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("If node \"outer\""), HasSubstr("Abs node \"inner\""))));
}

TEST(IfTest, ErrorsOfABranchNameItsNode) {
  const Graph graph = Choice();
  EXPECT_THAT(Interpret(graph, {Bools(Shape(), {0}), Bools(Shape({1}), {1})}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       AllOf(HasSubstr("If node \"y\""), HasSubstr("Neg node \"inner\""))));
}

}  // namespace
}  // namespace dnnd::engine
