// Pictures in a terminal.
#ifndef DNND_CLIENT_DRAW_HALF_BLOCKS_H_
#define DNND_CLIENT_DRAW_HALF_BLOCKS_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// `picture` made smaller: each pixel is the mean of those that it stands for. REQUIRES: 1 <= width
// <= picture.width(), 1 <= height <= picture.height(). RESOURCE_EXHAUSTED without memory.
absl::StatusOr<Picture> Shrink(const Picture& picture, int width, int height);

// The picture as lines of upper half blocks, two pixels each, in 24-bit ANSI colours; each line
// sets the colours back at its end. At most `columns` x `rows`, with the picture's proportions,
// never enlarged. REQUIRES: columns, rows >= 1. RESOURCE_EXHAUSTED without memory.
absl::StatusOr<std::string> HalfBlocks(const Picture& picture, int columns, int rows);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_HALF_BLOCKS_H_
