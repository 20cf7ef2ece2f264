// Masks: one byte for each pixel of a picture.
#ifndef DNND_SERVER_VISION_MASK_H_
#define DNND_SERVER_VISION_MASK_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dnnd::server {

// Rows from the top, no gap between them. A value is the index of a class, or an opacity (255: the
// foreground covers the pixel).
struct Mask {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> values;  // width * height
};

// How many pixels have each value.
std::array<int64_t, 256> CountValues(const Mask& mask);

// The palette of PASCAL VOC's masks (VOCdevkit, VOClabelcolormap): red, green and blue of a class.
std::array<uint8_t, 3> ClassColor(int index);

// A PNG file of 8 bits a pixel: with ClassColor as its palette, or grey. Decoders that keep a
// palette's indices give the values back. INTERNAL when libpng fails.
absl::StatusOr<std::string> EncodePng(const Mask& mask, bool with_palette);

// Where a mask lies in a picture.
struct MaskPlace {
  int x = 0;
  int y = 0;
  int picture_width = 0;
  int picture_height = 0;
};

// Where the mask has `value`, in COCO's compressed run lengths (cocoapi, maskApi.c: runs of absent
// and present pixels in turn, column by column, differences of every second run in base 32): what
// pycocotools takes as "counts", with "size" [height, width]. With a place: of the whole picture.
// REQUIRES: the mask lies in the picture.
std::string EncodeRunLengths(const Mask& mask, uint8_t value);
std::string EncodeRunLengths(const Mask& mask, uint8_t value, const MaskPlace& place);

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_MASK_H_
