// The sliding window that convolutions and pools share: how attributes and extents decide the pads
// and the output's extents.
#ifndef DNND_ENGINE_OPS_WINDOW_H_
#define DNND_ENGINE_OPS_WINDOW_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/ir/attributes.h"
#include "engine/tensor/shape.h"

namespace dnnd::engine {

// One entry a spatial axis in every member. Output position o reads inputs o * stride - pad_begin +
// k * dilation for k in [0, kernel). A value type.
struct Window {
  Dims input;
  Dims kernel;
  Dims strides;
  Dims dilations;
  Dims pads_begin;
  Dims pads_end;  // as declared or as auto_pad says; with ceil_mode a window may reach further
  Dims output;

  int rank() const { return static_cast<int>(input.size()); }
  // What the kernel spans: (kernel - 1) * dilation + 1.
  int64_t span(int axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }
  // The pad at the end that makes the last window fit exactly; negative where inputs at the end are
  // not read.
  int64_t exact_pad_end(int axis) const {
    return (output[axis] - 1) * strides[axis] + span(axis) - input[axis] - pads_begin[axis];
  }
};

// The window of a Conv or pool node over `input` (spatial extents only) with `kernel`. With
// `ceil_mode` a last window may reach over the end, but starts inside the input or the pad before
// it. INVALID_ARGUMENT when an attribute does not fit, or when the kernel is larger than the padded
// input.
absl::StatusOr<Window> ResolveWindow(const Attributes& attributes, absl::Span<const int64_t> input,
                                     absl::Span<const int64_t> kernel, bool ceil_mode);

// The window of a ConvTranspose node: the convolution whose gradient it computes, so that `input`
// is the convolution's output: node input position i adds to outputs i * stride - pad_begin + k *
// dilation, and `Window::output` is the extent of the node's output.
absl::StatusOr<Window> ResolveTransposedWindow(const Attributes& attributes,
                                               absl::Span<const int64_t> input,
                                               absl::Span<const int64_t> kernel);

// A window over exactly three spatial axes, for kernels that loop over depth, height and width: the
// axes that are missing go in front, with extent 1. REQUIRES: window.rank() in [0, 3].
Window InThreeAxes(const Window& window);

// The spatial extents of an [n,c,…] shape. REQUIRES: rank >= 2.
absl::Span<const int64_t> SpatialDims(const Shape& shape);

// UNIMPLEMENTED unless `shape` is [n,c,…] with one to three spatial axes.
absl::Status RequireSpatialRank(const Shape& shape);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_WINDOW_H_
