// What a segmenter's configuration leaves unsaid: a part of ResolveConfig.
#ifndef DNND_SERVER_REPOSITORY_RESOLVE_SEGMENTATION_H_
#define DNND_SERVER_REPOSITORY_RESOLVE_SEGMENTATION_H_

#include <string>

#include "absl/status/status.h"
#include "server/repository/picture_signature.h"
#include "server/repository/resolve_config.h"

namespace dnnd::server {

// Why a model of no configured task is one for SEGMENT; empty where nothing says so beyond doubt. A
// map of classes has the input's shape and at least an eighth of its rows, and more channels than a
// picture has, scores that sum to one, or whole numbers.
std::string DescribeSegmenterGuess(const ModelFacts& facts, const PictureInput& input);

// Fills in segmentation and score_activation of a model whose task is SEGMENT, and says what was
// assumed. INVALID_ARGUMENT where no output is a map, or is not what the configuration says.
absl::Status ResolveSegmentation(const ModelFacts& facts, const PictureInput& input,
                                 ResolvedConfig* resolved);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_RESOLVE_SEGMENTATION_H_
