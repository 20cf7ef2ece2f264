// The streams of frames that are open, all clients together.
#ifndef DNND_SERVER_HANDLERS_FRAME_STREAMS_H_
#define DNND_SERVER_HANDLERS_FRAME_STREAMS_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "server/handlers/frame_stream.h"
#include "server/handlers/inference.h"

namespace dnnd::server {

// Streams that ask the models of `services`, which outlives them, as `clock` does.
FrameServices MakeFrameServices(const InferenceServices& services, const engine::Clock& clock);

// Thread-safe. Outlives its streams.
class FrameStreams {
 public:
  // At most `most` at once.
  FrameStreams(FrameServices services, int most) : services_(std::move(services)), most_(most) {}

  // Opens one above `wire`. RESOURCE_EXHAUSTED (TOO_MANY_STREAMS) or UNAVAILABLE (SERVER_DRAINING),
  // both with RetryInfo; either counts as a request that failed.
  absl::StatusOr<std::shared_ptr<FrameStream>> Open(Method method, const Call& call,
                                                    FrameWire& wire);

  // Ends all of them, each once its frame in work was answered, and opens none from now on. When it
  // returns, frames in work are in the admission, which may then let nobody in.
  void Drain();

  // Waits until none is open: the answers of all have left. False when that took longer.
  bool WaitUntilEmpty(absl::Duration bound);

  int64_t open() const;

 private:
  absl::Status Check() const;  // under mutex_
  void Remove(FrameStream* stream);
  void Tell() const;  // under mutex_

  const FrameServices services_;
  const int most_;

  mutable std::mutex mutex_;
  // All guarded by mutex_.
  bool draining_ = false;
  std::condition_variable emptied_;
  std::map<FrameStream*, std::weak_ptr<FrameStream>> open_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_FRAME_STREAMS_H_
