// NanoDet (the repository RangiLyu/nanodet, 2020): for each stride class scores [cells, classes]
// after their sigmoid, and for each cell four distributions over `bins` distances [cells, 4 * bins]
// (generalised focal loss, Li et al., 2020). A side lies
//   sum_i i * softmax(distribution)_i * stride
// from the middle of its cell. NanoDet-Plus (2021) has one output [cells, classes + 4 * bins] of
// four strides, and sides lie so far from the left top corner of the cell.
#include <array>
#include <cmath>

#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kNanodetHead;
extern const HeadRow kNanodetPlusHead;

namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kPlusStrides[] = {8, 16, 32, 64};
// Of every NanoDet-Plus (reg_max 7): one output does not tell bins from classes.
constexpr int64_t kPlusBins = 8;

// The two outputs of one stride.
struct Level {
  size_t scores = 0;
  size_t distances = 0;
};

bool IsDistances(const DetectorOutput& output) {
  return output.Extent(1) > 4 && output.Extent(1) % 4 == 0 && output.MadeOnlyBy({"Conv"});
}

// Scores of all strides and then distances of all strides, or the two of each stride in turn.
// Distances are told from scores by the sigmoid that those come from. Empty where it does not fit.
std::vector<Level> Pair(const DetectorInfo& info, size_t strides) {
  if (info.outputs.size() != 2 * strides) {
    return {};
  }
  std::vector<size_t> scores;
  std::vector<size_t> distances;
  for (size_t i = 0; i < info.outputs.size(); ++i) {
    if (info.outputs[i].row.size() != 2) {
      return {};
    }
    (IsDistances(info.outputs[i]) ? distances : scores).push_back(i);
  }
  if (scores.size() != strides) {
    return {};
  }
  std::vector<Level> levels(strides);
  for (size_t i = 0; i < strides; ++i) {
    levels[i] = {scores[i], distances[i]};
  }
  return levels;
}

bool Fits(const DetectorInfo& info, absl::Span<const Level> levels, absl::Span<const int> strides) {
  for (size_t i = 0; i < levels.size(); ++i) {
    const DetectorOutput& scores = info.outputs[levels[i].scores];
    const DetectorOutput& distances = info.outputs[levels[i].distances];
    const std::optional<int64_t> cells = CountCells(info, strides.subspan(i, 1));
    if (scores.Extent(1) < 1 || !MayBe(scores.Extent(0), cells) ||
        !MayBe(distances.Extent(0), cells) ||
        scores.Extent(1) != info.outputs[levels[0].scores].Extent(1) ||
        distances.Extent(1) != info.outputs[levels[0].distances].Extent(1)) {
      return false;
    }
  }
  return !levels.empty();
}

HeadMatch Match(const DetectorInfo& info) {
  const std::vector<Level> levels = Pair(info, std::size(kStrides));
  if (!Fits(info, levels, kStrides)) {
    return HeadMatch::kNo;
  }
  return info.outputs[levels[0].scores].MadeOnlyBy({"Sigmoid"}) ? HeadMatch::kCertain
                                                                : HeadMatch::kPossible;
}

// The mean of a distribution over 0, 1, 2 …; softmax without overflow.
float Expectation(const float* logits, int64_t bins) {
  const float largest = FindLargest({logits, static_cast<size_t>(bins)});
  float sum = 0.0f;
  float weighted = 0.0f;
  for (int64_t i = 0; i < bins; ++i) {
    const float weight = std::exp(logits[i] - largest);
    sum += weight;
    weighted += weight * static_cast<float>(i);
  }
  return weighted / sum;
}

// Scores and distances of the cells of one level; the numbers of a cell lie together.
struct LevelValues {
  const float* scores = nullptr;
  const float* distances = nullptr;
  int64_t score_step = 0;  // from cell to cell
  int64_t distance_step = 0;
};

// What a cell has, and where in it sides are measured from, in parts of the cell.
struct CellForm {
  int64_t classes = 0;
  int64_t bins = 0;
  float offset = 0.5f;
};

void DecodeLevel(const LevelValues& values, const GridLevel& level, const CellForm& form,
                 float threshold, Candidates* candidates) {
  for (int64_t cell = 0; cell < level.cells(); ++cell) {
    const BestClass best = FindBest(absl::MakeConstSpan(values.scores + cell * values.score_step,
                                                        static_cast<size_t>(form.classes)));
    if (!(best.score >= threshold)) {
      continue;
    }
    const int64_t row = cell / level.columns;
    const float x = (static_cast<float>(cell % level.columns) + form.offset) * level.stride;
    const float y = (static_cast<float>(row) + form.offset) * level.stride;
    const float* distances = values.distances + cell * values.distance_step;
    std::array<float, 4> sides;
    for (int side = 0; side < 4; ++side) {
      sides[side] = Expectation(distances + side * form.bins, form.bins) * level.stride;
    }
    const Box box = {x - sides[0], y - sides[1], x + sides[2], y + sides[3]};
    if (IsFinite(box)) {
      candidates->items.push_back({box, best.score, best.index});
    }
  }
}

