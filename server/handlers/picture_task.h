// Pictures through one model, whatever is asked about them.
#ifndef DNND_SERVER_HANDLERS_PICTURE_TASK_H_
#define DNND_SERVER_HANDLERS_PICTURE_TASK_H_

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "server/handlers/call.h"
#include "server/handlers/image_batch.h"
#include "server/handlers/image_input.h"
#include "server/handlers/inference.h"
#include "server/handlers/model_reference.h"

namespace dnnd::server {

// One request from its admission to its answer; a task of its own says what the outputs mean. Held
// by a shared pointer, which keeps it until it has answered.
//
// Pictures that may share a run are a part of the request: all of them where the model has one
// size, those of one size where it is open, each by itself where the model takes no batches.
class PictureTask : public std::enable_shared_from_this<PictureTask> {
 public:
  PictureTask(const InferenceServices& services, Method method, const Call& call)
      : run_(services, method, call), services_(services) {}
  virtual ~PictureTask() = default;

  // Find the model → Check → headers and limits → admission → decode and preprocess (on workers, a
  // picture each) → queue → Interpret (on a worker) → Finish, once. Errors go to Finish: those of
  // Check, CheckImages and InferenceRun; one bad picture fails the request, naming images[i].
  void Start();

  // The same in steps, for who starts several tasks or none: Prepare (nothing costly), EnterWith
  // the ticket of who let the bytes() of all in, Reserve, and then Begin; or End with what went
  // wrong in any task. The ticket is used until Finish is called.
  virtual absl::Status Prepare() = 0;
  int64_t bytes() const { return bytes_; }  // that it will hold
  void EnterWith(Admission::Ticket& ticket) { run_.EnterWith(ticket); }
  absl::Status Reserve();
  void Begin();
  void End(const absl::Status& status);

  // Null until it was found.
  const ModelHandle& model() const { return run_.model(); }

 protected:
  // A part that was computed.
  struct Computed {
    absl::Span<const size_t> positions;     // in the request, of each row
    absl::Span<const Geometry> geometries;  // of each row
    int width = 0;                          // of the model's input
    int height = 0;
    absl::Span<const engine::Tensor> outputs;  // in the order of the signature
  };

  absl::Status PrepareFor(const ModelReference& model, std::vector<ImageInput> images);

  const Call& call() const { return run_.call(); }
  // Of all pictures, upright. Known once it is prepared.
  int64_t pixels() const { return pixels_; }

  // Complete in Finish.
  const InferenceTimings& timings() const { return run_.timings; }

 private:
  struct Part {
    std::vector<size_t> positions;
    std::shared_ptr<ImageBatch> images;
    std::optional<engine::Tensor> sizes;  // where the model takes a SizeInput as well
    RunShape shape;
    absl::Status status;  // how it ended
  };

  // Whether the model is one for this, and the options are right. `pictures` results are to come.
  virtual absl::Status Check(const ServedModel& model, size_t pictures) = 0;
  // What the result of a picture of this size may take beside the model's outputs. After Check.
  virtual int64_t ResultBytes(PictureSize size) const { return 0; }
  // Parts come in any order, and at once. Only its own results may be written.
  virtual absl::Status Interpret(const Computed& computed) = 0;
  // The end, with what became of it.
  virtual void Finish(const absl::Status& status) = 0;

  absl::Status Admit();
  absl::Status MakeParts(const ImageFacts& facts, const std::vector<ImageInput>& images);
  std::vector<RunShape> Shapes() const;
  int64_t BytesOf(const ImageFacts& facts) const;
  void Compute(size_t part, const absl::StatusOr<engine::TensorView>& pictures);
  absl::Status Answer(const Part& part, const absl::StatusOr<BatchResult>& result);
  void EndPart(size_t part, const absl::Status& status);

  InferenceRun run_;
  const InferenceServices& services_;
  int64_t bytes_ = 0;
  int64_t pixels_ = 0;
  std::vector<Part> parts_;  // made before the first of them starts

  std::mutex mutex_;
  // All guarded by mutex_.
  size_t left_ = 0;
  absl::Duration decode_;
  absl::Duration preprocess_;
  absl::Duration postprocess_;
};

// A task that keeps its request and makes its response, which `done` gets, once. Both have a
// `model`; the request has `images`, the response `results`, one for each of them, and `timings`.
template <typename Request, typename Response>
class AnsweringTask : public PictureTask {
 public:
  AnsweringTask(const InferenceServices& services, Method method, const Call& call, Request request,
                Done<Response> done)
      : PictureTask(services, method, call), request_(std::move(request)), done_(std::move(done)) {}

  absl::Status Prepare() final { return PrepareFor(request_.model, std::move(request_.images)); }

 protected:
  // Without its pictures once it is prepared.
  const Request& request() const { return request_; }
  Response& response() { return response_; }

 private:
  void Finish(const absl::Status& status) final {
    if (!status.ok()) {
      return done_(status);
    }
    response_.model = model();
    response_.timings = timings();
    done_(std::move(response_));
  }

  Request request_;
  const Done<Response> done_;
  Response response_;
};

// OK when the model is for `task`; else FAILED_PRECONDITION (TASK_MISMATCH).
absl::Status CheckTask(const ServedModel& model, v1::ModelConfig::Task task);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_PICTURE_TASK_H_
