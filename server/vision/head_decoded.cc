// Models that give boxes themselves, before or after their own suppression of overlaps:
//   boxes [n, 4], scores [n] and classes [n], perhaps the number of them [1]: as TensorFlow's,
//   torchvision's and TensorRT's detectors end
//   boxes [n, 4] and scores [n, classes], or [classes, n] as PaddleDetection exports them
//   boxes with their score [n, 5] and classes [n]: as mmdeploy exports them
//   with any of these, masks [n, 1, height, width] or [n, height, width]: of each box, as Mask
//   R-CNN has them, or of the whole input where they are of its size, as torchvision pastes them
//   rows [n, 6] of (box, score, class): as YOLOv10 and Ultralytics' own suppression give them;
//   followed by coefficients of prototypes, a second output [coefficients, rows, columns]
//   rows [n, 6] of (class, score, box) and their number [1]: as PaddleDetection's suppression does
//   rows [n, 7] of (picture, box, class, score): as YOLOv7's does
//   boxes [n, 4], scores [classes, n] and what is selected of them [k, 3], (picture, class, box):
//   as ONNX's NonMaxSuppression gives it
// Where a model resolves overlaps itself, n is known once it has run, and may be 0.
// What four numbers mean is for the configuration to say: no shape tells.
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/vision/decoded_columns.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kDecodedHead;

namespace {

// Rows that TopK chose: detectors like YOLOv10 are trained to give each thing one box, and boxes
// that overlap are of different things.
bool AreChosenRows(const DetectorInfo& info, const DecodedColumns& columns) {
  const size_t rows = columns.box.output;
  return columns.score.output == rows && columns.category.has_value() &&
         columns.category->output == rows && info.outputs[rows].made_by.count("TopK") > 0;
}

HeadMatch Match(const DetectorInfo& info) {
  const std::optional<DecodedColumns> columns = FindDecodedColumns(info);
  return columns.has_value() && !info.outputs[columns->box.output].MadeOnlyBy({"Conv"})
             ? HeadMatch::kPossible
             : HeadMatch::kNo;
}

class DecodedHead final : public DetectionHead {
 public:
  DecodedHead(DecodedColumns columns, HeadSpec spec, bool suppresses)
      : columns_(columns), spec_(std::move(spec)), suppresses_(suppresses) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    if (columns_.selected.has_value()) {
      return DecodeSelected(input, candidates);
    }
    if (columns_.box.width >= 0) {
      return DecodeColumns(columns_, input, candidates);
    }
    const engine::Shape& rows = input.outputs[0].row;
    const std::optional<DecodedColumns> columns = DecodedRow(rows.rank() == 2 ? rows[1] : 0);
    return columns.has_value()
               ? DecodeColumns(*columns, input, candidates)
               : absl::FailedPreconditionError(absl::StrCat("DECODED: got rows ", rows.ToString(),
                                                            " for a picture, want [n,6] or [n,7]"));
  }

  int64_t classes() const override {
    return columns_.classes > 0 ? columns_.classes - background() : 0;
  }
  bool resolves_overlaps() const override { return suppresses_; }
  bool has_masks() const override {
    return columns_.masks.has_value() || columns_.prototypes.coefficients > 0;
  }

  absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                        const Box& box) const override {
    if (columns_.prototypes.coefficients > 0) {
      const float* end = At(input, columns_.box, source) + columns_.box.width;
      return MaskOfPrototypes(input, columns_.prototypes, end - columns_.prototypes.coefficients, 1,
                              box);
    }
    const OutputRow& masks = input.outputs[*columns_.masks];
    const size_t rank = masks.row.rank();
    const int64_t height = rank >= 3 ? masks.row[rank - 2] : 0;
    const int64_t width = rank >= 3 ? masks.row[rank - 1] : 0;
    const int64_t cells = height * width;
    if (cells == 0 || height > kMaxSidePixels || width > kMaxSidePixels ||
        (source + 1) * cells > static_cast<int64_t>(masks.values.size())) {
      return absl::FailedPreconditionError(absl::StrCat("DECODED: got masks ", masks.row.ToString(),
                                                        ", want one for each of the boxes"));
    }
    const absl::Span<const float> values = masks.values.subspan(source * cells, cells);
    InstanceScores scores;
    scores.values.assign(values.begin(), values.end());
    scores.height = static_cast<int>(height);
    scores.width = static_cast<int>(width);
    const Box whole = {0, 0, static_cast<float>(input.width), static_cast<float>(input.height)};
    scores.covers = height == input.height && width == input.width ? whole : box;
    return scores;
  }

 private:
  int background() const { return spec_.background ? 1 : 0; }

  static const float* At(const HeadInput& input, const DecodedColumn& column, int64_t row) {
    return input.outputs[column.output].values.data() + row * column.width + column.first;
  }

  void Add(const HeadInput& input, const DecodedColumns& columns, int64_t row, BestClass found,
           Candidates* candidates) const {
    const BestClass best = Activate(found);
    const Box box = BoxOf(input, columns.box, row);
    if (best.score >= input.score_threshold && best.index >= 0 && IsFinite(box)) {
      candidates->items.push_back({box, best.score, best.index, static_cast<int32_t>(row)});
    }
  }

  // How many a column has values of: a run may give any number, whatever the model declares.
  static absl::StatusOr<int64_t> CountBoxes(const HeadInput& input, const DecodedColumn& column) {
    const OutputRow& output = input.outputs[column.output];
    const auto values = static_cast<int64_t>(output.values.size());
    if (values % column.width != 0) {
      return absl::FailedPreconditionError(absl::StrCat(
          "DECODED: got ", output.row.ToString(), ", want ", column.width, " values for each box"));
    }
    return values / column.width;
  }

  static absl::Status DifferError(const HeadInput& input, const DecodedColumns& columns) {
    return absl::FailedPreconditionError(absl::StrCat(
        "DECODED: boxes, scores and classes differ in number, got ",
        input.outputs[columns.box.output].row.ToString(), ", ",
        input.outputs[columns.score.output].row.ToString(), " and ",
        input.outputs[columns.category.value_or(columns.score).output].row.ToString()));
  }

  absl::Status DecodeColumns(const DecodedColumns& columns, const HeadInput& input,
                             Candidates* candidates) const {
    DNND_ASSIGN_OR_RETURN(int64_t count, CountBoxes(input, columns.box));
    for (const DecodedColumn& column : {columns.score, columns.category.value_or(columns.score)}) {
      DNND_ASSIGN_OR_RETURN(const int64_t others, CountBoxes(input, column));
      if (others != count) {
        return DifferError(input, columns);
      }
    }
    if (columns.count.has_value() && !input.outputs[*columns.count].values.empty()) {
      const float given = input.outputs[*columns.count].values[0];
      count = given >= 0 && given < static_cast<float>(count) ? static_cast<int64_t>(given) : count;
    }
    const std::vector<BestClass> by_class =
        columns.by_class ? BestByClass(input) : std::vector<BestClass>();
    for (int64_t i = 0; i < count; ++i) {
      Add(input, columns, i, columns.by_class ? by_class[i] : ClassOf(input, columns, i),
          candidates);
    }
    return absl::OkStatus();
  }

  absl::Status DecodeSelected(const HeadInput& input, Candidates* candidates) const {
    const absl::Span<const float> scores = input.outputs[columns_.score.output].values;
    DNND_ASSIGN_OR_RETURN(const int64_t boxes, CountBoxes(input, columns_.box));
    const int64_t each = boxes == 0 ? 0 : static_cast<int64_t>(scores.size()) / boxes;
    if (each * boxes != static_cast<int64_t>(scores.size())) {
      return DifferError(input, columns_);
    }
    const DecodedColumn selected = {*columns_.selected, 0, 3};
    DNND_ASSIGN_OR_RETURN(const int64_t count, CountBoxes(input, selected));
    for (int64_t i = 0; i < count; ++i) {
      const float* row = At(input, selected, i);  // picture, class, box
      const bool known = row[0] == 0 && row[1] >= 0 && row[1] < static_cast<float>(each) &&
                         row[2] >= 0 && row[2] < static_cast<float>(boxes);
      if (known) {
        const auto category = static_cast<int64_t>(row[1]);
        const auto box = static_cast<int64_t>(row[2]);
        const float score =
            scores[columns_.by_class ? category * boxes + box : box * each + category];
        Add(input, columns_, box, {static_cast<int>(category) - background(), score}, candidates);
      }
    }
    return absl::OkStatus();
  }

  std::vector<BestClass> BestByClass(const HeadInput& input) const {
    const absl::Span<const float> values = input.outputs[columns_.score.output].values;
    const size_t boxes = values.size() / columns_.classes;
    return FindBestOfColumns(values.subspan(background() * boxes), boxes);
  }

  // The index is negative where it is "nothing" or no class.
  BestClass ClassOf(const HeadInput& input, const DecodedColumns& columns, int64_t row) const {
    const float* scores = At(input, columns.score, row);
    BestClass best = {0, scores[0]};
    if (columns.classes > 0) {
      best = FindBest({scores + background(), static_cast<size_t>(classes())});
    } else {
      const float category = *At(input, *columns.category, row);
      const bool known = category >= 0 && category < kMaxDetectionClasses;
      best.index = known ? static_cast<int>(std::lround(category)) - background() : -1;
    }
    return best;
  }

  BestClass Activate(BestClass best) const {
    if (spec_.scores == Activation::kSigmoid) {
      best.score = Sigmoid(best.score);
    }
    return best;
  }

  Box BoxOf(const HeadInput& input, const DecodedColumn& column, int64_t row) const {
    const float* v = At(input, column, row);
    const float x = spec_.normalized ? static_cast<float>(input.width) : 1.0f;
    const float y = spec_.normalized ? static_cast<float>(input.height) : 1.0f;
    switch (spec_.box_format) {
      case BoxFormat::kCornersYFirst:
        return {v[1] * x, v[0] * y, v[3] * x, v[2] * y};
      case BoxFormat::kCenterAndSize:
        return CenteredBox(v[0] * x, v[1] * y, v[2] * x, v[3] * y);
      case BoxFormat::kCornerAndSize:
        return {v[0] * x, v[1] * y, (v[0] + v[2]) * x, (v[1] + v[3]) * y};
      case BoxFormat::kCorners:
        break;
    }
    return {v[0] * x, v[1] * y, v[2] * x, v[3] * y};
  }

  const DecodedColumns columns_;
  const HeadSpec spec_;
  const bool suppresses_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> Create(const DetectorInfo& info,
                                                      const HeadSpec& spec) {
  const std::optional<DecodedColumns> columns = FindDecodedColumns(info);
  if (!columns.has_value() || (columns->classes > 0 && spec.background && columns->classes < 2)) {
    return WrongOutputs(info, kDecodedHead);
  }
  if (spec.scores == Activation::kSoftmax) {
    return absl::InvalidArgumentError(
        "detection.score_activation: got SOFTMAX, want NONE or SIGMOID for DECODED");
  }
  return std::make_unique<DecodedHead>(*columns, spec,
                                       info.suppresses || AreChosenRows(info, *columns));
}

// Every framework wants another recipe; this is the plainest.
PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kStretch;
  options.scale = 1.0f / 255.0f;
  return options;
}

}  // namespace

const HeadRow kDecodedHead = {
    "DECODED",
    "boxes [n, 4], scores [n] and classes [n]; boxes [n, 4] and scores [n, classes] or "
    "[classes, n]; boxes with scores [n, 5] and classes [n]; any of these with masks "
    "[n, 1, height, width]; boxes [n, 4], scores [classes, n] and integers [k, 3] of what is "
    "selected; or rows [n, 6] (alone, with their number, or with coefficients and prototypes) or "
    "[n, 7]",
    &Match,
    &Create,
    &Preprocess,
    32,
    true};

}  // namespace dnnd::server
