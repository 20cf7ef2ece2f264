#include "engine/tensor/data_type.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace dnnd::engine {
namespace {

TEST(DataType, HasASizeAndAName) {
  EXPECT_EQ(ElementSize(DataType::kFloat32), 4);
  EXPECT_EQ(ElementSize(DataType::kBFloat16), 2);
  EXPECT_EQ(ElementSize(DataType::kInt64), 8);
  EXPECT_EQ(ElementSize(DataType::kBool), 1);
  EXPECT_EQ(ElementSize(DataType::kUndefined), 0);
  EXPECT_EQ(std::string(DataTypeName(DataType::kUint8)), "uint8");
}

TEST(Half, EveryBitPatternSurvivesTheWayThroughFloat) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const float wide = HalfToFloat(static_cast<uint16_t>(bits));
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(HalfToFloat(FloatToHalf(wide)))) << bits;
    } else {
      EXPECT_EQ(FloatToHalf(wide), bits);
    }
  }
}

TEST(BFloat16, EveryBitPatternSurvivesTheWayThroughFloat) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const float wide = BFloat16ToFloat(static_cast<uint16_t>(bits));
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(BFloat16ToFloat(FloatToBFloat16(wide)))) << bits;
    } else {
      EXPECT_EQ(FloatToBFloat16(wide), bits);
    }
  }
}

struct Narrowed {
  float value;
  uint16_t half;
};

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  const Narrowed cases[] = {
      {1.f, 0x3c00},
      {-2.f, 0xc000},
      {0.f, 0x0000},
      {-0.f, 0x8000},
      {65504.f, 0x7bff},
      {65519.f, 0x7bff},             // below the middle to infinity
      {65520.f, 0x7c00},             // the middle goes to the even one
      {1.f + 0x1p-11f, 0x3c00},      // half a unit: even
      {1.f + 3 * 0x1p-11f, 0x3c02},  // one and a half: even
      {1.f + 0x1.8p-11f, 0x3c01},    // above the middle
      {0x1p-24f, 0x0001},            // the smallest
      {0x1p-25f, 0x0000},            // half of it: even
      {0x1.8p-25f, 0x0001},
      {0x1.ffcp-15f, 0x0400},  // the largest subnormal rounds up to the first normal
      {INFINITY, 0x7c00},
      {std::numeric_limits<float>::max(), 0x7c00},
  };
  for (const Narrowed& each : cases) {
    EXPECT_EQ(FloatToHalf(each.value), each.half) << each.value;
  }
}

TEST(BFloat16, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(FloatToBFloat16(1.f), 0x3f80);
  EXPECT_EQ(FloatToBFloat16(1.f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(FloatToBFloat16(1.f + 3 * 0x1p-8f), 0x3f82);
  EXPECT_EQ(FloatToBFloat16(1.f + 0x1.1p-8f), 0x3f81);
  EXPECT_EQ(FloatToBFloat16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_TRUE(std::isnan(BFloat16ToFloat(FloatToBFloat16(NAN))));
}

#ifdef __FLT16_MAX__
TEST(Half, AgreesWithTheCompilersOwnType) {
  constexpr unsigned kSeed = 20260101;
  std::mt19937 random(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    const uint32_t bits = random();
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    if (std::isnan(value)) {
      continue;
    }
    const auto narrow = static_cast<_Float16>(value);
    uint16_t want;
    std::memcpy(&want, &narrow, sizeof(want));
    ASSERT_EQ(FloatToHalf(value), want) << value << ", seed " << kSeed;
  }
}
#endif

}  // namespace
}  // namespace dnnd::engine
