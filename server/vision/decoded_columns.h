// Which output of a detector that decodes its boxes itself holds what: a part of head_decoded.cc.
#ifndef DNND_SERVER_VISION_DECODED_COLUMNS_H_
#define DNND_SERVER_VISION_DECODED_COLUMNS_H_

#include <cstdint>
#include <optional>

#include "server/vision/detector_info.h"
#include "server/vision/prototypes.h"

namespace dnnd::server {

// Where a box's values stand: in which output, from which column on.
struct DecodedColumn {
  size_t output = 0;
  int64_t first = 0;
  int64_t width = 1;  // of the output's rows
};

struct DecodedColumns {
  DecodedColumn box;
  DecodedColumn score;
  std::optional<DecodedColumn> category;  // none: one score for each class
  std::optional<size_t> count;            // the output with the number of boxes
  std::optional<size_t> masks;            // the output with a mask of each box
  // The output of rows (picture, class, box), as ONNX's NonMaxSuppression gives them: no other box
  // counts, and each for that class.
  std::optional<size_t> selected;
  PrototypeOutputs prototypes;  // where there are coefficients, from column 6 on
  int64_t classes = 0;          // of the scores; 0 where each box has one class, or no shape tells
  bool by_class = false;        // scores are [classes, n]
};

// Finds them by shapes and types, and by names where those do not tell. Nothing where an output has
// no place, or one that a box needs is missing. Rows of an open width (box.width < 0) are those of
// a model that suppresses overlaps itself; their columns are DecodedRow's once the width is known.
std::optional<DecodedColumns> FindDecodedColumns(const DetectorInfo& info);

// The columns of an only output of rows of so many values: 6 of (box, score, class), 7 of (picture,
// box, class, score). Nothing for another width.
std::optional<DecodedColumns> DecodedRow(int64_t width);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_DECODED_COLUMNS_H_
