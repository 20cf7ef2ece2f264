#include "engine/passes/specialize.h"

#include "engine/passes/check_supported.h"
#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

using ::testing::HasSubstr;
using Ints = std::vector<int64_t>;

// Reshape(x, Concat(Gather(Shape(x), 0), [-1])), as exporters write a flattening.
Graph DynamicFlatten() {
  GraphBuilder g("flatten");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{3, ""}, Dim{-1, "W"}});
  const ValueId shape = g.Op("Shape", "shape", {x});
  const ValueId batch = g.Op("Gather", "batch", {shape, g.Constant("zero", Tensor::Int64s({0}))});
  const ValueId target = g.Op("Concat", "target", {batch, g.Constant("rest", Tensor::Int64s({-1}))},
                              {{"axis", int64_t{0}}});
  g.Output(g.Op("Reshape", "y", {x, target}));
  return std::move(g).Build().value();
}

TEST(SpecializeTest, ShapeArithmeticVanishes) {
  const auto graph = Specialize(DynamicFlatten(), {{"N", 2}, {"W", 5}});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Running(*graph), "Reshape");
  EXPECT_EQ(graph->nodes.size(), 1);
  EXPECT_EQ(graph->value(graph->outputs[0]).tensor_type().ToString(), "float32[2,15]");
  EXPECT_THAT(VerifyGraph(*graph), IsOk());
}

TEST(SpecializeTest, BindsSymbolsFromShapes) {
  const Graph graph = DynamicFlatten();
  const auto bindings = BindShapes(graph, {Shape({4, 3, 7})});
  ASSERT_THAT(bindings, IsOk());
  EXPECT_EQ(*bindings, (Bindings{{"N", 4}, {"W", 7}}));
}

