// YOLO models that decode boxes themselves, in pixels of the input, and leave overlaps to the
// caller:
//   v5, v6, v7 (and YOLOX, v3 exported so): a row a box, (x, y, width, height, objectness, class
//   scores), score = objectness * class; three boxes a cell, or one
//   v8 to v12: a column a box, (x, y, width, height, class scores)
// Those that give masks end each box in the coefficients of prototypes, a second output
// [coefficients, rows, columns].
#include "engine/base/status.h"
#include "server/vision/head_support.h"
#include "server/vision/prototypes.h"

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

// [boxes, values] with at least one class.
std::optional<PrototypeOutputs> SortV5(const DetectorInfo& info) {
  const std::optional<PrototypeOutputs> outputs = FindPrototypes(info);
  return outputs.has_value() &&
                 info.outputs[outputs->boxes].Extent(1) > kBoxValues + 1 + outputs->coefficients
             ? outputs
             : std::nullopt;
}

HeadMatch MatchV5(const DetectorInfo& info) {
  const std::optional<PrototypeOutputs> outputs = SortV5(info);
  if (!outputs.has_value() || !IsDecoded(info.outputs[outputs->boxes])) {
    return HeadMatch::kNo;
  }
  const int64_t boxes = info.outputs[outputs->boxes].Extent(0);
  if (IsGridOf(info, boxes, 3)) {
    return HeadMatch::kCertain;
  }
  // v6 and a decoded YOLOX look like a transposed v8 with one class more.
  return boxes < 0 || IsGridOf(info, boxes, 1) ? HeadMatch::kPossible : HeadMatch::kNo;
}

class YoloV5Head final : public DetectionHead {
 public:
  YoloV5Head(const PrototypeOutputs& outputs, int64_t values)
      : outputs_(outputs),
        step_(values),
        classes_(values - kBoxValues - 1 - outputs.coefficients) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const OutputRow& output = input.outputs[outputs_.boxes];
    const int64_t boxes = output.row.rank() == 2 ? output.row[0] : 0;
    DNND_RETURN_IF_ERROR(CheckRow(output, {boxes, step_}, "YOLO_V5"));
    const float* row = output.values.data();
    for (int64_t i = 0; i < boxes; ++i, row += step_) {
      const float objectness = row[kBoxValues];
      if (!(objectness >= input.score_threshold)) {  // class scores are at most 1
        continue;
      }
      const BestClass best = FindBest({row + kBoxValues + 1, static_cast<size_t>(classes_)});
      const float score = objectness * best.score;
      const Box box = CenteredBox(row[0], row[1], row[2], row[3]);
      if (score >= input.score_threshold && IsFinite(box)) {
        candidates->items.push_back({box, score, best.index, static_cast<int32_t>(i)});
      }
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return classes_; }
  bool has_masks() const override { return outputs_.coefficients > 0; }

  absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                        const Box& box) const override {
    const float* row = input.outputs[outputs_.boxes].values.data() + source * step_;
    return MaskOfPrototypes(input, outputs_, row + step_ - outputs_.coefficients, 1, box);
  }

 private:
  const PrototypeOutputs outputs_;
  const int64_t step_;  // from box to box
  const int64_t classes_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateV5(const DetectorInfo& info, const HeadSpec&) {
  const std::optional<PrototypeOutputs> outputs = SortV5(info);
  if (!outputs.has_value()) {
    return WrongOutputs(info, kYoloV5Head);
  }
  return std::make_unique<YoloV5Head>(*outputs, info.outputs[outputs->boxes].Extent(1));
}

// Which axis of v8's output counts the boxes: the one that its grids account for, else the longer
// one; nothing for outputs of another form.
std::optional<int> BoxAxis(const DetectorInfo& info, const PrototypeOutputs& outputs) {
  const int64_t rows = info.outputs[outputs.boxes].Extent(0);
  const int64_t columns = info.outputs[outputs.boxes].Extent(1);
  const bool by_column = IsGridOf(info, columns, 1) || columns < 0 ||
                         (columns > rows && rows > 0 && !IsGridOf(info, rows, 1));
  const int64_t values = by_column ? rows : columns;
  return values > kBoxValues + outputs.coefficients ? std::optional<int>(by_column ? 1 : 0)
                                                    : std::nullopt;
}

