// What every inference request goes through, whatever it asks: admitted, through the queue of its
// model, and back.
#ifndef DNND_SERVER_HANDLERS_INFERENCE_H_
#define DNND_SERVER_HANDLERS_INFERENCE_H_

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "absl/status/statusor.h"
#include "server/batching/scheduler.h"
#include "server/config/options.h"
#include "server/handlers/admission.h"
#include "server/handlers/call.h"
#include "server/handlers/model_reference.h"
#include "server/handlers/request_record.h"
#include "server/handlers/worker_pool.h"
#include "server/repository/repository.h"

namespace dnnd::server {

// What the inference handlers work with. All of it outlives them.
struct InferenceServices {
  const Repository& repository;
  const VersionLabels& labels;
  Scheduler& scheduler;
  Admission& admission;
  WorkerPool& workers;
  Telemetry telemetry;
  LimitOptions limits;
};

// Where the time of a request went; the slowest of its items where it has several.
struct InferenceTimings {
  absl::Duration decode;
  absl::Duration preprocess;
  absl::Duration queue;
  absl::Duration batch;
  absl::Duration compute;
  absl::Duration postprocess;
  absl::Duration total;
  int64_t batch_size = 0;

  // The slower of both, stage by stage.
  void Widen(const InferenceTimings& other);
};

// One request on its way, in one part or several: rows of one shape each. Held by a shared pointer;
// used by one thread at a time, but for Submit, which each part may call on its own.
//   Find → Enter or EnterWith → Reserve → Submit → `computed`, on a worker → End
class InferenceRun {
 public:
  InferenceRun(const InferenceServices& services, Method method, const Call& call);

  // The version that will answer. Errors: FindModel's.
  absl::Status Find(const ModelReference& reference);
  const ModelHandle& model() const { return model_; }

  // Bytes of the outputs of `parts`, and of the reply that is made of them.
  int64_t OutputBytes(absl::Span<const RunShape> parts) const;

  // Lets the request in, with all `bytes` that it will hold; nothing costly is done before. Errors:
  // Admission::Enter's.
  absl::Status Enter(int64_t bytes);
  // In place of Enter, for who let several in at once: what this one turns out to hold is counted
  // in `ticket`, which is used until End returns.
  void EnterWith(Admission::Ticket& ticket) { ticket_ = &ticket; }

  // Keeps room for the rows of `parts` in the queue. DEADLINE_EXCEEDED (DEADLINE_TOO_SHORT) where
  // even an idle server would be too late; RESOURCE_EXHAUSTED (QUEUE_FULL) with RetryInfo.
  absl::Status Reserve(absl::Span<const RunShape> parts);

  // Puts the rows of a part into the queue. `computed` is called once, on a worker, when they were
  // computed or dropped: DEADLINE_EXCEEDED, CANCELLED, or what the model says (MODEL_FAILED). What
  // `inputs` point into lives until then. REQUIRES: entered and reserved; once for each part.
  void Submit(size_t part, RunShape shape, std::vector<engine::TensorView> inputs,
              std::function<void(absl::StatusOr<BatchResult>)> computed);

  // The end: counts and logs the request, and lets it out. Called exactly once.
  void End(const absl::Status& status);

  const Call& call() const { return call_; }
  // Of the slowest part. Not to be read while a part is on its way.
  InferenceTimings timings;

 private:
  // The names that the scheduler gave the parts.
  struct Submitted {
    std::mutex mutex;
    std::vector<uint64_t> ids;  // guarded by mutex
  };
  // Its times, and what it holds where that was not known before.
  void Note(const BatchResult& result);

  const InferenceServices& services_;
  const Call call_;
  RequestRecord record_;
  ModelHandle model_;
  Admission::Ticket own_ticket_;
  Admission::Ticket* ticket_ = &own_ticket_;          // or the one that it shares
  std::vector<Scheduler::Reservation> reservations_;  // by part
  const std::shared_ptr<Submitted> submitted_ = std::make_shared<Submitted>();
  std::mutex noting_mutex_;  // of parts that end at once
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_INFERENCE_H_
