// A plan with its weights and what is interpreted after it, ready to be bound to any lane of its
// width.
#ifndef DNND_ENGINE_EXEC_EXECUTABLE_H_
#define DNND_ENGINE_EXEC_EXECUTABLE_H_

#include <atomic>
#include <memory>
#include <utility>

#include "engine/exec/plan.h"
#include "engine/exec/tail.h"
#include "engine/exec/weight_set.h"

namespace dnnd::engine {

// Immutable but for `retired`; thread-safe.
class Executable {
 public:
  Executable(std::shared_ptr<const Plan> plan, std::shared_ptr<const BoundWeights> weights,
             std::unique_ptr<const Tail> tail)
      : plan_(std::move(plan)), weights_(std::move(weights)), tail_(std::move(tail)) {}

  const std::shared_ptr<const Plan>& plan() const { return plan_; }
  const std::shared_ptr<const BoundWeights>& weights() const { return weights_; }

  // Takes the plan's outputs and gives the model's; null where the plan gives them itself.
  const Tail* tail() const { return tail_.get(); }

  // Set when the model is gone or its cache has let the plan go: lanes then free their instances of
  // it.
  bool retired() const { return retired_.load(std::memory_order_relaxed); }
  void Retire() const { retired_.store(true, std::memory_order_relaxed); }

 private:
  const std::shared_ptr<const Plan> plan_;
  const std::shared_ptr<const BoundWeights> weights_;
  const std::unique_ptr<const Tail> tail_;
  mutable std::atomic<bool> retired_ = false;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_EXECUTABLE_H_
