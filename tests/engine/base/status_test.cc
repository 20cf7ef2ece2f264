#include "engine/base/status.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/cord.h"
#include "engine/base/parallel.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

TEST(Annotate, PutsTheContextBeforeTheMessageAndKeepsCodeAndPayloads) {
  absl::Status status = absl::NotFoundError("gone");
  status.SetPayload("url", absl::Cord("detail"));
  const absl::Status annotated = Annotate(status, "here");
  EXPECT_THAT(annotated, StatusIs(absl::StatusCode::kNotFound, std::string("here: gone")));
  EXPECT_EQ(annotated.GetPayload("url"), absl::Cord("detail"));
  EXPECT_THAT(Annotate(absl::OkStatus(), "here"), IsOk());
}

absl::Status PassOn(const absl::Status& status, bool& went_on) {
  DNND_RETURN_IF_ERROR(status);
  went_on = true;
  return absl::OkStatus();
}

absl::StatusOr<int> Take(absl::StatusOr<std::unique_ptr<int>> value) {
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<int> taken, std::move(value));
  return *taken;
}

TEST(Macros, ReturnTheErrorOrGoOn) {
  bool went_on = false;
  EXPECT_THAT(PassOn(absl::DataLossError("lost"), went_on),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("lost")));
  EXPECT_FALSE(went_on);
  EXPECT_THAT(PassOn(absl::OkStatus(), went_on), IsOk());
  EXPECT_TRUE(went_on);
  EXPECT_EQ(*Take(std::make_unique<int>(3)), 3);
  EXPECT_FALSE(Take(absl::InternalError("no")).ok());
}

TEST(ParallelFor, CoversEveryItemOnce) {
  for (const int64_t count : {0, 1, 2, 7, 1000}) {
    for (const int64_t grain : {0, 1, 3, 5000}) {
      std::vector<int> touched(count);
      ParallelFor(count, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          ++touched[i];
        }
      });
      EXPECT_EQ(touched, std::vector<int>(count, 1)) << count << " items, grain " << grain;
    }
  }
}

TEST(ParallelFor, DoesNotWakeATeamForLittleWork) {
  int calls = 0;
  ParallelFor(10, 6, [&](int64_t begin, int64_t end) {
    ++calls;
    EXPECT_EQ(end - begin, 10);
  });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace dnnd::engine
