// The letters of overlays: a small bitmap font of our own, so that drawing needs no font file.
#ifndef DNND_CLIENT_DRAW_FONT_H_
#define DNND_CLIENT_DRAW_FONT_H_

namespace dnnd::client {

// A glyph is 5 pixels wide; its capitals stand on row 7 of 9, the other two are for what hangs.
inline constexpr int kGlyphWidth = 5;
inline constexpr int kGlyphHeight = 9;

// Whether the glyph of a Unicode code point has ink at (x, y). Code points beyond ASCII are drawn
// as an empty frame. False outside the glyph.
bool HasInk(char32_t code_point, int x, int y);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_FONT_H_
