#include "client/commands/perceive_stream.h"

#include <dnnd/v1/vision.grpc.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
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
    if (!local_error_.ok()) return session_.FailLocally(local_error_);
    if (!status.ok()) return session_.Fail(status);
    if (!session_.json()) PrintSummary();
    return code_;
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
    const Clock::time_point start = Clock::now();
    for (size_t i = 0; i < paths_.size(); ++i) {
      absl::StatusOr<std::string> bytes =
          ReadFile(paths_[i], session_.console().in, kMaxMessageBytes);
      if (!bytes.ok()) return bytes.status();
      StreamPerceiveRequest request;
      if (i == 0) SetUp(request);
      request.mutable_frame()->set_id(static_cast<int64_t>(i));
      request.mutable_frame()->mutable_image()->set_encoded(*std::move(bytes));
      if (!WaitUntil(start + std::chrono::duration_cast<Clock::duration>(gap * i))) break;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        unanswered_[i] = request.frame().image();
      }
      if (!stream_->Write(request)) break;
      ++sent_;
    }
    took_ = absl::FromChrono(Clock::now() - start);
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
    delays_.Add(reply.frame().delay_ms());
    if (session_.json()) {
      const ExitCode printed = session_.PrintJson(reply);
      if (printed != ExitCode::kDone) code_ = printed;
    }
    const absl::StatusOr<std::pair<size_t, Image>> frame = Take(reply.frame().id());
    if (!frame.ok()) return frame.status();
    const auto& [index, image] = *frame;
    if (reply.frame().has_error()) {
      const google::rpc::Status& error = reply.frame().error();
      code_ = FailNamingPictures(session_,
                                 grpc::Status(static_cast<grpc::StatusCode>(error.code()),
                                              error.message(), error.SerializeAsString()),
                                 {paths_[index]});
      ++failed_;
      return absl::OkStatus();
    }
    return answered_(index, image, reply);
  }

  // The frame of that name. Frames are answered in order: those before it were dropped.
  absl::StatusOr<std::pair<size_t, Image>> Take(int64_t id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = unanswered_.find(static_cast<size_t>(id));
    if (found == unanswered_.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("an answer to frame ", id, ", which was not sent or was answered"));
    }
    std::pair<size_t, Image> frame(found->first, std::move(found->second));
    unanswered_.erase(unanswered_.begin(), std::next(found));
    return frame;
  }

  void PrintSummary() const {
    Console& console = session_.console();
    const int64_t dropped = sent_ - answered_count_;
    std::string line =
        absl::StrCat(sent_, " frames in ", HumanMilliseconds(absl::ToDoubleMilliseconds(took_)),
                     ": ", answered_count_ - failed_, " answered, ", dropped, " dropped");
    if (failed_ > 0) absl::StrAppend(&line, ", ", failed_, " failed");
    absl::StrAppend(&line, " · delay mean ", HumanMilliseconds(delays_.Mean()));
    if (delays_.count() > 0) {
      absl::StrAppend(&line, ", p50 ", HumanMilliseconds(delays_.Percentile(50)), ", p99 ",
                      HumanMilliseconds(delays_.Percentile(99)));
    }
    absl::StrAppend(&line, ", max ", HumanMilliseconds(delays_.Max()));
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
  bool ended_ = false;                  // guarded by mutex_
  absl::Status local_error_;            // guarded by mutex_ while both threads run
  std::map<size_t, Image> unanswered_;  // by place among all; guarded by mutex_

  // Of the thread that sends, until it has ended.
  int64_t sent_ = 0;
  absl::Duration took_;
  // Of the thread that reads.
  int64_t answered_count_ = 0;
  int64_t failed_ = 0;
  Latencies delays_;
  ExitCode code_ = ExitCode::kDone;
};

}  // namespace

ExitCode StreamFrames(Session& session, const FrameStreamOptions& options,
                      const std::vector<std::string>& paths, const FrameAnswered& answered) {
  return PerceiveStream(session, options, paths, answered).Run();
}

}  // namespace dnnd::client
