// The daemon's answers about segments, as masks, overlays and files.
#ifndef DNND_CLIENT_COMMANDS_SEGMENTATION_H_
#define DNND_CLIENT_COMMANDS_SEGMENTATION_H_

#include <dnnd/v1/vision.pb.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/commands/class_color.h"
#include "client/draw/mask.h"
#include "client/draw/overlay.h"
#include "client/draw/picture.h"

namespace dnnd::client {

using MaskFormat = dnnd::v1::SegmentOptions::MaskFormat;

// The mask of an answer in `format`. INVALID_ARGUMENT when the answer contradicts itself.
absl::StatusOr<Mask> MaskOf(const dnnd::v1::Segmentation& result, MaskFormat format);

// Lays the mask over the picture in the colours of its classes. Background (class 0, if its label
// says so or if there are no labels) stays as it is. Masks of opacities are told by values that no
// area names. As MaskOf and DrawClasses.
absl::Status DrawSegmentation(Picture& picture, const dnnd::v1::Segmentation& result,
                              MaskFormat format, ColorOf color_of = ColorOfIndex);

// An entry for each class that DrawSegmentation gives a colour, with its share of the picture.
std::vector<LegendEntry> LegendOf(const dnnd::v1::Segmentation& result,
                                  ColorOf color_of = ColorOfIndex);

// The mask as a file, as it came: PNG, raw bytes, or for RLE one JSON array of
// {"class", "label", "size": [height, width], "counts"}.
std::string MaskFile(const dnnd::v1::Segmentation& result, MaskFormat format);

// How such a file ends: ".png", ".bin" or ".json".
std::string MaskFileEnding(MaskFormat format);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_COMMANDS_SEGMENTATION_H_
