#include "engine/passes/split_tail.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> names;
  for (ValueId id : ids) {
    names.push_back(graph.value(id).name);
  }
  return names;
}

// The scores of x above 0 and all of them: Gather(y, Squeeze(NonZero(Greater(y, 0)))) of y = -x.
Graph AboveZero() {
  PassGraph g;
  const ValueId y = g.Op("Neg", "y", {g.In("x", {4})});
  const ValueId zero = g.Constant("zero", Tensor::Scalar<float>(0));
  const ValueId axis = g.Constant("axis", Tensor::Int64s({0}));
  const ValueId places = g.Op("NonZero", "places", {g.Op("Greater", "above", {y, zero})});
  const ValueId flat = g.Op("Squeeze", "flat", {places, axis});
  return g.Finish({g.Op("Gather", "picked", {y, flat}), y});
}

TEST(SplitTailTest, AGraphWhoseShapesAreKnownHasNoTail) {
  PassGraph g;
  const SplitGraph split = SplitTail(g.Finish({g.Op("Neg", "y", {g.In("x", {4})})}));
  EXPECT_FALSE(split.tail.has_value());
  EXPECT_EQ(Running(split.head), "Neg");
}

TEST(SplitTailTest, TheTailBeginsWhereDataDecideExtents) {
  const SplitGraph split = SplitTail(AboveZero());
  ASSERT_TRUE(split.tail.has_value());
  EXPECT_THAT(VerifyGraph(split.head), IsOk());
  EXPECT_THAT(VerifyGraph(*split.tail), IsOk());
  EXPECT_EQ(Running(split.head), "Neg, Greater");
  EXPECT_EQ(Running(*split.tail), "NonZero, Squeeze, Gather");
  EXPECT_EQ(Names(split.head, split.head.outputs), (std::vector<std::string>{"above", "y"}));
  EXPECT_EQ(Names(*split.tail, split.tail->inputs), (std::vector<std::string>{"above", "y"}));
  EXPECT_EQ(Names(*split.tail, split.tail->outputs), (std::vector<std::string>{"picked", "y"}));
}

TEST(SplitTailTest, BothPartsTogetherComputeWhatTheGraphDoes) {
  const Graph graph = AboveZero();
  const SplitGraph split = SplitTail(graph);
  const std::vector<Tensor> inputs = {Tensor::Of<float>({4}, {-1, 2, -3, 0})};
  const auto want = Interpret(graph, inputs);
  const auto handed_over = Interpret(split.head, inputs);
  ASSERT_THAT(handed_over, IsOk());
  const auto got = Interpret(*split.tail, *handed_over);
  ASSERT_THAT(got, IsOk());
  for (size_t i = 0; i < want->size(); ++i) {
    ASSERT_EQ((*got)[i].shape(), (*want)[i].shape());
    EXPECT_EQ(RelativeError((*got)[i].view(), (*want)[i].view()), 0);
  }
  EXPECT_EQ((*got)[0].shape(), Shape({2}));
}

TEST(SplitTailTest, NothingIsLeftOfTheTailInTheHeadThatAPassCouldTripOver) {
  PassGraph g;
  const ValueId places = g.Op("NonZero", "places", {g.In("x", {4})});
  g.Declare(places, DataType::kFloat16, {Dim{1, ""}, Dim{-1, "count"}});
  SplitGraph split = SplitTail(g.Finish({places}));
  EXPECT_THAT(OptimizeGraph(split.head), IsOk());
  EXPECT_EQ(Names(split.head, split.head.outputs), (std::vector<std::string>{"x"}));
}

}  // namespace
}  // namespace dnnd::engine
