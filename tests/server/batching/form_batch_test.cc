#include "server/batching/form_batch.h"

#include <gtest/gtest.h>

#include <set>

namespace dnnd::server {
namespace {

const absl::Time kNow = absl::UnixEpoch();
constexpr LaneKind kNarrow = LaneKind::kNarrow;
constexpr LaneKind kWide = LaneKind::kWide;

// `first` ms for one row, `more` for each further one.
CostCurve Line(double first, double more, int64_t largest = 32) {
  CostCurve curve;
  for (int64_t rows = 1; rows <= largest; rows *= 2) {
    const absl::Duration time = absl::Milliseconds(first) + absl::Milliseconds(more) * (rows - 1);
    curve.Observe(rows, time, time, kNow);
  }
  return curve;
}

void Observe(CostCurve& curve, int64_t rows, double ms) {
  curve.Observe(rows, absl::Milliseconds(ms), absl::Milliseconds(ms), kNow);
}

struct Case {
  const char* name;
  std::vector<std::pair<int64_t, double>> items;  // rows, ms until the deadline
  FreeLanes lanes;
  int64_t max_rows;
  std::set<int64_t> plans;  // empty: every size
  int64_t rows;
  LaneKind kind;
  DispatchReason reason;
  int64_t wish;  // 0: none
};

// One row: 10 ms narrow, 6 wide. Each further row: 8 ms narrow, 5 wide; best narrow size 32, where
// a row costs 8.06 ms.
class FormBatchTest : public ::testing::Test {
 protected:
  Formed Form(const Case& c) {
    WaitingGroup group;
    for (const auto& [rows, ms] : c.items) {
      group.items.push_back({rows, kNow + absl::Milliseconds(ms)});
      group.rows += rows;
    }
    group.max_rows = c.max_rows;
    group.narrow = &narrow_;
    group.wide = &wide_;
    group.has_plan = [&](LaneKind, int64_t rows) {
      return c.plans.empty() || c.plans.count(rows) > 0;
    };
    return FormBatch(group, c.lanes, kNow);
  }
  const CostCurve narrow_ = Line(10, 8);
  const CostCurve wide_ = Line(6, 5);
};

TEST_F(FormBatchTest, TakesWhatTheLanesTheCostsAndTheDeadlinesAllow) {
  constexpr double kLate = 1e6;
  const Case cases[] = {
      {"one row on an idle server runs at once on all CPUs",
       {{1, kLate}},
       {2, true},
       64,
       {},
       1,
       kWide,
       DispatchReason::kDrained,
       0},
      {"one row runs on a narrow lane when the other is busy",
       {{1, kLate}},
       {1, false},
       64,
       {},
       1,
       kNarrow,
       DispatchReason::kDrained,
       0},
      {"all that waits goes into the only free lane",
       {{1, kLate}, {3, kLate}, {2, kLate}},
       {1, false},
       64,
       {},
       6,
       kNarrow,
       DispatchReason::kDrained,
       0},
      {"free narrow lanes share what waits when that ends sooner",
       {{8, kLate}},
       {2, true},
       64,
       {},
       4,
       kNarrow,
       DispatchReason::kShared,
       0},
      {"not beyond the limit of the model",
       {{9, kLate}},
       {1, false},
       4,
       {},
       4,
       kNarrow,
       DispatchReason::kFull,
       0},
      {"only sizes that have a plan; the better one is asked for",
       {{7, kLate}},
       {1, false},
       64,
       {1, 2, 4},
       4,
       kNarrow,
       DispatchReason::kPlan,
       7},
      {"without any plan nothing runs, and one is asked for",
       {{3, kLate}},
       {1, false},
       64,
       {64},
       0,
       kNarrow,
       DispatchReason::kPlan,
       3},
      {"the earliest deadline keeps the batch small",
       {{1, 27}, {5, kLate}},
       {1, false},
       64,
       {},
       3,
       kNarrow,
       DispatchReason::kDeadline,
       0},
      {"a deadline that one row alone would miss does not",
       {{1, 9}, {5, kLate}},
       {1, false},
       64,
       {},
       6,
       kNarrow,
       DispatchReason::kDrained,
       0},
      {"but the next one that can be kept does",
       {{1, 9}, {1, 19}, {5, kLate}},
       {1, false},
       64,
       {},
       2,
       kNarrow,
       DispatchReason::kDeadline,
       0},
  };
  for (const Case& c : cases) {
    const Formed formed = Form(c);
    EXPECT_EQ(formed.rows, c.rows) << c.name;
    EXPECT_EQ(formed.kind, c.kind) << c.name;
    EXPECT_EQ(formed.reason, c.reason) << c.name << " " << static_cast<int>(formed.reason);
    EXPECT_EQ(formed.wish.has_value() ? formed.wish->rows : 0, c.wish) << c.name;
  }
}

TEST_F(FormBatchTest, TheWideLaneHasToBeWorthTheNarrowOnesThatItTakesThePlaceOf) {
  WaitingGroup group;
  group.items = {{1, absl::InfiniteFuture()}};
  group.rows = 1;
  group.max_rows = 64;
  group.narrow = &narrow_;
  group.has_plan = [](LaneKind, int64_t) { return true; };
  const CostCurve hardly_faster = Line(9, 8);
  group.wide = &hardly_faster;
  EXPECT_EQ(FormBatch(group, {2, true}, kNow).kind, kNarrow);
  group.wide = &wide_;
  EXPECT_EQ(FormBatch(group, {2, true}, kNow).kind, kWide);
}

// Eight rows that took 66 ms were answered: a hold ends 16.5 ms later.
TEST_F(FormBatchTest, AFewRowsAreHeldForThoseWhoWereJustAnswered) {
  struct HoldCase {
    const char* name;
    int64_t waiting;
    double answered_ms_ago;
    bool other_runs;
    double deadline_ms;
    bool held;
  };
  constexpr double kLate = 1e6;
  const HoldCase cases[] = {
      {"fewer, and the others are about to come back", 7, 1, true, kLate, true},
      {"as many are there", 8, 1, true, kLate, false},
      {"they did not come back in time", 3, 17, true, kLate, false},
      {"nothing runs: an idle server holds nobody", 3, 1, false, kLate, false},
      {"the larger batch would miss the deadline", 3, 1, true, 80, false},
  };
  for (const HoldCase& c : cases) {
    WaitingGroup group;
    group.items = {{c.waiting, kNow + absl::Milliseconds(c.deadline_ms)}};
    group.rows = c.waiting;
    group.max_rows = 64;
    group.narrow = &narrow_;
    group.wide = &wide_;
    group.has_plan = [](LaneKind, int64_t) { return true; };
    group.answered.rows = 8;
    group.answered.took = absl::Milliseconds(66);
    group.answered.at = kNow - absl::Milliseconds(c.answered_ms_ago);
    group.runs = c.other_runs;
    const Formed formed = FormBatch(group, {1, false}, kNow);
    EXPECT_EQ(formed.rows, c.held ? 0 : c.waiting) << c.name;
    EXPECT_EQ(formed.hold_until > kNow, c.held) << c.name;
    EXPECT_FALSE(formed.wish.has_value()) << c.name;
  }
}

TEST_F(FormBatchTest, AShapeThatWasNeverMeasuredGrowsByDoubling) {
  CostCurve unknown;
  WaitingGroup group;
  group.items = {{16, absl::InfiniteFuture()}};
  group.rows = 16;
  group.max_rows = 64;
  group.narrow = group.wide = &unknown;
  group.has_plan = [](LaneKind, int64_t) { return true; };
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 1);
  Observe(unknown, 1, 10);
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 2);
  Observe(unknown, 2, 15);
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 4);
  Observe(unknown, 4, 30);
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 4) << "four cost no less a row than two";
}

