// The loops of RoiAlign.
#ifndef DNND_ENGINE_OPS_ROI_ALIGN_KERNELS_H_
#define DNND_ENGINE_OPS_ROI_ALIGN_KERNELS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "engine/tensor/shape.h"

namespace dnnd::engine {

// Samples of a bin along an axis. A region for which more would be taken (boxes come from data, and
// may be anything) lies outside of its map but for a part too small to count, and has none.
inline constexpr int64_t kMaxRoiSamples = int64_t{1} << 16;

struct RoiAlignForm {
  bool average = true;     // else the largest
  bool half_pixel = true;  // else a region is at least one pixel wide
  float scale = 1;         // from the coordinates of regions to those of the map
  int64_t samples = 0;     // of a bin along an axis; 0: one for each pixel
};

// Aligns regions [n,4] (x and y of two opposite corners) of the maps [batch,channels,height,width]
// to [n,channels,rows,columns], on the team of the calling thread. Whatever a region holds, nothing
// outside of the map is read: what has no samples is zero. Defined for float and double.
// REQUIRES: `pictures` has n elements, each in [0, batch).
template <typename T>
void AlignRegions(const RoiAlignForm& form, const Shape& map_shape, const T* maps, const T* regions,
                  absl::Span<const int64_t> pictures, const Shape& target_shape, T* target);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_ROI_ALIGN_KERNELS_H_