class NanodetHead final : public DetectionHead {
 public:
  NanodetHead(std::vector<Level> levels, std::vector<int> strides, int64_t classes, int64_t bins)
      : levels_(std::move(levels)), strides_(std::move(strides)), form_{classes, bins, 0.5f} {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const std::vector<GridLevel> grid = MakeGrid(strides_, input.width, input.height);
    for (size_t i = 0; i < levels_.size(); ++i) {
      const OutputRow& scores = input.outputs[levels_[i].scores];
      const OutputRow& distances = input.outputs[levels_[i].distances];
      DNND_RETURN_IF_ERROR(CheckRow(scores, {grid[i].cells(), form_.classes}, "NANODET scores"));
      DNND_RETURN_IF_ERROR(
          CheckRow(distances, {grid[i].cells(), 4 * form_.bins}, "NANODET distances"));
      DecodeLevel({scores.values.data(), distances.values.data(), form_.classes, 4 * form_.bins},
                  grid[i], form_, input.score_threshold, candidates);
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return form_.classes; }

 private:
  const std::vector<Level> levels_;
  const std::vector<int> strides_;
  const CellForm form_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> Create(const DetectorInfo& info,
                                                      const HeadSpec& spec) {
  std::vector<int> strides = StridesOr(spec, kStrides);
  std::vector<Level> levels = Pair(info, strides.size());
  if (!Fits(info, levels, strides)) {
    return WrongOutputs(info, kNanodetHead);
  }
  const int64_t classes = info.outputs[levels[0].scores].Extent(1);
  const int64_t bins = info.outputs[levels[0].distances].Extent(1) / 4;
  return std::make_unique<NanodetHead>(std::move(levels), std::move(strides), classes, bins);
}

// [cells, classes + 4 * bins]
bool HasPlusShape(const DetectorInfo& info, absl::Span<const int> strides) {
  return info.outputs.size() == 1 && info.outputs[0].row.size() == 2 &&
         info.outputs[0].Extent(1) > 4 * kPlusBins &&
         MayBe(info.outputs[0].Extent(0), CountCells(info, strides));
}

HeadMatch MatchPlus(const DetectorInfo& info) {
  if (!HasPlusShape(info, kPlusStrides) || !info.outputs[0].MadeOnlyBy({"Conv", "Sigmoid"})) {
    return HeadMatch::kNo;
  }
  // Of unknown size it looks like YOLOX.
  return info.outputs[0].Extent(0) > 0 ? HeadMatch::kCertain : HeadMatch::kPossible;
}

class NanodetPlusHead final : public DetectionHead {
 public:
  NanodetPlusHead(std::vector<int> strides, int64_t classes)
      : strides_(std::move(strides)), form_{classes, kPlusBins, 0.0f} {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const std::vector<GridLevel> grid = MakeGrid(strides_, input.width, input.height);
    int64_t cells = 0;
    for (const GridLevel& level : grid) {
      cells += level.cells();
    }
    const int64_t step = form_.classes + 4 * form_.bins;
    DNND_RETURN_IF_ERROR(CheckRow(input.outputs[0], {cells, step}, "NANODET_PLUS"));
    const float* first = input.outputs[0].values.data();
    for (const GridLevel& level : grid) {
      DecodeLevel({first, first + form_.classes, step, step}, level, form_, input.score_threshold,
                  candidates);
      first += level.cells() * step;
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return form_.classes; }

 private:
  const std::vector<int> strides_;
  const CellForm form_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreatePlus(const DetectorInfo& info,
                                                          const HeadSpec& spec) {
  std::vector<int> strides = StridesOr(spec, kPlusStrides);
  if (!HasPlusShape(info, strides)) {
    return WrongOutputs(info, kNanodetPlusHead);
  }
  return std::make_unique<NanodetPlusHead>(std::move(strides),
                                           info.outputs[0].Extent(1) - 4 * kPlusBins);
}

// The statistics of ImageNet in 0 to 255, blue first.
PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kStretch;
  options.color = ColorOrder::kBgr;
  options.mean = {103.53f, 116.28f, 123.675f};
  options.std = {57.375f, 57.12f, 57.38f};
  return options;
}

PreprocessOptions PreprocessPlus() {
  PreprocessOptions options = Preprocess();
  options.std[2] = 58.395f;
  return options;
}

}  // namespace

const HeadRow kNanodetHead = {
    "NANODET",
    "for each of the strides 8, 16, 32 [cells, classes] from a sigmoid and [cells, 4 * bins]",
    &Match,
    &Create,
    &Preprocess,
    32};
const HeadRow kNanodetPlusHead = {
    "NANODET_PLUS",  "one output [cells of the strides 8, 16, 32, 64, classes + 32]",
    &MatchPlus,      &CreatePlus,
    &PreprocessPlus, 64};

}  // namespace dnnd::server
