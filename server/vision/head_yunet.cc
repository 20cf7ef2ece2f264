// YuNet (Wu et al., 2023), faces with five landmarks, as the repository libfacedetection.train
// exports it. For each stride a class score and an objectness (after their sigmoids), a box and
// five points for each cell:
//   score = sqrt(class * objectness), middle = (d + cell) * stride, size = exp(log) * stride,
//   point = (d + cell) * stride
#include <algorithm>
#include <cmath>

#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kYunetHead;

namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kLevels = 3;
constexpr int kPoints = 5;

// Outputs by level. Class and objectness may change places: their product does not.
struct Outputs {
  std::vector<size_t> scores;  // twice as many as levels
  std::vector<size_t> boxes;
  std::vector<size_t> points;
  bool Complete() const {
    return scores.size() == 2 * kLevels && boxes.size() == kLevels && points.size() == kLevels;
  }
};

Outputs Sort(const DetectorInfo& info) {
  Outputs outputs;
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    const int64_t width = info.outputs[i].row.size() == 2 ? info.outputs[i].Extent(1) : -1;
    if (width == 1) {
      outputs.scores.push_back(i);
    } else if (width == 4) {
      outputs.boxes.push_back(i);
    } else if (width == 2 * kPoints) {
      outputs.points.push_back(i);
    }
  }
  return outputs;
}

HeadMatch Match(const DetectorInfo& info) {
  return info.outputs.size() == 4 * kLevels && Sort(info).Complete() ? HeadMatch::kCertain
                                                                     : HeadMatch::kNo;
}

class YunetHead final : public DetectionHead {
 public:
  YunetHead(Outputs outputs, std::vector<int> strides)
      : outputs_(std::move(outputs)), strides_(std::move(strides)) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    candidates->keypoints_each = kPoints;
    const std::vector<GridLevel> grid = MakeGrid(strides_, input.width, input.height);
    for (int level = 0; level < kLevels; ++level) {
      DNND_RETURN_IF_ERROR(DecodeLevel(input, level, grid[level], candidates));
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return 1; }

 private:
  absl::Status DecodeLevel(const HeadInput& input, int index, const GridLevel& level,
                           Candidates* candidates) const {
    const OutputRow& a = input.outputs[outputs_.scores[index]];
    const OutputRow& b = input.outputs[outputs_.scores[index + kLevels]];
    const OutputRow& boxes = input.outputs[outputs_.boxes[index]];
    const OutputRow& points = input.outputs[outputs_.points[index]];
    DNND_RETURN_IF_ERROR(CheckRow(a, {level.cells(), 1}, "YUNET scores"));
    DNND_RETURN_IF_ERROR(CheckRow(b, {level.cells(), 1}, "YUNET scores"));
    DNND_RETURN_IF_ERROR(CheckRow(boxes, {level.cells(), 4}, "YUNET boxes"));
    DNND_RETURN_IF_ERROR(CheckRow(points, {level.cells(), 2 * kPoints}, "YUNET landmarks"));
    for (int64_t cell = 0; cell < level.cells(); ++cell) {
      const float score = std::sqrt(std::clamp(a.values[cell], 0.0f, 1.0f) *
                                    std::clamp(b.values[cell], 0.0f, 1.0f));
      if (!(score >= input.score_threshold)) {
        continue;
      }
      const float* box = boxes.values.data() + cell * 4;
      const auto x = static_cast<float>(cell % level.columns);
      const int64_t row = cell / level.columns;
      const auto y = static_cast<float>(row);
      const auto stride = static_cast<float>(level.stride);
      AddFace(CenteredBox((box[0] + x) * stride, (box[1] + y) * stride, std::exp(box[2]) * stride,
                          std::exp(box[3]) * stride),
              score, points.values.data() + cell * 2 * kPoints, {x, y}, stride, candidates);
    }
    return absl::OkStatus();
  }

  static void AddFace(const Box& box, float score, const float* points, Keypoint cell, float stride,
                      Candidates* candidates) {
    if (!IsFinite(box)) {
      return;
    }
    candidates->items.push_back({box, score, 0});
    for (int i = 0; i < kPoints; ++i) {
      candidates->keypoints.push_back(
          {(points[2 * i] + cell.x) * stride, (points[2 * i + 1] + cell.y) * stride});
    }
  }

  const Outputs outputs_;
  const std::vector<int> strides_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> Create(const DetectorInfo& info,
                                                      const HeadSpec& spec) {
  std::vector<int> strides = StridesOr(spec, kStrides);
  if (Match(info) == HeadMatch::kNo || strides.size() != kLevels) {
    return WrongOutputs(info, kYunetHead);
  }
  return std::make_unique<YunetHead>(Sort(info), std::move(strides));
}

PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kStretch;
  options.color = ColorOrder::kBgr;
  return options;
}

}  // namespace

const HeadRow kYunetHead = {
    "YUNET",     "for each of 3 strides [cells, 1] twice, [cells, 4] and [cells, 10]",
    &Match,      &Create,
    &Preprocess, 32};

}  // namespace dnnd::server
