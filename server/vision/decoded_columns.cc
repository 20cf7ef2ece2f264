#include "server/vision/decoded_columns.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace dnnd::server {

namespace {

constexpr int64_t kRowWidth = 6;
constexpr int64_t kSelectedWidth = 3;
constexpr size_t kMostOutputs = 5;

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

int64_t WidthOf(const DetectorOutput& output) {
  return output.row.size() == 2 ? output.Extent(1) : 1;
}

// One output of rows that have it all.
std::optional<DecodedColumns> SortRows(const DetectorInfo& info) {
  const DetectorOutput& rows = info.outputs[0];
  if (rows.row.size() != 2) {
    return std::nullopt;
  }
  if (rows.Extent(1) < 0 && info.suppresses) {
    DecodedColumns open;
    open.box.width = -1;
    return open;
  }
  return DecodedRow(rows.Extent(1));
}

// Rows as DecodedRow(6) has them, followed by coefficients, and prototypes.
std::optional<DecodedColumns> SortRowsWithPrototypes(const DetectorInfo& info) {
  const std::optional<PrototypeOutputs> outputs = FindPrototypes(info);
  if (!outputs.has_value() || outputs->coefficients < 1 ||
      info.outputs[outputs->boxes].Extent(1) != kRowWidth + outputs->coefficients) {
    return std::nullopt;
  }
  const int64_t width = kRowWidth + outputs->coefficients;
  DecodedColumns columns;
  columns.box = {outputs->boxes, 0, width};
  columns.score = {outputs->boxes, 4, width};
  columns.category = DecodedColumn{outputs->boxes, 5, width};
  columns.prototypes = *outputs;
  return columns;
}

// Rows and the number of them, as PaddleDetection gives them: (class, score, box).
std::optional<DecodedColumns> SortCountedRows(const DetectorInfo& info) {
  const size_t rows = info.outputs[0].row.size() == 2 ? 0 : 1;
  const DetectorOutput& count = info.outputs[1 - rows];
  if (info.outputs[rows].row.size() != 2 || info.outputs[rows].Extent(1) != kRowWidth ||
      count.row.size() > 1 || !IsInteger(count)) {
    return std::nullopt;
  }
  DecodedColumns columns;
  columns.box = {rows, 2, kRowWidth};
  columns.score = {rows, 1, kRowWidth};
  columns.category = DecodedColumn{rows, 0, kRowWidth};
  columns.count = 1 - rows;
  return columns;
}

// Which axis of the scores counts the classes: the one that does not count the boxes.
void OrientScores(const DetectorInfo& info, DecodedColumns* columns) {
  const int64_t boxes = info.outputs[columns->box.output].Extent(0);
  const DetectorOutput& scores = info.outputs[columns->score.output];
  const bool by_shape =
      scores.Extent(0) > 0 && scores.Extent(0) != boxes && scores.Extent(1) == boxes;
  const bool silent = scores.Extent(0) < 0 && scores.Extent(1) < 0;
  // NonMaxSuppression itself reads [classes, n].
  columns->by_class = by_shape || (columns->selected.has_value() && silent);
  columns->classes = std::max<int64_t>(scores.Extent(columns->by_class ? 0 : 1), 0);
  columns->score.width = columns->classes;
}

// Gives each of several outputs its place.
class Sorter {
 public:
  explicit Sorter(const DetectorInfo& info) : info_(info) {}

  std::optional<DecodedColumns> Sort() {
    for (size_t i = 0; i < info_.outputs.size(); ++i) {
      if (!Place(i)) {
        return std::nullopt;
      }
    }
    if (!has_box_ || !has_score_) {
      return std::nullopt;
    }
    if (by_classes_) {
      OrientScores(info_, &columns_);
    }
    const bool one_class_each = columns_.category.has_value();
    const bool one_way =
        columns_.selected.has_value() ? by_classes_ : one_class_each || columns_.classes > 0;
    return one_way && one_class_each != by_classes_ ? std::optional<DecodedColumns>(columns_)
                                                    : std::nullopt;
  }

 private:
  bool PlaceMasks(size_t index) {
    const DetectorOutput& output = info_.outputs[index];
    const bool first = !columns_.masks.has_value();
    columns_.masks = index;
    return first && (output.row.size() == 3 || (output.row.size() == 4 && output.Extent(1) == 1));
  }

  bool PlaceTable(size_t index, int64_t width) {
    if (width == kSelectedWidth && IsInteger(info_.outputs[index])) {
      return !std::exchange(columns_.selected, index).has_value();
    }
    if ((width == 4 || width == 5) && !has_box_) {
      columns_.box = {index, 0, width};
      has_box_ = true;
      if (width == 5) {
        columns_.score = {index, 4, width};
        has_score_ = true;
      }
      return true;
    }
    columns_.score = {index, 0, width};
    by_classes_ = true;
    return !std::exchange(has_score_, true);
  }

  bool PlaceColumn(size_t index) {
    const DetectorOutput& output = info_.outputs[index];
    if (output.row.empty() ||
        (output.row.size() == 1 && output.Extent(0) == 1 && IsNamed(output, {"num", "count"}))) {
      columns_.count = index;
      return true;
    }
    if (IsInteger(output) || IsNamed(output, {"class", "label"})) {
      columns_.category = DecodedColumn{index, 0, 1};
      return true;
    }
    columns_.score = {index, 0, 1};
    return !std::exchange(has_score_, true);
  }

  // False where it has no place.
  bool Place(size_t index) {
    const DetectorOutput& output = info_.outputs[index];
    if (output.row.size() > 2) {
      return PlaceMasks(index);
    }
    const int64_t width = WidthOf(output);
    return width != 1 ? PlaceTable(index, width) : PlaceColumn(index);
  }

  const DetectorInfo& info_;
  DecodedColumns columns_;
  bool has_box_ = false;
  bool has_score_ = false;
  bool by_classes_ = false;
};

}  // namespace

std::optional<DecodedColumns> DecodedRow(int64_t width) {
  DecodedColumns columns;
  if (width == kRowWidth) {
    columns.box = {0, 0, width};
    columns.score = {0, 4, width};
    columns.category = DecodedColumn{0, 5, width};
    return columns;
  }
  if (width == kRowWidth + 1) {
    columns.box = {0, 1, width};
    columns.score = {0, 6, width};
    columns.category = DecodedColumn{0, 5, width};
    return columns;
  }
  return std::nullopt;
}

std::optional<DecodedColumns> FindDecodedColumns(const DetectorInfo& info) {
  if (info.outputs.size() == 1) {
    return SortRows(info);
  }
  if (info.outputs.size() == 2) {
    for (const auto sort : {&SortRowsWithPrototypes, &SortCountedRows}) {
      const std::optional<DecodedColumns> columns = sort(info);
      if (columns.has_value()) {
        return columns;
      }
    }
  }
  return info.outputs.size() <= kMostOutputs ? Sorter(info).Sort() : std::nullopt;
}

}  // namespace dnnd::server
