// Models that give boxes themselves, before or after their own suppression of overlaps:
//   boxes [n, 4], scores [n] and classes [n], perhaps the number of them [1]: as TensorFlow's,
//   torchvision's and TensorRT's detectors end
//   boxes [n, 4] and scores [n, classes], or [classes, n] as PaddleDetection exports them
//   boxes with their score [n, 5] and classes [n]: as mmdeploy exports them
//   with any of these, masks [n, 1, height, width] or [n, height, width]: of each box, as Mask
//   R-CNN has them, or of the whole input where they are of its size, as torchvision pastes them
//   rows [n, 6] of (box, score, class): as YOLOv10 and Ultralytics' own suppression give them
//   rows [n, 7] of (picture, box, class, score): as YOLOv7's does
// What four numbers mean is for the configuration to say: no shape tells.
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kDecodedHead;

namespace {

// Where a box's values stand: in which output, from which column on.
struct Column {
  size_t output = 0;
  int64_t first = 0;
  int64_t width = 1;  // of the output's rows
};

struct Columns {
  Column box;
  Column score;
  std::optional<Column> category;  // none: one score for each class
  std::optional<size_t> count;     // the output with the number of boxes
  std::optional<size_t> masks;
  int64_t classes = 0;    // of the scores; 0 where each box has one class
  bool by_class = false;  // scores are [classes, n]
};

bool IsInteger(const DetectorOutput& output) { return !engine::IsFloatingPoint(output.type); }

bool IsNamed(const DetectorOutput& output, std::initializer_list<absl::string_view> words) {
  const std::string name = absl::AsciiStrToLower(output.name);
  for (const absl::string_view word : words) {
    if (absl::StrContains(name, word)) {
      return true;
    }
  }
  return false;
}

// One output of rows that have it all.
std::optional<Columns> SortRows(const DetectorInfo& info) {
  const int64_t width = info.outputs[0].row.size() == 2 ? info.outputs[0].Extent(1) : -1;
  if (width == 6) {
    return Columns{.box = {0, 0, 6}, .score = {0, 4, 6}, .category = Column{0, 5, 6}};
  }
  if (width == 7) {
    return Columns{.box = {0, 1, 7}, .score = {0, 6, 7}, .category = Column{0, 5, 7}};
  }
  return std::nullopt;
}

// Which axis of the scores counts the classes: the one that does not count the boxes.
void OrientScores(const DetectorInfo& info, Columns* columns) {
  const int64_t boxes = info.outputs[columns->box.output].Extent(0);
  const DetectorOutput& scores = info.outputs[columns->score.output];
  columns->by_class =
      scores.Extent(0) > 0 && scores.Extent(0) != boxes && scores.Extent(1) == boxes;
  columns->classes = scores.Extent(columns->by_class ? 0 : 1);
  columns->score.width = columns->classes;
}

// Adds one of several outputs; false where it has no place.
bool Place(const DetectorInfo& info, size_t index, Columns* columns, bool* has_box,
           bool* has_score) {
  const DetectorOutput& output = info.outputs[index];
  if (output.row.size() > 2) {
    const bool first = !columns->masks.has_value();
    columns->masks = index;
    return first && (output.row.size() == 3 || (output.row.size() == 4 && output.Extent(1) == 1));
  }
  const int64_t width = output.row.size() == 2 ? output.Extent(1) : 1;
  if (output.row.size() == 2 && (width == 4 || width == 5) && !*has_box) {
    columns->box = {index, 0, width};
    *has_box = true;
    if (width == 5) {
      columns->score = {index, 4, width};
      *has_score = true;
    }
    return true;
  }
  if (output.row.size() == 2 && width != 1) {
    columns->score = {index, 0, width};
    columns->classes = width;
    return !std::exchange(*has_score, true);
  }
  if (output.row.empty() ||
      (output.row.size() == 1 && output.Extent(0) == 1 && IsNamed(output, {"num", "count"}))) {
    columns->count = index;
    return true;
  }
  if (IsInteger(output) || IsNamed(output, {"class", "label"})) {
    columns->category = Column{index, 0, 1};
    return true;
  }
  columns->score = {index, 0, 1};
  return !std::exchange(*has_score, true);
}

std::optional<Columns> Sort(const DetectorInfo& info) {
  if (info.outputs.size() == 1) {
    return SortRows(info);
  }
  if (info.outputs.size() > 5) {
    return std::nullopt;
  }
  Columns columns;
  bool has_box = false;
  bool has_score = false;
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    if (!Place(info, i, &columns, &has_box, &has_score)) {
      return std::nullopt;
    }
  }
  if (columns.classes != 0) {
    OrientScores(info, &columns);
  }
  const bool one_way = columns.category.has_value() != (columns.classes > 0);
  return has_box && has_score && one_way ? std::optional<Columns>(columns) : std::nullopt;
}

