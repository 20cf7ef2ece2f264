// What several detection heads share: grids, scores, shapes.
#ifndef DNND_SERVER_VISION_HEAD_SUPPORT_H_
#define DNND_SERVER_VISION_HEAD_SUPPORT_H_

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "server/vision/detection_head.h"

namespace dnnd::server {

// One level of a grid over the model's input.
struct GridLevel {
  int stride = 0;
  int64_t columns = 0;
  int64_t rows = 0;

  int64_t cells() const { return columns * rows; }
};

// The strides of the spec, or the usual ones.
std::vector<int> StridesOr(const HeadSpec& spec, absl::Span<const int> usual);

// The levels for an input of this size. Strided convolutions round up, so do these.
std::vector<GridLevel> MakeGrid(absl::Span<const int> strides, int64_t width, int64_t height);

// The cells of all levels for the input of `info`; none where its size is open.
std::optional<int64_t> CountCells(const DetectorInfo& info, absl::Span<const int> strides);

// Whether `extent` may be `want`: equal, or one of them is not known.
bool MayBe(int64_t extent, std::optional<int64_t> want);

// FAILED_PRECONDITION naming the output unless its row is `want`. For sizes that only a request
// decides.
absl::Status CheckRow(const OutputRow& output, absl::Span<const int64_t> want,
                      absl::string_view what);

// INVALID_ARGUMENT: the outputs are not what the head reads.
absl::Status WrongOutputs(const DetectorInfo& info, const HeadRow& row);

struct BestClass {
  int index = 0;
  float score = 0.0f;
};
// The largest of `scores` and where it first stands. NaNs are passed over. REQUIRES: not empty.
BestClass FindBest(absl::Span<const float> scores);
// The same without the place: a quarter of the time.
float FindLargest(absl::Span<const float> scores);
// The best of each column: `scores` are [classes, columns]. Class by class over all columns, as the
// values lie in memory. REQUIRES: scores.size() is a multiple of columns, or there are none.
std::vector<BestClass> FindBestOfColumns(absl::Span<const float> scores, size_t columns);

inline float Sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

// Width, height and middle as a box.
inline Box CenteredBox(float x, float y, float width, float height) {
  return {x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

inline bool IsFinite(const Box& box) {
  return std::isfinite(box.x_min) && std::isfinite(box.y_min) && std::isfinite(box.x_max) &&
         std::isfinite(box.y_max);
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_HEAD_SUPPORT_H_
