#include "server/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <thread>
#include <vector>

#include "tests/testing/temp_dir.h"

namespace dnnd::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Uses every family once.
void UseEverything(Metrics& metrics, ModelMetrics& model) {
  model.SetState("READY");
  model.SetLoaded(absl::Milliseconds(1500), 1000, 2000);
  model.CountRequest(Method::kClassify, absl::StatusCode::kOk, absl::Milliseconds(3));
  model.CountRequest(Method::kClassify, absl::StatusCode::kResourceExhausted,
                     absl::Milliseconds(1));
  model.ObserveStage(Stage::kCompute, absl::Milliseconds(2));
  model.CountBatch(DispatchReason::kDrained, 3);
  model.CountBatchFailure();
  model.CountRefusal(RefusalReason::kWait);
  model.CountDrop(DropReason::kExpired);
  model.CountFrameDrop(FrameDropReason::kNewer);
  model.ObserveFrameDelay(absl::Milliseconds(30));
  model.SetQueueItems(5);
  metrics.UnknownModel().CountRequest(Method::kPredict, absl::StatusCode::kNotFound,
                                      absl::ZeroDuration());
  metrics.NoModel().CountRequest(Method::kListModels, absl::StatusCode::kOk, absl::ZeroDuration());
  metrics.SetBuild({"0.1.0", "2.6.3", "avx512", "gcc", "Release"});
  metrics.SetLanes(LaneKind::kWide, 1);
  metrics.SetLanesBusy(LaneKind::kNarrow, 2);
  metrics.SetQueuedBytes(77);
  metrics.SetOpenStreams(6);
  metrics.CountLogLine("error");
}

TEST(MetricsTest, EverySeriesHasItsNameItsLabelsAndItsValue) {
  Metrics metrics;
  const auto model = metrics.ForModel("resnet", 3);
  UseEverything(metrics, *model);
  const std::string text = metrics.Text();
  for (
      const char* line : {
          R"(dnnd_requests_total{code="OK",method="Classify",model="resnet",version="3"} 1)",
          R"(dnnd_requests_total{code="NOT_FOUND",method="Predict",model="_unknown",version=""} 1)",
          R"(dnnd_request_duration_seconds_count{method="Classify",model="resnet",version="3"} 2)",
          R"(dnnd_refusal_duration_seconds_count{model="resnet",version="3"} 1)",
          R"(dnnd_stage_duration_seconds_count{model="resnet",stage="compute",version="3"} 1)",
          R"(dnnd_stage_duration_seconds_count{model="resnet",stage="decode",version="3"} 0)",
          R"(dnnd_batch_size_bucket{model="resnet",version="3",le="2"} 0)",
          R"(dnnd_batch_size_bucket{model="resnet",version="3",le="4"} 1)",
          R"(dnnd_batch_dispatch_total{model="resnet",reason="drained",version="3"} 1)",
          R"(dnnd_requests_refused_total{model="resnet",reason="wait",version="3"} 1)",
          R"(dnnd_requests_refused_total{model="resnet",reason="queue_items",version="3"} 0)",
          R"(dnnd_requests_dropped_total{model="resnet",reason="expired",version="3"} 1)",
          R"(dnnd_stream_frames_dropped_total{model="resnet",reason="newer",version="3"} 1)",
          R"(dnnd_stream_frames_dropped_total{model="resnet",reason="age",version="3"} 0)",
          R"(dnnd_stream_frame_delay_seconds_count{model="resnet",version="3"} 1)",
          R"(dnnd_queue_items{model="resnet",version="3"} 5)",
          R"(dnnd_model_state{model="resnet",state="READY",version="3"} 1)",
          R"(dnnd_model_state{model="resnet",state="LOADING",version="3"} 0)",
          R"(dnnd_model_load_seconds{model="resnet",version="3"} 1.5)",
          R"(dnnd_model_weight_bytes{model="resnet",version="3"} 1000)",
          R"(dnnd_model_arena_bytes{model="resnet",version="3"} 2000)",
          R"(dnnd_lanes{kind="wide"} 1)",
          R"(dnnd_lanes_busy{kind="narrow"} 2)",
          "dnnd_queued_bytes 77",
          "dnnd_streams 6",
          R"(dnnd_log_messages_total{level="error"} 1)",
          R"(dnnd_build_info{build_type="Release",compiler="gcc",isa="avx512",)",
      }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, TheProcessTellsWhatItUses) {
  const std::string text = Metrics().Text();
  for (const char* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        "process_max_fds", "process_threads", "process_start_time_seconds"}) {
    const size_t at = text.find(std::string("\n") + name + " ");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(std::strtod(text.c_str() + at + 2 + strlen(name), nullptr), 0) << name;
  }
}

TEST(MetricsTest, SeriesGoWithTheLastUserOfTheirVersion) {
  Metrics metrics;
  auto old_instance = metrics.ForModel("resnet", 3);
  auto new_instance = metrics.ForModel("resnet", 3);
  UseEverything(metrics, *old_instance);
  old_instance.reset();
  new_instance->CountBatch(DispatchReason::kFull, 8);
  EXPECT_THAT(metrics.Text(), HasSubstr("model=\"resnet\""));
  new_instance.reset();
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("model=\"resnet\"")));
  EXPECT_THAT(metrics.Text(), HasSubstr("model=\"_unknown\""));
}

TEST(MetricsTest, ACodeOutsideTheCanonicalOnesIsCountedAsUnknown) {
  Metrics metrics;
  metrics.NoModel().CountRequest(Method::kPredict, static_cast<absl::StatusCode>(99),
                                 absl::ZeroDuration());
  EXPECT_THAT(metrics.Text(), HasSubstr("code=\"UNKNOWN\""));
}

TEST(MetricsTest, ThreadsMayUseReplaceAndReadAtOnce) {
  Metrics metrics;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics, t] {
      for (int i = 0; i < 200; ++i) {
        const auto model = metrics.ForModel("m", i % 2);
        model->CountRequest(Method::kPredict, absl::StatusCode::kOk, absl::Milliseconds(1));
        model->CountRefusal(RefusalReason::kWait);
        if (t == 0 && i % 50 == 0) {
          metrics.Text();
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("model=\"m\"")));
}

TEST(MetricsTest, PromtoolFindsNothingToMend) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "promtool is not installed";
  }
  Metrics metrics;
  const auto model = metrics.ForModel("resnet", 3);
  UseEverything(metrics, *model);
  dnnd::testing::TempDir folder;
  const std::string file = folder.Write("metrics", metrics.Text());
  const std::string command = "promtool check metrics < " + file + " >&2";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace dnnd::server
