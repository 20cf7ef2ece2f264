// The scheduler over real lanes and a real model: the small one that comes with the tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <future>
#include <random>

#include "engine/engine.h"
#include "server/batching/lane_source.h"
#include "server/batching/run_shape.h"
#include "server/batching/scheduler.h"
#include "server/batching/warm_up.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/team_width.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;
using ::testing::HasSubstr;

// Batched and single runs may take different kernels; both are right to this part of the range.
constexpr float kBatchedTolerance = 1e-4f;
constexpr std::chrono::seconds kPatience(60);

class LanesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* store = std::getenv("DNND_TEST_STORE");
    if (store == nullptr) {
      GTEST_SKIP() << "DNND_TEST_STORE is not set";
    }
    auto lanes = engine::LaneGroup::Create(
        {.budget = engine::DetectCpuBudget(), .wide_width = engine::kWidestTeam});
    ASSERT_THAT(lanes, IsOk());
    lanes_ = *std::move(lanes);
    source_ = std::make_unique<LaneSource>(*lanes_);
    scheduler_ =
        std::make_unique<Scheduler>(*source_, timer_, metrics_, log_, engine::Clock::Real());
    source_->Start(*scheduler_);
    auto served = std::make_shared<ServedModel>();
    auto model = engine::LoadModelFile(std::string(store) + "/shapes/1/model.onnx");
    ASSERT_THAT(model, IsOk());
    served->name = std::string("shapes");
    served->model = *model;
    served->metrics = metrics_.ForModel("shapes", 1);
    ASSERT_THAT(WarmUp(*lanes_, *served), IsOk());
    model_ = std::move(served);
  }

  void TearDown() override {
    if (source_ != nullptr) {
      source_->Stop();
    }
    scheduler_.reset();
    source_.reset();
  }

  // A picture of `rows` rows of random values.
  engine::Tensor RandomInput(int64_t rows, uint32_t seed) {
    const engine::Shape row = model_->model->RowShapes()[0];
    engine::Tensor input =
        engine::Tensor::Create(engine::DataType::kFloat32, row.WithDim(0, rows)).value();
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> values(-1, 1);
    for (int64_t i = 0; i < input.num_elements(); ++i) {
      input.mutable_data<float>()[i] = values(random);
    }
    return input;
  }

  std::future<absl::StatusOr<BatchResult>> Submit(const engine::Tensor& input) {
    BatchRequest request;
    request.model = model_;
    request.inputs = {input.view()};
    request.shape = BindInputs(*model_->model, request.inputs).value();
    request.keep_alive = std::make_shared<engine::Tensor>(input);
    auto promise = std::make_shared<std::promise<absl::StatusOr<BatchResult>>>();
    auto future = promise->get_future();
    request.done = [promise](absl::StatusOr<BatchResult> result) {
      promise->set_value(std::move(result));
    };
    auto reservation =
        scheduler_->Reserve(model_, request.shape.rows, {}, absl::InfiniteFuture(), nullptr);
    EXPECT_THAT(reservation, IsOk());
    scheduler_->Submit(*std::move(reservation), std::move(request));
    return future;
  }

  static BatchResult Await(std::future<absl::StatusOr<BatchResult>> future) {
    EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready);
    absl::StatusOr<BatchResult> result = future.get();
    EXPECT_THAT(result, IsOk());
    return *std::move(result);
  }

  Metrics metrics_;
  const Logger log_{LogLevel::kError, LogFormat::kText};
  ThreadTimer timer_;
  std::unique_ptr<engine::LaneGroup> lanes_;
  std::unique_ptr<LaneSource> source_;
  std::unique_ptr<Scheduler> scheduler_;
  ModelHandle model_;
};

void ExpectSameRow(const engine::Tensor& batch, int64_t row, const engine::Tensor& single) {
  const int64_t width = single.num_elements();
  float range = 0;
  for (int64_t i = 0; i < width; ++i) {
    range = std::max(range, std::abs(single.data<float>()[i]));
  }
  for (int64_t i = 0; i < width; ++i) {
    ASSERT_NEAR(batch.data<float>()[row * width + i], single.data<float>()[i],
                kBatchedTolerance * range);
  }
}

TEST_F(LanesTest, WarmUpMeasuresCostsAndBytes) {
  const ShapeGroup& group = *QueueOf(*model_).groups.front();
  EXPECT_FALSE(group.narrow.empty());
  EXPECT_GT(group.narrow.Least(1), absl::ZeroDuration());
  EXPECT_GT(model_->weight_bytes, 0);
  EXPECT_GT(model_->arena_bytes, 0);
}

TEST_F(LanesTest, BatchedAnswersEqualSingleOnes) {
  std::vector<engine::Tensor> inputs;
  std::vector<BatchResult> single;
  for (uint32_t seed = 0; seed < 24; ++seed) {
    inputs.push_back(RandomInput(1, seed));
    single.push_back(Await(Submit(inputs.back())));
    EXPECT_EQ(single.back().batch_rows, 1);
  }
  std::vector<std::future<absl::StatusOr<BatchResult>>> together;
  for (const engine::Tensor& input : inputs) {
    together.push_back(Submit(input));
  }
  for (size_t i = 0; i < together.size(); ++i) {
    const BatchResult result = Await(std::move(together[i]));
    ExpectSameRow(result.outputs[0], 0, single[i].outputs[0]);
  }
}

TEST_F(LanesTest, ARequestOfManyRowsIsSplitAndJoinedInOrder) {
  constexpr int64_t kRows = 150;  // more than any batch
  const engine::Tensor input = RandomInput(kRows, 7);
  const BatchResult whole = Await(Submit(input));
  ASSERT_EQ(whole.outputs[0].shape()[0], kRows);
  EXPECT_LT(whole.batch_rows, kRows);
  const int64_t row_elements = input.num_elements() / kRows;
  for (int64_t row : {int64_t{0}, int64_t{77}, kRows - 1}) {
    engine::Tensor one = RandomInput(1, 0);
    std::copy_n(input.data<float>() + row * row_elements, row_elements, one.mutable_data<float>());
    ExpectSameRow(whole.outputs[0], row, Await(Submit(one)).outputs[0]);
  }
}

TEST_F(LanesTest, InputsThatDoNotFitNeverReachABatch) {
  const engine::Shape row = model_->model->RowShapes()[0];
  const auto bind = [&](engine::DataType type, const engine::Shape& shape) {
    const engine::Tensor input = engine::Tensor::Create(type, shape).value();
    return BindInputs(*model_->model, {input.view()}).status();
  };
  EXPECT_THAT(bind(engine::DataType::kFloat32, row.WithDim(0, 5)), IsOk());
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want float32["));
  EXPECT_THAT(bind(engine::DataType::kFloat64, row), refused);
  EXPECT_THAT(bind(engine::DataType::kFloat32, row.WithDim(2, 5)), refused);
  EXPECT_THAT(bind(engine::DataType::kFloat32, row.WithDim(0, 0)), refused);
  EXPECT_THAT(bind(engine::DataType::kFloat32, engine::Shape{3}), refused);
  EXPECT_THAT(BindInputs(*model_->model, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 0 inputs, want 1")));
}

}  // namespace
}  // namespace dnnd::server
