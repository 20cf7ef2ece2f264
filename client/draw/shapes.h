// What overlays are made of. Everything is cut at the picture's edges.
#ifndef DNND_CLIENT_DRAW_SHAPES_H_
#define DNND_CLIENT_DRAW_SHAPES_H_

#include "absl/strings/string_view.h"
#include "client/draw/picture.h"

namespace dnnd::client {

// Columns left to right - 1, rows top to bottom - 1. Empty unless left < right and top < bottom.
// Numbers far beyond any picture (a million) are fine, those near INT_MAX are not.
struct Rect {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  bool operator==(const Rect&) const = default;
};

inline constexpr int kOpaque = 255;

// Lays `color` over the rectangle.
void FillRect(Picture& picture, const Rect& rect, Rgb color, int opacity = kOpaque);

// Draws the rectangle's outline, `thickness` pixels wide, inside of it.
void StrokeRect(Picture& picture, const Rect& rect, int thickness, Rgb color);

// A disc around the middle of the pixel (x, y).
void FillDisc(Picture& picture, int x, int y, int radius, Rgb color);

// Size of UTF-8 text of one line, each pixel of the font `scale` pixels wide. Text is cut after 64
// characters.
int TextWidth(absl::string_view text, int scale);
int TextHeight(int scale);

// Writes the text, its top left corner at (x, y). What is not ASCII is drawn as empty frames.
void DrawText(Picture& picture, int x, int y, absl::string_view text, int scale, Rgb color);

// The scale at which text in such a picture reads well.
int TextScale(const Picture& picture);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_SHAPES_H_
