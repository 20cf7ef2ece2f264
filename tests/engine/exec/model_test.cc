// Models end to end: signature, plans for several batch sizes, shared weights, and results against
// the interpreter.
#include "engine/exec/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_join.h"
#include "engine/exec/lane_group.h"
#include "engine/ops/interpret.h"
#include "tests/testing/branches.h"
#include "tests/testing/graphs.h"
#include "tests/testing/run_model.h"

namespace dnnd::engine {
namespace {

// oneDNN sums a few hundred products in another order than the reference loops.
constexpr double kTolerance = 2e-5;

TEST(ModelTest, FindsTheBatchAxisByTryingTwoBatchSizes) {
  const auto model = Model::Create(ResidualNetwork(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  const Signature& signature = (*model)->signature();
  EXPECT_TRUE(signature.batchable);
  EXPECT_EQ(signature.max_batch, kUnlimitedBatch);
  EXPECT_EQ(signature.inputs[0].batch_axis, 0);
  EXPECT_EQ(ToString(signature.outputs[0].shape), "[N,10]");
}

TEST(ModelTest, AnOutputThatMixesRowsMakesTheModelNotBatchable) {
  TestNetwork net("mixing");
  const ValueId x = net.Input(3, 4, 4);
  const ValueId shape = net.builder().Constant("shape", Tensor::Int64s({-1, 96}));
  const auto model = Model::Create(net.Finish(net.Op("Reshape", "mixed", {x, shape})), {});
  // 48 numbers a row do not fill rows of 96: the graph cannot run with one row at all.
  EXPECT_FALSE(model.ok());

  TestNetwork reduced("reduced");
  const ValueId y = reduced.Input(3, 4, 4);
  const ValueId axes = reduced.builder().Constant("axes", Tensor::Int64s({0}));
  const auto mean = Model::Create(reduced.Finish(reduced.Op("ReduceMean", "mean", {y, axes})), {});
  ASSERT_TRUE(mean.ok()) << mean.status();
  EXPECT_FALSE((*mean)->signature().batchable);
}

TEST(ModelTest, RowsThatMeetWithoutChangingAShapeMakeTheModelNotBatchable) {
  const auto signature = [](const char* combine, const char* op, std::vector<int64_t> axes,
                            Attributes attributes) {
    TestNetwork net("mixing");
    const ValueId x = net.Input(3, 4, 4);
    std::vector<ValueId> inputs = {x};
    if (!axes.empty()) {
      inputs.push_back(net.builder().Constant("axes", Tensor::Int64s(axes)));
    }
    const ValueId mixed = net.Op(op, "mixing", inputs, std::move(attributes));
    return Model::Create(net.Finish(net.Op(combine, "out", {x, mixed})), {}).value()->signature();
  };
  for (const Signature& mixing :
       {signature("Sub", "ReduceMean", {0}, {}), signature("Div", "ReduceMax", {0}, {}),
        signature("Mul", "Softmax", {}, {{"axis", int64_t{0}}})}) {
    EXPECT_FALSE(mixing.batchable);
    EXPECT_THAT(mixing.assumed, testing::Contains(testing::HasSubstr("node \"mixing\"")));
  }
  EXPECT_TRUE(signature("Sub", "ReduceMean", {1, 2, 3}, {}).batchable);
}

// As torch.onnx.export writes a Resize when it is told not to fold constants.
TEST(ModelTest, ScalesThatAreComputedFromConstantsDoNotKeepRowsFromABatch) {
  TestNetwork net("scales");
  const ValueId x = net.Input(3, 4, 4);
  const auto two_of = [&](const char* name, float scale) {
    Tensor tensor = Tensor::Create(DataType::kFloat32, Shape({2})).value();
    std::fill_n(tensor.mutable_data<float>(), 2, scale);
    return net.builder().Constant(name, std::move(tensor));
  };
  const ValueId ones = two_of("ones", 1.0f);
  const ValueId twos = two_of("twos", 2.0f);
  const ValueId scales = net.Op("Concat", "scales", {ones, twos}, {{"axis", int64_t{0}}});
  const auto model = Model::Create(net.Finish(net.Op("Resize", "up", {x, kNoValue, scales})), {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_TRUE((*model)->signature().batchable)
      << absl::StrJoin((*model)->signature().assumed, "; ");
}

TEST(ModelTest, ExtentsThatAFileLeavesOpenAreTakenFromItsOperators) {
  struct Case {
    SymbolicShape input;
    const char* want;
  };
  const Case cases[] = {
      {{Dim{-1, "N"}, Dim{3, ""}, Dim{4, ""}, Dim{4, ""}}, "[N,48]"},
      {{Dim{1, ""}, Dim{3, ""}, Dim{4, ""}, Dim{4, ""}}, "[1,48]"},
      // Who can tell what it is for another height?
      {{Dim{-1, "N"}, Dim{3, ""}, Dim{-1, "height"}, Dim{4, ""}}, "[N,Flatten_dim_1]"},
  };
  for (const Case& c : cases) {
    GraphBuilder builder("flat");
    const ValueId x = builder.Input("x", DataType::kFloat32, c.input);
    const ValueId flat = builder.Op("Flatten", "flat", {x});
    builder.Declare(flat, DataType::kFloat32, {Dim{-1, "Flatten_dim_0"}, Dim{-1, "Flatten_dim_1"}});
    builder.Output(flat);
    const auto model = Model::Create(std::move(builder).Build().value(), {});
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_EQ(ToString((*model)->signature().outputs[0].shape), c.want);
  }
}

TEST(ModelTest, EveryBatchSizeAndWidthAgreesWithTheInterpreter) {
  const Graph graph = ResidualNetwork();
  const auto model = Model::Create(graph, {}).value();
  const auto lanes = Lanes();
  for (int64_t batch : {1, 2, 3, 5, 8}) {
    const Tensor input = RandomTensor({batch, 3, 20, 20}, 7 + batch);
    const Tensor want = Interpret(graph, {input}).value()[0];
    for (bool wide : {false, true}) {
      const Tensor got = RunModel(*lanes, *model, input, wide);
      EXPECT_EQ(got.shape(), want.shape());
      EXPECT_LT(RelativeError(got.view(), want.view()), kTolerance)
          << "batch " << batch << (wide ? ", wide" : ", narrow");
    }
  }
}

// A dense layer over many inputs: oneDNN sums in another order for one row than for several, and
// for one thread than for two.
TEST(ModelTest, ExactAnswersDependNeitherOnOtherRowsNorOnTheWidthOfTheLane) {
  TestNetwork net("dense");
  const ValueId x = net.Input(64, 4, 4);
  const Graph graph = net.Finish(net.Dense("layer", net.Op("Flatten", "flat", {x}), 1024, 512));
  const auto exact = Model::Create(graph, {.precision = Precision::kExact}).value();
  EXPECT_TRUE(exact->signature().batchable);
  EXPECT_EQ(exact->signature().max_batch, 1);
  EXPECT_THAT(exact->signature().assumed, testing::Contains(testing::HasSubstr("exact")));
  const auto lanes = Lanes();
  const Tensor row = RandomTensor({1, 64, 4, 4}, 11);
  const Tensor narrow = RunModel(*lanes, *exact, row, false);
  const Tensor wide = RunModel(*lanes, *exact, row, true);
  EXPECT_EQ(std::memcmp(narrow.data<void>(), wide.data<void>(), narrow.num_bytes()), 0);
  const auto several = exact->Prepare({{Shape({6, 64, 4, 4})}, 1});
  EXPECT_EQ(several.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(several.status().message()), testing::HasSubstr("at most 1 rows"));
}

TEST(ModelTest, RunningAgainOnTheSameInputsGivesTheSameOutputs) {
  const auto model = Model::Create(ResidualNetwork(), {}).value();
  const auto lanes = Lanes();
  const Tensor input = RandomTensor({2, 3, 20, 20}, 5);
  const auto executable = model->Prepare({{input.shape()}, 1}).value();
  RunOnLane(*lanes, false, [&](Lane& lane) {
    PlanInstance* instance = lane.Instance(executable).value();
    std::memcpy(instance->input(0).raw(), input.data<void>(), input.num_bytes());
    ASSERT_TRUE(instance->Run().ok());
    const Tensor first = Tensor::Copy(instance->outputs()[0]).value();
    ASSERT_TRUE(instance->Run().ok());
    EXPECT_EQ(std::memcmp(first.data<void>(), instance->outputs()[0].raw(), first.num_bytes()), 0);
  });
}

TEST(ModelTest, PlansOfAllBatchSizesShareOneCopyOfTheWeights) {
  const auto model = Model::Create(ResidualNetwork(), {}).value();
  ASSERT_TRUE(model->Prepare({{Shape({1, 3, 20, 20})}, 1}).ok());
  const int64_t bytes = model->weight_bytes();
  EXPECT_GT(bytes, 0);
  for (int64_t batch : {2, 4, 7}) {
    ASSERT_TRUE(model->Prepare({{Shape({batch, 3, 20, 20})}, 1}).ok());
  }
  EXPECT_EQ(model->weight_bytes(), bytes);
}

TEST(ModelTest, TheCacheOfPlansIsBoundedAndKeepsTheMostRecentlyUsed) {
  const auto model = Model::Create(ResidualNetwork(), {.max_plans = 2}).value();
  const auto key = [](int64_t batch) { return PlanKey{{Shape({batch, 3, 20, 20})}, 1}; };
  const auto first = model->Prepare(key(1)).value();
  ASSERT_TRUE(model->Prepare(key(2)).ok());
  EXPECT_EQ(model->Find(key(1)), first);  // now used more recently than 2
  ASSERT_TRUE(model->Prepare(key(3)).ok());
  EXPECT_EQ(model->Find(key(1)), first);
  EXPECT_EQ(model->Find(key(2)), nullptr);
  EXPECT_FALSE(first->retired());
}

TEST(ModelTest, ShapesThatDoNotFitAreRefusedWithBothSides) {
  const auto model = Model::Create(ResidualNetwork(), {}).value();
  const absl::Status status = model->CheckShapes({Shape({1, 4, 20, 20})});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("[1,4,20,20]"));
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("[N,3,20,20]"));
}

TEST(ModelTest, ADenseLayerEqualsThePlainTripleLoop) {
  constexpr int64_t kBatch = 5, kInputs = 37, kOutputs = 19;
  GraphBuilder builder("dense");
  const Tensor weights = RandomTensor({kInputs, kOutputs}, 1);
  const Tensor bias = RandomTensor({kOutputs}, 2);
  const ValueId x = builder.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{kInputs, ""}});
  builder.Output(
      builder.Op("Gemm", "z", {x, builder.Constant("w", weights), builder.Constant("b", bias)}));
  const auto model = Model::Create(std::move(builder).Build().value(), {}).value();
  const Tensor input = RandomTensor({kBatch, kInputs}, 3);
  const auto lanes = Lanes();
  const Tensor got = RunModel(*lanes, *model, input, false);
  for (int64_t b = 0; b < kBatch; ++b) {
    for (int64_t o = 0; o < kOutputs; ++o) {
      double z = bias.data<float>()[o];
      for (int64_t i = 0; i < kInputs; ++i) {
        z += static_cast<double>(input.data<float>()[b * kInputs + i]) *
             weights.data<float>()[i * kOutputs + o];
      }
      // 37 products in single precision.
      EXPECT_NEAR(got.data<float>()[b * kOutputs + o], z, 1e-5);
    }
  }
}

TEST(ModelTest, StringsStayOutOfArenasWhereverTheyAre) {
  const Tensor labels =
      Tensor::Of<std::string>(Shape({2}), {"a label too long to lie within", "b"});
  GraphBuilder gathered("gathered");
  const ValueId i = gathered.Input("i", DataType::kInt64, {Dim{-1, "N"}});
  gathered.Output(gathered.Op("Gather", "picked", {gathered.Constant("labels", labels), i}));
  GraphBuilder listed("listed");
  const ValueId x = listed.Input("x", DataType::kFloat32, {Dim{2, ""}});
  listed.Output(listed.Op("Relu", "y", {x}));
  listed.Output(listed.Constant("labels", labels));
  for (GraphBuilder* builder : {&gathered, &listed}) {
    const auto model = Model::Create(std::move(*builder).Build().value(), {});
    ASSERT_TRUE(model.ok()) << model.status();
    const auto plan = (*model)->Prepare({{Shape({2})}, 1});
    EXPECT_EQ(plan.status().code(), absl::StatusCode::kUnimplemented) << plan.status();
    EXPECT_THAT(std::string(plan.status().message()), testing::HasSubstr("strings"));
  }
}

// [1,5,1] lies alike in both layouts, its expansion does not; oneDNN reorders no 8-byte integers.
TEST(ModelTest, IntegersAreReorderedToo) {
  GraphBuilder g("indices");
  const ValueId x = g.Input("x", DataType::kInt64, {Dim{1, ""}, Dim{5, ""}, Dim{1, ""}});
  g.Output(g.Op("Expand", "wide", {x, g.Constant("to", Tensor::Int64s({1, 5, 4}))}));
  const Graph graph = std::move(g).Build().value();
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const Tensor input = Tensor::Of<int64_t>({1, 5, 1}, {1, -2, int64_t{1} << 40, 4, 5});
  const Tensor got = RunModel(*Lanes(), **model, input, /*wide=*/false);
  const Tensor want = Interpret(graph, {input}).value()[0];
  EXPECT_EQ(std::memcmp(got.data<void>(), want.data<void>(), want.num_bytes()), 0);
}

// A mask made of extents folds for one row; for three it is too large for that.
TEST(ModelTest, ExtentsThatAreKnownForOneRowOnlyMakeAModelNotBatchable) {
  GraphBuilder g("mask");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{2000, ""}});
  const ValueId mask = g.Op("ConstantOfShape", "mask", {g.Op("Shape", "shape", {x})},
                            {{"value", Tensor::Of<int64_t>({1}, {1})}});
  const ValueId last = g.Op("ReduceMax", "last", {g.Op("NonZero", "places", {mask})});
  g.Declare(last, DataType::kInt64, {Dim{-1, "a"}, Dim{-1, "b"}});
  g.Output(last);
  g.Output(g.Op("Neg", "y", {x}));
  const auto model = Model::Create(std::move(g).Build().value(), {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_FALSE((*model)->signature().batchable);
  EXPECT_THAT((*model)->signature().assumed, testing::Contains(testing::HasSubstr("\"last\"")));
}

// Reshape(x, target): not even how many axes there are is known.
TEST(ModelTest, AnOutputOfWhichNothingIsKnownIsRefusedUnlessDeclared) {
  const auto create = [](bool declared) {
    GraphBuilder g("shaped");
    const ValueId x = g.Input("x", DataType::kFloat32, {Dim{4, ""}});
    const ValueId target = g.Input("target", DataType::kInt64, {Dim{2, ""}});
    const ValueId y = g.Op("Reshape", "y", {x, target});
    if (declared) {
      g.Declare(y, DataType::kFloat32, {Dim{-1, "rows"}, Dim{-1, "columns"}});
    }
    g.Output(y);
    return Model::Create(std::move(g).Build().value(), {});
  };
  EXPECT_TRUE(create(true).ok());
  const absl::Status status = create(false).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("output \"y\""));
}

// y = x has fewer than `limit` elements ? relu(x) : -x.
Graph BranchByElements(int64_t limit) {
  GraphBuilder g("elements");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{4, ""}});
  const ValueId few =
      g.Op("Less", "few",
           {g.Op("Size", "size", {x}), g.Constant("limit", Tensor::Scalar<int64_t>(limit))});
  g.Output(AddIf(g, "choice", few, {x}, BranchOf(1, "Relu"), BranchOf(1, "Neg")));
  return std::move(g).Build().value();
}

