// YOLO grids that the model leaves undecoded: one output a level, for each anchor of each cell
// (x, y, width, height, objectness, class scores) before their sigmoids, which are written s here:
//   v3, v4 (Redmon and Farhadi, "YOLOv3", 2018; the repository darknet):
//     middle = (s + cell) * stride, size = anchor * exp(raw)
//   v5, v7 (the repositories ultralytics/yolov5 and WongKinYiu/yolov7):
//     middle = (2 s - 0.5 + cell) * stride, size = anchor * (2 s)^2
//   score = s(objectness) * s(class)
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kYoloV3GridHead;
extern const HeadRow kYoloV5GridHead;

namespace {

constexpr int kBoxValues = 5;  // and the objectness

// Where the value (anchor, v, y, x) of a level lies: the sum of each index times its step.
struct Layout {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t values = 0;  // for each anchor
  int64_t anchor_step = 0;
  int64_t value_step = 0;
  int64_t row_step = 0;
  int64_t column_step = 0;
};

// [anchors * values, rows, columns], [rows, columns, anchors * values] or [anchors, rows, columns,
// values]; which of the first two, says the grid, or what is known where the size is open. Without
// a grid, only the number of values has a meaning.
std::optional<Layout> LayOut(const std::vector<int64_t>& row, int64_t anchors,
                             const std::optional<GridLevel>& grid) {
  Layout layout;
  layout.rows = grid.has_value() ? grid->rows : 0;
  layout.columns = grid.has_value() ? grid->columns : 0;
  const int64_t cells = layout.rows * layout.columns;
  const auto is_grid = [&](int64_t rows, int64_t columns) {
    return !grid.has_value() || (MayBe(rows, grid->rows) && MayBe(columns, grid->columns));
  };
  if (row.size() == 4 && row[0] == anchors && is_grid(row[1], row[2])) {
    layout.values = row[3];
    layout.anchor_step = cells * row[3];
    layout.value_step = 1;
    layout.column_step = row[3];
  } else if (row.size() == 3 && row[0] > 0 && row[0] % anchors == 0 && is_grid(row[1], row[2])) {
    layout.values = row[0] / anchors;
    layout.anchor_step = layout.values * cells;
    layout.value_step = cells;
    layout.column_step = 1;
  } else if (row.size() == 3 && row[2] > 0 && row[2] % anchors == 0 && is_grid(row[0], row[1])) {
    layout.values = row[2] / anchors;
    layout.anchor_step = layout.values;
    layout.value_step = 1;
    layout.column_step = row[2];
  } else {
    return std::nullopt;
  }
  layout.row_step = layout.column_step * layout.columns;
  return layout.values > kBoxValues ? std::optional<Layout>(layout) : std::nullopt;
}

GridLevel GridOf(const AnchorLevel& level, int64_t width, int64_t height) {
  return MakeGrid({level.stride}, width, height)[0];
}

// Square or not, of three or four axes, and nothing but convolutions behind them.
HeadMatch Match(const DetectorInfo& info) {
  if (info.outputs.size() < 2) {
    return HeadMatch::kNo;
  }
  for (const DetectorOutput& output : info.outputs) {
    if ((output.row.size() != 3 && output.row.size() != 4) || !output.MadeOnlyBy({"Conv"})) {
      return HeadMatch::kNo;
    }
  }
  return HeadMatch::kPossible;
}

class YoloGridHead final : public DetectionHead {
 public:
  YoloGridHead(std::vector<AnchorLevel> levels, bool is_v5, int64_t classes)
      : levels_(std::move(levels)), is_v5_(is_v5), classes_(classes) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    for (size_t i = 0; i < levels_.size(); ++i) {
      const OutputRow& output = input.outputs[i];
      const GridLevel grid = GridOf(levels_[i], input.width, input.height);
      const std::optional<Layout> layout = LayOut(
          {output.row.dims().begin(), output.row.dims().end()}, levels_[i].sizes.size(), grid);
      if (!layout.has_value() || layout->values != kBoxValues + classes_) {
        return absl::FailedPreconditionError(
            absl::StrCat("output ", i, ": got ", output.row.ToString(), ", want a grid of ",
                         grid.rows, " rows and ", grid.columns, " columns"));
      }
      DecodeLevel(output.values.data(), *layout, levels_[i], input.score_threshold, candidates);
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return classes_; }

