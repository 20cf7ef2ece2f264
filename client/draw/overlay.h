// What was found in a picture, drawn onto it.
#ifndef DNND_CLIENT_DRAW_OVERLAY_H_
#define DNND_CLIENT_DRAW_OVERLAY_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/draw/mask.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// A place in pixels of the picture, from its top left corner; the first pixel reaches from 0 to 1.
struct Point {
  double x = 0;
  double y = 0;
};

struct LabelledBox {
  Point top_left;
  Point bottom_right;
  Rgb color;
  std::string label;             // UTF-8; none is drawn when empty
  std::vector<Point> landmarks;  // each gets a colour of its own
};

// Draws outlines, discs at landmarks, and labels: above the box, inside it where there is no room.
// The first box lies on top. Coordinates may be anything, NaN among them.
void DrawBoxes(Picture& picture, const std::vector<LabelledBox>& boxes);

// A colour for each value of a mask; none leaves the pixel as it is.
using MaskColors = std::array<std::optional<Rgb>, 256>;

// Lays the colours over the picture, half transparent, opaque along the outlines. INVALID_ARGUMENT
// when the mask has another size than the picture, which then stays as it is.
absl::Status DrawClasses(Picture& picture, const Mask& mask, const MaskColors& colors);

// Lays `color` over the picture as far as the mask's opacities say, half transparent at 255.
// INVALID_ARGUMENT as above.
absl::Status DrawOpacities(Picture& picture, const Mask& mask, Rgb color);

struct LegendEntry {
  std::optional<Rgb> color;  // none for what is true of the whole picture
  std::string label;
};

// The picture with a legend in a strip below it, so that it hides nothing; wider where an entry
// asks for it. The picture itself without entries. What Picture::Create says.
absl::StatusOr<Picture> WithLegend(Picture picture, const std::vector<LegendEntry>& entries);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_OVERLAY_H_
