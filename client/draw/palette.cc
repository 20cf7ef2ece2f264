#include "client/draw/palette.h"

#include <cstdlib>

namespace dnnd::client {

Rgb ClassColor(int index) {
  // The golden angle, in degrees: each hue falls into the largest gap that those before it left. It
  // shares no divisor with 360.
  constexpr int kStep = 137;
  constexpr int kFull = 255;
  const int hue = static_cast<int>(static_cast<unsigned>(index) % 360 * kStep % 360);
  const auto part = static_cast<uint8_t>(kFull * (60 - std::abs(hue % 120 - 60)) / 60);
  switch (hue / 60) {
    case 0:
      return {kFull, part, 0};
    case 1:
      return {part, kFull, 0};
    case 2:
      return {0, kFull, part};
    case 3:
      return {0, part, kFull};
    case 4:
      return {part, 0, kFull};
    default:
      return {kFull, 0, part};
  }
}

Rgb TextColor(Rgb background) {
  // Luma of Rec. 601, in thousandths.
  const int luma = 299 * background.red + 587 * background.green + 114 * background.blue;
  return luma > 128'000 ? Rgb{0, 0, 0} : Rgb{255, 255, 255};
}

}  // namespace dnnd::client