HeadMatch MatchV8(const DetectorInfo& info) {
  const std::optional<PrototypeOutputs> outputs = FindPrototypes(info);
  const std::optional<int> axis = outputs.has_value() ? BoxAxis(info, *outputs) : std::nullopt;
  if (!axis.has_value() || !IsDecoded(info.outputs[outputs->boxes])) {
    return HeadMatch::kNo;
  }
  const int64_t boxes = info.outputs[outputs->boxes].Extent(*axis);
  const bool grid = IsGridOf(info, boxes, 1);
  if (grid && *axis == 1) {
    return HeadMatch::kCertain;
  }
  return grid || boxes < 0 ? HeadMatch::kPossible : HeadMatch::kNo;
}

class YoloV8Head final : public DetectionHead {
 public:
  YoloV8Head(const PrototypeOutputs& outputs, int box_axis, int64_t values)
      : outputs_(outputs),
        box_axis_(box_axis),
        values_(values),
        classes_(values - kBoxValues - outputs.coefficients) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const OutputRow& output = input.outputs[outputs_.boxes];
    const int64_t boxes = output.row.rank() == 2 ? output.row[box_axis_] : 0;
    if (box_axis_ == 1) {
      DNND_RETURN_IF_ERROR(CheckRow(output, {values_, boxes}, "YOLO_V8"));
      DecodeColumns(output.values.data(), boxes, input.score_threshold, candidates);
      return absl::OkStatus();
    }
    DNND_RETURN_IF_ERROR(CheckRow(output, {boxes, values_}, "YOLO_V8"));
    const float* row = output.values.data();
    for (int64_t i = 0; i < boxes; ++i, row += values_) {
      const BestClass best = FindBest({row + kBoxValues, static_cast<size_t>(classes_)});
      Add(CenteredBox(row[0], row[1], row[2], row[3]), best, i, input.score_threshold, candidates);
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return classes_; }
  bool has_masks() const override { return outputs_.coefficients > 0; }

  absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                        const Box& box) const override {
    const OutputRow& output = input.outputs[outputs_.boxes];
    const int64_t boxes = output.row[box_axis_];
    const int64_t box_step = box_axis_ == 1 ? 1 : values_;
    const int64_t value_step = box_axis_ == 1 ? boxes : 1;
    const int64_t first = source * box_step + (kBoxValues + classes_) * value_step;
    return MaskOfPrototypes(input, outputs_, output.values.data() + first, value_step, box);
  }

 private:
  void DecodeColumns(const float* values, int64_t boxes, float threshold,
                     Candidates* candidates) const {
    const std::vector<BestClass> best =
        FindBestOfColumns({values + kBoxValues * boxes, static_cast<size_t>(classes_ * boxes)},
                          static_cast<size_t>(boxes));
    for (int64_t i = 0; i < boxes; ++i) {
      Add(CenteredBox(values[i], values[boxes + i], values[2 * boxes + i], values[3 * boxes + i]),
          best[i], i, threshold, candidates);
    }
  }

  static void Add(const Box& box, const BestClass& best, int64_t source, float threshold,
                  Candidates* candidates) {
    if (best.score >= threshold && IsFinite(box)) {
      candidates->items.push_back({box, best.score, best.index, static_cast<int32_t>(source)});
    }
  }

  const PrototypeOutputs outputs_;
  const int box_axis_;
  const int64_t values_;  // of each box
  const int64_t classes_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateV8(const DetectorInfo& info, const HeadSpec&) {
  const std::optional<PrototypeOutputs> outputs = FindPrototypes(info);
  const std::optional<int> axis = outputs.has_value() ? BoxAxis(info, *outputs) : std::nullopt;
  if (!axis.has_value()) {
    return WrongOutputs(info, kYoloV8Head);
  }
  return std::make_unique<YoloV8Head>(*outputs, *axis,
                                      info.outputs[outputs->boxes].Extent(1 - *axis));
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
    "YOLO_V5",   "one output [boxes, 5 + classes], or with coefficients and prototypes",
    &MatchV5,    &CreateV5,
    &Preprocess, 32};
const HeadRow kYoloV8Head = {
    "YOLO_V8",
    "one output [4 + classes, boxes] or [boxes, 4 + classes], or with coefficients and prototypes",
    &MatchV8,
    &CreateV8,
    &Preprocess,
    32};

}  // namespace dnnd::server