TEST(ModelTest, ABranchThatShapesDecideKeepsAModelBatchable) {
  const Graph graph = BranchByElements(1000);
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_TRUE((*model)->signature().batchable);
  const std::unique_ptr<LaneGroup> lanes = Lanes();
  for (const int64_t rows : {1, 2, 5}) {
    const Tensor x = RandomTensor({rows, 4}, 1);
    const Tensor got = RunModel(*lanes, **model, x, /*wide=*/false);
    EXPECT_EQ(RelativeError(got.view(), Interpret(graph, {x}).value()[0].view()), 0) << rows;
  }
}

// The signature is found out with one row and with three.
TEST(ModelTest, ANumberOfRowsThatTakesAnotherBranchIsRefused) {
  const auto model = Model::Create(BranchByElements(20), {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_TRUE((*model)->signature().batchable);
  EXPECT_TRUE((*model)->Prepare({{Shape({4, 4})}, 1}).ok());
  const absl::Status status = (*model)->Prepare({{Shape({5, 4})}, 1}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("another branch"));
  EXPECT_FALSE((*Model::Create(BranchByElements(10), {}))->signature().batchable);
}

// y = x is narrower than 300 ? relu(x) : `otherwise`(x). The signature is found out at 224.
absl::Status PrepareWide(const Branch& otherwise) {
  GraphBuilder g("wide");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{-1, "N"}, Dim{-1, "W"}});
  const ValueId width =
      g.Op("Gather", "width",
           {g.Op("Shape", "shape", {x}), g.Constant("axis", Tensor::Scalar<int64_t>(1))});
  const ValueId narrow =
      g.Op("Less", "narrow", {width, g.Constant("limit", Tensor::Scalar<int64_t>(300))});
  g.Output(AddIf(g, "choice", narrow, {x}, BranchOf(1, "Relu"), otherwise));
  const auto model = Model::Create(std::move(g).Build().value(), {}).value();
  EXPECT_TRUE(model->signature().batchable);
  EXPECT_TRUE(model->Prepare({{Shape({2, 299})}, 1}).ok());
  EXPECT_EQ(model->Prepare({{Shape({1, 300})}, 1}).ok(),
            model->Prepare({{Shape({2, 300})}, 1}).ok());
  return model->Prepare({{Shape({2, 300})}, 1}).status();
}

