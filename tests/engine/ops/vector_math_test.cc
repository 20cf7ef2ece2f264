#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/ops/vector_erf.h"
#include "engine/ops/vector_exp.h"

namespace dnnd::engine {
namespace {

// Two units in the last place of a float.
constexpr double kTwoUnits = 2.4e-7;

TEST(VectorExpTest, IsWithinTwoUnitsOverItsRange) {
  for (float x = -87.0f; x <= 88.0f; x += 0.0078125f) {
    const double want = std::exp(static_cast<double>(x));
    ASSERT_NEAR(VectorExp(x), want, kTwoUnits * want) << x;
  }
  EXPECT_EQ(VectorExp(0.0f), 1.0f);
}

TEST(VectorExpTest, FarBelowItIsTheLeastNormalNumber) {
  for (const float x : {-88.0f, -1e6f, -std::numeric_limits<float>::infinity()}) {
    EXPECT_GE(VectorExp(x), 0.0f);
    EXPECT_LE(VectorExp(x), 1.2e-38f);
  }
}

TEST(VectorExpTest, NanStaysNan) {
  EXPECT_TRUE(std::isnan(VectorExp(std::numeric_limits<float>::quiet_NaN())));
}

// The error of Abramowitz and Stegun's formula, 1.5e-7, and of the arithmetic around it.
constexpr double kErfTolerance = 3e-7;

TEST(VectorErfTest, IsWithinItsToleranceOnBothSides) {
  for (float x = -6.0f; x <= 6.0f; x += 0.0009765625f) {
    ASSERT_NEAR(VectorErf(x), std::erf(static_cast<double>(x)), kErfTolerance) << x;
  }
  EXPECT_NEAR(VectorErf(1e-6f) / 1e-6, 1.128379, 1e-6);
  EXPECT_EQ(VectorErf(std::numeric_limits<float>::infinity()), 1.0f);
  EXPECT_TRUE(std::isnan(VectorErf(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace dnnd::engine
