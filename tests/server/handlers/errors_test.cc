#include "server/handlers/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace dnnd::server {
namespace {

template <typename Message>
Message DetailOf(const google::rpc::Status& status) {
  Message message;
  for (const auto& detail : status.details()) {
    if (detail.Is<Message>()) {
      detail.UnpackTo(&message);
    }
  }
  return message;
}

TEST(Errors, CarryReasonFieldRetryAndRequestId) {
  absl::Status status = absl::ResourceExhaustedError("too much");
  status = WithReason(status, kReasonQueueFull, {{"model", "resnet"}});
  status = WithRetryAfter(status, absl::Milliseconds(1500));
  status = WithField(status, "images[3]");
  const google::rpc::Status rpc = ToRpcStatus(status, "id-7");
  EXPECT_EQ(rpc.code(), static_cast<int>(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(rpc.message(), "images[3]: too much");
  const auto info = DetailOf<google::rpc::ErrorInfo>(rpc);
  EXPECT_EQ(info.reason(), "QUEUE_FULL");
  EXPECT_EQ(info.domain(), "dnnd");
  EXPECT_EQ(info.metadata().at("model"), "resnet");
  const auto retry = DetailOf<google::rpc::RetryInfo>(rpc);
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  const auto bad = DetailOf<google::rpc::BadRequest>(rpc);
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "images[3]");
  EXPECT_EQ(bad.field_violations(0).description(), "too much");
  EXPECT_EQ(DetailOf<google::rpc::RequestInfo>(rpc).request_id(), "id-7");
}

TEST(Errors, NameAFieldWithinAField) {
  const auto status = WithField(InvalidOption("top_k", "got -1, want 0 or more"), "tasks[2]");
  EXPECT_EQ(status.message(), "tasks[2]: options.top_k: got -1, want 0 or more");
  const auto bad = DetailOf<google::rpc::BadRequest>(ToRpcStatus(status, ""));
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "tasks[2].options.top_k");
  EXPECT_EQ(bad.field_violations(0).description(), "got -1, want 0 or more");
}

TEST(Errors, KeepTheReasonOfWhoKnewTheCauseBest) {
  const absl::Status status =
      WithReason(WithReason(absl::InvalidArgumentError("x"), kReasonImageUndecodable),
                 kReasonInvalidRequest, {{"hint", "h"}});
  EXPECT_EQ(ReasonOf(status), kReasonImageUndecodable);
}

TEST(Errors, EveryOneHasAReason) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "x");
    const auto info = DetailOf<google::rpc::ErrorInfo>(ToRpcStatus(status, ""));
    EXPECT_FALSE(info.reason().empty()) << code;
    EXPECT_EQ(info.domain(), "dnnd");
  }
}

TEST(Errors, CanBeReadWhateverBytesTheyQuote) {
  const absl::Status status = WithField(WithReason(absl::InvalidArgumentError("no input \"\xff\""),
                                                   kReasonTensorUnknown, {{"got", "\xfe"}}),
                                        "inputs[\xff]");
  const google::rpc::Status rpc = ToRpcStatus(status, "");
  google::rpc::Status read;
  ASSERT_TRUE(read.ParseFromString(rpc.SerializeAsString()));
  EXPECT_EQ(read.message(), "inputs[\ufffd]: no input \"\ufffd\"");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(read).metadata().at("got"), "\ufffd");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(read).field_violations(0).field(), "inputs[\ufffd]");
}

TEST(Errors, OkStaysOk) {
  EXPECT_TRUE(WithReason(absl::OkStatus(), kReasonInternal).ok());
  EXPECT_TRUE(WithRetryAfter(absl::OkStatus(), absl::Seconds(1)).ok());
  EXPECT_TRUE(WithField(absl::OkStatus(), "x").ok());
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
}

}  // namespace
}  // namespace dnnd::server
