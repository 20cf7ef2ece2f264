// SSD (Liu et al., 2016), RetinaNet (Lin et al., 2017) and their like: offsets [anchors, 4] from
// anchors that the configuration lists, and scores [anchors, classes]. Every class of an anchor
// that is sure enough is a candidate, as in those papers.
#include <cmath>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/vision/anchors.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kSsdHead;

namespace {

constexpr float kCenterVariance = 0.1f;
constexpr float kSizeVariance = 0.2f;

struct Outputs {
  size_t boxes = 0;
  size_t scores = 0;
};

// Boxes are the four columns that come straight from a convolution; where both have four, they are
// the first.
std::optional<Outputs> Sort(const DetectorInfo& info) {
  if (info.outputs.size() != 2 || info.outputs[0].row.size() != 2 ||
      info.outputs[1].row.size() != 2) {
    return std::nullopt;
  }
  const bool boxes_first = info.outputs[0].Extent(1) == 4;
  const Outputs outputs = {boxes_first ? 0u : 1u, boxes_first ? 1u : 0u};
  const bool fits = info.outputs[outputs.boxes].Extent(1) == 4 &&
                    info.outputs[outputs.scores].Extent(1) >= 1 &&
                    info.outputs[outputs.boxes].Extent(0) == info.outputs[outputs.scores].Extent(0);
  return fits ? std::optional<Outputs>(outputs) : std::nullopt;
}

HeadMatch Match(const DetectorInfo& info) {
  const std::optional<Outputs> outputs = Sort(info);
  // Nothing tells whose anchors they are.
  return outputs.has_value() && info.outputs[outputs->boxes].MadeOnlyBy({"Conv"})
             ? HeadMatch::kPossible
             : HeadMatch::kNo;
}

class SsdHead final : public DetectionHead {
 public:
  SsdHead(Outputs outputs, HeadSpec spec, int64_t columns)
      : outputs_(outputs), spec_(std::move(spec)), columns_(columns) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const std::vector<Anchor> anchors =
        MakeAnchors(spec_.levels, input.width, input.height, {.offset = spec_.anchor_offset});
    const auto count = static_cast<int64_t>(anchors.size());
    const OutputRow& boxes = input.outputs[outputs_.boxes];
    const OutputRow& scores = input.outputs[outputs_.scores];
    DNND_RETURN_IF_ERROR(CheckRow(boxes, {count, 4}, "SSD boxes"));
    DNND_RETURN_IF_ERROR(CheckRow(scores, {count, columns_}, "SSD scores"));
    std::vector<float> row(columns_);
    for (int64_t i = 0; i < count; ++i) {
      Activate(scores.values.subspan(i * columns_, columns_), &row);
      for (int64_t column = first(); column < columns_; ++column) {
        if (!(row[column] >= input.score_threshold)) {
          continue;
        }
        const Box box = DecodeOffset(boxes.values.data() + i * 4, anchors[i], spec_.center_variance,
                                     spec_.size_variance);
        if (IsFinite(box)) {
          candidates->items.push_back({box, row[column], static_cast<int32_t>(column - first())});
        }
      }
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return columns_ - first(); }

 private:
  int64_t first() const { return spec_.background ? 1 : 0; }

  void Activate(absl::Span<const float> scores, std::vector<float>* row) const {
    row->assign(scores.begin(), scores.end());
    if (spec_.scores == Activation::kSigmoid) {
      for (float& score : *row) {
        score = Sigmoid(score);
      }
    } else if (spec_.scores == Activation::kSoftmax) {
      const float largest = FindLargest(scores);
      float sum = 0.0f;
      for (float& score : *row) {
        sum += score = std::exp(score - largest);
      }
      for (float& score : *row) {
        score /= sum;
      }
    }
  }

  const Outputs outputs_;
  const HeadSpec spec_;
  const int64_t columns_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> Create(const DetectorInfo& info,
                                                      const HeadSpec& spec) {
  const std::optional<Outputs> outputs = Sort(info);
  if (!outputs.has_value()) {
    return WrongOutputs(info, kSsdHead);
  }
  if (spec.levels.empty()) {
    return absl::InvalidArgumentError("SSD needs detection.levels, got none");
  }
  const int64_t anchors = info.outputs[outputs->boxes].Extent(0);
  if (info.input.width > 0 && info.input.height > 0) {
    const int64_t listed = CountAnchors(spec.levels, info.input.width, info.input.height);
    if (!MayBe(anchors, listed)) {
      return absl::InvalidArgumentError(
          absl::StrCat("detection.levels: got ", listed, " anchors, want ", anchors));
    }
  }
  HeadSpec full = spec;
  full.center_variance = spec.center_variance > 0 ? spec.center_variance : kCenterVariance;
  full.size_variance = spec.size_variance > 0 ? spec.size_variance : kSizeVariance;
  if (full.scores == Activation::kAuto) {
    const DetectorOutput& scores = info.outputs[outputs->scores];
    full.scores = scores.MadeOnlyBy({"Sigmoid", "Softmax"})
                      ? Activation::kNone
                      : (spec.background ? Activation::kSoftmax : Activation::kSigmoid);
  }
  return std::make_unique<SsdHead>(*outputs, std::move(full),
                                   info.outputs[outputs->scores].Extent(1));
}

// What Caffe's and RetinaNet's networks want differs; this is the plainest.
PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kStretch;
  options.scale = 1.0f / 255.0f;
  return options;
}

}  // namespace

const HeadRow kSsdHead = {
    "SSD", "[anchors, 4] and [anchors, classes]", &Match, &Create, &Preprocess, 32};

}  // namespace dnnd::server
