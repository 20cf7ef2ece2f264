// What a detector's configuration leaves unsaid: a part of ResolveConfig.
#ifndef DNND_SERVER_REPOSITORY_RESOLVE_DETECTION_H_
#define DNND_SERVER_REPOSITORY_RESOLVE_DETECTION_H_

#include "absl/status/status.h"
#include "server/repository/resolve_config.h"

namespace dnnd::server {

// Why a model of no configured task is one for DETECT, or is not taken for one. Empty where nothing
// speaks for a detector.
std::string DescribeDetectorGuess(const DetectorFacts& facts);

// Fills in detection and preprocess of a model whose task is DETECT, and says what was assumed.
// `open_size`: model and configuration leave width and height open, so that it runs at each
// picture's own. INVALID_ARGUMENT where no kind is configured and none was recognised, or where the
// bounds of an open size contradict each other.
absl::Status ResolveDetection(const DetectorFacts& facts, bool open_size, ResolvedConfig* resolved);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_RESOLVE_DETECTION_H_
