#include "engine/ops/resize_kernels.h"

#include <omp.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/aligned_buffer.h"
#include "engine/base/checked.h"
#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/mover.h"
#include "engine/ops/resize_taps.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// The table of an axis, tap by tap: so that neighbouring positions lie side by side.
struct Taps {
  explicit Taps(const ResizeAxis& axis)
      : in(axis.in), out(axis.out), count(axis.identity ? 1 : axis.taps), identity(axis.identity) {
    for (int t = 0; t < count; ++t) {
      for (int64_t i = 0; i < out; ++i) {
        index.push_back(static_cast<int32_t>(identity ? i : axis.index[i * count + t]));
        weight.push_back(identity ? 1.0f : axis.weight[i * count + t]);
      }
    }
  }
  int64_t in;
  int64_t out;
  int count;
  bool identity;
  std::vector<int32_t> index;  // [count, out]
  std::vector<float> weight;   // [count, out]
};

// A picture as `planes` of rows; `inner` elements a pixel: 1 in row_major, the channels in
// channels_last.
struct Geometry {
  Taps y;
  Taps x;
  int64_t planes;
  int64_t inner;
};

void BlendTwo(const float* a, const float* b, float a_weight, float b_weight, int64_t count,
              float* target) {
  Vectorized([=]() DNND_VECTOR_BODY {
    for (int64_t i = 0; i < count; ++i) {
      target[i] = a_weight * a[i] + b_weight * b[i];
    }
  });
}

void AddScaled(const float* source, float weight, int64_t count, bool first, float* target) {
  Vectorized([=]() DNND_VECTOR_BODY {
    for (int64_t i = 0; i < count; ++i) {
      target[i] = (first ? 0.0f : target[i]) + weight * source[i];
    }
  });
}

// The blend of input rows that output row `i` comes from: in `buffer`, or an input row itself where
// it is the only one with weight.
const float* BlendedRow(const Taps& y, int64_t i, const float* plane, int64_t row, float* buffer) {
  const auto source = [&](int t) { return plane + y.index[t * y.out + i] * row; };
  const auto weight = [&](int t) { return y.weight[t * y.out + i]; };
  if (y.count == 1 || (y.count == 2 && weight(1) == 0)) {
    return source(0);
  }
  if (y.count == 2) {
    BlendTwo(source(0), source(1), weight(0), weight(1), row, buffer);
    return buffer;
  }
  for (int t = 0; t < y.count; ++t) {
    AddScaled(source(t), weight(t), row, t == 0, buffer);
  }
  return buffer;
}

// Along a row of single elements.
void BlendAlongElements(const Taps& x, const float* row, float* target) {
  const int32_t* index = x.index.data();
  const float* weight = x.weight.data();
  const int64_t count = x.out;
  const int taps = x.count;
  Vectorized([=]() DNND_VECTOR_BODY {
    if (taps == 1) {
      for (int64_t i = 0; i < count; ++i) {
        target[i] = row[index[i]];
      }
    } else if (taps == 2) {
      for (int64_t i = 0; i < count; ++i) {
        target[i] = weight[i] * row[index[i]] + weight[count + i] * row[index[count + i]];
      }
    } else {
      for (int64_t i = 0; i < count; ++i) {
        float sum = 0;
        for (int64_t t = 0; t < 4; ++t) {
          sum += weight[t * count + i] * row[index[t * count + i]];
        }
        target[i] = sum;
      }
    }
  });
}

