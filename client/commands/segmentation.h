// The daemon's answers about segments, as masks, overlays and files.
#ifndef DNND_CLIENT_COMMANDS_SEGMENTATION_H_
#define DNND_CLIENT_COMMANDS_SEGMENTATION_H_

#include <dnnd/v1/vision.pb.h>

#include <string>

#include "absl/status/statusor.h"
#include "client/draw/mask.h"
#include "client/draw/picture.h"

namespace dnnd::client {

using MaskFormat = dnnd::v1::SegmentOptions::MaskFormat;

// The mask of an answer in `format`. INVALID_ARGUMENT when the answer contradicts itself.
absl::StatusOr<Mask> MaskOf(const dnnd::v1::Segmentation& result, MaskFormat format);

// `picture` with the mask in colours and a legend of the areas below. Background (class 0, if its
// label says so or if there are no labels) stays as it is. Masks of opacities are told by values
// that no area names. As MaskOf and WithLegend.
absl::StatusOr<Picture> DrawSegmentation(Picture picture, const dnnd::v1::Segmentation& result,
                                         MaskFormat format);

// The mask as a file, as it came: PNG, raw bytes, or for RLE one JSON array of
// {"class", "label", "size": [height, width], "counts"}.
std::string MaskFile(const dnnd::v1::Segmentation& result, MaskFormat format);

// How such a file ends: ".png", ".bin" or ".json".
std::string MaskFileEnding(MaskFormat format);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_SEGMENTATION_H_