 private:
  void DecodeLevel(const float* values, const Layout& layout, const AnchorLevel& level,
                   float threshold, Candidates* candidates) const {
    for (size_t anchor = 0; anchor < level.sizes.size(); ++anchor) {
      for (int64_t y = 0; y < layout.rows; ++y) {
        for (int64_t x = 0; x < layout.columns; ++x) {
          const float* first =
              values + anchor * layout.anchor_step + y * layout.row_step + x * layout.column_step;
          const auto raw = [&](int64_t v) { return first[v * layout.value_step]; };
          const float objectness = Sigmoid(raw(4));
          if (!(objectness >= threshold)) {
            continue;
          }
          BestClass best = {0, raw(kBoxValues)};
          for (int64_t c = 1; c < classes_; ++c) {
            if (raw(kBoxValues + c) > best.score) {
              best = {static_cast<int>(c), raw(kBoxValues + c)};
            }
          }
          const float score = objectness * Sigmoid(best.score);
          const Box box = MakeBox(raw, static_cast<float>(x), static_cast<float>(y), level,
                                  level.sizes[anchor]);
          if (score >= threshold && IsFinite(box)) {
            candidates->items.push_back({box, score, best.index});
          }
        }
      }
    }
  }

  template <typename Raw>
  Box MakeBox(const Raw& raw, float x, float y, const AnchorLevel& level,
              const AnchorLevel::Size& size) const {
    const auto stride = static_cast<float>(level.stride);
    if (!is_v5_) {
      return CenteredBox((Sigmoid(raw(0)) + x) * stride, (Sigmoid(raw(1)) + y) * stride,
                         size.width * std::exp(raw(2)), size.height * std::exp(raw(3)));
    }
    const auto twice = [](float value) { return 2.0f * Sigmoid(value); };
    const auto square = [](float value) { return value * value; };
    return CenteredBox((twice(raw(0)) - 0.5f + x) * stride, (twice(raw(1)) - 0.5f + y) * stride,
                       size.width * square(twice(raw(2))), size.height * square(twice(raw(3))));
  }

  const std::vector<AnchorLevel> levels_;
  const bool is_v5_;
  const int64_t classes_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateKind(const DetectorInfo& info,
                                                          const HeadSpec& spec, bool is_v5) {
  const HeadRow& row = is_v5 ? kYoloV5GridHead : kYoloV3GridHead;
  if (spec.levels.size() != info.outputs.size() || spec.levels.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(row.name, " needs one of detection.levels for ",
                                                   "each of ", info.outputs.size(),
                                                   " outputs, got ", spec.levels.size()));
  }
  int64_t values = 0;
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    std::vector<int64_t> extents;
    for (const engine::Dim& dim : info.outputs[i].row) {
      extents.push_back(dim.value);
    }
    const bool open = info.input.width < 1 || info.input.height < 1;
    const std::optional<Layout> layout = LayOut(
        extents, static_cast<int64_t>(spec.levels[i].sizes.size()),
        open ? std::nullopt
             : std::make_optional(GridOf(spec.levels[i], info.input.width, info.input.height)));
    if (!layout.has_value() || (i > 0 && layout->values != values)) {
      return WrongOutputs(info, row);
    }
    values = layout->values;
  }
  return std::make_unique<YoloGridHead>(spec.levels, is_v5, values - kBoxValues);
}
absl::StatusOr<std::unique_ptr<DetectionHead>> CreateV3(const DetectorInfo& info,
                                                        const HeadSpec& spec) {
  return CreateKind(info, spec, false);
}
absl::StatusOr<std::unique_ptr<DetectionHead>> CreateV5(const DetectorInfo& info,
                                                        const HeadSpec& spec) {
  return CreateKind(info, spec, true);
}

PreprocessOptions MakePreprocess(double pad_value) {
  PreprocessOptions options;
  options.resize = ResizeMode::kLetterbox;
  options.scale = 1.0f / 255.0f;
  options.pad_value = pad_value;
  return options;
}
PreprocessOptions PreprocessV3() { return MakePreprocess(128.0); }
PreprocessOptions PreprocessV5() { return MakePreprocess(114.0); }

constexpr absl::string_view kExpects =
    "for each of detection.levels one grid [anchors * (5 + classes), rows, columns], "
    "[rows, columns, anchors * (5 + classes)] or [anchors, rows, columns, 5 + classes]";

}  // namespace

const HeadRow kYoloV3GridHead = {"YOLO_V3_GRID", kExpects, &Match, &CreateV3, &PreprocessV3, 32};
const HeadRow kYoloV5GridHead = {"YOLO_V5_GRID", kExpects, &Match, &CreateV5, &PreprocessV5, 32};

}  // namespace dnnd::server