TEST(ModelTest, ShapesWhoseBranchBreaksTheSignatureAreRefused) {
  EXPECT_TRUE(PrepareWide(BranchOf(1, "Neg")).ok());
  const Branch sum = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{b.Op("ReduceSum", "sum", {in[0]}, {{"keepdims", int64_t{0}}})};
  });
  const Branch empty = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>&) {
    return std::vector<ValueId>{b.Constant("none", Tensor::Of<float>(Shape({0, 3}), {}))};
  });
  for (const auto& [branch, wrong] :
       {std::pair(sum, "output \"choice\" is [] for"), std::pair(empty, "is [0,3] for"),
        std::pair(BranchOf(1, "NonZero"), "data decide the extents of output \"choice\"")}) {
    const absl::Status status = PrepareWide(branch);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << wrong;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(wrong));
  }
}

// The result of an If has one name, and weights that the plans of a model share are known by name.
TEST(ModelTest, PlansThatTookOtherBranchesDoNotShareWhatTheseComputeOfWeights) {
  GraphBuilder g("weights");
  const ValueId x = g.Input("x", DataType::kFloat32, {Dim{2, ""}, Dim{-1, "W"}});
  const ValueId size = g.Op("Size", "size", {x});
  const ValueId few = g.Op("Less", "few", {size, g.Constant("limit", Tensor::Scalar<int64_t>(9))});
  const ValueId one = g.Constant("one", Tensor::Of<float>({1}, {1}));
  const ValueId many = g.Constant("many", RandomTensor({2, 1}, 3));
  const Branch second = BranchOf(2, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{b.Op("Exp", "inner", {in[1]})};
  });
  const ValueId scale = AddIf(g, "scale", few, {one, many}, BranchOf(2, "Exp"), second);
  g.Output(g.Op("Mul", "y", {x, scale}));
  const Graph graph = std::move(g).Build().value();
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  const std::unique_ptr<LaneGroup> lanes = Lanes();
  for (const int64_t width : {2, 8, 3}) {
    const Tensor wide = RandomTensor({2, width}, 1);
    const Tensor got = RunModel(*lanes, **model, wide, /*wide=*/false);
    const Tensor want = Interpret(graph, {wide}).value()[0];
    EXPECT_LE(RelativeError(got.view(), want.view()), kTolerance) << width;
  }
}

