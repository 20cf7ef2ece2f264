#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/aligned_buffer.h"
#include "engine/base/arena.h"
#include "engine/base/block_pool.h"
#include "engine/base/checked.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr int64_t kMegabyte = int64_t{1} << 20;

TEST(AlignedBuffer, StartsAtAMultipleOfACacheLineWhateverItsSize) {
  for (const int64_t bytes : {int64_t{0}, int64_t{1}, int64_t{63}, int64_t{64}, kMegabyte + 1}) {
    const absl::StatusOr<AlignedBuffer> buffer = AlignedBuffer::Create(bytes);
    ASSERT_THAT(buffer, IsOk());
    EXPECT_EQ(buffer->size(), bytes);
    EXPECT_NE(buffer->data(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % kTensorAlignment, 0);
  }
}

TEST(AlignedBuffer, RefusesSizesThatNoMachineHas) {
  EXPECT_FALSE(AlignedBuffer::Create(-1).ok());
  EXPECT_FALSE(AlignedBuffer::Create(INT64_MAX).ok());
}

TEST(Arena, GrowsInPlaceAndKeepsItsContents) {
  const auto arena = Arena::Reserve(64 * kMegabyte);
  ASSERT_THAT(arena, IsOk());
  ASSERT_THAT((*arena)->Grow(kMegabyte), IsOk());
  uint8_t* const base = (*arena)->base();
  std::memset(base, 7, kMegabyte);
  ASSERT_THAT((*arena)->Grow(40 * kMegabyte), IsOk());
  EXPECT_EQ((*arena)->base(), base);
  EXPECT_EQ(base[kMegabyte - 1], 7);
  base[40 * kMegabyte - 1] = 1;
  EXPECT_GE((*arena)->size(), 40 * kMegabyte);
}

TEST(Arena, SaysBothFiguresWhenItIsFull) {
  const auto arena = Arena::Reserve(2 * kMegabyte);
  ASSERT_THAT(arena, IsOk());
  EXPECT_THAT((*arena)->Grow(3 * kMegabyte),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       ::testing::AllOf(HasSubstr("2097152"), HasSubstr("3145728"))));
}

TEST(Arena, GivesMemoryBackAndStaysUsable) {
  const auto arena = Arena::Reserve(2 * kMegabyte);
  ASSERT_THAT(arena, IsOk());
  ASSERT_THAT((*arena)->Grow(kMegabyte), IsOk());
  (*arena)->base()[0] = 9;
  (*arena)->Release();
  EXPECT_EQ((*arena)->base()[0], 0);
}

TEST(Arena, NeedsACapacity) {
  EXPECT_THAT(Arena::Reserve(0), StatusIs(absl::StatusCode::kInvalidArgument, ::testing::_));
}

TEST(BlockPool, GivesABlockAgainToWhoWantsNearlyAsManyBytes) {
  BlockPool pool(64 * kMegabyte);
  const BlockPool::Block first = pool.Take(3 * kMegabyte);
  ASSERT_NE(first.data, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first.data) % kTensorAlignment, 0);
  EXPECT_GE(first.capacity, 3 * kMegabyte);
  EXPECT_LE(first.capacity, 3 * kMegabyte * 9 / 8);
  pool.Give(first);
  EXPECT_EQ(pool.bytes_kept(), first.capacity);
  const BlockPool::Block larger = pool.Take(4 * kMegabyte);
  EXPECT_NE(larger.data, first.data);
  const BlockPool::Block again = pool.Take(3 * kMegabyte - 100);
  EXPECT_EQ(again.data, first.data);
  EXPECT_EQ(pool.bytes_kept(), 0);
  pool.Give(larger);
  pool.Give(again);
}

TEST(BlockPool, KeepsNoMoreThanItsBoundAndTheYoungest) {
  BlockPool pool(4 * kMegabyte);
  const BlockPool::Block blocks[] = {pool.Take(2 * kMegabyte), pool.Take(1 * kMegabyte),
                                     pool.Take(3 * kMegabyte)};
  for (const BlockPool::Block& block : blocks) pool.Give(block);
  EXPECT_EQ(pool.bytes_kept(), 4 * kMegabyte);  // the first went for the third
  pool.Give(pool.Take(5 * kMegabyte));
  EXPECT_EQ(pool.bytes_kept(), 4 * kMegabyte);
  pool.Release();
  EXPECT_EQ(pool.bytes_kept(), 0);
}

TEST(BlockPool, LeavesSmallBlocksToMalloc) {
  BlockPool pool(4 * kMegabyte);
  for (const int64_t bytes : {int64_t{0}, int64_t{1}, BlockPool::kSmallest / 2}) {
    const BlockPool::Block block = pool.Take(bytes);
    ASSERT_NE(block.data, nullptr) << bytes;
    EXPECT_GE(block.capacity, bytes);
    pool.Give(block);
    EXPECT_EQ(pool.bytes_kept(), 0) << bytes;
  }
}

TEST(BlockPool, ServesManyThreads) {
  BlockPool pool(2 * kMegabyte);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      for (int i = 0; i < 500; ++i) {
        const BlockPool::Block block = pool.Take((1 + (i + t) % 3) * kMegabyte / 2);
        ASSERT_NE(block.data, nullptr);
        std::memset(block.data, t, block.capacity);
        EXPECT_EQ(block.data[block.capacity - 1], t);
        pool.Give(block);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(pool.bytes_kept(), 2 * kMegabyte);
}

TEST(Checked, AnOverflowIsAValueAndNoWrap) {
  EXPECT_EQ(CheckedMul(1 << 20, 1 << 20), int64_t{1} << 40);
  EXPECT_EQ(CheckedMul(INT64_MAX, 2), std::nullopt);
  EXPECT_EQ(CheckedMul(INT64_MIN, -1), std::nullopt);
  EXPECT_EQ(CheckedAdd(INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(CheckedAdd(-5, 3), -2);
  EXPECT_EQ(RoundUp(0, 64), 0);
  EXPECT_EQ(RoundUp(65, 64), 128);
}

}  // namespace
}  // namespace dnnd::engine
