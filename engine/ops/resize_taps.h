// What Resize computes, axis by axis: for each output position the input positions that it blends,
// and their weights. All modes are separable, so these tables are the whole operator.
#ifndef DNND_ENGINE_OPS_RESIZE_TAPS_H_
#define DNND_ENGINE_OPS_RESIZE_TAPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ops/op_arguments.h"

namespace dnnd::engine {

// One axis. Output position i blends `taps` inputs: index[i * taps + t] with weight[i * taps + t].
struct ResizeAxis {
  int64_t in = 0;
  int64_t out = 0;
  int taps = 1;
  bool identity = false;  // in == out and every position is its own
  std::vector<int64_t> index;
  std::vector<float> weight;
  std::vector<bool> outside;  // tf_crop_and_resize: the position lies outside the input
};

struct ResizeSpec {
  std::string mode;  // nearest, linear, cubic
  bool extrapolates = false;
  float extrapolation_value = 0;
  Shape output;
  std::vector<float> scales;  // by axis of the input
  std::vector<float> roi;     // starts, then ends, by axis of the input; tf_crop_and_resize only
};

// Reads attributes, scales or sizes, and roi. INVALID_ARGUMENT where they do not fit, UNIMPLEMENTED
// for antialias and for sizes that are not known before the graph runs.
absl::StatusOr<ResizeSpec> ReadResize(const OpArguments& arguments);

// The tables of every axis of `spec`.
std::vector<ResizeAxis> ResizeTables(const OpArguments& arguments, const ResizeSpec& spec);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_RESIZE_TAPS_H_
