// Pictures as the frames of one stream, as a camera sends them.
#ifndef DNND_CLIENT_COMMANDS_PERCEIVE_STREAM_H_
#define DNND_CLIENT_COMMANDS_PERCEIVE_STREAM_H_

#include <dnnd/v1/vision.pb.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/commands/session.h"

namespace dnnd::client {

struct FrameStreamOptions {
  google::protobuf::RepeatedPtrField<dnnd::v1::PerceiveTask> tasks;
  double frames_per_second = 0;           // above 0
  std::optional<absl::Duration> max_age;  // unset: frames are dropped for newer ones alone
  bool wants_pictures = false;            // whether answers come with their pictures
};

// An answer to the picture at `index` of all, and that picture, if it is wanted. An error ends the
// stream.
using FrameAnswered = std::function<absl::Status(size_t index, const dnnd::v1::Image& image,
                                                 const dnnd::v1::StreamPerceiveResponse& reply)>;

// Sends the pictures at a steady pace, whatever the server does with them, and calls `answered` for
// each answer; json is one line an answer, else the end says how many were dropped and what the
// delay was. What is wrong with frame after frame is told once. No deadline but --timeout's.
// kRefused when a frame was; else why the stream ended.
ExitCode StreamFrames(Session& session, const FrameStreamOptions& options,
                      const std::vector<std::string>& paths, const FrameAnswered& answered);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_PERCEIVE_STREAM_H_
