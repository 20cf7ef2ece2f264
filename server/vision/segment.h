// From a segmenter's output to a mask in the pixels of the picture.
#ifndef DNND_SERVER_VISION_SEGMENT_H_
#define DNND_SERVER_VISION_SEGMENT_H_

#include <cstdint>

#include "absl/types/span.h"
#include "server/vision/mask.h"
#include "server/vision/preprocess.h"

namespace dnnd::server {

// What the numbers of a segmenter's output are.
enum class ScoreKind {
  kClassScores,  // a score for each class and cell: the best class wins
  kForeground,   // one score a cell: foreground (class 1) from a threshold on, else background (0)
  kOpacity,      // one number in [0, 1] a cell: how much of the pixel is foreground
  kClassIndex,   // the index of the class, as a number
};

// How scores become probabilities.
enum class ScoreScale {
  kProbabilities,  // they are
  kLogits,         // by softmax over the classes; by the logistic function for kForeground
};

// How the cells of the output become pixels.
enum class MaskResize {
  kBilinear,  // scores are interpolated between the centres of the cells, then the best one wins
  kNearest,   // each pixel takes what its cell says
};

// One picture's output. `values` are classes * height * width numbers, borrowed.
struct ScoreMap {
  absl::Span<const float> values;
  int classes = 1;
  int height = 0;
  int width = 0;
  TensorLayout layout = TensorLayout::kNchw;
  ScoreKind kind = ScoreKind::kClassScores;
  ScoreScale scale = ScoreScale::kProbabilities;
};

struct SegmentOptions {
  MaskResize resize = MaskResize::kBilinear;
  double threshold = 0.5;  // for kForeground, a probability
};

// The size of the model's input that `geometry` speaks of, or of the part of it that a map covers.
struct InputSize {
  double width = 0;
  double height = 0;
};

// The mask of the upright picture: classes, or opacities for kOpacity. Cells that the letterbox
// padded are left out. `confidence`, unless null, gets the probability of what was chosen, 255
// for 1. kClassIndex is always kNearest, and has no confidence: 255. REQUIRES: values.size()
// matches, 1 to 256 classes; 1 but for kClassScores.
Mask MakeMask(const ScoreMap& map, const Geometry& geometry, InputSize input,
              const SegmentOptions& options, Mask* confidence);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_SEGMENT_H_
