#include "server/handlers/frame_streams.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/handlers/errors.h"

namespace dnnd::server {

namespace {

// A stream stays for long: there is no use in asking at once.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

FrameServices MakeFrameServices(const InferenceServices& services, const engine::Clock& clock) {
  const auto metrics_of = [&services](const ModelReference& reference) {
    const auto model = FindModel(services.repository, services.labels, reference);
    return model.ok() ? (*model)->metrics
                      : std::shared_ptr<ModelMetrics>(&services.telemetry.metrics.UnknownModel(),
                                                      [](ModelMetrics*) {});
  };
  return {services.admission, services.telemetry, clock, metrics_of};
}

absl::StatusOr<std::shared_ptr<FrameStream>> FrameStreams::Open(Method method, const Call& call,
                                                                FrameWire& wire) {
  absl::Status checked;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    checked = Check();
    if (checked.ok()) {
      auto stream = std::make_shared<FrameStream>(services_, method, call, wire,
                                                  [this](FrameStream* ended) { Remove(ended); });
      open_.emplace(stream.get(), stream);
      Tell();
      return stream;
    }
  }
  const RequestRecord record(services_.telemetry, method, call.request_id,
                             RequestRecord::About::kNothing);
  record.metrics().CountRefusal(absl::IsUnavailable(checked) ? RefusalReason::kDraining
                                                             : RefusalReason::kStreams);
  record.End(checked);
  return checked;
}

absl::Status FrameStreams::Check() const {
  if (draining_) {
    return DrainingError();
  }
  if (open_.size() < static_cast<size_t>(most_)) {
    return absl::OkStatus();
  }
  const std::string limit = absl::StrCat(most_);
  return WithRetryAfter(
      WithReason(absl::ResourceExhaustedError(absl::StrCat(
                     "got a stream more than may be open at once, want at most ", limit)),
                 kReasonTooManyStreams,
                 {{"limit", limit}, {"hint", "end a stream, or raise limits.max_open_streams"}}),
      kRetryAfter);
}

void FrameStreams::Drain() {
  std::vector<std::shared_ptr<FrameStream>> streams;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    draining_ = true;
    for (const auto& [address, stream] : open_) {
      streams.push_back(stream.lock());
    }
  }
  for (const auto& stream : streams) {
    if (stream != nullptr) {
      stream->Drain();
    }
  }
}

void FrameStreams::Remove(FrameStream* stream) {
  const std::lock_guard<std::mutex> lock(mutex_);
  open_.erase(stream);
  Tell();
  if (open_.empty()) {
    emptied_.notify_all();  // under the lock: who waits may be about to destroy this
  }
}

bool FrameStreams::WaitUntilEmpty(absl::Duration bound) {
  const auto until = absl::ToChronoTime(absl::Now() + bound);
  std::unique_lock<std::mutex> lock(mutex_);
  return emptied_.wait_until(lock, until, [&] { return open_.empty(); });
}

int64_t FrameStreams::open() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int64_t>(open_.size());
}

void FrameStreams::Tell() const {
  services_.telemetry.metrics.SetOpenStreams(static_cast<int64_t>(open_.size()));
}

}  // namespace dnnd::server
