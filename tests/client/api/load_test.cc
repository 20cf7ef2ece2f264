#include "client/api/load.h"

#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include "client/api/channel.h"
#include "tests/client/fake_daemon.h"

namespace dnnd::client {
namespace {

Workload LenetWorkload() {
  dnnd::v1::PredictRequest request;
  request.mutable_model()->set_name("lenet");
  (*request.mutable_inputs())["x"].set_contents("12345678");
  Workload workload;
  workload.method = "/dnnd.v1.PredictService/Predict";
  grpc::Slice slice(request.SerializeAsString());
  workload.requests.emplace_back(&slice, 1);
  return workload;
}

LoadOptions Short() {
  LoadOptions options;
  options.warm_up = absl::Milliseconds(20);
  options.duration = absl::Milliseconds(150);
  options.call.timeout = absl::Seconds(10);
  return options;
}

TEST(RunLoadTest, AClosedLoopKeepsItsClientsBusyAndReadsTheTimings) {
  FakeDaemon daemon;
  LoadOptions options = Short();
  options.concurrency = 4;
  // Long enough for a busy machine to answer some.
  options.duration = absl::Milliseconds(500);
  const LoadResult result =
      RunLoad({Connect(daemon.address()), Connect(daemon.address())}, LenetWorkload(), options);
  EXPECT_GT(result.answers, 4);
  EXPECT_EQ(result.items, result.answers);
  EXPECT_EQ(result.failed.count(), 0);
  EXPECT_EQ(result.batch_sizes.size(), 1);
  EXPECT_EQ(result.batch_sizes.at(4), result.done.count());
  // Each answer is one item of a batch of four.
  EXPECT_DOUBLE_EQ(result.batches, result.done.count() / 4.0);
  EXPECT_DOUBLE_EQ(result.queue_ms, result.done.count());
  EXPECT_GT(result.done.Percentile(50), 0);
}

TEST(RunLoadTest, AnOpenLoopSendsItsRateWhateverTheServerDoes) {
  FakeDaemon daemon;
  LoadOptions options = Short();
  options.concurrency = 0;
  options.rate = 200;
  const LoadResult result = RunLoad({Connect(daemon.address())}, LenetWorkload(), options);
  // 150 ms at 200 a second, and one more or less at each end.
  EXPECT_NEAR(result.done.count() + result.failed.count() + result.not_sent, 30, 2);
}

TEST(RunLoadTest, APoissonProcessRepeatsWithItsSeed) {
  FakeDaemon daemon;
  LoadOptions options = Short();
  options.concurrency = 0;
  options.rate = 400;
  options.poisson = true;
  const size_t first = RunLoad({Connect(daemon.address())}, LenetWorkload(), options).done.count();
  const size_t again = RunLoad({Connect(daemon.address())}, LenetWorkload(), options).done.count();
  EXPECT_EQ(first, again);
  // 60 on average, with a standard deviation of 8.
  EXPECT_NEAR(first, 60, 40);
}

TEST(RunLoadTest, RefusalsAreCountedByCodeAndReason) {
  FakeDaemon daemon;
  daemon.predict.full = true;
  const LoadResult result = RunLoad({Connect(daemon.address())}, LenetWorkload(), Short());
  EXPECT_EQ(result.answers, 0);
  ASSERT_EQ(result.failures.count("RESOURCE_EXHAUSTED/QUEUE_FULL"), 1);
  EXPECT_EQ(result.failures.at("RESOURCE_EXHAUSTED/QUEUE_FULL"), result.failed.count());
  ASSERT_TRUE(result.last_failure.has_value());
  EXPECT_EQ(result.last_failure->reason, "QUEUE_FULL");
}

TEST(RunLoadTest, CallsBeyondTheBoundAreNotSentAndCounted) {
  FakeDaemon daemon;
  LoadOptions options = Short();
  options.concurrency = 0;
  options.rate = 1000;
  options.max_in_flight = 0;
  const LoadResult result = RunLoad({Connect(daemon.address())}, LenetWorkload(), options);
  EXPECT_EQ(daemon.predict.calls, 0);
  EXPECT_NEAR(result.not_sent, 150, 2);
}

TEST(RunLoadTest, EndsWhenNobodyIsThere) {
  const LoadResult result = RunLoad({Connect("127.0.0.1:1")}, LenetWorkload(), Short());
  EXPECT_EQ(result.answers, 0);
  ASSERT_TRUE(result.last_failure.has_value());
  EXPECT_EQ(result.last_failure->exit_code, ExitCode::kUnreachable);
  // A pause of 10 ms follows each: 15 in 150 ms, and the first.
  EXPECT_LE(result.failed.count(), 16);
}

}  // namespace
}  // namespace dnnd::client