TEST(SpecializeTest, RefusesShapesThatDoNotFit) {
  const Graph graph = DynamicFlatten();
  EXPECT_THAT(BindShapes(graph, {Shape({4, 3})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got [4,3], wanted [N,3,W]")));
  EXPECT_THAT(BindShapes(graph, {Shape({4, 2, 7})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got [4,2,7]")));
  EXPECT_THAT(Specialize(graph, {{"N", 2}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no extent for W")));
  EXPECT_THAT(Specialize(graph, {{"N", int64_t{1} << 40}, {"W", int64_t{1} << 40}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"x\"")));
}

TEST(SpecializeTest, OneSymbolHasOneExtent) {
  GraphBuilder g("two");
  const ValueId a = g.Input("a", DataType::kFloat32, {Dim{-1, "N"}});
  const ValueId b = g.Input("b", DataType::kFloat32, {Dim{-1, "N"}});
  g.Output(g.Op("Add", "c", {a, b}));
  const Graph graph = std::move(g).Build().value();
  EXPECT_THAT(BindShapes(graph, {Shape({2}), Shape({3})}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("where N is 2 already")));
}

TEST(SpecializeTest, FloatRecipesOverWeightsStayAndIntegersFold) {
  GraphBuilder g("recipes");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId weight = g.Op("Exp", "weight", {g.Constant("w", Tensor::Of<float>({2}, {0, 1}))});
  const ValueId index = g.Op("Neg", "index", {g.Constant("i", Tensor::Int64s({1}))});
  const ValueId part = g.Op("Gather", "part", {weight, index});
  g.Output(g.Op("Mul", "y", {x, part}));
  const auto graph = Specialize(std::move(g).Build().value(), {});
  ASSERT_THAT(graph, IsOk());
  ASSERT_EQ(graph->nodes.size(), 3) << Dump(*graph);
  EXPECT_EQ(graph->nodes[0].op, "Exp");
  EXPECT_EQ(graph->nodes[1].op, "Gather");
  EXPECT_EQ(Running(*graph), "Mul");
}

// What data decide has no shape before the graph runs, nor has what is computed from it; a shape
// that data are asked for is such, too.
TEST(SpecializeTest, ExtentsThatDataDecideStayOpen) {
  GraphBuilder g("open");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId target = g.Input("target", DataType::kInt64, {Dim{2, ""}});
  g.Output(g.Op("Cast", "places", {g.Op("NonZero", "non_zero", {x})}, {{"to", int64_t{1}}}));
  g.Output(g.Op("Reshape", "shaped", {x, target}));
  g.Output(g.Op("Neg", "closed", {x}));
  const auto graph = Specialize(std::move(g).Build().value(), {});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Running(*graph), "NonZero, Cast, Reshape, Neg");
  EXPECT_FALSE(graph->value(graph->outputs[0]).shape.has_value());
  EXPECT_FALSE(graph->value(graph->outputs[1]).shape.has_value());
  EXPECT_TRUE(graph->value(graph->outputs[2]).shape.has_value());
}

TEST(SpecializeTest, WhatDataDecideFoldsWhereTheDataAreConstant) {
  GraphBuilder g("mask");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{3, ""}});
  const ValueId mask = g.Constant("mask", Tensor::Int64s({1, 0, 1}));
  const ValueId axis = g.Constant("axis", Tensor::Int64s({0}));
  const ValueId places = g.Op("Squeeze", "flat", {g.Op("NonZero", "places", {mask}), axis});
  g.Output(g.Op("Gather", "y", {x, places}));
  const auto graph = Specialize(std::move(g).Build().value(), {});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(Running(*graph), "Gather");
  EXPECT_EQ(graph->value(graph->outputs[0]).tensor_type().ToString(), "float32[2]");
}

// Scales that are computed from extents in floating point belong to the plan: they fold.
TEST(SpecializeTest, FloatsComputedFromExtentsFold) {
  GraphBuilder g("scales");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}});
  const ValueId extent = g.Op("Cast", "extent", {g.Op("Shape", "shape", {x})},
                              {{"to", static_cast<int64_t>(DataType::kFloat32)}});
  const ValueId scale =
      g.Op("Div", "scale", {g.Constant("eight", Tensor::Of<float>({1}, {8})), extent});
  g.Output(g.Op("Resize", "y", {x, kNoValue, scale}));
  const auto graph = Specialize(std::move(g).Build().value(), {{"N", 4}});
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ(graph->nodes.size(), 1) << Dump(*graph);
  EXPECT_EQ(graph->value(graph->outputs[0]).shape->ToString(), "[8]");
}

// Pad(Squeeze(NonZero(x)), 5 - count) has five elements whatever the count is.
TEST(SpecializeTest, AssumingHowMuchDataGivesShowsTheExtentsThatDoNotDependOnIt) {
  GraphBuilder g("padded");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId front = g.Constant("front", Tensor::Int64s({0}));
  const ValueId places = g.Op("Squeeze", "places", {g.Op("NonZero", "non_zero", {x}), front});
  const ValueId missing =
      g.Op("Sub", "missing",
           {g.Constant("five", Tensor::Int64s({5})), g.Op("Shape", "count", {places})});
  const ValueId pads = g.Op("Concat", "pads", {front, missing}, {{"axis", int64_t{0}}});
  g.Output(g.Op("Pad", "padded", {places, pads}));
  g.Output(places);
  const Graph graph = std::move(g).Build().value();
  for (int64_t count : {2, 3}) {
    const auto assumed = Specialize(graph, {}, count);
    ASSERT_THAT(assumed, IsOk());
    EXPECT_EQ(assumed->value(assumed->outputs[0]).tensor_type().ToString(), "int64[5]");
    EXPECT_EQ(assumed->value(assumed->outputs[1]).shape, Shape({count}));
  }
}

TEST(SpecializeTest, WhatDoesNotFitAnAssumptionIsNoError) {
  GraphBuilder g("added");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId places = g.Op("NonZero", "places", {x});
  g.Output(g.Op("Add", "sum", {places, g.Constant("four", Tensor::Int64s({1, 2, 3, 4}))}));
  const Graph graph = std::move(g).Build().value();
  const auto fits = Specialize(graph, {}, 4);
  ASSERT_THAT(fits, IsOk());
  EXPECT_EQ(fits->value(fits->outputs[0]).shape, Shape({1, 4}));
  const auto beyond = Specialize(graph, {}, 6);
  ASSERT_THAT(beyond, IsOk());
  EXPECT_FALSE(beyond->value(beyond->outputs[0]).shape.has_value());
}

TEST(CheckSupportedTest, ListsEveryNodeAtOnce) {
  GraphBuilder g("unknown", 13);
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId a = g.Op("Frobnicate", "first", {x});
  const ValueId b = g.Op("Relu", "fine", {a});
  const ValueId c = g.Op("Relu", "two", {b, x});
  g.Output(g.Op("Conv", "third", {c}));
  const absl::Status status = CheckSupported(std::move(g).Build().value());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnimplemented,
                               HasSubstr("Frobnicate node \"first\" (opset 13)")));
  EXPECT_THAT(std::string(status.message()), HasSubstr("has 2 inputs and 1 outputs"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("input 1 is missing"));
  EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr("fine")));
}

}  // namespace
}  // namespace dnnd::engine
