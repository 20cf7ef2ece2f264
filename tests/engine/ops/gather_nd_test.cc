// GatherND and ScatterND, by values worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/op_tester.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// [[[0 1] [2 3]] [[4 5] [6 7]]]
Tensor Data() { return Tensor::Of<float>({2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}); }

struct GatherCase {
  std::string name;
  int64_t batch_dims;
  Shape indices;
  std::vector<int64_t> tuples;
  Shape shape;
  std::vector<float> elements;
};

class GatherNDTest : public ::testing::TestWithParam<GatherCase> {};

TEST_P(GatherNDTest, TakesASlabForEachTuple) {
  const GatherCase& c = GetParam();
  ExpectTensor<float>(OpTester("GatherND")
                          .Int("batch_dims", c.batch_dims)
                          .Input(Data())
                          .Input<int64_t>(c.indices, c.tuples)
                          .Run(),
                      c.shape, c.elements);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, GatherNDTest,
    ::testing::Values(
        GatherCase{"Elements", 0, {2, 3}, {0, 1, 1, 1, 0, -2}, {2}, {3, 4}},
        GatherCase{"Rows", 0, {2, 1, 2}, {1, 0, 0, 1}, {2, 1, 2}, {4, 5, 2, 3}},
        GatherCase{"Matrices", 0, {1, 1}, {-1}, {1, 2, 2}, {4, 5, 6, 7}},
        GatherCase{"OneTuple", 0, {3}, {1, 1, 1}, {}, {7}},
        GatherCase{"OfEachBatch", 1, {2, 1}, {1, 0}, {2, 2}, {2, 3, 4, 5}},
        GatherCase{
            "SeveralOfEachBatch", 1, {2, 2, 1}, {1, 0, 0, 0}, {2, 2, 2}, {2, 3, 0, 1, 4, 5, 4, 5}},
        GatherCase{"OfTwoBatchAxes", 2, {2, 2, 1}, {1, 0, 0, 1}, {2, 2}, {1, 2, 4, 7}},
        GatherCase{"NoTuples", 0, {0, 2}, {}, {0, 2}, {}}),
    [](const auto& info) { return info.param.name; });

TEST(GatherNDEdgesTest, MovesStringsAndReadsNarrowIndices) {
  ExpectTensor<std::string>(OpTester("GatherND")
                                .Input<std::string>({3}, {"a", "b", "c"})
                                .Input<int32_t>({2, 1}, {2, 0})
                                .Run(),
                            {2}, {"c", "a"});
}

TEST(GatherNDEdgesTest, RefusesWhatDoesNotFit) {
  const auto gather = [](int64_t batch_dims, const Tensor& indices) {
    return OpTester("GatherND").Int("batch_dims", batch_dims).Input(Data()).Input(indices).Run();
  };
  const auto indices = [](const Shape& shape) {
    return Tensor::Create(DataType::kInt64, shape).value();
  };
  for (const int64_t index : {int64_t{2}, int64_t{-3}, INT64_MAX, INT64_MIN}) {
    EXPECT_THAT(gather(0, Tensor::Of<int64_t>({1, 2}, {0, index})),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is outside axis 1")));
  }
  EXPECT_THAT(gather(0, indices({1, 4})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tuples of 4")));
  EXPECT_THAT(gather(0, indices({1, 0})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tuples of 0")));
  EXPECT_THAT(gather(1, indices({2, 3})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tuples of 3")));
  for (const int64_t batch_dims : {int64_t{1}, int64_t{2}, int64_t{-1}, INT64_MAX}) {
    EXPECT_THAT(gather(batch_dims, indices({3, 1})),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch_dims is ")));
  }
  EXPECT_THAT(gather(0, indices({})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("batch_dims is 0")));
  EXPECT_THAT(gather(0, Data()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("wanted int64 or int32")));
}

absl::StatusOr<Tensor> Scatter(const char* reduction, const Tensor& indices,
                               const Tensor& updates) {
  return OpTester("ScatterND")
      .String("reduction", reduction)
      .Input<float>({2, 2}, {1, 2, 3, 4})
      .Input(indices)
      .Input(updates)
      .Run();
}

TEST(ScatterNDTest, JoinsUpdatesInOrder) {
  const Tensor twice = Tensor::Of<int64_t>({2, 2}, {1, 0, -1, 0});
  const Tensor updates = Tensor::Of<float>({2}, {5, 2});
  ExpectTensor<float>(Scatter("none", twice, updates), {2, 2}, {1, 2, 2, 4});
  ExpectTensor<float>(Scatter("add", twice, updates), {2, 2}, {1, 2, 10, 4});
  ExpectTensor<float>(Scatter("mul", twice, updates), {2, 2}, {1, 2, 30, 4});
  ExpectTensor<float>(Scatter("max", twice, updates), {2, 2}, {1, 2, 5, 4});
  ExpectTensor<float>(Scatter("min", twice, updates), {2, 2}, {1, 2, 2, 4});
}

TEST(ScatterNDTest, WritesWholeSlabs) {
  ExpectTensor<float>(
      Scatter("none", Tensor::Of<int64_t>({1, 1}, {1}), Tensor::Of<float>({1, 2}, {8, 9})), {2, 2},
      {1, 2, 8, 9});
  ExpectTensor<float>(Scatter("none", Tensor::Of<int64_t>({0, 1}, {}),
                              Tensor::Create(DataType::kFloat32, {0, 2}).value()),
                      {2, 2}, {1, 2, 3, 4});
}

TEST(ScatterNDTest, RefusesWhatDoesNotFit) {
  const Tensor place = Tensor::Of<int64_t>({1, 2}, {1, 0});
  const Tensor update = Tensor::Of<float>({1}, {5});
  EXPECT_THAT(Scatter("none", Tensor::Of<int64_t>({1, 2}, {1, 2}), update),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("index 2 is outside axis 1")));
  EXPECT_THAT(Scatter("none", place, Tensor::Of<float>({1, 1}, {5})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("updates")));
  EXPECT_EQ(Scatter("none", place, Tensor::Of<double>({1}, {5})).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Scatter("sum", place, update),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("reduction is \"sum\"")));
}

}  // namespace
}  // namespace dnnd::engine
