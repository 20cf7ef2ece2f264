#include "server/grpc/stream_set_up.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(StreamSetUp, WhatAMessageSetsReplacesWhatStoodBeforeAndNothingElse) {
  v1::StreamDetectRequest set_up;
  v1::StreamDetectRequest first;
  first.mutable_model()->set_name("a");
  first.mutable_options()->set_max_detections(3);
  first.mutable_options()->set_soft_nms(true);
  MergeSetUp(&first, &set_up);
  v1::StreamDetectRequest second;
  second.mutable_options()->set_max_detections(4);
  second.mutable_stream()->set_max_age_ms(9);
  MergeSetUp(&second, &set_up);
  EXPECT_EQ(set_up.model().name(), "a");
  EXPECT_EQ(set_up.options().max_detections(), 4);
  EXPECT_FALSE(set_up.options().has_soft_nms());
  EXPECT_EQ(set_up.stream().max_age_ms(), 9);
  v1::StreamDetectRequest third;
  third.mutable_frame()->set_id(1);
  MergeSetUp(&third, &set_up);
  EXPECT_EQ(set_up.options().max_detections(), 4);
  EXPECT_FALSE(set_up.has_frame());
}

TEST(StreamSetUp, TasksAreReplacedAllAtOnce) {
  v1::StreamPerceiveRequest set_up;
  for (const int count : {3, 1}) {
    v1::StreamPerceiveRequest message;
    for (int i = 0; i < count; ++i) {
      message.add_tasks()->mutable_model()->set_name(absl::StrCat("model", i));
    }
    MergeSetUp(&message, &set_up);
    EXPECT_EQ(set_up.tasks_size(), count);
  }
  v1::StreamPerceiveRequest empty;
  MergeSetUp(&empty, &set_up);
  EXPECT_EQ(set_up.tasks_size(), 1);
  EXPECT_EQ(ModelsOf(set_up).front().name, "model0");
}

TEST(StreamSetUp, NamesNoMoreModelsThanThereMayBeTasks) {
  v1::StreamPerceiveRequest set_up;
  for (int i = 0; i < 1000; ++i) {
    set_up.add_tasks();
  }
  EXPECT_EQ(ModelsOf(set_up).size(), kMostPerceiveTasks);
  EXPECT_TRUE(ModelsOf(v1::StreamClassifyRequest()).empty());
}

TEST(StreamSetUp, SaysWhatNoStreamCanGoOnWith) {
  v1::StreamOptions options;
  EXPECT_THAT(CheckSetUp(true, options, kMaxSetUpBytes), IsOk());
  EXPECT_THAT(CheckSetUp(false, options, 0), StatusIs(kInvalid, HasSubstr("without a model")));
  EXPECT_THAT(CheckSetUp(true, options, kMaxSetUpBytes + 1),
              StatusIs(kInvalid, HasSubstr("at most 65536")));
  options.set_max_age_ms(1);
  EXPECT_THAT(CheckSetUp(true, options, 0), IsOk());
  for (const int age : {0, -1}) {
    options.set_max_age_ms(age);
    EXPECT_THAT(CheckSetUp(true, options, 0),
                StatusIs(kInvalid, HasSubstr("stream.max_age_ms: got ")));
  }
}

}  // namespace
}  // namespace dnnd::server