// Along a row of pixels with `inner` channels.
void BlendAlongPixels(const Taps& x, int64_t inner, const float* row, float* target) {
  const int32_t* index = x.index.data();
  const float* weight = x.weight.data();
  const int64_t count = x.out;
  const int taps = x.count;
  if (taps == 1) {
    for (int64_t i = 0; i < count; ++i) {
      std::copy_n(row + index[i] * inner, inner, target + i * inner);
    }
    return;
  }
  Vectorized([=]() DNND_VECTOR_BODY {
    for (int64_t i = 0; i < count; ++i) {
      const float* a = row + index[i] * inner;
      const float* b = row + index[count + i] * inner;
      const float a_weight = weight[i];
      const float b_weight = weight[count + i];
      float* pixel = target + i * inner;
      for (int64_t k = 0; k < inner; ++k) {
        pixel[k] = a_weight * a[k] + b_weight * b[k];
      }
      for (int64_t t = 2; t < taps; ++t) {
        const float* more = row + index[t * count + i] * inner;
        const float more_weight = weight[t * count + i];
        for (int64_t k = 0; k < inner; ++k) {
          pixel[k] += more_weight * more[k];
        }
      }
    }
  });
}

void ResizeRow(const Geometry& g, const float* row, float* target) {
  if (g.x.identity) {
    std::copy_n(row, g.x.out * g.inner, target);
  } else if (g.inner == 1) {
    BlendAlongElements(g.x, row, target);
  } else {
    BlendAlongPixels(g.x, g.inner, row, target);
  }
}

int64_t BufferBytes(const Geometry& g) {
  return RoundUp(g.x.in * g.inner * static_cast<int64_t>(sizeof(float)), kTensorAlignment);
}

void RunResize(const Geometry& g, const float* source, float* target, uint8_t* scratchpad) {
  const int64_t in_row = g.x.in * g.inner;
  const int64_t out_row = g.x.out * g.inner;
  const int64_t grain = kElementsAThread / std::max<int64_t>(out_row, 1) + 1;
  ParallelFor(g.planes * g.y.out, grain, [&](int64_t begin, int64_t end) {
    auto* buffer = reinterpret_cast<float*>(scratchpad + omp_get_thread_num() * BufferBytes(g));
    for (int64_t row = begin; row < end; ++row) {
      const int64_t i = row % g.y.out;
      float* to = target + row * out_row;
      // Nearest neighbours repeat whole rows.
      if (row > begin && i > 0 && g.y.count == 1 && g.y.index[i] == g.y.index[i - 1]) {
        std::copy_n(to - out_row, out_row, to);
        continue;
      }
      const float* plane = source + row / g.y.out * g.y.in * in_row;
      ResizeRow(g, BlendedRow(g.y, i, plane, in_row, buffer), to);
    }
  });
}

}  // namespace

std::vector<Candidate> ResizeCandidates(const CompileContext& context) {
  const int rank = context.input_shape(0).rank();
  if (context.input(0).type != DataType::kFloat32 || rank < 3 || rank > 4 ||
      context.output_shape(0).num_elements() == 0) {
    return {};
  }
  return MoverCandidates(context, 1);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileResize(const CompileContext& context,
                                                      const Candidate& candidate) {
  const OpArguments arguments(context);
  DNND_ASSIGN_OR_RETURN(const ResizeSpec spec, ReadResize(arguments));
  const std::vector<ResizeAxis> axes = ResizeTables(arguments, spec);
  if (spec.extrapolates || !axes[0].identity || !axes[1].identity) {
    return absl::UnimplementedError("only the spatial axes of a picture are resized fast");
  }
  const Shape& input = context.input_shape(0);
  ResizeAxis one_row;  // of a tensor without a second spatial axis
  one_row.in = one_row.out = 1;
  one_row.identity = true;
  const bool channels_last = candidate.outputs[0] == Layout::kChannelsLast;
  const Geometry geometry{Taps(input.rank() == 4 ? axes[2] : one_row), Taps(axes.back()),
                          channels_last ? input[0] : input[0] * input[1],
                          channels_last ? input[1] : 1};
  FunctionKernelSpec kernel;
  kernel.implementation = "resize:" + candidate.name;
  kernel.scratchpad_bytes = BufferBytes(geometry) * context.threads();
  kernel.run = [geometry](const KernelArguments& bound) {
    RunResize(geometry, static_cast<const float*>(bound.inputs[0]),
              static_cast<float*>(bound.outputs[0]), static_cast<uint8_t*>(bound.scratchpad));
  };
  return MakeFunctionKernel(std::move(kernel));
}

}  // namespace dnnd::engine
