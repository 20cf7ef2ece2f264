// Concat, Split, Slice, Pad, Transpose, Expand, Tile, DepthToSpace and Gather, by values worked out
// by hand or by the plain definition.
#include "engine/ops/mover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/testing/op_tester.h"

namespace dnnd::engine {
namespace {

using testing::HasSubstr;
using Ints = std::vector<int64_t>;

std::vector<float> Floats(int64_t count) {
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(i);
  }
  return values;
}

Tensor Counting(const Shape& shape) {
  return Tensor::Of<float>(shape, Floats(shape.num_elements()));
}

TEST(ConcatTest, JoinsAlongAnyAxis) {
  const auto join = [](int64_t axis) {
    return OpTester("Concat")
        .Int("axis", axis)
        .Input<float>({2, 1}, {1, 2})
        .Input<float>({2, 1}, {3, 4})
        .Run();
  };
  ExpectTensor<float>(join(0), {4, 1}, {1, 2, 3, 4});
  ExpectTensor<float>(join(-1), {2, 2}, {1, 3, 2, 4});
}

TEST(ConcatTest, JoinsStrings) {
  ExpectTensor<std::string>(OpTester("Concat")
                                .Int("axis", 0)
                                .Input<std::string>({1}, {"a"})
                                .Input<std::string>({2}, {"b", "c"})
                                .Run(),
                            {3}, {"a", "b", "c"});
}

TEST(ConcatTest, RefusesInputsThatDifferElsewhere) {
  const auto got =
      OpTester("Concat").Int("axis", 0).Input(Counting({2, 3})).Input(Counting({2, 4})).Infer();
  EXPECT_THAT(std::string(got.status().message()), HasSubstr("they may differ only in extent 0"));
}

TEST(SplitTest, CutsInGivenOrEqualParts) {
  const auto given = OpTester("Split")
                         .Int("axis", 1)
                         .Input(Counting({2, 3}))
                         .Input(Tensor::Int64s({1, 2}))
                         .Outputs(2)
                         .RunAll();
  ASSERT_TRUE(given.ok()) << given.status();
  ExpectTensor<float>((*given)[0], {2, 1}, {0, 3});
  ExpectTensor<float>((*given)[1], {2, 2}, {1, 2, 4, 5});
  const auto uneven =
      OpTester("Split").Int("num_outputs", 2).Input(Counting({3})).Outputs(2).RunAll();
  ASSERT_TRUE(uneven.ok()) << uneven.status();
  ExpectTensor<float>((*uneven)[0], {2}, {0, 1});
  ExpectTensor<float>((*uneven)[1], {1}, {2});
}

TEST(SplitTest, RefusesSizesThatDoNotAddUp) {
  for (const Ints& sizes : {Ints{1, 1}, Ints{2, 2}, Ints{INT64_MAX, INT64_MAX}, Ints{-1, 4}}) {
    const auto got =
        OpTester("Split").Input(Counting({3})).Input(Tensor::Int64s(sizes)).Outputs(2).Infer();
    EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

struct SliceCase {
  std::string name;
  Ints starts, ends, axes, steps;
  Shape shape;
  std::vector<float> want;
};

class SliceTest : public testing::TestWithParam<SliceCase> {};

// Of [[0,1,2,3],[4,5,6,7]].
TEST_P(SliceTest, TakesThePart) {
  const SliceCase& c = GetParam();
  ExpectTensor<float>(OpTester("Slice")
                          .Input(Counting({2, 4}))
                          .Input(Tensor::Int64s(c.starts))
                          .Input(Tensor::Int64s(c.ends))
                          .Input(Tensor::Int64s(c.axes))
                          .Input(Tensor::Int64s(c.steps))
                          .Run(),
                      c.shape, c.want);
}

INSTANTIATE_TEST_SUITE_P(
    Parts, SliceTest,
    testing::Values(
        SliceCase{"Inner", {1}, {3}, {1}, {1}, {2, 2}, {1, 2, 5, 6}},
        SliceCase{"EndBeyond", {2}, {INT64_MAX}, {1}, {1}, {2, 2}, {2, 3, 6, 7}},
        SliceCase{"NegativePositions", {-3}, {-1}, {-1}, {1}, {2, 2}, {1, 2, 5, 6}},
        SliceCase{"Strided", {0}, {4}, {1}, {3}, {2, 2}, {0, 3, 4, 7}},
        SliceCase{"HugeStep", {1}, {4}, {1}, {INT64_MAX}, {2, 1}, {1, 5}},
        SliceCase{"Backwards", {3}, {0}, {1}, {-2}, {2, 2}, {3, 1, 7, 5}},
        SliceCase{
            "BackwardsToTheBegin", {-1}, {INT64_MIN}, {1}, {-1}, {2, 4}, {3, 2, 1, 0, 7, 6, 5, 4}},
        SliceCase{"HugeStepBack", {9}, {INT64_MIN}, {0}, {INT64_MIN}, {1, 4}, {4, 5, 6, 7}},
        SliceCase{"BothAxes", {1, 1}, {2, 4}, {0, 1}, {1, 2}, {1, 2}, {5, 7}},
        SliceCase{"Empty", {3}, {1}, {1}, {1}, {2, 0}, {}}),
    [](const auto& info) { return info.param.name; });

struct PadCase {
  std::string name;
  std::string mode;
  Ints pads;
  Shape shape;
  std::vector<float> want;
};

class PadTest : public testing::TestWithParam<PadCase> {};

// Of [0,1,2].
TEST_P(PadTest, FillsTheMargins) {
  const PadCase& c = GetParam();
  ExpectTensor<float>(OpTester("Pad")
                          .String("mode", c.mode)
                          .Input(Counting({3}))
                          .Input(Tensor::Int64s(c.pads))
                          .Input(Tensor::Scalar(9.0f))
                          .Run(),
                      c.shape, c.want);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, PadTest,
    testing::Values(PadCase{"Constant", "constant", {1, 2}, {6}, {9, 0, 1, 2, 9, 9}},
                    PadCase{"Crop", "constant", {-1, 1}, {3}, {1, 2, 9}},
                    PadCase{"CropBoth", "edge", {-1, -1}, {1}, {1}},
                    PadCase{"Reflect", "reflect", {2, 2}, {7}, {2, 1, 0, 1, 2, 1, 0}},
                    PadCase{"ReflectOften", "reflect", {5, 0}, {8}, {1, 0, 1, 2, 1, 0, 1, 2}},
                    PadCase{"Edge", "edge", {2, 1}, {6}, {0, 0, 0, 1, 2, 2}},
                    PadCase{"Wrap", "wrap", {2, 4}, {9}, {1, 2, 0, 1, 2, 0, 1, 2, 0}}),
    [](const auto& info) { return info.param.name; });

TEST(PadTest, CornersOfTwoAxesComeFromBoth) {
  const auto pad = [](const char* mode) {
    return OpTester("Pad")
        .String("mode", mode)
        .Input<float>({2, 2}, {1, 2, 3, 4})
        .Input(Tensor::Int64s({1, 0, 0, 1}))
        .Run();
  };
  ExpectTensor<float>(pad("edge"), {3, 3}, {1, 2, 2, 1, 2, 2, 3, 4, 4});
  ExpectTensor<float>(pad("reflect"), {3, 3}, {3, 4, 3, 1, 2, 1, 3, 4, 3});
  ExpectTensor<float>(pad("constant"), {3, 3}, {0, 0, 0, 1, 2, 0, 3, 4, 0});
}

TEST(PadTest, PadsNamedAxesOnly) {
  ExpectTensor<float>(OpTester("Pad")
                          .Input(Counting({1, 2}))
                          .Input(Tensor::Int64s({1, 0}))
                          .Absent()
                          .Input(Tensor::Int64s({-1}))
                          .Run(),
                      {1, 3}, {0, 0, 1});
}

TEST(PadTest, RefusesPadsThatOverflowOrRepeatForEver) {
  const auto infer = [](Ints pads) {
    return OpTester("Pad").Input(Counting({3})).Input(Tensor::Int64s(pads)).Infer().status();
  };
  EXPECT_EQ(infer({INT64_MAX, 1}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(infer({INT64_MIN, INT64_MAX}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(infer({-2, -2}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(infer({int64_t{1} << 40, 0}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpTester("Pad")
                .String("mode", "wrap")
                .Input(Counting({3}))
                .Input(Tensor::Int64s({100'000, 0}))
                .Run()
                .status()
                .code(),
            absl::StatusCode::kUnimplemented);
}

TEST(TransposeTest, AgreesWithTheDefinitionForEveryPermutation) {
  // Extents above and below the tile of the copy, so that its edges are met.
  const Shape shape({2, 35, 3, 33});
  const Tensor input = Counting(shape);
  Ints perm = {0, 1, 2, 3};
  do {
    const auto got = OpTester("Transpose").Ints("perm", perm).Input(input).Run();
    ASSERT_TRUE(got.ok()) << got.status();
    const Dims strides = shape.Strides();
    int64_t i = 0;
    for (int64_t a = 0; a < shape[perm[0]]; ++a) {
      for (int64_t b = 0; b < shape[perm[1]]; ++b) {
        for (int64_t c = 0; c < shape[perm[2]]; ++c) {
          for (int64_t d = 0; d < shape[perm[3]]; ++d, ++i) {
            const int64_t from = a * strides[perm[0]] + b * strides[perm[1]] +
                                 c * strides[perm[2]] + d * strides[perm[3]];
            ASSERT_EQ(got->data<float>()[i], static_cast<float>(from));
          }
        }
      }
    }
  } while (std::next_permutation(perm.begin(), perm.end()));
}

TEST(TransposeTest, ReversesByDefaultAndKeepsNarrowElements) {
  ExpectTensor<uint8_t>(OpTester("Transpose").Input<uint8_t>({2, 3}, {1, 2, 3, 4, 5, 6}).Run(),
                        {3, 2}, {1, 4, 2, 5, 3, 6});
}

TEST(TransposeTest, RefusesWhatIsNoPermutation) {
  for (const Ints& perm : {Ints{0}, Ints{0, 0}, Ints{0, 2}}) {
    const auto got = OpTester("Transpose").Ints("perm", perm).Input(Counting({2, 3})).Infer();
    EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(ExpandTest, RepeatsExtentsOfOneOnEitherSide) {
  ExpectTensor<float>(
      OpTester("Expand").Input<float>({2, 1}, {1, 2}).Input(Tensor::Int64s({2, 1, 2})).Run(),
      {2, 2, 2}, {1, 1, 2, 2, 1, 1, 2, 2});
  ExpectTensor<float>(
      OpTester("Expand").Input<float>({2, 2}, {1, 2, 3, 4}).Input(Tensor::Int64s({1})).Run(),
      {2, 2}, {1, 2, 3, 4});
}

TEST(TileTest, RepeatsTheWhole) {
  ExpectTensor<float>(
      OpTester("Tile").Input<float>({1, 2}, {1, 2}).Input(Tensor::Int64s({2, 2})).Run(), {2, 4},
      {1, 2, 1, 2, 1, 2, 1, 2});
}

TEST(DepthToSpaceTest, KnowsBothOrdersAndItsInverse) {
  const Tensor input = Counting({1, 4, 1, 2});
  const auto run = [&](const char* mode) {
    return OpTester("DepthToSpace").Int("blocksize", 2).String("mode", mode).Input(input).Run();
  };
  ExpectTensor<float>(run("DCR"), {1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7});
  const Tensor deep = Counting({1, 8, 1, 1});
  ExpectTensor<float>(
      OpTester("DepthToSpace").Int("blocksize", 2).String("mode", "DCR").Input(deep).Run(),
      {1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7});
  ExpectTensor<float>(
      OpTester("DepthToSpace").Int("blocksize", 2).String("mode", "CRD").Input(deep).Run(),
      {1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  const auto wide = run("DCR");
  ASSERT_TRUE(wide.ok());
  ExpectTensor<float>(OpTester("SpaceToDepth").Int("blocksize", 2).Input(*wide).Run(), {1, 4, 1, 2},
                      Floats(8));
}

TEST(GatherTest, TakesSlabsAndCountsFromTheEnd) {
  ExpectTensor<float>(OpTester("Gather")
                          .Int("axis", 1)
                          .Input(Counting({2, 3}))
                          .Input<int32_t>({1, 2}, {-1, 0})
                          .Run(),
                      {2, 1, 2}, {2, 0, 5, 3});
  ExpectTensor<float>(OpTester("Gather").Input(Counting({2, 3})).Input<int64_t>({}, {1}).Run(), {3},
                      {3, 4, 5});
}

TEST(GatherTest, RefusesAnIndexOutside) {
  for (const int64_t index : {int64_t{2}, int64_t{-3}, INT64_MIN}) {
    const auto got = OpTester("Gather").Input(Counting({2})).Input<int64_t>({1}, {index}).Run();
    EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(ArgMaxTest, FindsTheFirstOrTheLastOfEquals) {
  const auto run = [](const char* op, int64_t last) {
    return OpTester(op)
        .Int("axis", 1)
        .Int("keepdims", 0)
        .Int("select_last_index", last)
        .Input<float>({2, 3}, {1, 5, 5, 2, 0, 0})
        .Run();
  };
  ExpectTensor<int64_t>(run("ArgMax", 0), {2}, {1, 0});
  ExpectTensor<int64_t>(run("ArgMax", 1), {2}, {2, 0});
  ExpectTensor<int64_t>(run("ArgMin", 0), {2}, {0, 1});
  ExpectTensor<int64_t>(run("ArgMin", 1), {2}, {0, 2});
}

TEST(NormalizedTest, MergesAxesThatLieTogether) {
  Move move;
  move.extents = {2, 3, 1, 4};
  move.source_strides = {12, 4, 4, 1};
  move.target_strides = {12, 4, 4, 1};
  const Move merged = Normalized(move);
  EXPECT_EQ(merged.extents, (Dims{1, 24}));
}

}  // namespace
}  // namespace dnnd::engine
