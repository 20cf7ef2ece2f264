// The one fact that is taken from EXIF data: which way is up.
#ifndef DNND_SERVER_VISION_EXIF_H_
#define DNND_SERVER_VISION_EXIF_H_

#include "absl/strings/string_view.h"

namespace dnnd::server {

// EXIF's orientation of a picture: which transformation makes it upright. The values are EXIF's.
enum class Orientation {
  kUpright = 1,
  kMirrored = 2,  // left and right are exchanged
  kRotated180 = 3,
  kFlipped = 4,      // top and bottom are exchanged
  kTransposed = 5,   // rows are columns
  kRotated90 = 6,    // turn it clockwise by 90 degrees
  kTransversed = 7,  // rows are columns, both counted from the end
  kRotated270 = 8,   // turn it clockwise by 270 degrees
};

// Reads the orientation from a TIFF block (what follows "Exif\0\0" in a JPEG file, or a PNG's eXIf
// chunk). Anything odd, hostile or absent is kUpright: a picture is not refused for its metadata.
Orientation OrientationFromExif(absl::string_view tiff);

// Whether width and height change places.
constexpr bool SwapsSides(Orientation orientation) {
  return static_cast<int>(orientation) >= static_cast<int>(Orientation::kTransposed);
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_VISION_EXIF_H_
