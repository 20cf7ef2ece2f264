#include "server/handlers/perceive_handler.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

using Question = PerceiveRequest::Question;

absl::Status CheckTaskCount(size_t count) {
  if (count >= 1 && count <= kMostPerceiveTasks) {
    return absl::OkStatus();
  }
  const std::string got =
      count == 0 ? "no task" : absl::StrCat("more than ", kMostPerceiveTasks, " tasks");
  return WithField(WithReason(absl::InvalidArgumentError(
                                  absl::StrCat("got ", got, ", want 1 to ", kMostPerceiveTasks)),
                              kReasonInvalidRequest),
                   "tasks");
}

std::string TaskField(size_t task) { return absl::StrCat("tasks[", task, "]"); }

// What failed in a task, under its name. Only what the client can mend in the task is a violation
// of its field.
absl::Status NameTask(const absl::Status& status, size_t task) {
  if (absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
      absl::IsFailedPrecondition(status)) {
    return WithField(status, TaskField(task));
  }
  absl::Status named(status.code(), absl::StrCat(TaskField(task), ": ", status.message()));
  status.ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  return named;
}

// One request from its tasks to their answers. Held by a shared pointer, by each task that is yet
// to end and by the decoding.
class PerceiveRun : public std::enable_shared_from_this<PerceiveRun> {
 public:
  PerceiveRun(const InferenceServices& services, Method method, const Call& call,
              Done<PerceiveResponse> done)
      : services_(services), method_(method), call_(call), done_(std::move(done)) {}

  void Start(PerceiveRequest request);

 private:
  absl::Status Look(const PerceiveRequest& request);
  Question ToQuestion(ModelReference model) const;
  void MakeTasks(std::vector<Question> questions);
  template <typename Handler, typename Request>
  std::shared_ptr<PictureTask> MakeTask(size_t task, const Handler& handler, Request request);

  // Both end all tasks where something went wrong: false. Every task takes its step, so that each
  // is counted for the model that it found.
  bool ForEachTask(absl::Status (PictureTask::*step)());
  bool EnterTasks();
  void BeginTasks();
  void Decode();
  void FailAll(const absl::Status& status);

  template <typename Response>
  void TaskDone(size_t task, absl::StatusOr<Response> response);
  void Finish();

  const InferenceServices& services_;
  const Method method_;
  const Call call_;
  const Done<PerceiveResponse> done_;
  const absl::Time start_ = absl::Now();

  ImageInput image_;
  ImageFacts facts_;
  const std::shared_ptr<SharedPicture> picture_ = std::make_shared<SharedPicture>();
  Admission::Ticket ticket_;  // for all tasks
  absl::Duration decode_;
  // Let go of when they begin or end: each holds this until it has ended.
  std::vector<std::shared_ptr<PictureTask>> tasks_;
  std::vector<std::shared_ptr<Cancellation>> cancellations_;  // of each task

  std::mutex mutex_;
  // All guarded by mutex_.
  size_t left_ = 0;
  absl::Status failed_;  // the first error
  std::vector<PerceiveResponse::Answer> answers_;
};

void PerceiveRun::Start(PerceiveRequest request) {
  const absl::Status looked = Look(request);
  if (!looked.ok()) {
    RequestRecord(services_.telemetry, method_, call_.request_id, RequestRecord::About::kNothing)
        .End(looked);
    return done_(looked);
  }
  image_ = request.image;
  MakeTasks(std::move(request.tasks));
  call_.cancellation->OnCancel([cancellations = cancellations_] {
    for (const auto& cancellation : cancellations) {
      cancellation->Cancel();
    }
  });
  if (ForEachTask(&PictureTask::Prepare) && EnterTasks() && ForEachTask(&PictureTask::Reserve)) {
    services_.workers.Begin([self = shared_from_this()] { self->Decode(); });
  }
}

// What needs no model.
absl::Status PerceiveRun::Look(const PerceiveRequest& request) {
  DNND_RETURN_IF_ERROR(CheckTaskCount(request.tasks.size()));
  const absl::Status checked =
      CheckImage(request.image, services_.limits.max_image_pixels, &facts_);
  if (checked.ok()) {
    picture_->size = facts_.sizes.front();
  }
  return WithField(checked, "image");
}

// What the model is for. Where there is none, or it is for something else, the task will say so.
Question PerceiveRun::ToQuestion(ModelReference model) const {
  const auto found = FindModel(services_.repository, services_.labels, model);
  const auto ask = [&](auto request) -> Question {
    request.model = std::move(model);
    return request;
  };
  switch (found.ok() ? (*found)->config.task() : v1::ModelConfig::CLASSIFY) {
    case v1::ModelConfig::DETECT:
      return ask(DetectRequest());
    case v1::ModelConfig::SEGMENT:
      return ask(SegmentRequest());
    default:
      return ask(ClassifyRequest());
  }
}

template <typename Handler, typename Request>
std::shared_ptr<PictureTask> PerceiveRun::MakeTask(size_t task, const Handler& handler,
                                                   Request request) {
  request.images = {SharedInput{picture_}};
  Call call = call_;
  call.cancellation = cancellations_[task];
  return handler.MakeTask(call, std::move(request),
                          [self = shared_from_this(), task](auto response) {
                            self->TaskDone(task, std::move(response));
                          });
}

