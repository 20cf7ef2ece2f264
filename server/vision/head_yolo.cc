// YOLO models that decode boxes themselves, in pixels of the input, and leave overlaps to the
// caller:
//   v5, v6, v7 (and YOLOX, v3 exported so): a row a box, (x, y, width, height, objectness, class
//   scores), score = objectness * class; three boxes a cell, or one
//   v8 to v12: a column a box, (x, y, width, height, class scores)
#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kYoloV5Head;
extern const HeadRow kYoloV8Head;

namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kLargeStrides[] = {8, 16, 32, 64};  // of models for 1280 pixels
constexpr int kBoxValues = 4;

// Whether the model's grids have so many boxes, `each` for a cell.
bool IsGridOf(const DetectorInfo& info, int64_t boxes, int each) {
  for (const absl::Span<const int> strides :
       {absl::MakeConstSpan(kStrides), absl::MakeConstSpan(kLargeStrides)}) {
    const std::optional<int64_t> cells = CountCells(info, strides);
    if (cells.has_value() && boxes == *cells * each) {
      return true;
    }
  }
  return false;
}

bool IsDecoded(const DetectorOutput& output) {
  return !output.MadeOnlyBy({"Conv", "Sigmoid"}) && !output.made_by.empty();
}

// [boxes, values] with more values than `least`.
bool HasRows(const DetectorInfo& info, int least) {
  return info.outputs.size() == 1 && info.outputs[0].row.size() == 2 &&
         info.outputs[0].Extent(1) > least;
}

HeadMatch MatchV5(const DetectorInfo& info) {
  if (!HasRows(info, kBoxValues + 1) || !IsDecoded(info.outputs[0])) {
    return HeadMatch::kNo;
  }
  const int64_t boxes = info.outputs[0].Extent(0);
  if (IsGridOf(info, boxes, 3)) {
    return HeadMatch::kCertain;
  }
  // v6 and a decoded YOLOX look like a transposed v8 with one class more.
  return boxes < 0 || IsGridOf(info, boxes, 1) ? HeadMatch::kPossible : HeadMatch::kNo;
}

class YoloV5Head final : public DetectionHead {
 public:
  explicit YoloV5Head(int64_t classes) : classes_(classes) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const int64_t step = kBoxValues + 1 + classes_;
    const OutputRow& output = input.outputs[0];
    const int64_t boxes = output.row.rank() == 2 ? output.row[0] : 0;
    DNND_RETURN_IF_ERROR(CheckRow(output, {boxes, step}, "YOLO_V5"));
    const float* row = output.values.data();
    for (int64_t i = 0; i < boxes; ++i, row += step) {
      const float objectness = row[kBoxValues];
      if (!(objectness >= input.score_threshold)) {  // class scores are at most 1
        continue;
      }
      const BestClass best = FindBest({row + kBoxValues + 1, static_cast<size_t>(classes_)});
      const float score = objectness * best.score;
      const Box box = CenteredBox(row[0], row[1], row[2], row[3]);
      if (score >= input.score_threshold && IsFinite(box)) {
        candidates->items.push_back({box, score, best.index});
      }
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return classes_; }

 private:
  const int64_t classes_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateV5(const DetectorInfo& info, const HeadSpec&) {
  if (!HasRows(info, kBoxValues + 1)) {
    return WrongOutputs(info, kYoloV5Head);
  }
  return std::make_unique<YoloV5Head>(info.outputs[0].Extent(1) - kBoxValues - 1);
}

// Which axis of v8's output counts the boxes: the one that its grids account for, else the longer
// one; nothing for outputs of another form.
std::optional<int> BoxAxis(const DetectorInfo& info) {
  if (info.outputs.size() != 1 || info.outputs[0].row.size() != 2) {
    return std::nullopt;
  }
  const int64_t rows = info.outputs[0].Extent(0);
  const int64_t columns = info.outputs[0].Extent(1);
  const bool by_column = IsGridOf(info, columns, 1) || columns < 0 ||
                         (columns > rows && rows > 0 && !IsGridOf(info, rows, 1));
  const int64_t values = by_column ? rows : columns;
  return values > kBoxValues ? std::optional<int>(by_column ? 1 : 0) : std::nullopt;
}

HeadMatch MatchV8(const DetectorInfo& info) {
  const std::optional<int> axis = BoxAxis(info);
  if (!axis.has_value() || !IsDecoded(info.outputs[0])) {
    return HeadMatch::kNo;
  }
  const int64_t boxes = info.outputs[0].Extent(*axis);
  const bool grid = IsGridOf(info, boxes, 1);
  if (grid && *axis == 1) {
    return HeadMatch::kCertain;
  }
  return grid || boxes < 0 ? HeadMatch::kPossible : HeadMatch::kNo;
}

class YoloV8Head final : public DetectionHead {
 public:
  YoloV8Head(int box_axis, int64_t classes) : box_axis_(box_axis), classes_(classes) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const OutputRow& output = input.outputs[0];
    const int64_t boxes = output.row.rank() == 2 ? output.row[box_axis_] : 0;
    const int64_t values = kBoxValues + classes_;
    if (box_axis_ == 1) {
      DNND_RETURN_IF_ERROR(CheckRow(output, {values, boxes}, "YOLO_V8"));
      DecodeColumns(output.values.data(), boxes, input.score_threshold, candidates);
      return absl::OkStatus();
    }
    DNND_RETURN_IF_ERROR(CheckRow(output, {boxes, values}, "YOLO_V8"));
    const float* row = output.values.data();
    for (int64_t i = 0; i < boxes; ++i, row += values) {
      const BestClass best = FindBest({row + kBoxValues, static_cast<size_t>(classes_)});
      Add(CenteredBox(row[0], row[1], row[2], row[3]), best, input.score_threshold, candidates);
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return classes_; }

 private:
  void DecodeColumns(const float* values, int64_t boxes, float threshold,
                     Candidates* candidates) const {
    const std::vector<BestClass> best =
        FindBestOfColumns({values + kBoxValues * boxes, static_cast<size_t>(classes_ * boxes)},
                          static_cast<size_t>(boxes));
    for (int64_t i = 0; i < boxes; ++i) {
      Add(CenteredBox(values[i], values[boxes + i], values[2 * boxes + i], values[3 * boxes + i]),
          best[i], threshold, candidates);
    }
  }

  static void Add(const Box& box, const BestClass& best, float threshold, Candidates* candidates) {
    if (best.score >= threshold && IsFinite(box)) {
      candidates->items.push_back({box, best.score, best.index});
    }
  }

  const int box_axis_;
  const int64_t classes_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateV8(const DetectorInfo& info, const HeadSpec&) {
  const std::optional<int> axis = BoxAxis(info);
  if (!axis.has_value()) {
    return WrongOutputs(info, kYoloV8Head);
  }
  return std::make_unique<YoloV8Head>(*axis, info.outputs[0].Extent(1 - *axis) - kBoxValues);
}

PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kLetterbox;
  options.scale = 1.0f / 255.0f;
  options.pad_value = 114.0;
  return options;
}

}  // namespace

const HeadRow kYoloV5Head = {
    "YOLO_V5", "one output [boxes, 5 + classes]", &MatchV5, &CreateV5, &Preprocess, 32};
const HeadRow kYoloV8Head = {"YOLO_V8",   "one output [4 + classes, boxes] or [boxes, 4 + classes]",
                             &MatchV8,    &CreateV8,
                             &Preprocess, 32};

}  // namespace dnnd::server
