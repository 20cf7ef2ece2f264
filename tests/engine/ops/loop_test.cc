#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/ops/interpret.h"
#include "tests/testing/branches.h"
#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int64_t kAxis = 0;

Tensor Trips(int64_t trips) { return Tensor::Scalar<int64_t>(trips); }
Tensor Bool(bool value) {
  Tensor tensor = Tensor::Create(DataType::kBool, Shape()).value();
  *tensor.mutable_data<uint8_t>() = value ? 1 : 0;
  return tensor;
}
Tensor Floats(const std::vector<float>& values) {
  return Tensor::Of<float>(Shape({static_cast<int64_t>(values.size())}), values);
}

using Body = std::function<std::vector<ValueId>(GraphBuilder&, const std::vector<ValueId>&)>;

// A loop over (trips, condition, x, limit), with one value carried and `results` in all. The body
// gets (trip, condition, carried, limit).
Graph Looped(const Body& body, int results = 1) {
  GraphBuilder g("looped");
  const std::vector<ValueId> inputs = {
      g.Input("trips", DataType::kInt64, {}), g.Input("condition", DataType::kBool, {}),
      g.Input("x", DataType::kFloat32, {Dim{-1, "N"}}), g.Input("limit", DataType::kFloat32, {})};
  for (const ValueId output : g.MultiOp("Loop", "again", inputs, results,
                                        {{"body", BranchOf(4, body)}, {"carried", int64_t{1}}})) {
    g.Output(output);
  }
  return std::move(g).Build().value();
}

// Adds the trip's number to what is carried, stacks the sum, and goes on below the limit.
std::vector<ValueId> AddTrip(GraphBuilder& b, const std::vector<ValueId>& in) {
  const ValueId trip =
      b.Op("Cast", "trip", {in[0]}, {{"to", static_cast<int64_t>(DataType::kFloat32)}});
  const ValueId sum = b.Op("Add", "sum", {in[2], trip});
  const ValueId most = b.Op("ReduceMax", "most", {sum}, {{"keepdims", int64_t{0}}});
  return {b.Op("Less", "goes_on", {most, in[3]}), sum, b.Op("Neg", "negated", {sum})};
}

// Puts what is carried behind itself.
std::vector<ValueId> Grow(GraphBuilder& b, const std::vector<ValueId>& in) {
  return {b.Op("Identity", "goes_on", {in[1]}),
          b.Op("Concat", "grown", {in[2], in[2]}, {{"axis", kAxis}})};
}

TEST(LoopTest, RunsAsOftenAsTripsAndConditionSay) {
  const Tensor x = Floats({1, 2});
  const auto all = Interpret(Looped(AddTrip, 2), {Trips(3), Bool(true), x, Tensor::Scalar(9.0f)});
  ASSERT_THAT(all, IsOk());
  ExpectTensor<float>((*all)[0], {2}, {4, 5});
  ExpectTensor<float>((*all)[1], {3, 2}, {-1, -2, -2, -3, -4, -5});
  const auto some = Interpret(Looped(AddTrip, 2), {Trips(99), Bool(true), x, Tensor::Scalar(4.0f)});
  ASSERT_THAT(some, IsOk());
  ExpectTensor<float>((*some)[0], {2}, {4, 5});
  const auto endless = Interpret(Looped(AddTrip, 2), {Tensor(), Tensor(), x, Tensor::Scalar(4.0f)});
  ASSERT_THAT(endless, IsOk());
  ExpectTensor<float>((*endless)[0], {2}, {4, 5});
}

TEST(LoopTest, CarriesWhatGrows) {
  const auto grown =
      Interpret(Looped(Grow), {Trips(3), Tensor(), Floats({1}), Tensor::Scalar(0.0f)});
  ASSERT_THAT(grown, IsOk());
  ExpectTensor<float>((*grown)[0], {8}, {1, 1, 1, 1, 1, 1, 1, 1});
}

TEST(LoopTest, WithoutATripGivesWhatItGot) {
  for (const auto& [trips, goes_on] : {std::pair(0, true), {-1, true}, {5, false}}) {
    Graph graph = Looped(
        [](GraphBuilder& b, const std::vector<ValueId>& in) {
          std::vector<ValueId> results = AddTrip(b, in);
          b.Declare(results[2], DataType::kFloat32, {Dim{-1, "N"}});
          return results;
        },
        2);
    const auto got =
        Interpret(graph, {Trips(trips), Bool(goes_on), Floats({7}), Tensor::Scalar(0.0f)});
    ASSERT_THAT(got, IsOk());
    ExpectTensor<float>((*got)[0], {1}, {7});
    EXPECT_EQ((*got)[1].shape(), Shape({0, 0}));
  }
  EXPECT_THAT(
      Interpret(Looped(AddTrip, 2), {Trips(0), Bool(true), Floats({7}), Tensor::Scalar(0.0f)}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is not declared")));
}

TEST(LoopTest, EndsAndHoldsWithinItsBounds) {
  const Tensor zero = Tensor::Scalar(0.0f);
  const auto idle = [](GraphBuilder& b, const std::vector<ValueId>& in) {
    return std::vector<ValueId>{b.Op("Identity", "goes_on", {in[1]}),
                                b.Op("Identity", "same", {in[2]})};
  };
  EXPECT_THAT(Interpret(Looped(idle), {Tensor(), Bool(true), Floats({1}), zero}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("did not end within")));
  EXPECT_THAT(Interpret(Looped(Grow), {Trips(60), Bool(true), Floats({1}), zero}, RunNode, 1 << 16),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("bytes are left")));
}

TEST(LoopTest, RefusesWhatIsNoLoop) {
  const Tensor zero = Tensor::Scalar(0.0f);
  EXPECT_THAT(Interpret(Looped(Grow), {Floats({1}), Bool(true), Floats({1}), zero}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the number of trips is")));
  EXPECT_THAT(Interpret(Looped(Grow), {Trips(1), Floats({1}), Floats({1}), zero}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the condition is float32")));
  Graph graph = Looped(Grow);
  graph.nodes[0].attributes.Set("body", BranchOf(3, "Relu"));
  EXPECT_THAT(Interpret(graph, {Trips(1), Bool(true), Floats({1}), zero}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("has no body of 4 inputs")));
  const auto uneven = [](GraphBuilder& b, const std::vector<ValueId>& in) {
    std::vector<ValueId> results = Grow(b, in);
    results.push_back(b.Op("Neg", "stacked", {results[1]}));
    return results;
  };
  EXPECT_THAT(Interpret(Looped(uneven, 2), {Trips(2), Bool(true), Floats({1}), zero}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("stacks float32[4] on")));
}

}  // namespace
}  // namespace dnnd::engine