HeadMatch Match(const DetectorInfo& info) {
  const std::optional<Columns> columns = Sort(info);
  return columns.has_value() && !info.outputs[columns->box.output].MadeOnlyBy({"Conv"})
             ? HeadMatch::kPossible
             : HeadMatch::kNo;
}

class DecodedHead final : public DetectionHead {
 public:
  DecodedHead(Columns columns, HeadSpec spec, bool suppresses)
      : columns_(columns), spec_(std::move(spec)), suppresses_(suppresses) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const auto rows = [&](const Column& column) {
      return static_cast<int64_t>(input.outputs[column.output].values.size()) / column.width;
    };
    int64_t count = rows(columns_.box);
    if (rows(columns_.score) != count ||
        (columns_.category.has_value() && rows(*columns_.category) != count)) {
      return absl::FailedPreconditionError("DECODED: boxes, scores and classes differ in number");
    }
    if (columns_.count.has_value() && !input.outputs[*columns_.count].values.empty()) {
      const float given = input.outputs[*columns_.count].values[0];
      count = given >= 0 && given < static_cast<float>(count) ? static_cast<int64_t>(given) : count;
    }
    const std::vector<BestClass> by_class =
        columns_.by_class ? BestByClass(input) : std::vector<BestClass>();
    for (int64_t i = 0; i < count; ++i) {
      const BestClass best = Activate(columns_.by_class ? by_class[i] : ClassOf(input, i));
      const Box box = BoxOf(input, i);
      if (best.score >= input.score_threshold && best.index >= 0 && IsFinite(box)) {
        candidates->items.push_back({box, best.score, best.index, static_cast<int32_t>(i)});
      }
    }
    return absl::OkStatus();
  }

  int64_t classes() const override {
    return columns_.classes > 0 ? columns_.classes - background() : 0;
  }
  bool resolves_overlaps() const override { return suppresses_; }
  bool has_masks() const override { return columns_.masks.has_value(); }

  absl::StatusOr<InstanceScores> MaskOf(const HeadInput& input, int32_t source,
                                        const Box& box) const override {
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

  static const float* At(const HeadInput& input, const Column& column, int64_t row) {
    return input.outputs[column.output].values.data() + row * column.width + column.first;
  }

  std::vector<BestClass> BestByClass(const HeadInput& input) const {
    const absl::Span<const float> values = input.outputs[columns_.score.output].values;
    const size_t boxes = values.size() / columns_.classes;
    return FindBestOfColumns(values.subspan(background() * boxes), boxes);
  }

  // The index is negative where it is "nothing" or no class.
  BestClass ClassOf(const HeadInput& input, int64_t row) const {
    const float* scores = At(input, columns_.score, row);
    BestClass best = {0, scores[0]};
    if (columns_.classes > 0) {
      best = FindBest({scores + background(), static_cast<size_t>(classes())});
    } else {
      const float category = *At(input, *columns_.category, row);
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

  Box BoxOf(const HeadInput& input, int64_t row) const {
    const float* v = At(input, columns_.box, row);
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

  const Columns columns_;
  const HeadSpec spec_;
  const bool suppresses_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> Create(const DetectorInfo& info,
                                                      const HeadSpec& spec) {
  const std::optional<Columns> columns = Sort(info);
  if (!columns.has_value() || (columns->classes > 0 && spec.background && columns->classes < 2)) {
    return WrongOutputs(info, kDecodedHead);
  }
  if (spec.scores == Activation::kSoftmax) {
    return absl::InvalidArgumentError(
        "detection.score_activation: got SOFTMAX, want NONE or SIGMOID for DECODED");
  }
  return std::make_unique<DecodedHead>(*columns, spec, info.suppresses);
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
    "[n, 1, height, width]; or rows [n, 6] or [n, 7]",
    &Match,
    &Create,
    &Preprocess,
    32};

}  // namespace dnnd::server
