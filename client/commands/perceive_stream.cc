#include "client/commands/perceive_stream.h"

#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/api/channel.h"
#include "client/api/files.h"
#include "client/api/latencies.h"
#include "client/commands/pictures.h"
#include "client/output/text.h"

namespace dnnd::client {
namespace {

using dnnd::v1::Image;
using dnnd::v1::StreamPerceiveRequest;
using dnnd::v1::StreamPerceiveResponse;
using Clock = std::chrono::steady_clock;

// One run: a thread that sends, and the caller's, which reads.
class PerceiveStream {
 public:
  PerceiveStream(Session& session, const FrameStreamOptions& options,
                 const std::vector<std::string>& paths, const FrameAnswered& answered)
      : session_(session), options_(options), paths_(paths), answered_(answered) {}

  ExitCode Run() {
    ApplyOptions(session_.call_options(absl::InfiniteDuration()), context_);
    const auto stub = dnnd::v1::VisionService::NewStub(session_.channel());
    stream_ = stub->StreamPerceive(&context_);
    std::thread sender([this] { SendAll(); });
    ReadAll();
    StopSending();
    sender.join();
    const grpc::Status status = stream_->Finish();
    took_ = absl::FromChrono(Clock::now() - start_);
    if (!local_error_.ok()) return session_.FailLocally(local_error_);
    if (!session_.json() && (status.ok() || answered_count_ > 0)) PrintSummary();
    return status.ok() ? code_ : session_.Fail(status);
  }

 private:
  void SendAll() {
    const absl::Status sent = SendPaced();
    if (sent.ok()) {
      stream_->WritesDone();
      return;
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      local_error_ = sent;
    }
    context_.TryCancel();
  }

  absl::Status SendPaced() {
    const std::chrono::duration<double> gap(1.0 / options_.frames_per_second);
    for (size_t i = 0; i < paths_.size(); ++i) {
      absl::StatusOr<std::string> bytes =
          ReadFile(paths_[i], session_.console().in, kMaxMessageBytes);
      if (!bytes.ok()) return bytes.status();
      StreamPerceiveRequest request;
      if (i == 0) SetUp(request);
      request.mutable_frame()->set_id(static_cast<int64_t>(i));
      request.mutable_frame()->mutable_image()->set_encoded(*std::move(bytes));
      if (!WaitUntil(start_ + std::chrono::duration_cast<Clock::duration>(gap * i))) break;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        unanswered_.insert(i);
        if (paths_[i] == "-") standard_input_ = request.frame().image().encoded();
      }
      if (!stream_->Write(request)) break;
      ++sent_;
    }
    return absl::OkStatus();
  }

  void SetUp(StreamPerceiveRequest& request) const {
    *request.mutable_tasks() = options_.tasks;
    if (options_.max_age.has_value()) {
      request.mutable_stream()->set_max_age_ms(
          static_cast<int32_t>(absl::ToInt64Milliseconds(*options_.max_age)));
    }
  }

  // Whether the stream still lives by then.
  bool WaitUntil(Clock::time_point due) {
    std::unique_lock<std::mutex> lock(mutex_);
    return !changed_.wait_until(lock, due, [this] { return ended_; });
  }

  void StopSending() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void ReadAll() {
    StreamPerceiveResponse reply;
    while (stream_->Read(&reply)) {
      const absl::Status shown = Answered(reply);
      if (shown.ok()) continue;
      const std::lock_guard<std::mutex> lock(mutex_);
      local_error_ = shown;
      context_.TryCancel();
      break;
    }
  }

  absl::Status Answered(const StreamPerceiveResponse& reply) {
    ++answered_count_;
    if (session_.json()) {
      const ExitCode printed = session_.PrintJson(reply);
      if (printed != ExitCode::kDone) code_ = printed;
    }
    const absl::StatusOr<size_t> index = Take(reply.frame().id());
    if (!index.ok()) return index.status();
    if (reply.frame().has_error()) {
      Tell(reply.frame().error(), paths_[*index]);
      return absl::OkStatus();
    }
    delays_.Add(reply.frame().delay_ms());
    Image image;
    if (options_.wants_pictures) {
      absl::StatusOr<std::string> bytes = ReadAgain(paths_[*index]);
      if (!bytes.ok()) return bytes.status();
      image.set_encoded(*std::move(bytes));
    }
    return answered_(*index, image, reply);
  }

  // What is wrong with every frame is told once.
  void Tell(const google::rpc::Status& error, const std::string& path) {
    ++failed_;
    if (error.message() == std::exchange(last_failure_, error.message())) return;
    code_ = FailNamingPictures(session_,
                               grpc::Status(static_cast<grpc::StatusCode>(error.code()),
                                            error.message(), error.SerializeAsString()),
                               {path});
  }

  // The place of the frame of that name. Frames are answered in order: those before it were
  // dropped.
  absl::StatusOr<size_t> Take(int64_t id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = unanswered_.find(static_cast<size_t>(id));
    if (found == unanswered_.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("an answer to frame ", id, ", which was not sent or was answered"));
    }
    const size_t index = *found;
    unanswered_.erase(unanswered_.begin(), std::next(found));
    return index;
  }

  // A picture that was sent. What waits for an answer is not held: a slow server would fill memory.
  absl::StatusOr<std::string> ReadAgain(const std::string& path) {
    if (path != "-") return ReadFile(path, session_.console().in, kMaxMessageBytes);
    const std::lock_guard<std::mutex> lock(mutex_);
    return standard_input_;
  }

  void PrintSummary() const {
    Console& console = session_.console();
    const int64_t dropped = sent_ - answered_count_;
    const int64_t answered = answered_count_ - failed_;
    std::string line = absl::StrCat(
        sent_, sent_ == 1 ? " frame in " : " frames in ",
        HumanMilliseconds(absl::ToDoubleMilliseconds(took_)), ": ", answered, " answered (",
        absl::StrFormat("%.1f", answered / absl::ToDoubleSeconds(took_)), " a second), ", dropped,
        " dropped");
    if (failed_ > 0) absl::StrAppend(&line, ", ", failed_, " failed");
    if (delays_.count() > 0) {
      absl::StrAppend(&line, " · delay mean ", HumanMilliseconds(delays_.Mean()), ", p50 ",
                      HumanMilliseconds(delays_.Percentile(50)), ", p99 ",
                      HumanMilliseconds(delays_.Percentile(99)), ", max ",
                      HumanMilliseconds(delays_.Max()));
    }
    console.out << Styled(console, Style::kDim, line) << '\n';
  }

  Session& session_;
  const FrameStreamOptions& options_;
  const std::vector<std::string>& paths_;
  const FrameAnswered& answered_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<StreamPerceiveRequest, StreamPerceiveResponse>> stream_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;           // guarded by mutex_
  absl::Status local_error_;     // guarded by mutex_ while both threads run
  std::set<size_t> unanswered_;  // places among all; guarded by mutex_
  std::string standard_input_;   // guarded by mutex_

  const Clock::time_point start_ = Clock::now();
  int64_t sent_ = 0;  // of the thread that sends, until it has ended
  // Of the thread that reads.
  int64_t answered_count_ = 0;
  int64_t failed_ = 0;
  std::string last_failure_;
  absl::Duration took_;
  Latencies delays_;
  ExitCode code_ = ExitCode::kDone;
};

}  // namespace

ExitCode StreamFrames(Session& session, const FrameStreamOptions& options,
                      const std::vector<std::string>& paths, const FrameAnswered& answered) {
  return PerceiveStream(session, options, paths, answered).Run();
}

}  // namespace dnnd::client
