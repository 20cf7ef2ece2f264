#include "engine/ops/softmax_kernels.h"

#include <algorithm>
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/onednn/softmax.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/simd.h"
#include "engine/ops/vector_exp.h"

namespace dnnd::engine {
namespace {

// Lines that are computed side by side.
constexpr int64_t kLines = 64;
// Lines that are shorter cost oneDNN more to begin than to compute.
constexpr int64_t kShortLine = 32;
// Elements that are worth waking a second thread for: fewer than of a simple loop, since each is an
// exponential.
constexpr int64_t kGrain = 4096;

// Element e of line l lies at l * line_step + e * element_step.
struct Lines {
  int64_t extent;
  int64_t line_step;
  int64_t element_step;
};

DNND_VECTOR_BODY inline void HighestOf(const Lines& lines, const float* x, int64_t count,
                                       float* highest) {
  for (int64_t l = 0; l < count; ++l) {
    highest[l] = x[l * lines.line_step];
  }
  for (int64_t e = 1; e < lines.extent; ++e) {
    const float* in = x + e * lines.element_step;
    for (int64_t l = 0; l < count; ++l) {
      const float value = in[l * lines.line_step];
      highest[l] = highest[l] < value ? value : highest[l];
    }
  }
}

// y = exp(x - highest), sums over each line.
DNND_VECTOR_BODY inline void Exponentials(const Lines& lines, const float* x, int64_t count,
                                          const float* highest, float* sums, float* y) {
  std::fill_n(sums, count, 0.0f);
  for (int64_t e = 0; e < lines.extent; ++e) {
    const float* in = x + e * lines.element_step;
    float* out = y + e * lines.element_step;
    DNND_INDEPENDENT_LOOP
    for (int64_t l = 0; l < count; ++l) {
      const float value = VectorExp(in[l * lines.line_step] - highest[l]);
      sums[l] += value;
      out[l * lines.line_step] = value;
    }
  }
}

// The same without keeping the exponentials.
DNND_VECTOR_BODY inline void SumsOf(const Lines& lines, const float* x, int64_t count,
                                    const float* highest, float* sums) {
  std::fill_n(sums, count, 0.0f);
  for (int64_t e = 0; e < lines.extent; ++e) {
    const float* in = x + e * lines.element_step;
    for (int64_t l = 0; l < count; ++l) {
      sums[l] += VectorExp(in[l * lines.line_step] - highest[l]);
    }
  }
}

void SoftmaxOf(const Lines& lines, const float* x, float* y, int64_t count) {
  Vectorized([=]() DNND_VECTOR_BODY {
    float highest[kLines];
    float sums[kLines];
    HighestOf(lines, x, count, highest);
    Exponentials(lines, x, count, highest, sums, y);
    for (int64_t l = 0; l < count; ++l) {
      sums[l] = 1 / sums[l];
    }
    for (int64_t e = 0; e < lines.extent; ++e) {
      float* out = y + e * lines.element_step;
      DNND_INDEPENDENT_LOOP
      for (int64_t l = 0; l < count; ++l) {
        out[l * lines.line_step] *= sums[l];
      }
    }
  });
}

void LogSoftmaxOf(const Lines& lines, const float* x, float* y, int64_t count) {
  float highest[kLines];
  float sums[kLines];
  Vectorized([=, &highest, &sums]() DNND_VECTOR_BODY {
    HighestOf(lines, x, count, highest);
    SumsOf(lines, x, count, highest, sums);
  });
  for (int64_t l = 0; l < count; ++l) {
    sums[l] = std::log(sums[l]);
  }
  Vectorized([=, &highest, &sums]() DNND_VECTOR_BODY {
    for (int64_t e = 0; e < lines.extent; ++e) {
      const float* in = x + e * lines.element_step;
      float* out = y + e * lines.element_step;
      DNND_INDEPENDENT_LOOP
      for (int64_t l = 0; l < count; ++l) {
        out[l * lines.line_step] = in[l * lines.line_step] - highest[l] - sums[l];
      }
    }
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeSoftmaxKernel(const SoftmaxView& view, bool logarithm) {
  if (view.inner == 1 && view.extent > kShortLine) {
    return onednn::MakeSoftmax(view.outer, view.extent, logarithm);
  }
  // Lines side by side are one group; lines across memory are a group for each outer index.
  const bool across = view.inner > 1;
  const int64_t groups = across ? view.outer : 1;
  const int64_t group_lines = across ? view.inner : view.outer;
  const Lines lines{view.extent, across ? 1 : view.extent, across ? view.inner : 1};
  const int64_t blocks = (group_lines + kLines - 1) / kLines;
  const auto run = [=](const KernelArguments& arguments) {
    const int64_t grain = kGrain / (view.extent * std::min(kLines, group_lines));
    ParallelFor(groups * blocks, grain, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) {
        const int64_t first = block % blocks * kLines;
        const int64_t offset = block / blocks * group_lines * view.extent + first * lines.line_step;
        const float* x = static_cast<const float*>(arguments.inputs[0]) + offset;
        float* y = static_cast<float*>(arguments.outputs[0]) + offset;
        const int64_t count = std::min(kLines, group_lines - first);
        if (logarithm) {
          LogSoftmaxOf(lines, x, y, count);
        } else {
          SoftmaxOf(lines, x, y, count);
        }
      }
    });
  };
  return MakeFunctionKernel({.implementation = across ? "softmax:across" : "softmax:short",
                             .run = run,
                             .in_place = InPlace{0, /*required=*/false}});
}

}  // namespace dnnd::engine
