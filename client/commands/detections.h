// The daemon's answers about things, as overlays.
#ifndef DNND_CLIENT_COMMANDS_DETECTIONS_H_
#define DNND_CLIENT_COMMANDS_DETECTIONS_H_

#include <dnnd/v1/vision.pb.h>

#include "absl/status/status.h"
#include "client/commands/class_color.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// Draws each box in the colour of its class, with label, score and landmarks, the best on top, and
// below them the masks that have run lengths. INVALID_ARGUMENT when those do not fit the picture.
absl::Status DrawDetections(Picture& picture, const dnnd::v1::Detections& result,
                            ColorOf color_of = ColorOfIndex);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_DETECTIONS_H_
