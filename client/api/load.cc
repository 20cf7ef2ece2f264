#include "client/api/load.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>

#include "absl/strings/str_cat.h"
#include "dnnd/v1/common.pb.h"

namespace dnnd::client {
namespace {

using Clock = std::chrono::steady_clock;
using google::protobuf::internal::WireFormatLite;

constexpr int kTimingsField = 3;
// A call that reaches nobody fails at once: clients that never pause would be a load on their own
// machine alone.
constexpr std::chrono::milliseconds kUnreachablePause(10);

// Reads only the timings of a reply: its tensors are skipped, not copied. Empty timings when the
// reply has none.
dnnd::v1::RequestTimings ReadTimings(grpc::ByteBuffer& reply) {
  dnnd::v1::RequestTimings timings;
  grpc::ProtoBufferReader reader(&reply);
  google::protobuf::io::CodedInputStream input(&reader);
  while (const uint32_t tag = input.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) != kTimingsField) {
      if (!WireFormatLite::SkipField(&input, tag)) break;
      continue;
    }
    uint32_t length = 0;
    std::string bytes;
    if (!input.ReadVarint32(&length) || !input.ReadString(&bytes, static_cast<int>(length))) break;
    timings.ParseFromString(bytes);
  }
  return timings;
}

struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer reply;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  Clock::time_point due;
};

double MillisecondsBetween(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

// One thread, one completion queue: no locks, and no thread that wakes another.
class Generator {
 public:
  Generator(const std::vector<std::shared_ptr<grpc::Channel>>& channels, const Workload& workload,
            const LoadOptions& options)
      : workload_(workload), options_(options), random_(options.seed) {
    for (const auto& channel : channels) {
      stubs_.push_back(std::make_unique<grpc::GenericStub>(channel));
    }
  }

  LoadResult Run() {
    const Clock::time_point begin = Clock::now();
    measured_from_ = begin + absl::ToChronoNanoseconds(options_.warm_up);
    end_ = measured_from_ + absl::ToChronoNanoseconds(options_.duration);
    result_.measured = options_.duration;
    next_due_ = begin;
    for (int i = 0; i < options_.concurrency; ++i) Send(Clock::now());
    while (in_flight_ > 0 || NextSend().has_value()) {
      IsOpen() ? SendWhatIsDue() : SendWhatPaused();
      AwaitOne();
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) delete static_cast<Call*>(tag);
    return std::move(result_);
  }

 private:
  bool IsOpen() const { return options_.concurrency == 0; }

  bool IsMeasured(Clock::time_point time) const { return time >= measured_from_ && time < end_; }

  // When a call is to be sent that does not wait for the answer of another.
  std::optional<Clock::time_point> NextSend() const {
    if (IsOpen() && next_due_ < end_) return next_due_;
    if (!paused_.empty()) return paused_.front();
    return std::nullopt;
  }

  void SendWhatPaused() {
    while (!paused_.empty() && paused_.front() <= Clock::now()) {
      paused_.pop_front();
      if (Clock::now() < end_) Send(Clock::now());
    }
  }

  void SendWhatIsDue() {
    while (next_due_ <= Clock::now() && next_due_ < end_) {
      if (in_flight_ < options_.max_in_flight) {
        Send(next_due_);
      } else if (IsMeasured(next_due_)) {
        ++result_.not_sent;
      }
      const double seconds = options_.poisson
                                 ? std::exponential_distribution<double>(options_.rate)(random_)
                                 : 1 / options_.rate;
      next_due_ +=
          std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }
  }

  void Send(Clock::time_point due) {
    // The completion queue holds it until it comes back from AwaitOne.
    auto* call = new Call;
    call->due = due;
    ApplyOptions(options_.call, call->context);
    const grpc::ByteBuffer& request = workload_.requests[sent_ % workload_.requests.size()];
    call->reader = stubs_[sent_ % stubs_.size()]->PrepareUnaryCall(&call->context, workload_.method,
                                                                   request, &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
    ++sent_;
    ++in_flight_;
  }

  // Waits for an answer, no longer than until the next call is to be sent without one.
  void AwaitOne() {
    void* tag = nullptr;
    bool ok = false;
    if (const auto next = NextSend(); next.has_value()) {
      const auto until = std::chrono::system_clock::now() +
                         std::max(Clock::duration::zero(), *next - Clock::now());
      if (queue_.AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) return;
    } else if (in_flight_ == 0 || !queue_.Next(&tag, &ok)) {
      return;
    }
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    --in_flight_;
    const Clock::time_point now = Clock::now();
    Count(*call, now);
    if (IsOpen()) return;
    if (IsUnreachable(call->status)) {
      paused_.push_back(now + kUnreachablePause);
    } else if (now < end_) {
      Send(now);
    }
  }

  void Count(Call& call, Clock::time_point now) {
    const double latency_ms = MillisecondsBetween(call.due, now);
    if (!call.status.ok()) {
      if (!IsMeasured(call.due)) return;
      const Failure failure = ReadFailure(call.status);
      result_.failed.Add(latency_ms);
      ++result_.failures[absl::StrCat(failure.code, failure.reason.empty() ? "" : "/",
                                      failure.reason)];
      result_.last_failure = failure;
      return;
    }
    if (IsMeasured(now)) {
      ++result_.answers;
      result_.items += workload_.items_per_request;
    }
    if (!IsMeasured(call.due)) return;
    result_.done.Add(latency_ms);
    const dnnd::v1::RequestTimings timings = ReadTimings(call.reply);
    result_.queue_ms += timings.queue_ms();
    result_.compute_ms += timings.compute_ms();
    if (timings.batch_size() > 0) {
      ++result_.batch_sizes[timings.batch_size()];
      result_.batches += static_cast<double>(workload_.items_per_request) / timings.batch_size();
    }
  }

  static bool IsUnreachable(const grpc::Status& status) {
    return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
           ReadFailure(status).exit_code == ExitCode::kUnreachable;
  }

  const Workload& workload_;
  const LoadOptions& options_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::CompletionQueue queue_;
  std::mt19937_64 random_;
  Clock::time_point measured_from_;
  Clock::time_point end_;
  Clock::time_point next_due_;
  std::deque<Clock::time_point> paused_;  // when each client that reached nobody tries again
  uint64_t sent_ = 0;
  int in_flight_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult RunLoad(const std::vector<std::shared_ptr<grpc::Channel>>& channels,
                   const Workload& workload, const LoadOptions& options) {
  return Generator(channels, workload, options).Run();
}

}  // namespace dnnd::client
