// Colours that classes are told apart by.
#ifndef DNND_CLIENT_DRAW_PALETTE_H_
#define DNND_CLIENT_DRAW_PALETTE_H_

#include "client/draw/picture.h"

namespace dnnd::client {

// A bright colour for a class; the same for the same index, whatever the picture. Neighbours differ
// clearly; 360 classes have hues of their own. Any index will do.
Rgb ClassColor(int index);

// Black or white, whichever reads better on `background`.
Rgb TextColor(Rgb background);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_DRAW_PALETTE_H_
