#include "server/vision/head_support.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dnnd::server {

std::vector<int> StridesOr(const HeadSpec& spec, absl::Span<const int> usual) {
  return spec.strides.empty() ? std::vector<int>(usual.begin(), usual.end()) : spec.strides;
}

std::vector<GridLevel> MakeGrid(absl::Span<const int> strides, int64_t width, int64_t height) {
  std::vector<GridLevel> grid;
  for (const int stride : strides) {
    grid.push_back({stride, (width + stride - 1) / stride, (height + stride - 1) / stride});
  }
  return grid;
}

std::optional<int64_t> CountCells(const DetectorInfo& info, absl::Span<const int> strides) {
  if (info.input.width < 1 || info.input.height < 1) {
    return std::nullopt;
  }
  int64_t cells = 0;
  for (const GridLevel& level : MakeGrid(strides, info.input.width, info.input.height)) {
    cells += level.cells();
  }
  return cells;
}

bool MayBe(int64_t extent, std::optional<int64_t> want) {
  return extent < 0 || !want.has_value() || extent == *want;
}

absl::Status CheckRow(const OutputRow& output, absl::Span<const int64_t> want,
                      absl::string_view what) {
  if (output.row == engine::Shape(want)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(what, ": got ", output.row.ToString(),
                                                    " for a picture, want [",
                                                    absl::StrJoin(want, ","), "]"));
}

absl::Status WrongOutputs(const DetectorInfo& info, const HeadRow& row) {
  return absl::InvalidArgumentError(absl::StrCat(
      row.name, " reads ", row.expects, ", got ",
      absl::StrJoin(info.outputs, ", ", [](std::string* out, const DetectorOutput& output) {
        absl::StrAppend(out, output.name, " ", engine::ToString(output.row));
      })));
}

float FindLargest(absl::Span<const float> scores) {
  // Lanes of their own, so that the loop becomes vector code.
  std::array<float, 16> lanes;
  lanes.fill(-std::numeric_limits<float>::infinity());
  size_t i = 0;
  for (; i + lanes.size() <= scores.size(); i += lanes.size()) {
    for (size_t lane = 0; lane < lanes.size(); ++lane) {
      const float score = scores[i + lane];
      lanes[lane] = score > lanes[lane] ? score : lanes[lane];
    }
  }
  for (; i < scores.size(); ++i) {
    lanes[0] = scores[i] > lanes[0] ? scores[i] : lanes[0];
  }
  return *std::max_element(lanes.begin(), lanes.end());
}

std::vector<BestClass> FindBestOfColumns(absl::Span<const float> scores, size_t columns) {
  std::vector<BestClass> best(columns, {0, -std::numeric_limits<float>::infinity()});
  if (columns == 0) {
    return best;
  }
  int index = 0;
  for (size_t first = 0; first < scores.size(); first += columns, ++index) {
    for (size_t i = 0; i < columns; ++i) {
      const float score = scores[first + i];
      const bool better = score > best[i].score;
      best[i].score = better ? score : best[i].score;
      best[i].index = better ? index : best[i].index;
    }
  }
  return best;
}

BestClass FindBest(absl::Span<const float> scores) {
  const float largest = FindLargest(scores);
  const auto place = std::find(scores.begin(), scores.end(), largest);
  return {place == scores.end() ? 0 : static_cast<int>(place - scores.begin()), largest};
}

}  // namespace dnnd::server
