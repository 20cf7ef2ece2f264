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

// The picture that goes into a model: [N,C,H,W] or [N,H,W,C].
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

// `height_axis`: 2 for [N,C,H,W], 1 for [N,H,W,C]. REQUIRES: the first input has four axes.
DetectorInfo DescribeDetector(const engine::Graph& graph, const engine::Signature& signature,
                              int height_axis);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DETECTOR_INFO_H_
