// Models in which data decide extents: what is planned, what is interpreted behind it, and its
// bounds.
#include "engine/exec/tail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "engine/exec/openmp.h"
#include "engine/ops/interpret.h"
#include "tests/testing/graphs.h"
#include "tests/testing/run_model.h"

namespace dnnd::engine {
namespace {

// oneDNN sums a few hundred products in another order than the reference loops.
constexpr double kTolerance = 2e-5;

// The features of a picture whose sum over its area is above 0: as many as there are.
Graph PositiveFeatures(bool declared) {
  TestNetwork net("positive");
  const ValueId x = net.Input(3, 8, 8);
  const ValueId features = net.Op("GlobalAveragePool", "pool", {net.Conv("conv", x, 3, 24, 3)});
  const ValueId flat = net.Op("Reshape", "flat",
                              {features, net.builder().Constant("one_axis", Tensor::Int64s({-1}))});
  const ValueId zero = net.builder().Constant("zero", Tensor::Scalar<float>(0));
  const ValueId front = net.builder().Constant("front", Tensor::Int64s({0}));
  const ValueId above = net.Op("Greater", "above", {flat, zero});
  const ValueId places =
      net.Op("Squeeze", "places", {net.Op("NonZero", "non_zero", {above}), front});
  const ValueId picked = net.Op("Gather", "picked", {flat, places});
  if (declared) {
    net.builder().Declare(picked, DataType::kFloat32, {Dim{-1, "count"}});
  }
  return net.Finish(picked);
}

TEST(TailTest, WhatDataDecideIsComputedAfterThePlannedSteps) {
  const Graph graph = PositiveFeatures(/*declared=*/true);
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const Signature& signature = (*model)->signature();
  EXPECT_FALSE(signature.batchable);
  EXPECT_TRUE(signature.open_outputs);
  EXPECT_EQ(ToString(signature.outputs[0].shape), "[count]");
  EXPECT_THAT(signature.assumed, testing::Contains(testing::HasSubstr("data decide")));
  const std::unique_ptr<LaneGroup> lanes = Lanes();
  std::set<int64_t> counts;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    const Tensor picture = RandomTensor({1, 3, 8, 8}, seed);
    const Tensor got = RunModel(*lanes, **model, picture, /*wide=*/seed % 2 == 0);
    const Tensor want = Interpret(graph, {picture}).value()[0];
    ASSERT_EQ(got.shape(), want.shape()) << "seed " << seed;
    EXPECT_LE(RelativeError(got.view(), want.view()), kTolerance) << "seed " << seed;
    counts.insert(got.shape()[0]);
  }
  EXPECT_GT(counts.size(), 1) << "every picture had as many";
}

// A dense layer and a convolution for as many things as there are: kernels are made for each number
// of them, and none for no things at all.
TEST(TailTest, LayersBehindWhatDataDecideHaveCompiledKernels) {
  TestNetwork net("second stage");
  const ValueId x = net.Input(3, 8, 8);
  const ValueId front = net.builder().Constant("front", Tensor::Int64s({0}));
  const ValueId back = net.builder().Constant("back", Tensor::Int64s({2, 3}));
  const ValueId areas = net.Op("Reshape", "areas",
                               {net.Conv("conv", x, 3, 24, 3),
                                net.builder().Constant("each", Tensor::Int64s({24, 1, 8, 8}))});
  const ValueId sums = net.Op("ReduceSum", "sums", {areas, back}, {{"keepdims", int64_t{0}}});
  const ValueId flat =
      net.Op("Reshape", "flat", {sums, net.builder().Constant("one_axis", Tensor::Int64s({-1}))});
  const ValueId limit = net.builder().Input("limit", DataType::kFloat32, {Dim{1, ""}});
  const ValueId above = net.Op("Greater", "above", {flat, limit});
  const ValueId places =
      net.Op("Squeeze", "places", {net.Op("NonZero", "non_zero", {above}), front});
  const ValueId picked = net.Op("Gather", "picked", {areas, places});
  const ValueId second = net.Op("Relu", "relu", {net.Conv("second", picked, 1, 32, 3)});
  const ValueId pooled =
      net.Op("Flatten", "pooled", {net.Op("GlobalAveragePool", "pool", {second})});
  const Graph graph = net.Finish(net.Dense("dense", pooled, 32, 12));
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(ToString((*model)->signature().outputs[0].shape), "[?,12]");
  const auto executable = (*model)->Prepare({{Shape({1, 3, 8, 8}), Shape({1})}, 1});
  ASSERT_TRUE(executable.ok()) << executable.status();
  EXPECT_EQ((*executable)->tail()->num_layers(), 2);
  const std::unique_ptr<LaneGroup> lanes = Lanes();
  const Tensor picture = RandomTensor({1, 3, 8, 8}, 1);
  std::set<int64_t> counts;
  for (float least : {-1e9f, -5.0f, 0.0f, 5.0f, 1e9f, -1e9f}) {
    const Tensor at_least = Tensor::Of<float>({1}, {least});
    const Tensor got = RunModel(*lanes, **model, {picture, at_least}, /*wide=*/least > 0);
    const Tensor want = Interpret(graph, {picture, at_least}).value()[0];
    ASSERT_EQ(got.shape(), want.shape()) << least;
    EXPECT_LE(RelativeError(got.view(), want.view()), kTolerance) << least;
    counts.insert(got.shape()[0]);
  }
  EXPECT_EQ(*counts.begin(), 0);
  EXPECT_EQ(*counts.rbegin(), 24);
  EXPECT_GT(counts.size(), 3);
}

TEST(TailTest, AnOutputWhoseExtentsDataDecideNeedNotBeDeclared) {
  const auto model = Model::Create(PositiveFeatures(/*declared=*/false), {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(ToString((*model)->signature().outputs[0].shape), "[?]");
  EXPECT_EQ((*model)->signature().outputs[0].type, DataType::kFloat32);
}

// Cut to two at most, of which there may be fewer: no extent that holds for many things is known.
TEST(TailTest, WhatIsCutToAFewIsNotTakenForKnown) {
  GraphBuilder g("two");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId zero = g.Constant("zero", Tensor::Int64s({0}));
  const ValueId two = g.Constant("two", Tensor::Int64s({2}));
  const ValueId one = g.Constant("one", Tensor::Int64s({1}));
  g.Output(g.Op("Slice", "some", {g.Op("NonZero", "places", {x}), zero, two, one}));
  const auto model = Model::Create(std::move(g).Build().value(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(ToString((*model)->signature().outputs[0].shape), "[1,?]");
}

// A table that is too short for the number of things that is assumed, but not for what there are.
TEST(TailTest, AnAssumptionThatDoesNotFitIsNoFault) {
  GraphBuilder g("table");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}});
  const ValueId places = g.Op("NonZero", "places", {x});
  const ValueId extents = g.Op("Shape", "extents", {places});
  const ValueId count = g.Op("Gather", "count", {extents, g.Constant("one", Tensor::Int64s({1}))});
  const ValueId table = g.Constant("table", Tensor::Of<float>({3}, {0.5f, 1.5f, 2.5f}));
  const ValueId y = g.Op("Gather", "y", {table, count});
  g.Declare(y, DataType::kFloat32, {Dim{1, ""}});
  g.Output(y);
  const auto model = Model::Create(std::move(g).Build().value(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  const Tensor got = RunModel(*Lanes(), **model, Tensor::Of<float>({2}, {3, 4}), /*wide=*/false);
  EXPECT_EQ(*got.data<float>(), 2.5f);
}

// What a node makes of a client's numbers is bounded before it is made.
TEST(TailTest, RefusesToHoldMoreThanItMayNamingTheNode) {
  GraphBuilder g("expanded");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{1, ""}});
  const ValueId to = g.Input("to", DataType::kInt64, {Dim{1, ""}});
  const ValueId y = g.Op("Expand", "y", {x, to});
  g.Declare(y, DataType::kFloat32, {Dim{-1, "n"}});
  g.Output(y);
  const auto model = Model::Create(std::move(g).Build().value(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  const auto executable = (*model)->Prepare({{Shape({1}), Shape({1})}, 1});
  ASSERT_TRUE(executable.ok()) << executable.status();
  RunOnLane(*Lanes(), /*wide=*/false, [&](Lane& lane) {
    PlanInstance* const instance = lane.Instance(*executable).value();
    int64_t* const extent = instance->input(1).data<int64_t>();
    *extent = kMostTailBytes / 4 + 1;
    const absl::Status status = instance->Run();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr("Expand node \"y\""));
    *extent = 3;  // the next run is not harmed
    ASSERT_TRUE(instance->Run().ok());
    EXPECT_EQ(instance->outputs()[0].shape(), Shape({3}));
    instance->ReleaseOutputs();
    EXPECT_EQ(instance->outputs()[0].raw(), nullptr);
  });
}

// Reshape(x, target) may give any number of axes, whatever the model declares.
TEST(TailTest, AnOutputWithOtherAxesThanDeclaredIsAnErrorOfTheRun) {
  GraphBuilder g("shaped");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
  const ValueId target = g.Input("target", DataType::kInt64, {Dim{2, ""}});
  const ValueId y = g.Op("Reshape", "y", {x, target});
  g.Declare(y, DataType::kFloat32, {Dim{1, ""}, Dim{-1, "n"}, Dim{6, ""}});
  g.Output(y);
  const auto model = Model::Create(std::move(g).Build().value(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  const auto executable = (*model)->Prepare({{Shape({4}), Shape({2})}, 1});
  ASSERT_TRUE(executable.ok()) << executable.status();
  RunOnLane(*Lanes(), /*wide=*/false, [&](Lane& lane) {
    PlanInstance* const instance = lane.Instance(*executable).value();
    instance->input(1).data<int64_t>()[0] = 2;
    instance->input(1).data<int64_t>()[1] = 2;
    const absl::Status status = instance->Run();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                testing::HasSubstr("output \"y\" came out as float32[2,2]"));
  });
}

// Half precision before the cut is computed in 32 bits, and so is what follows it.
TEST(TailTest, HalfPrecisionIsWidenedBehindTheCutToo) {
  GraphBuilder g("half");
  const ValueId x = g.Input("x", DataType::kFloat16, {Dim{4, ""}});
  const ValueId front = g.Constant("front", Tensor::Int64s({0}));
  const ValueId places = g.Op("Squeeze", "places", {g.Op("NonZero", "non_zero", {x}), front});
  const ValueId picked = g.Op("Gather", "picked", {x, places});
  const ValueId sum = g.Op("Add", "sum", {picked, picked});
  g.Declare(sum, DataType::kFloat16, {Dim{-1, "n"}});
  g.Output(sum);
  const auto model = Model::Create(std::move(g).Build().value(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  Tensor input = Tensor::Create(DataType::kFloat16, Shape({4})).value();
  const uint16_t one_and_half = 0x3e00;
  input.mutable_data<uint16_t>()[2] = one_and_half;
  const Tensor got = RunModel(*Lanes(), **model, input, /*wide=*/false);
  ASSERT_EQ(got.tensor_type().ToString(), "float16[1]");
  EXPECT_EQ(HalfToFloat(*got.data<uint16_t>()), 3.0f);
}

// Lanes share an executable and the kernels of its layers, each with other numbers of things.
TEST(TailTest, LanesRunOneTailAtTheSameTime) {
  const Graph graph = PositiveFeatures(/*declared=*/true);
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const auto executable = (*model)->Prepare({{Shape({1, 3, 8, 8})}, 1});
  ASSERT_TRUE(executable.ok()) << executable.status();
  const auto run = [&](uint32_t first_seed) {
    PrepareComputeThread(1);
    Lane lane(/*width=*/1, LaneArenas::Reserve().value());
    for (uint32_t seed = first_seed; seed < first_seed + 20; ++seed) {
      const Tensor picture = RandomTensor({1, 3, 8, 8}, seed);
      PlanInstance* const instance = lane.Instance(*executable).value();
      std::memcpy(instance->input(0).raw(), picture.data<void>(), picture.num_bytes());
      EXPECT_TRUE(instance->Run().ok());
      const Tensor want = Interpret(graph, {picture}).value()[0];
      EXPECT_EQ(instance->outputs()[0].shape(), want.shape()) << "seed " << seed;
    }
  };
  std::thread other([&] { run(100); });
  run(1);
  other.join();
}

}  // namespace
}  // namespace dnnd::engine
