// UltraFace (the repository Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB): scores [anchors,
// 2], the second one "face", and boxes [anchors, 4]: either decoded by the model, as corners in
// parts of the input, or raw offsets from its anchors, as SSD encodes them.
#include <cmath>

#include "engine/base/status.h"
#include "server/vision/anchors.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

extern const HeadRow kUltrafaceHead;
extern const HeadRow kUltrafaceRawHead;

namespace {

constexpr float kCenterVariance = 0.1f;
constexpr float kSizeVariance = 0.2f;

const std::vector<AnchorLevel>& Levels() {
  static const auto* levels =
      new std::vector<AnchorLevel>{{8, {{10, 10}, {16, 16}, {24, 24}}},
                                   {16, {{32, 32}, {48, 48}}},
                                   {32, {{64, 64}, {96, 96}}},
                                   {64, {{128, 128}, {192, 192}, {256, 256}}}};
  return *levels;
}

struct Outputs {
  size_t scores = 0;
  size_t boxes = 0;
};

std::optional<Outputs> Sort(const DetectorInfo& info) {
  if (info.outputs.size() != 2 || info.outputs[0].row.size() != 2 ||
      info.outputs[1].row.size() != 2) {
    return std::nullopt;
  }
  const bool scores_first = info.outputs[0].Extent(1) == 2;
  const Outputs outputs = {scores_first ? 0u : 1u, scores_first ? 1u : 0u};
  std::optional<int64_t> anchors;
  if (info.input.width > 0 && info.input.height > 0) {
    anchors = CountAnchors(Levels(), info.input.width, info.input.height);
  }
  const bool fits = info.outputs[outputs.scores].Extent(1) == 2 &&
                    info.outputs[outputs.boxes].Extent(1) == 4 &&
                    MayBe(info.outputs[outputs.scores].Extent(0), anchors) &&
                    MayBe(info.outputs[outputs.boxes].Extent(0), anchors);
  return fits ? std::optional<Outputs>(outputs) : std::nullopt;
}

// The number of anchors gives UltraFace away; whether the model decodes, the operators that make
// its boxes.
HeadMatch MatchKind(const DetectorInfo& info, bool raw) {
  const std::optional<Outputs> outputs = Sort(info);
  if (!outputs.has_value()) {
    return HeadMatch::kNo;
  }
  const DetectorOutput& boxes = info.outputs[outputs->boxes];
  if (boxes.MadeOnlyBy({"Conv"}) != raw) {
    return HeadMatch::kNo;
  }
  return boxes.Extent(0) > 0 && info.input.width > 0 ? HeadMatch::kCertain : HeadMatch::kPossible;
}
HeadMatch MatchDecoded(const DetectorInfo& info) { return MatchKind(info, false); }
HeadMatch MatchRaw(const DetectorInfo& info) { return MatchKind(info, true); }

class UltrafaceHead final : public DetectionHead {
 public:
  UltrafaceHead(Outputs outputs, bool raw, bool logits)
      : outputs_(outputs), raw_(raw), logits_(logits) {}

  absl::Status Decode(const HeadInput& input, Candidates* candidates) const override {
    const std::vector<Anchor> anchors =
        MakeAnchors(Levels(), input.width, input.height, {.clip = true});
    const auto count = static_cast<int64_t>(anchors.size());
    const OutputRow& scores = input.outputs[outputs_.scores];
    const OutputRow& boxes = input.outputs[outputs_.boxes];
    DNND_RETURN_IF_ERROR(CheckRow(scores, {count, 2}, "ULTRAFACE scores"));
    DNND_RETURN_IF_ERROR(CheckRow(boxes, {count, 4}, "ULTRAFACE boxes"));
    for (int64_t i = 0; i < count; ++i) {
      const float* pair = scores.values.data() + i * 2;
      const float score = logits_ ? Sigmoid(pair[1] - pair[0]) : pair[1];  // softmax of two
      if (!(score >= input.score_threshold)) {
        continue;
      }
      const float* values = boxes.values.data() + i * 4;
      const auto width = static_cast<float>(input.width);
      const auto height = static_cast<float>(input.height);
      const Box box =
          raw_ ? DecodeOffset(values, anchors[i], kCenterVariance, kSizeVariance)
               : Box{values[0] * width, values[1] * height, values[2] * width, values[3] * height};
      if (IsFinite(box)) {
        candidates->items.push_back({box, score, 0});
      }
    }
    return absl::OkStatus();
  }

  int64_t classes() const override { return 1; }

 private:
  const Outputs outputs_;
  const bool raw_;
  const bool logits_;
};

absl::StatusOr<std::unique_ptr<DetectionHead>> CreateKind(const DetectorInfo& info, bool raw) {
  const std::optional<Outputs> outputs = Sort(info);
  if (!outputs.has_value()) {
    return WrongOutputs(info, raw ? kUltrafaceRawHead : kUltrafaceHead);
  }
  const bool logits = info.outputs[outputs->scores].MadeOnlyBy({"Conv"});
  return std::make_unique<UltrafaceHead>(*outputs, raw, logits);
}
absl::StatusOr<std::unique_ptr<DetectionHead>> CreateDecoded(const DetectorInfo& info,
                                                             const HeadSpec&) {
  return CreateKind(info, false);
}
absl::StatusOr<std::unique_ptr<DetectionHead>> CreateRaw(const DetectorInfo& info,
                                                         const HeadSpec&) {
  return CreateKind(info, true);
}

PreprocessOptions Preprocess() {
  PreprocessOptions options;
  options.resize = ResizeMode::kStretch;
  options.color = ColorOrder::kRgb;
  options.mean = {127.0f};
  options.std = {128.0f};
  return options;
}

}  // namespace

const HeadRow kUltrafaceHead = {
    "ULTRAFACE",   "[anchors, 2] and [anchors, 4], 4420 anchors for 320 x 240",
    &MatchDecoded, &CreateDecoded,
    &Preprocess,   64};
const HeadRow kUltrafaceRawHead = {
    "ULTRAFACE_RAW", "[anchors, 2] and [anchors, 4], 4420 anchors for 320 x 240",
    &MatchRaw,       &CreateRaw,
    &Preprocess,     64};

}  // namespace dnnd::server
