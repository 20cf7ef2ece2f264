// An engine without computation for tests of the scheduler: its model gives 2 x + 1, its lanes move
// when the test says so.
#ifndef DNND_TESTS_SERVER_BATCHING_PUPPET_ENGINE_H_
#define DNND_TESTS_SERVER_BATCHING_PUPPET_ENGINE_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/batching/batch_engine.h"
#include "server/batching/timer.h"
#include "tests/testing/fake_clock.h"

namespace dnnd::server {

using testing::FakeClock;

// Fires when the test calls Turn and the time has come.
class ManualTimer : public Timer {
 public:
  explicit ManualTimer(const FakeClock& clock) : clock_(clock) {}
  void SetCallback(std::function<void()> callback) override { callback_ = std::move(callback); }
  void Set(absl::Time at) override { at_ = std::min(at_, at); }
  void Turn() {
    while (at_ <= clock_.Now()) {
      at_ = absl::InfiniteFuture();
      callback_();
    }
  }
  absl::Time at() const { return at_; }

 private:
  const FakeClock& clock_;
  std::function<void()> callback_;
  absl::Time at_ = absl::InfiniteFuture();
};

// Knows plans of the sizes that the test allows, and keeps wishes until the test grants them.
class PuppetEngine : public BatchEngine {
 public:
  struct Request {
    int64_t rows;
    LaneKind kind;
    std::function<void(const absl::Status&)> ready;
  };

  explicit PuppetEngine(int lanes = 2) : lanes_(lanes) {}
  int narrow_lanes() const override { return lanes_; }
  bool HasPlan(const ServedModel&, absl::Span<const engine::Shape>, int64_t rows,
               LaneKind kind) override {
    return every_size_ || sizes_.count({kind, rows}) > 0;
  }
  void RequestPlan(const ModelHandle&, const std::vector<engine::Shape>&, int64_t rows,
                   LaneKind kind, std::function<void(const absl::Status&)> ready) override {
    requests_.push_back({rows, kind, std::move(ready)});
  }
  void Wake() override {
    if (on_wake_) {
      on_wake_();
    }
  }

  void AllowOnly(std::set<std::pair<LaneKind, int64_t>> sizes) {
    every_size_ = false;
    sizes_ = std::move(sizes);
  }
  // Answers the oldest wish.
  void Grant(const absl::Status& status) {
    const Request request = requests_.front();
    requests_.erase(requests_.begin());
    if (status.ok()) {
      sizes_.insert({request.kind, request.rows});
    }
    request.ready(status);
  }
  const std::vector<Request>& requests() const { return requests_; }
  void OnWake(std::function<void()> on_wake) { on_wake_ = std::move(on_wake); }

 private:
  const int lanes_;
  bool every_size_ = true;
  std::set<std::pair<LaneKind, int64_t>> sizes_;
  std::vector<Request> requests_;
  std::function<void()> on_wake_;
};

// Buffers and a run of y = 2 x + 1, rows of `width` floats. `run` is called before it computes.
class PuppetRun {
 public:
  PuppetRun(int64_t width, std::function<absl::Status(const std::vector<float>&)> run)
      : width_(width), run_(std::move(run)) {}

  // What every run is said to have cost.
  void set_cpu_time(absl::Duration time) { cpu_time_ = time; }

  absl::StatusOr<BoundRun> Bind(int64_t rows) {
    input_.assign(rows * width_, -1);
    output_.assign(rows * width_, -1);
    const engine::TensorType type{engine::DataType::kFloat32, engine::Shape{rows, width_}};
    BoundRun bound;
    bound.inputs = {engine::MutableTensorView(type, input_.data())};
    bound.outputs = [view = engine::TensorView(type, output_.data())] {
      return absl::MakeConstSpan(&view, 1);
    };
    bound.run = [this]() -> absl::StatusOr<absl::Duration> {
      if (run_) {
        if (absl::Status status = run_(input_); !status.ok()) {
          return status;
        }
      }
      for (size_t i = 0; i < input_.size(); ++i) {
        output_[i] = 2 * input_[i] + 1;
      }
      return cpu_time_;
    };
    return bound;
  }

 private:
  const int64_t width_;
  const std::function<absl::Status(const std::vector<float>&)> run_;
  absl::Duration cpu_time_;
  std::vector<float> input_;
  std::vector<float> output_;
};

}  // namespace dnnd::server

#endif  // DNND_TESTS_SERVER_BATCHING_PUPPET_ENGINE_H_
