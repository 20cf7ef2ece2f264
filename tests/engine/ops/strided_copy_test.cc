#include "engine/ops/strided_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace dnnd::engine {
namespace {

int64_t Product(const Dims& extents) {
  return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<int64_t>());
}

// Strides of a dense tensor whose axes lie in memory as `order` has them, the last fastest.
Dims StridesInOrder(const Dims& extents, const std::vector<int>& order) {
  Dims strides(extents.size());
  int64_t stride = 1;
  for (auto axis = order.rbegin(); axis != order.rend(); ++axis) {
    strides[*axis] = stride;
    stride *= extents[*axis];
  }
  return strides;
}

template <typename T>
void CopyOneByOne(const Move& move, const T* source, T* target) {
  for (int64_t i = 0; i < Product(move.extents); ++i) {
    int64_t rest = i;
    int64_t from = move.source_offset;
    int64_t to = move.target_offset;
    for (size_t axis = move.extents.size(); axis-- > 0;) {
      from += rest % move.extents[axis] * move.source_strides[axis];
      to += rest % move.extents[axis] * move.target_strides[axis];
      rest /= move.extents[axis];
    }
    target[to] = move.input == Move::kZeros ? T() : source[from];
  }
}

template <typename T>
class StridedCopyTest : public ::testing::Test {};
using ElementTypes = ::testing::Types<uint8_t, uint16_t, float, double>;
TYPED_TEST_SUITE(StridedCopyTest, ElementTypes);

template <typename T>
DataType TypeOf() {
  return sizeof(T) == 1   ? DataType::kUint8
         : sizeof(T) == 2 ? DataType::kUint16
         : sizeof(T) == 4 ? DataType::kFloat32
                          : DataType::kFloat64;
}

// Any order of axes on either side, backwards and repeated axes, extents around the tile.
TYPED_TEST(StridedCopyTest, RandomMovesAgreeWithTheDefinition) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  const int64_t extents[] = {1, 2, 3, 4, 5, 15, 16, 17, 33};
  for (int round = 0; round < 300; ++round) {
    const int rank = 1 + static_cast<int>(random() % 4);
    std::vector<int> order(rank);
    std::iota(order.begin(), order.end(), 0);
    Move move;
    for (int axis = 0; axis < rank; ++axis) {
      move.extents.push_back(extents[random() % std::size(extents)]);
    }
    std::shuffle(order.begin(), order.end(), random);
    move.source_strides = StridesInOrder(move.extents, order);
    std::shuffle(order.begin(), order.end(), random);
    move.target_strides = StridesInOrder(move.extents, order);
    const int axis = static_cast<int>(random() % rank);
    if (random() % 4 == 0) {
      move.source_offset = (move.extents[axis] - 1) * move.source_strides[axis];
      move.source_strides[axis] = -move.source_strides[axis];
    } else if (random() % 4 == 0) {
      move.source_strides[axis] = 0;
    } else if (random() % 8 == 0) {
      move.input = Move::kZeros;
      std::fill(move.source_strides.begin(), move.source_strides.end(), 0);
    }
    std::vector<TypeParam> source(Product(move.extents));
    std::iota(source.begin(), source.end(), TypeParam{1});
    std::vector<TypeParam> want(source.size(), TypeParam{77});
    std::vector<TypeParam> got = want;
    CopyOneByOne(move, source.data(), want.data());
    RunMoves({Normalized(move)}, TypeOf<TypeParam>(), {source.data()}, {got.data()});
    ASSERT_EQ(got, want) << "round " << round;
  }
}

TEST(StridedCopyTest, LongMovesAreSharedByTheTeamWithoutGaps) {
  std::vector<float> source(300'001);
  std::iota(source.begin(), source.end(), 1.0f);
  std::vector<float> got(2 * source.size(), -1.0f);
  Move first;
  first.extents = {static_cast<int64_t>(source.size())};
  first.source_strides = {1};
  first.target_strides = {2};
  Move second = first;
  second.target_offset = 1;
  second.input = Move::kZeros;
  second.source_strides = {0};
  RunMoves({Normalized(first), Normalized(second)}, DataType::kFloat32, {source.data()},
           {got.data()});
  for (size_t i = 0; i < source.size(); ++i) {
    ASSERT_EQ(got[2 * i], source[i]);
    ASSERT_EQ(got[2 * i + 1], 0);
  }
}

TEST(StridedCopyTest, AnEmptyExtentMovesNothing) {
  Move move;
  move.extents = {3, 0, 2};
  move.source_strides = {0, 2, 1};
  move.target_strides = {0, 2, 1};
  float untouched = 5;
  RunMoves({Normalized(move)}, DataType::kFloat32, {&untouched}, {&untouched});
  EXPECT_EQ(untouched, 5);
}

}  // namespace
}  // namespace dnnd::engine
