#include "server/batching/cost_curve.h"

#include <gtest/gtest.h>

namespace dnnd::server {
namespace {

const absl::Time kNow = absl::UnixEpoch();
absl::Duration Ms(double ms) { return absl::Microseconds(1000 * ms); }

CostCurve Curve(std::initializer_list<std::pair<int64_t, double>> points) {
  CostCurve curve;
  for (const auto& [rows, ms] : points) {
    curve.Observe(rows, Ms(ms), Ms(ms), kNow);
  }
  return curve;
}

TEST(CostCurveTest, PredictsBetweenAndBeyondWhatWasMeasured) {
  const CostCurve curve = Curve({{1, 2}, {4, 5}, {8, 10}});
  struct Case {
    int64_t rows;
    double ms;
  };
  for (const Case& c :
       {Case{1, 2}, Case{2, 3}, Case{4, 5}, Case{6, 7.5}, Case{8, 10}, Case{16, 20}}) {
    EXPECT_NEAR(absl::ToDoubleMilliseconds(curve.Predict(c.rows, kNow)), c.ms, 1e-3) << c.rows;
  }
  EXPECT_EQ(CostCurve().Predict(3, kNow), absl::ZeroDuration());
}

TEST(CostCurveTest, TheBestSizeIsTheLargestWithinFivePercentOfTheLeastTimeARow) {
  struct Case {
    CostCurve curve;
    int64_t limit;
    int64_t best;
  };
  const Case cases[] = {
      {Curve({{1, 10}, {2, 20}, {4, 40}}), 64, 4},             // flat: no reason to stay small
      {Curve({{1, 10}, {2, 15}, {4, 26}, {8, 60}}), 64, 4},    // a dip
      {Curve({{1, 10}, {2, 16}, {4, 24}, {8, 50.3}}), 64, 8},  // 4.8 % worse
      {Curve({{1, 10}, {2, 16}, {4, 24}, {8, 50.7}}), 64, 4},  // 5.6 % worse
      {Curve({{1, 10}, {2, 15}, {4, 20}, {8, 30}}), 4, 4},     // the limit of the model
      {Curve({{1, 10}, {2, 25}}), 64, 1},
      {CostCurve(), 64, 1},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(c.curve.BestRows(c.limit), c.best);
  }
}

TEST(CostCurveTest, ABusyMomentBendsPredictionsAndFades) {
  CostCurve curve = Curve({{1, 10}});
  for (int i = 0; i < 50; ++i) {
    curve.Observe(1, Ms(30), Ms(11), kNow);
  }
  EXPECT_GT(curve.Predict(1, kNow), Ms(29));
  EXPECT_EQ(curve.Least(1), Ms(10));
  EXPECT_LT(curve.Predict(1, kNow + absl::Minutes(2)), Ms(10.1));
}

TEST(CostCurveTest, ABusyMomentDoesNotChangeTheBestSize) {
  CostCurve curve = Curve({{1, 10}, {2, 15}, {4, 24}});
  for (int i = 0; i < 50; ++i) {
    curve.Observe(4, Ms(90), Ms(25), kNow);
  }
  EXPECT_EQ(curve.BestRows(64), 4);
}

TEST(CostCurveTest, SizesAreComparedByTheirProcessorTime) {
  CostCurve curve;
  curve.Observe(1, Ms(10), Ms(10), kNow);
  curve.Observe(2, Ms(50), Ms(16), kNow);  // others ran in between
  EXPECT_EQ(curve.BestRows(64), 2);
  EXPECT_EQ(curve.Least(2), Ms(16));
}

TEST(CostCurveTest, ABusyMachineIsBusyForSizesThatNobodyUsedLatelyToo) {
  CostCurve curve = Curve({{1, 10}, {2, 15}, {4, 24}});
  for (int i = 0; i < 50; ++i) {
    curve.Observe(2, Ms(30), Ms(15), kNow);
  }
  for (int64_t rows : {1, 2, 4}) {
    EXPECT_GT(curve.Predict(rows, kNow), 1.99 * curve.Least(rows)) << rows;
  }
}

TEST(CostCurveTest, ABatchThatTakesTooLongIsNotBestHoweverCheapItsRowsAre) {
  const CostCurve curve = Curve({{1, 100}, {2, 180}, {4, 320}});
  EXPECT_EQ(curve.BestRows(64), 2);
  EXPECT_FALSE(curve.StillImproving(64));
  EXPECT_EQ(Curve({{1, 900}}).BestRows(64), 1) << "one row has to run whatever it takes";
}

TEST(CostCurveTest, LargerSizesAreTriedWhileTheyPay) {
  EXPECT_FALSE(CostCurve().StillImproving(64));
  EXPECT_TRUE(Curve({{1, 10}}).StillImproving(64));
  EXPECT_FALSE(Curve({{1, 10}}).StillImproving(1));
  EXPECT_TRUE(Curve({{1, 10}, {2, 15}}).StillImproving(64));
  EXPECT_FALSE(Curve({{1, 10}, {2, 20}}).StillImproving(64));
}

}  // namespace
}  // namespace dnnd::server
