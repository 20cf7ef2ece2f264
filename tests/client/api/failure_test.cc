#include "client/api/failure.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

namespace dnnd::client {
namespace {

grpc::Status WithDetails(grpc::StatusCode code,
                         const std::vector<const google::protobuf::Message*>& details) {
  google::rpc::Status status;
  status.set_code(code);
  for (const auto* detail : details) status.add_details()->PackFrom(*detail);
  return grpc::Status(code, "what happened", status.SerializeAsString());
}

google::rpc::ErrorInfo Info(const std::string& reason) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("dnnd");
  return info;
}

TEST(ReadFailureTest, ReadsEveryDetail) {
  google::rpc::ErrorInfo info = Info("IMAGE_TOO_LARGE");
  (*info.mutable_metadata())["got"] = "30000 x 30000";
  google::rpc::BadRequest bad_request;
  bad_request.add_field_violations()->set_field("images[1]");
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(120000000);
  google::rpc::RequestInfo request;
  request.set_request_id("r-17");
  const Failure failure = ReadFailure(
      WithDetails(grpc::StatusCode::INVALID_ARGUMENT, {&info, &bad_request, &retry, &request}));
  EXPECT_EQ(failure.exit_code, ExitCode::kRefused);
  EXPECT_EQ(failure.code, "INVALID_ARGUMENT");
  EXPECT_EQ(failure.message, "what happened");
  EXPECT_EQ(failure.reason, "IMAGE_TOO_LARGE");
  EXPECT_EQ(failure.metadata.at("got"), "30000 x 30000");
  ASSERT_EQ(failure.fields.size(), 1);
  EXPECT_EQ(failure.fields[0].first, "images[1]");
  EXPECT_EQ(failure.retry_delay, absl::Milliseconds(120));
  EXPECT_EQ(failure.request_id, "r-17");
}

TEST(ReadFailureTest, LivesWithDetailsThatCannotBeRead) {
  const grpc::Status garbage(grpc::StatusCode::NOT_FOUND, "no model", "\xff\xff\xff");
  EXPECT_EQ(ReadFailure(garbage).reason, "");
  google::rpc::Status lying;
  lying.add_details()->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  lying.mutable_details(0)->set_value("\xff\xff");
  EXPECT_EQ(
      ReadFailure(grpc::Status(grpc::StatusCode::NOT_FOUND, "", lying.SerializeAsString())).reason,
      "");
}

TEST(ReadFailureTest, TellsAServerThatSaysNoFromOneThatIsNotThere) {
  const google::rpc::ErrorInfo draining = Info("DRAINING");
  struct Case {
    grpc::Status status;
    ExitCode want;
  };
  for (const Case& c : {
           Case{grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection refused"),
                ExitCode::kUnreachable},
           Case{WithDetails(grpc::StatusCode::UNAVAILABLE, {&draining}), ExitCode::kRefused},
           Case{grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, ""), ExitCode::kDeadline},
           Case{grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""), ExitCode::kRefused},
       }) {
    EXPECT_EQ(ReadFailure(c.status).exit_code, c.want) << c.status.error_code();
  }
}

TEST(HintForTest, PrefersWhatTheServerSays) {
  Failure failure;
  failure.code = "NOT_FOUND";
  EXPECT_EQ(HintFor(failure, "a:1", absl::Seconds(1)), "see what there is: dnnctl models list");
  failure.metadata["hint"] = "put it in the store";
  EXPECT_EQ(HintFor(failure, "a:1", absl::Seconds(1)), "put it in the store");
}

TEST(HintForTest, NamesTheCommandForTheTaskOfAModel) {
  Failure failure;
  failure.reason = "TASK_MISMATCH";
  failure.metadata = {{"got", "DETECT"}, {"hint", "call the method of its task"}};
  EXPECT_EQ(HintFor(failure, "a:1", absl::Seconds(1)), "ask it with: dnnctl detect");
  failure.metadata["got"] = "TENSORS";
  EXPECT_EQ(HintFor(failure, "a:1", absl::Seconds(1)), "call the method of its task");
}

TEST(HintForTest, NamesTheDelayTheTimeoutAndTheAddress) {
  Failure full;
  full.retry_delay = absl::Milliseconds(120);
  EXPECT_EQ(HintFor(full, "a:1", absl::Seconds(1)), "try again in 120ms");
  Failure late;
  late.exit_code = ExitCode::kDeadline;
  EXPECT_NE(HintFor(late, "a:1", absl::Seconds(1)).find("more than 1s"), std::string::npos);
  Failure gone;
  gone.exit_code = ExitCode::kUnreachable;
  EXPECT_NE(HintFor(gone, "a:1", absl::Seconds(1)).find("running at a:1"), std::string::npos);
}

TEST(CodeNameTest, NamesKnownAndUnknownCodes) {
  EXPECT_EQ(CodeName(5), "NOT_FOUND");
  EXPECT_EQ(CodeName(99), "CODE_99");
}

}  // namespace
}  // namespace dnnd::client
