#include "server/repository/resolve_detection.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dnnd::server {

namespace {

using v1::DetectionHead;
using v1::Preprocess;

constexpr float kScoreThreshold = 0.25f;
constexpr float kIouThreshold = 0.45f;
constexpr int kMaxDetections = 100;
constexpr int kMaxSide = 1280;

void ResolveReport(DetectionHead& detection) {
  if (!detection.has_score_threshold()) {
    detection.set_score_threshold(kScoreThreshold);
  }
  if (!detection.has_iou_threshold()) {
    detection.set_iou_threshold(kIouThreshold);
  }
  if (!detection.has_max_detections()) {
    detection.set_max_detections(kMaxDetections);
  }
}

// Takes over what detectors of this kind want, field by field; returns what was taken.
std::vector<std::string> TakeUsual(const Preprocess& usual, Preprocess* preprocess) {
  std::vector<std::string> taken;
  if (preprocess->resize() == Preprocess::RESIZE_UNSPECIFIED) {
    preprocess->set_resize(usual.resize());
    taken.push_back(Preprocess::Resize_Name(usual.resize()));
    if (usual.resize() == Preprocess::LETTERBOX) {
      if (preprocess->anchor() == Preprocess::LETTERBOX_ANCHOR_UNSPECIFIED) {
        preprocess->set_anchor(usual.anchor());
      }
      if (preprocess->pad_value() == 0) {
        preprocess->set_pad_value(usual.pad_value());
      }
      absl::StrAppend(&taken.back(), " ", Preprocess::LetterboxAnchor_Name(preprocess->anchor()),
                      " padded with ", preprocess->pad_value());
    }
  }
  if (preprocess->color() == Preprocess::COLOR_ORDER_UNSPECIFIED) {
    preprocess->set_color(usual.color());
    taken.push_back(Preprocess::ColorOrder_Name(usual.color()));
  }
  if (!preprocess->has_scale() && preprocess->mean().empty() && preprocess->std().empty()) {
    preprocess->set_scale(usual.scale());
    *preprocess->mutable_mean() = usual.mean();
    *preprocess->mutable_std() = usual.std();
    taken.push_back(absl::StrCat("values pixel * ", usual.scale()));
    if (!usual.mean().empty()) {
      absl::StrAppend(&taken.back(), " - [", absl::StrJoin(usual.mean(), " "), "]");
    }
    if (!usual.std().empty()) {
      absl::StrAppend(&taken.back(), ", then / [", absl::StrJoin(usual.std(), " "), "]");
    }
  }
  return taken;
}

// Each picture lies in the input as it is, padded right and below: nothing is lost.
absl::Status ResolveOpenSize(const DetectorFacts& facts, ResolvedConfig* resolved) {
  Preprocess& preprocess = *resolved->config.mutable_preprocess();
  if (preprocess.resize() == Preprocess::SHORTER_SIDE_CROP) {
    return absl::InvalidArgumentError(
        "preprocess.resize: got SHORTER_SIDE_CROP, want LETTERBOX or STRETCH for a model that runs "
        "at each picture's own size");
  }
  if (!preprocess.has_size_multiple()) {
    preprocess.set_size_multiple(facts.preprocess.size_multiple());
  }
  if (!preprocess.has_max_side()) {
    preprocess.set_max_side(kMaxSide);
  }
  if (preprocess.max_side() < preprocess.size_multiple()) {
    return absl::InvalidArgumentError(
        absl::StrCat("preprocess.max_side: got ", preprocess.max_side(), ", want at least ",
                     preprocess.size_multiple(), ", the size_multiple"));
  }
  resolved->assumed.push_back(
      absl::StrCat("runs at each picture's own size, at most ", preprocess.max_side(),
                   " pixels a side, padded to multiples of ", preprocess.size_multiple()));
  return absl::OkStatus();
}

}  // namespace

std::string DescribeDetectorGuess(const DetectorFacts& facts) {
  if (facts.kind != DetectionHead::KIND_UNSPECIFIED) {
    return absl::StrCat("task DETECT: a detection head is there, ",
                        DetectionHead::Kind_Name(facts.kind));
  }
  return facts.possible.empty()
             ? ""
             : absl::StrCat(
                   "the outputs may be those of a detector: to serve it as one, name its "
                   "detection.kind; it may be ",
                   facts.possible);
}

absl::Status ResolveDetection(const DetectorFacts& facts, bool open_size,
                              ResolvedConfig* resolved) {
  DetectionHead& detection = *resolved->config.mutable_detection();
  if (facts.kind == DetectionHead::KIND_UNSPECIFIED) {
    return absl::InvalidArgumentError(absl::StrCat(
        "detection.kind: got none, want one: ",
        facts.possible.empty() ? "the outputs are like those of no kind"
                               : absl::StrCat("the outputs may be those of ", facts.possible)));
  }
  if (detection.kind() == DetectionHead::KIND_UNSPECIFIED) {
    detection.set_kind(facts.kind);
    resolved->assumed.push_back(absl::StrCat(
        "detection.kind ", DetectionHead::Kind_Name(facts.kind), ", recognised from the outputs"));
  }
  ResolveReport(detection);
  Preprocess usual = facts.preprocess;
  if (open_size) {
    usual.set_resize(Preprocess::LETTERBOX);
    usual.set_anchor(Preprocess::TOP_LEFT);
  }
  const std::vector<std::string> taken = TakeUsual(usual, resolved->config.mutable_preprocess());
  if (!taken.empty()) {
    resolved->assumed.push_back(absl::StrCat("pictures as ", DetectionHead::Kind_Name(facts.kind),
                                             " usually wants them: ", absl::StrJoin(taken, ", ")));
  }
  return open_size ? ResolveOpenSize(facts, resolved) : absl::OkStatus();
}

}  // namespace dnnd::server
