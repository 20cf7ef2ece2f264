// One client's stream of frames: the newest is answered, and what it overtakes is dropped.
#ifndef DNND_SERVER_HANDLERS_FRAME_STREAM_H_
#define DNND_SERVER_HANDLERS_FRAME_STREAM_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "server/handlers/admission.h"
#include "server/handlers/call.h"
#include "server/handlers/model_reference.h"
#include "server/handlers/request_record.h"

namespace dnnd::server {

// A frame that has arrived whole.
struct StreamFrame {
  int64_t id = 0;                      // the client's own
  int64_t bytes = 0;                   // that it holds as long as it waits
  std::vector<ModelReference> models;  // who are asked about it
  std::optional<absl::Duration> max_age;
  // Asks, and has been admitted or refused when it returns; `done` is called once, on any thread,
  // also when the call was cancelled. Holds what the frame is made of.
  std::function<void(const Call& call, std::function<void(const absl::Status&)> done)> ask;
};

// What an answer says of its frame.
struct FrameReport {
  int64_t id = 0;
  absl::Duration delay;       // from its arrival to its answer
  int64_t dropped = 0;        // since the answer before
  int64_t dropped_total = 0;  // since the start
  absl::Status status;        // why there is no result
};

// The wire below a stream. Called by one thread at a time, and never under a lock of the stream.
class FrameWire {
 public:
  virtual ~FrameWire() = default;
  // Sends the answer that was made last; FrameStream::Sent is called when it has left.
  virtual void Send(const FrameReport& report) = 0;
  // The last call: ends the stream.
  virtual void End(const absl::Status& status, int64_t dropped_total) = 0;
};

// What streams work with. All of it outlives them.
struct FrameServices {
  Admission& admission;
  Telemetry telemetry;
  const engine::Clock& clock;
  // The series of a model, or those of unknown ones. Never null.
  std::function<std::shared_ptr<ModelMetrics>(const ModelReference&)> metrics_of;
};

// Thread-safe. Held by a shared pointer, which its own work shares.
//
// Invariant: one frame at most is asked about or on its way out, and one waits, so that a client
// that sends too much or reads too little holds back itself alone. The bytes of the one that waits
// are admitted like those of a request.
// Invariant: each frame that was offered is answered or counted as dropped.
class FrameStream : public std::enable_shared_from_this<FrameStream> {
 public:
  // `on_end` is called once, with this, before FrameWire::End. `wire` lives until then.
  FrameStream(const FrameServices& services, Method method, Call call, FrameWire& wire,
              std::function<void(FrameStream*)> on_end);

  // Takes the place of the frame that waits. Where memory is short it is answered with
  // RESOURCE_EXHAUSTED (MEMORY_BUDGET) when its turn comes.
  void Offer(StreamFrame frame);

  // The client sends no more: ends with OK once all is answered.
  void Close();

  // The answer that was sent last has left.
  void Sent();

  // Each ends it once the frame in work, if there is one, was answered; the one that waits is
  // dropped. Only the first counts. Fail counts as a request that failed, too.
  void Fail(const absl::Status& status);
  // With UNAVAILABLE (SERVER_DRAINING), unless it is about to end anyway. When it returns, nothing
  // is asked any more: what was, is in the admission. Not to be called by who asks.
  void Drain();
  void Cancel();  // with CANCELLED; cancels the frame in work

 private:
  enum class State { kIdle, kAsking, kSending, kEnded };
  struct Waiting {
    StreamFrame frame;
    absl::Time arrived;
    Admission::Ticket ticket;
    absl::Status refused;  // there was no room for it
  };

  // Does what is next, when nothing is in work.
  void Advance();
  void Ask(Waiting frame);
  void Answered(const absl::Status& status);
  bool EndWith(const absl::Status& status);  // false: it ends already
  // These are called under mutex_.
  void Keep();
  void DropWaiting(FrameDropReason reason);
  void CountDrop(const std::vector<ModelReference>& models, FrameDropReason reason);

  const FrameServices& services_;
  const Method method_;
  const Call call_;
  FrameWire& wire_;
  const std::function<void(FrameStream*)> on_end_;

  std::mutex mutex_;
  // All guarded by mutex_.
  State state_ = State::kIdle;
  bool closed_ = false;
  std::optional<absl::Status> end_;
  std::optional<Waiting> waiting_;
  int asking_ = 0;  // calls of ask that are yet to return
  std::condition_variable asked_;
  int64_t id_ = 0;  // of the frame in work, as are the next three
  absl::Time arrived_;
  std::shared_ptr<Cancellation> cancellation_;  // its own: who is asked reacts to one at a time
  std::vector<ModelReference> models_;
  int64_t dropped_ = 0;
  int64_t dropped_total_ = 0;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_FRAME_STREAM_H_
