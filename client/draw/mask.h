// A number for each pixel of a picture.
#ifndef DNND_CLIENT_DRAW_MASK_H_
#define DNND_CLIENT_DRAW_MASK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dnnd::client {

// Rows from the top, no gap between them. A value is the index of a class, or an opacity.
struct Mask {
  int width = 0;
  int height = 0;
  std::string values;  // width * height

  uint8_t at(int x, int y) const {
    return static_cast<uint8_t>(values[static_cast<size_t>(y) * width + x]);
  }
};

// A mask of zeros. What CheckPictureSize says, before memory is taken.
absl::StatusOr<Mask> EmptyMask(int64_t width, int64_t height);

// Sets `value` where COCO's compressed run lengths say so (cocoapi, maskApi.c: runs of absent and
// present pixels in turn, column by column). INVALID_ARGUMENT when they do not fit the mask, which
// then holds a part of them.
absl::Status PaintRunLengths(absl::string_view counts, uint8_t value, Mask& mask);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_MASK_H_
