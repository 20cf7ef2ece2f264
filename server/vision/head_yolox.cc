// YOLOX (Ge et al., 2021), as the repository Megvii YOLOX exports it without decoding: a row a cell
// of three grids, (dx, dy, log w, log h, objectness, class scores), the scores after their sigmoid.
//   middle = (d + cell) * stride, size = exp(log) * stride, score = objectness * class
#include <cmath>

#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kYoloxHead;

namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kBoxValues = 5;  // and the objectness

// [cells, 5 + classes]
bool HasShape(const DetectorInfo& info, absl::Span<const int> strides) {
  return info.outputs.size() == 1 && info.outputs[0].row.size() == 2 &&
         info.outputs[0].Extent(1) > kBoxValues &&
         MayBe(info.outputs[0].Extent(0), CountCells(info, strides));
}

HeadMatch Match(const DetectorInfo& info) {
  if (!HasShape(info, kStrides)) {
    return HeadMatch::kNo;
  }
  // Boxes that the model decodes itself have this shape too, and come from arithmetic.
  // Of unknown size it looks like NanoDet-Plus.
  return info.outputs[0].Extent(0) > 0 && info.outputs[0].MadeOnlyBy({"Conv", "Sigmoid"})
             ? HeadMatch::kCertain
             : HeadMatch::kPossible;
}

class YoloxHead final : public DetectionHead {
 public:
  YoloxHead(std::vector<int> strides, int64_t classes)
      : strides_(std::move(strides)), classes_(classes) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const std::vector<GridLevel> grid = MakeGrid(strides_, input.width, input.height);
    int64_t cells = 0;
    for (const GridLevel& level : grid) {
      cells += level.cells();
    }
    DNND_RETURN_IF_ERROR(CheckRow(input.outputs[0], {cells, kBoxValues + classes_}, "YOLOX"));
    const float* row = input.outputs[0].values.data();
    for (const GridLevel& level : grid) {
      for (int64_t y = 0; y < level.rows; ++y) {
        for (int64_t x = 0; x < level.columns; ++x, row += kBoxValues + classes_) {
          DecodeCell(row, x, y, level.stride, input.score_threshold, candidates);
        }
      }
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return classes_; }

 private:
  void DecodeCell(const float* row, int64_t x, int64_t y, int stride, float threshold,
                  Candidates* candidates) const {
    const float objectness = row[4];
    if (!(objectness >= threshold)) {  // class scores are at most 1
      return;
    }
    const BestClass best = FindBest({row + kBoxValues, static_cast<size_t>(classes_)});
    const float score = objectness * best.score;
    const Box box = CenteredBox((row[0] + x) * stride, (row[1] + y) * stride,
                                std::exp(row[2]) * stride, std::exp(row[3]) * stride);
    if (score >= threshold && IsFinite(box)) {
      candidates->items.push_back({box, score, best.index});
    }
  }

  const std::vector<int> strides_;
  const int64_t classes_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> Create(const DetectorInfo& info,
                                                      const HeadSpec& spec) {
  std::vector<int> strides = StridesOr(spec, kStrides);
  if (!HasShape(info, strides)) {
    return WrongOutputs(info, kYoloxHead);
  }
  return std::make_unique<YoloxHead>(std::move(strides), info.outputs[0].Extent(1) - kBoxValues);
}

PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kLetterbox;
  options.anchor = LetterboxAnchor::kTopLeft;
  options.color = ColorOrder::kBgr;
  options.pad_value = 114.0;
  return options;
}

}  // namespace

const HeadRow kYoloxHead = {"YOLOX",     "one output [cells, 5 + classes] for strides 8, 16, 32",
                            &Match,      &Create,
                            &Preprocess, 32};

}  // namespace dnnd::server
