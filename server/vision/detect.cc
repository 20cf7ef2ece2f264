#include "server/vision/detect.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/status.h"
#include "server/vision/head_support.h"

namespace dnnd::server {

namespace {

// Of PNG's header and blocks, with room for a mask of a few pixels.
constexpr int64_t kSmallestFileBytes = 256;

Box ToSource(const Box& box, const Geometry& geometry) {
  return {static_cast<float>(geometry.ToSourceX(box.x_min)),
          static_cast<float>(geometry.ToSourceY(box.y_min)),
          static_cast<float>(geometry.ToSourceX(box.x_max)),
          static_cast<float>(geometry.ToSourceY(box.y_max))};
}

Box Clip(const Box& box, const Geometry& geometry) {
  const auto width = static_cast<float>(geometry.source_width);
  const auto height = static_cast<float>(geometry.source_height);
  return {std::clamp(box.x_min, 0.0f, width), std::clamp(box.y_min, 0.0f, height),
          std::clamp(box.x_max, 0.0f, width), std::clamp(box.y_max, 0.0f, height)};
}

// Overlaps are judged by whole boxes, sizes by what of them is in the picture.
bool IsWanted(const Candidate& candidate, const Geometry& geometry, const DetectOptions& options) {
  const Box seen = Clip(candidate.box, geometry);
  const float side = std::min(seen.x_max - seen.x_min, seen.y_max - seen.y_min);
  return side > 0.0f && side >= options.min_size &&
         (options.classes.empty() || std::find(options.classes.begin(), options.classes.end(),
                                               candidate.class_index) != options.classes.end());
}

// Maps every candidate to the picture and keeps the wanted ones; keypoints move along.
void MapAndFilter(const Geometry& geometry, const DetectOptions& options, Candidates* candidates) {
  const int each = candidates->keypoints_each;
  size_t kept = 0;
  for (size_t i = 0; i < candidates->items.size(); ++i) {
    Candidate candidate = candidates->items[i];
    candidate.box = ToSource(candidate.box, geometry);
    if (!IsFinite(candidate.box) || !IsWanted(candidate, geometry, options)) {
      continue;
    }
    candidates->items[kept] = candidate;
    for (int k = 0; k < each; ++k) {
      const Keypoint& point = candidates->keypoints[i * each + k];
      candidates->keypoints[kept * each + k] = {static_cast<float>(geometry.ToSourceX(point.x)),
                                                static_cast<float>(geometry.ToSourceY(point.y))};
    }
    ++kept;
  }
  candidates->items.resize(kept);
  candidates->keypoints.resize(kept * each);
}

NmsOptions ToNms(const DetectOptions& options, bool resolved) {
  NmsOptions nms;
  nms.iou_threshold = resolved ? 1.0f : options.iou_threshold;  // 1: nothing is suppressed
  nms.max_detections = options.max_detections;
  nms.class_agnostic = options.class_agnostic;
  nms.soft = options.soft_nms && !resolved;
  nms.score_threshold = options.score_threshold;
  return nms;
}

Box ToInput(const Box& box, const Geometry& geometry) {
  return {static_cast<float>(geometry.ToInputX(box.x_min)),
          static_cast<float>(geometry.ToInputY(box.y_min)),
          static_cast<float>(geometry.ToInputX(box.x_max)),
          static_cast<float>(geometry.ToInputY(box.y_max))};
}

// `candidates` are those of the detections, with their boxes before clipping.
absl::Status AddMasks(const DetectionHead& head, const HeadInput& input, const Geometry& geometry,
                      const DetectOptions& options, absl::Span<const Candidate> candidates,
                      std::vector<Detection>* detections) {
  const int64_t picture = int64_t{geometry.source_width} * geometry.source_height;
  auto pixels = static_cast<int64_t>(options.masked_pictures * static_cast<double>(picture));
  int64_t bytes = MostMaskBytes(picture, options.max_detections);
  for (size_t i = 0; i < detections->size(); ++i) {
    if (options.still_wanted) {
      DNND_RETURN_IF_ERROR(options.still_wanted());
    }
    Detection& detection = (*detections)[i];
    pixels -= CountMaskPixels(detection.box);
    if (pixels < 0) {
      break;
    }
    DNND_ASSIGN_OR_RETURN(
        const InstanceScores scores,
        head.MaskOf(input, candidates[i].source, ToInput(candidates[i].box, geometry)));
    DNND_ASSIGN_OR_RETURN(InstanceMask mask,
                          MakeInstanceMask(scores, detection.box, geometry, options.masks));
    bytes -= static_cast<int64_t>(mask.png.size() + mask.run_lengths.size());
    if (bytes < 0) {
      break;
    }
    detection.mask = std::move(mask);
  }
  return absl::OkStatus();
}

}  // namespace

double MaskedPicturesOf(int64_t request_pixels) {
  const double share = static_cast<double>(kMostMaskPixels) /
                       static_cast<double>(std::max<int64_t>(request_pixels, 1));
  return std::clamp(share, kLeastMaskedPictures, kMostMaskedPictures);
}

int64_t MostMaskBytes(int64_t picture_pixels, int max_detections) {
  return picture_pixels + kSmallestFileBytes * max_detections;
}

absl::StatusOr<std::vector<Detection>> Detect(const DetectionHead& head,
                                              absl::Span<const OutputRow> outputs, int width,
                                              int height, const Geometry& geometry,
                                              const DetectOptions& options) {
  const HeadInput input = {outputs, width, height, options.score_threshold};
  Candidates candidates;
  DNND_RETURN_IF_ERROR(head.Decode(input, &candidates));
  MapAndFilter(geometry, options, &candidates);
  std::vector<Detection> detections;
  std::vector<Candidate> sources;
  for (const Kept& kept :
       SuppressOverlaps(candidates.items, ToNms(options, head.resolves_overlaps()))) {
    const Candidate& candidate = candidates.items[kept.index];
    const auto first =
        candidates.keypoints.begin() + int64_t{kept.index} * candidates.keypoints_each;
    detections.push_back({Clip(candidate.box, geometry),
                          candidate.class_index,
                          kept.score,
                          {first, first + candidates.keypoints_each},
                          std::nullopt});
    sources.push_back(candidate);
  }
  if (options.masks != InstanceMaskFormat::kNone && head.has_masks()) {
    DNND_RETURN_IF_ERROR(AddMasks(head, input, geometry, options, sources, &detections));
  }
  return detections;
}

}  // namespace dnnd::server
