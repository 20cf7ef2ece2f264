#include "server/repository/resolve_segmentation.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {

namespace {

using v1::ModelConfig;
using v1::Preprocess;
using v1::SegmentationHead;

// A mask has a byte for each pixel.
constexpr int64_t kMaxClasses = 256;
// A map of so many channels may be a picture.
constexpr int64_t kMostPictureChannels = 4;
// Of the input, for each row of a map.
constexpr int64_t kMostPlacesARow = 8;
constexpr float kThreshold = 0.5f;

// An output with something for each place of the picture.
struct MapOutput {
  std::string name;
  Preprocess::TensorLayout layout = Preprocess::NCHW;
  int64_t channels = 1;
  int64_t rows = -1;  // < 0: open
  int64_t columns = -1;
  bool whole_numbers = false;
};

// Two axes that may be rows and columns; `alike` where they have the input's shape.
struct Places {
  bool possible = false;
  bool alike = false;
};

Places AsPlaces(const engine::Dim& rows, const engine::Dim& columns, const PictureInput& input) {
  return {
      rows.value != 1 && columns.value != 1,
      rows.known() && columns.known() && rows.value * input.width == columns.value * input.height};
}

// Whether channels are before the places: the layout whose places have the input's shape; where
// both or neither have, the input's own. Nothing where neither is possible.
std::optional<Preprocess::TensorLayout> FindLayout(const engine::SymbolicShape& shape,
                                                   const PictureInput& input) {
  const auto is_classes = [](const engine::Dim& dim) {
    return dim.known() && dim.value <= kMaxClasses;
  };
  Places first = AsPlaces(shape[2], shape[3], input);
  Places last = AsPlaces(shape[1], shape[2], input);
  first.possible = first.possible && is_classes(shape[1]);
  last.possible = last.possible && is_classes(shape[3]);
  if (!first.possible && !last.possible) {
    return std::nullopt;
  }
  if (first.possible && last.possible && first.alike == last.alike) {
    return input.layout;
  }
  const bool is_first = first.possible && (!last.possible || first.alike);
  return is_first ? Preprocess::NCHW : Preprocess::NHWC;
}

// [N, rows, columns], [N, C, rows, columns] or [N, rows, columns, C].
std::optional<MapOutput> AsMap(const engine::TensorSpec& spec, const PictureInput& input,
                               Preprocess::TensorLayout wanted) {
  const engine::SymbolicShape& shape = spec.shape;
  MapOutput map;
  map.name = spec.name;
  map.whole_numbers = !engine::IsFloatingPoint(spec.type);
  const auto take_places = [&](int axis) {
    map.rows = shape[axis].value;
    map.columns = shape[axis + 1].value;
  };
  if (shape.size() == 3 && AsPlaces(shape[1], shape[2], input).possible) {
    take_places(1);
    return map;
  }
  if (shape.size() != 4) {
    return std::nullopt;
  }
  const auto layout = FindLayout(shape, input);
  if (!layout.has_value()) {
    return std::nullopt;
  }
  map.layout = wanted == Preprocess::TENSOR_LAYOUT_UNSPECIFIED ? *layout : wanted;
  map.channels = shape[map.layout == Preprocess::NCHW ? 1 : 3].value;
  take_places(map.layout == Preprocess::NCHW ? 2 : 1);
  return map;
}

std::optional<MapOutput> FindMap(const ModelFacts& facts, const PictureInput& input,
                                 const SegmentationHead& given) {
  for (const engine::TensorSpec& spec : facts.signature.outputs) {
    if (given.output().empty() || spec.name == given.output()) {
      std::optional<MapOutput> map = AsMap(spec, input, given.layout());
      if (map.has_value()) {
        return map;
      }
    }
  }
  return std::nullopt;
}

SegmentationHead::Kind KindOf(const MapOutput& map) {
  return map.whole_numbers  ? SegmentationHead::CLASS_INDEX
         : map.channels > 1 ? SegmentationHead::CLASS_SCORES
                            : SegmentationHead::FOREGROUND;
}

absl::Status CheckKind(const SegmentationHead& head, const MapOutput& map) {
  const bool scores = head.kind() == SegmentationHead::CLASS_SCORES;
  if (scores == (map.channels > 1)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("segmentation.kind: got ", SegmentationHead::Kind_Name(head.kind()), " for ",
                   map.name, " of ", map.channels, " channels, want ",
                   scores ? "a kind for one channel" : "CLASS_SCORES"));
}

void ResolveActivation(const ModelFacts& facts, ResolvedConfig* resolved) {
  ModelConfig& config = resolved->config;
  if (config.score_activation() != ModelConfig::SCORE_ACTIVATION_UNSPECIFIED &&
      config.score_activation() != ModelConfig::AUTO) {
    return;
  }
  const bool numbers = config.segmentation().kind() == SegmentationHead::OPACITY ||
                       config.segmentation().kind() == SegmentationHead::CLASS_INDEX;
  const bool scores = config.segmentation().kind() == SegmentationHead::CLASS_SCORES;
  config.set_score_activation(numbers || facts.ends_in_scores ? ModelConfig::NONE
                              : scores                        ? ModelConfig::SOFTMAX
                                                              : ModelConfig::SIGMOID);
  if (!numbers) {
    resolved->assumed.push_back(
        facts.ends_in_scores
            ? "outputs are scores: the graph ends in Softmax or Sigmoid"
            : absl::StrCat("outputs become scores by ", scores ? "softmax" : "sigmoid"));
  }
}

}  // namespace

