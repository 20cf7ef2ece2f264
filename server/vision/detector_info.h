// What a model's graph says of the picture that goes in and the tensors that come out: what a
// detection head is recognised by.
#ifndef DNND_SERVER_VISION_DETECTOR_INFO_H_
#define DNND_SERVER_VISION_DETECTOR_INFO_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine/exec/signature.h"

namespace dnnd::server {

struct DetectorOutput {
  std::string name;
  engine::DataType type = engine::DataType::kUndefined;
  engine::SymbolicShape row;  // of one picture: the batch axis is left out
  // The operators that made the values, seen through those that only move them (Concat, Reshape,
  // Transpose …). Two heads with outputs of one shape differ here: where the model itself decodes
  // boxes, they come from arithmetic; where it leaves that to its caller, from Conv.
  std::set<std::string> made_by;

  int64_t Extent(size_t axis) const { return axis < row.size() ? row[axis].value : -1; }
  bool MadeOnlyBy(const std::set<std::string>& operators) const;
};

// The picture that goes into a model.
struct PictureExtents {
  int64_t channels = 0;
  int64_t height = -1;  // < 0: open
  int64_t width = -1;
};

struct DetectorInfo {
  PictureExtents input;
  std::vector<DetectorOutput> outputs;
  bool suppresses = false;  // the model resolves overlaps itself: it has a NonMaxSuppression
};

// Whether the first extent of an output counts pictures: where the model is batchable its batch
// axis does; where it takes one picture at a time, an extent of 1, or one that is the input's
// first.
bool CountsPictures(const engine::Signature& signature, const engine::TensorSpec& output);

// `input` is what goes into the model's first input.
DetectorInfo DescribeDetector(const engine::Graph& graph, const engine::Signature& signature,
                              const PictureExtents& input);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECTOR_INFO_H_