TEST_F(FormBatchTest, ASizeThatMetABusyMomentIsTriedAgain) {
  CostCurve bent;
  for (const auto& [rows, ms] : {std::pair<int64_t, int>{1, 10}, {2, 16}, {4, 60}}) {
    Observe(bent, rows, ms);
  }
  WaitingGroup group;
  group.items = {{16, absl::InfiniteFuture()}};
  group.rows = 16;
  group.max_rows = 64;
  group.narrow = group.wide = &bent;
  group.has_plan = [](LaneKind, int64_t) { return true; };
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 2);
  group.try_larger = true;
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 4);
  Observe(bent, 4, 31.9);  // as good as two, no better
  group.try_larger = false;
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 4);
  group.try_larger = true;
  EXPECT_EQ(FormBatch(group, {1, false}, kNow).rows, 4) << "nothing larger was ever measured";
}

TEST(PlannedSizeTest, SizesGetSparserAndNeverExceedWhatWaits) {
  std::set<int64_t> sizes;
  for (int64_t rows = 1; rows <= 64; ++rows) {
    const int64_t size = PlannedSize(rows);
    EXPECT_LE(size, rows);
    EXPECT_GT(2 * size, rows);
    EXPECT_EQ(PlannedSize(size), size);
    sizes.insert(size);
  }
  EXPECT_LE(sizes.size(), 20u);
}

}  // namespace
}  // namespace dnnd::server
