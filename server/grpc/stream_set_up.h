// What holds for all frames of a stream: models, tasks and options.
#ifndef DNND_SERVER_GRPC_STREAM_SET_UP_H_
#define DNND_SERVER_GRPC_STREAM_SET_UP_H_

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "dnnd/v1/vision.pb.h"
#include "server/grpc/convert.h"
#include "server/handlers/perceive_handler.h"

namespace dnnd::server {

// Largest set-up of a stream, in bytes: it stays as long as the stream. Far above 16 tasks of 1000
// classes each.
inline constexpr size_t kMaxSetUpBytes = 65536;

// What a message sets holds until a later one sets it anew: moves it into `set_up`.
template <typename Request>
void MergeSetUp(Request* message, Request* set_up) {
  if constexpr (requires { message->tasks(); }) {
    if (message->tasks_size() > 0) {
      set_up->mutable_tasks()->Swap(message->mutable_tasks());
    }
  } else {
    if (message->has_model()) {
      set_up->mutable_model()->Swap(message->mutable_model());
    }
    if (message->has_options()) {
      set_up->mutable_options()->Swap(message->mutable_options());
    }
  }
  if (message->has_stream()) {
    set_up->mutable_stream()->Swap(message->mutable_stream());
  }
}

// The models that are asked about each frame, at most as many as there may be tasks.
template <typename Request>
std::vector<ModelReference> ModelsOf(const Request& set_up) {
  std::vector<ModelReference> models;
  if constexpr (requires { set_up.tasks(); }) {
    const int count = std::min<int>(set_up.tasks_size(), kMostPerceiveTasks);
    for (int i = 0; i < count; ++i) {
      models.push_back(ToReference(set_up.tasks(i).model()));
    }
  } else if (set_up.has_model()) {
    models.push_back(ToReference(set_up.model()));
  }
  return models;
}

// INVALID_ARGUMENT (INVALID_REQUEST) for what a stream cannot go on with.
absl::Status CheckSetUp(bool has_question, const v1::StreamOptions& options, size_t bytes);

// The same for a message that is not one of `type`.
absl::Status NotAMessage(absl::string_view type);

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_STREAM_SET_UP_H_
