// Detection heads: how the outputs of one family of detectors become boxes.
//
// A head is one file (head_<name>.cc) with one row, one line in all_heads.inc, one value of
// v1::DetectionHead.Kind, and one test.
#ifndef DNND_SERVER_VISION_DETECTION_HEAD_H_
#define DNND_SERVER_VISION_DETECTION_HEAD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/tensor/shape.h"
#include "server/vision/classify.h"
#include "server/vision/detection.h"
#include "server/vision/detector_info.h"
#include "server/vision/instance_mask.h"
#include "server/vision/preprocess.h"

namespace dnnd::server {

// The boxes that one level of a detector starts from: these sizes around the middle of each cell of
// a grid.
struct AnchorLevel {
  struct Size {
    float width = 0.0f;  // pixels of the model's input
    float height = 0.0f;
  };
  int stride = 0;  // of the grid, in pixels of the model's input
  std::vector<Size> sizes;
};

enum class BoxFormat {
  kCorners,        // x_min, y_min, x_max, y_max
  kCornersYFirst,  // y_min, x_min, y_max, x_max
  kCenterAndSize,  // x and y of the middle, width, height
  kCornerAndSize,  // x_min, y_min, width, height
};

// What heads need to know beside the outputs. Each reads what it has a use for.
struct HeadSpec {
  std::vector<int> strides;         // empty: the head's usual ones
  std::vector<AnchorLevel> levels;  // empty: the head's usual ones, or an error where it has none
  float center_variance = 0.0f;     // 0: the head's usual one
  float size_variance = 0.0f;       // 0: the head's usual one
  float anchor_offset = 0.5f;       // of an anchor's middle in its cell, in parts of the cell
  bool background = false;          // class 0 of the scores is "nothing"; not counted as a class
  Activation scores = Activation::kAuto;  // kAuto: by the operators that make them
  BoxFormat box_format = BoxFormat::kCorners;
  bool normalized = false;  // boxes are parts of the input's sides, 0 to 1
};

// One output of one picture: the values of `row`, row-major.
struct OutputRow {
  engine::Shape row;  // without the batch axis
  absl::Span<const float> values;
};

// What Decode works on.
struct HeadInput {
  absl::Span<const OutputRow> outputs;  // in the order of the signature
  int width = 0;                        // of the model's input, in pixels
  int height = 0;
  float score_threshold = 0.0f;
};

// Immutable and thread-safe. Created from the spec and what the model's outputs are.
class DetectionHead {
 public:
  virtual ~DetectionHead() = default;

  // Appends every candidate whose score is at least the threshold, in pixels of the model's input;
  // what is no finite box or no number is left out. FAILED_PRECONDITION where an output has not the
  // shape that it must have for an input of this size.
  virtual absl::Status Decode(const HeadInput& input, Candidates* candidates) const = 0;

  // The number of classes; 0 where the outputs do not tell.
  virtual int64_t classes() const = 0;

  // Whether the model resolves overlaps itself, so that nothing is left to suppress.
  virtual bool resolves_overlaps() const { return false; }

  // Whether the model gives a mask for each box.
  virtual bool has_masks() const { return false; }

  // What `source` of a candidate that Decode gave for the same input says of the pixels of `box`,
  // in pixels of the input. FAILED_PRECONDITION as for Decode. REQUIRES: has_masks().
  virtual absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                                const Box& box) const;
};

// How sure the outputs make it that a head is theirs.
enum class HeadMatch {
  kNo,
  kPossible,  // the shapes are right, but not only this head's
  kCertain,   // nothing else looks like it
};

// One kind of head.
struct HeadRow {
  absl::string_view name;     // of the v1::DetectionHead.Kind
  absl::string_view expects;  // the outputs that it reads, for messages
  HeadMatch (*match)(const DetectorInfo& info);
  // INVALID_ARGUMENT where the outputs are not this head's, or the spec lacks what it needs.
  absl::StatusOr<std::unique_ptr<DetectionHead>> (*create)(const DetectorInfo& info,
                                                           const HeadSpec& spec);
  // How the detectors of this family want their pictures; of width and height, both 0.
  PreprocessOptions (*preprocess)();
  int size_multiple;  // an input of open size has sides that are multiples of this
  // Whether it reads what a model gives that suppresses overlaps itself.
  bool reads_suppressed = false;
};

// The head of `row` for a model. INVALID_ARGUMENT as for HeadRow::create, and where the model
// suppresses overlaps itself while the head reads boxes before that.
absl::StatusOr<std::unique_ptr<DetectionHead>> CreateHead(const HeadRow& row,
                                                          const DetectorInfo& info,
                                                          const HeadSpec& spec);

// Every row, in the order of all_heads.inc.
absl::Span<const HeadRow* const> AllHeads();

// Null when there is none of that name.
const HeadRow* FindHead(absl::string_view name);

struct HeadGuess {
  const HeadRow* row = nullptr;          // set when exactly one head is certain
  std::vector<const HeadRow*> possible;  // otherwise: all that come into question
};
HeadGuess RecogniseHead(const DetectorInfo& info);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECTION_HEAD_H_