void PerceiveRun::MakeTasks(std::vector<Question> questions) {
  struct Maker {
    std::shared_ptr<PictureTask> operator()(ModelReference model) const {
      return std::visit(*this, run.ToQuestion(std::move(model)));
    }
    std::shared_ptr<PictureTask> operator()(ClassifyRequest request) const {
      return run.MakeTask(task, ClassifyHandler(run.services_, run.method_), std::move(request));
    }
    std::shared_ptr<PictureTask> operator()(DetectRequest request) const {
      return run.MakeTask(task, DetectHandler(run.services_, run.method_), std::move(request));
    }
    std::shared_ptr<PictureTask> operator()(SegmentRequest request) const {
      return run.MakeTask(task, SegmentHandler(run.services_, run.method_), std::move(request));
    }
    PerceiveRun& run;
    const size_t task;
  };
  left_ = questions.size();
  answers_.resize(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) {
    cancellations_.push_back(std::make_shared<Cancellation>());
    tasks_.push_back(std::visit(Maker{*this, i}, std::move(questions[i])));
  }
}

bool PerceiveRun::ForEachTask(absl::Status (PictureTask::*step)()) {
  std::vector<absl::Status> ends;
  absl::Status others;  // of those that did not fail
  for (size_t i = 0; i < tasks_.size(); ++i) {
    ends.push_back(((*tasks_[i]).*step)());
    if (!ends.back().ok() && others.ok()) {
      others =
          WithReason(absl::CancelledError(absl::StrCat(TaskField(i), " failed")), kReasonCancelled);
    }
  }
  if (others.ok()) {
    return true;
  }
  // The first that failed has to end first. The last one may let go of this.
  const std::vector<std::shared_ptr<PictureTask>> tasks = std::exchange(tasks_, {});
  for (const bool failed : {true, false}) {
    for (size_t i = 0; i < tasks.size(); ++i) {
      if (ends[i].ok() != failed) {
        tasks[i]->End(failed ? ends[i] : others);
      }
    }
  }
  return false;
}

bool PerceiveRun::EnterTasks() {
  int64_t bytes = facts_.received + facts_.largest_decoded;
  for (const auto& task : tasks_) {
    bytes += task->bytes();
  }
  auto ticket = services_.admission.Enter(bytes, *tasks_.front()->model()->metrics);
  if (!ticket.ok()) {
    FailAll(ticket.status());
    return false;
  }
  ticket_ = *std::move(ticket);
  for (const auto& task : tasks_) {
    task->EnterWith(ticket_);
  }
  return true;
}

void PerceiveRun::Decode() {
  absl::Status status = call_.StillWanted();
  if (status.ok()) {
    const absl::Time start = absl::Now();
    auto image = DecodeInput(image_, services_.limits.max_image_pixels);
    status = WithField(image.status(), "image");
    if (image.ok()) {
      picture_->image = *std::move(image);
      decode_ = absl::Now() - start;
    }
  }
  if (status.ok()) {
    BeginTasks();
  } else {
    FailAll(status);
  }
}

void PerceiveRun::BeginTasks() {
  tasks_.front()->model()->metrics->ObserveStage(Stage::kDecode, decode_);
  for (const auto& task : std::exchange(tasks_, {})) {
    task->Begin();
  }
}

void PerceiveRun::FailAll(const absl::Status& status) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    failed_ = status;
  }
  // The last one may let go of this.
  const std::vector<std::shared_ptr<PictureTask>> tasks = std::exchange(tasks_, {});
  for (const auto& task : tasks) {
    task->End(status);
  }
}

template <typename Response>
void PerceiveRun::TaskDone(size_t task, absl::StatusOr<Response> response) {
  bool first_failure = false;
  bool last = false;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (response.ok()) {
      answers_[task] = *std::move(response);
    } else if (failed_.ok()) {
      first_failure = true;
      failed_ = NameTask(response.status(), task);
    }
    last = --left_ == 0;
  }
  if (first_failure) {
    for (const auto& cancellation : cancellations_) {
      cancellation->Cancel();
    }
  }
  if (last) {
    Finish();
  }
}

void PerceiveRun::Finish() {
  ticket_ = Admission::Ticket();
  if (!failed_.ok()) {
    return done_(failed_);
  }
  PerceiveResponse response;
  response.size = picture_->size;
  response.results = std::move(answers_);
  InferenceTimings& whole = response.timings;
  for (const PerceiveResponse::Answer& answer : response.results) {
    whole.Widen(std::visit([](const auto& found) { return found.timings; }, answer));
  }
  whole.decode = decode_;
  whole.total = absl::Now() - start_;
  done_(std::move(response));
}

}  // namespace

void PerceiveHandler::Perceive(const Call& call, PerceiveRequest request,
                               Done<PerceiveResponse> done) const {
  std::make_shared<PerceiveRun>(services_, method_, call, std::move(done))
      ->Start(std::move(request));
}

}  // namespace dnnd::server