std::string DescribeSegmenterGuess(const ModelFacts& facts, const PictureInput& input) {
  if (facts.signature.outputs.size() != 1) {
    return "";
  }
  const std::optional<MapOutput> map = FindMap(facts, input, {});
  if (!map.has_value() || map->rows * input.width != map->columns * input.height ||
      map->rows * kMostPlacesARow < input.height) {
    return "";
  }
  const bool classes = map->channels > kMostPictureChannels ||
                       (map->channels > 1 && facts.ends_in_scores) || map->whole_numbers;
  return classes ? absl::StrCat("task SEGMENT: ", map->name, " has ",
                                map->whole_numbers ? "a whole number"
                                                   : absl::StrCat(map->channels, " scores"),
                                " for each place of a picture")
                 : "";
}

absl::Status ResolveSegmentation(const ModelFacts& facts, const PictureInput& input,
                                 ResolvedConfig* resolved) {
  SegmentationHead& head = *resolved->config.mutable_segmentation();
  const std::optional<MapOutput> map = FindMap(facts, input, head);
  if (!map.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("segmentation.output: ", head.output().empty() ? "no output" : head.output(),
                     " is a map: want [N,rows,columns], or with 1 to ", kMaxClasses,
                     " classes [N,C,rows,columns] or [N,rows,columns,C]"));
  }
  head.set_output(map->name);
  head.set_layout(map->layout);
  if (head.kind() == SegmentationHead::KIND_UNSPECIFIED) {
    head.set_kind(KindOf(*map));
    resolved->assumed.push_back(absl::StrCat(
        "segmentation.kind ", SegmentationHead::Kind_Name(head.kind()), " of ", map->name, ", ",
        map->channels, " channels ", Preprocess::TensorLayout_Name(map->layout)));
  }
  DNND_RETURN_IF_ERROR(CheckKind(head, *map));
  if (!head.has_threshold()) {
    head.set_threshold(kThreshold);
  }
  if (head.kind() == SegmentationHead::CLASS_INDEX) {
    head.set_mask_resize(SegmentationHead::NEAREST);
  } else if (head.mask_resize() == SegmentationHead::MASK_RESIZE_UNSPECIFIED) {
    head.set_mask_resize(SegmentationHead::BILINEAR);
  }
  if (head.kind() == SegmentationHead::CLASS_SCORES) {
    AssumeLabels(facts.label_count, map->channels, &resolved->assumed);
  }
  ResolveActivation(facts, resolved);
  return absl::OkStatus();
}

}  // namespace dnnd::server