// c ? conv(x) : mean(x), behind a convolution that is planned.
Graph BranchByData(DataType declared) {
  TestNetwork net("data");
  const ValueId x = net.Input(3, 8, 8);
  const ValueId front = net.Conv("front", x, 3, 4, 3);
  const ValueId most = net.Op("ReduceMax", "most", {front}, {{"keepdims", int64_t{0}}});
  const ValueId limit = net.builder().Input("limit", DataType::kFloat32, {});
  const ValueId above = net.Op("Greater", "above", {most, limit});
  const Branch conv = BranchOf(1, [](GraphBuilder& b, const std::vector<ValueId>& in) {
    const ValueId weights = b.Constant("w", RandomTensor({2, 4, 3, 3}, 7));
    return std::vector<ValueId>{b.Op("Conv", "inside", {in[0], weights})};
  });
  const Branch mean = BranchOf(1, "GlobalAveragePool");
  const ValueId y = AddIf(net.builder(), "choice", above, {front}, conv, mean);
  net.builder().Declare(y, declared, {Dim{1, ""}, Dim{}, Dim{}, Dim{}});
  return net.Finish(y);
}

TEST(ModelTest, ABranchThatDataDecideRunsBehindThePlannedSteps) {
  const Graph graph = BranchByData(DataType::kFloat32);
  const auto model = Model::Create(graph, {});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_FALSE((*model)->signature().batchable);
  EXPECT_EQ(ToString((*model)->signature().outputs[0].shape), "[1,?,?,?]");
  const std::unique_ptr<LaneGroup> lanes = Lanes();
  const Tensor picture = RandomTensor({1, 3, 8, 8}, 1);
  for (const float limit : {-1e9f, 1e9f}) {
    const std::vector<Tensor> inputs = {picture, Tensor::Scalar(limit)};
    const Tensor got = RunModel(*lanes, **model, inputs, /*wide=*/true);
    const Tensor want = Interpret(graph, inputs).value()[0];
    ASSERT_EQ(got.shape(), want.shape()) << limit;
    EXPECT_EQ(got.shape(), limit < 0 ? Shape({1, 2, 6, 6}) : Shape({1, 4, 1, 1}));
    EXPECT_LE(RelativeError(got.view(), want.view()), kTolerance) << limit;
  }
}

TEST(ModelTest, AnOutputOfAnotherTypeThanDeclaredIsAnErrorOfTheRun) {
  const auto model = Model::Create(BranchByData(DataType::kInt64), {});
  ASSERT_TRUE(model.ok()) << model.status();
  const std::unique_ptr<LaneGroup> lanes = Lanes();
  const auto executable = (*model)->Prepare({{Shape({1, 3, 8, 8}), Shape()}, 1});
  ASSERT_TRUE(executable.ok()) << executable.status();
  RunOnLane(*lanes, /*wide=*/false, [&](Lane& lane) {
    const auto instance = lane.Instance(*executable);
    ASSERT_TRUE(instance.ok()) << instance.status();
    const absl::Status status = (*instance)->Run();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                testing::HasSubstr("output \"choice\" came out as float32[1,"));
  });
}

TEST(ModelTest, AnUnknownOperatorIsRefusedAtLoadNamingTheNode) {
  TestNetwork net("unknown");
  const ValueId x = net.Input(3, 4, 4);
  const auto model = Model::Create(net.Finish(net.Op("Frobnicate", "strange", {x})), {});
  EXPECT_EQ(model.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(model.status().message()), testing::HasSubstr("strange"));
}

}  // namespace
}  // namespace dnnd::engine
