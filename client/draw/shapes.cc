#include "client/draw/shapes.h"

#include <algorithm>

#include "client/draw/font.h"

namespace dnnd::client {
namespace {

constexpr int kAdvance = kGlyphWidth + 1;

// Labels come from elsewhere and may be of any length; nobody reads more of them on a picture.
constexpr int kMaxCharacters = 64;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Takes one character off the front: ASCII as it is, anything else as some code point beyond it,
// for the font has no more.
char32_t TakeCharacter(absl::string_view& text) {
  constexpr char32_t kNotAscii = 0xFFFD;
  const auto first = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  if (first < 0x80) return first;
  while (!text.empty() && IsContinuation(text.front())) text.remove_prefix(1);
  return kNotAscii;
}

void DrawGlyph(Picture& picture, int x, int y, char32_t character, int scale, Rgb color) {
  for (int row = 0; row < kGlyphHeight; ++row) {
    for (int column = 0; column < kGlyphWidth; ++column) {
      if (!HasInk(character, column, row)) continue;
      const int left = x + column * scale, top = y + row * scale;
      FillRect(picture, {left, top, left + scale, top + scale}, color);
    }
  }
}

}  // namespace

void FillRect(Picture& picture, const Rect& rect, Rgb color, int opacity) {
  const int left = std::max(rect.left, 0), right = std::min(rect.right, picture.width());
  const int top = std::max(rect.top, 0), bottom = std::min(rect.bottom, picture.height());
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) picture.Blend(x, y, color, opacity);
  }
}

void StrokeRect(Picture& picture, const Rect& rect, int thickness, Rgb color) {
  const auto [left, top, right, bottom] = rect;
  FillRect(picture, {left, top, right, std::min(top + thickness, bottom)}, color);
  FillRect(picture, {left, std::max(bottom - thickness, top), right, bottom}, color);
  FillRect(picture, {left, top, std::min(left + thickness, right), bottom}, color);
  FillRect(picture, {std::max(right - thickness, left), top, right, bottom}, color);
}

void FillDisc(Picture& picture, int x, int y, int radius, Rgb color) {
  // A bit more than the square of the radius: without it discs have spikes.
  const int reach = radius * radius + radius / 2;
  for (int dy = -radius; dy <= radius; ++dy) {
    for (int dx = -radius; dx <= radius; ++dx) {
      if (dx * dx + dy * dy <= reach) picture.Blend(x + dx, y + dy, color, kOpaque);
    }
  }
}

int TextWidth(absl::string_view text, int scale) {
  int characters = 0;
  for (; !text.empty() && characters < kMaxCharacters; ++characters) TakeCharacter(text);
  return characters == 0 ? 0 : (characters * kAdvance - 1) * scale;
}

int TextHeight(int scale) { return kGlyphHeight * scale; }

void DrawText(Picture& picture, int x, int y, absl::string_view text, int scale, Rgb color) {
  for (int i = 0; !text.empty() && i < kMaxCharacters; ++i) {
    DrawGlyph(picture, x + i * kAdvance * scale, y, TakeCharacter(text), scale, color);
  }
}

int TextScale(const Picture& picture) {
  // Capitals of 14 pixels in a picture of 480 rows.
  constexpr int kSideOfScale = 240;
  return std::max(1, std::min(picture.width(), picture.height()) / kSideOfScale);
}

}  // namespace dnnd::client
