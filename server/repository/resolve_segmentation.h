// What a segmenter's configuration leaves unsaid: a part of ResolveConfig.
#ifndef DNND_SERVER_REPOSITORY_RESOLVE_SEGMENTATION_H_
#define DNND_SERVER_REPOSITORY_RESOLVE_SEGMENTATION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "server/repository/resolve_config.h"

namespace dnnd::server {

// The model's input of a picture.
struct PictureInput {
  v1::Preprocess::TensorLayout layout = v1::Preprocess::NCHW;
  int64_t channels = 0;
  int64_t height = -1;  // < 0: open
  int64_t width = -1;
};

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
