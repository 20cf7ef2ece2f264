#include "engine/ops/normalization_kernels.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// Elements that are worth waking a second thread for.
constexpr int64_t kGrain = 16384;
// Lanes that accumulate side by side.
constexpr int64_t kLanes = 32;
// Additions in float before a partial sum moves to a double.
constexpr int64_t kPartial = 128;

// An activation [n,c,…] in memory: row-major keeps planes together, channels last keeps pixels
// together.
struct PlaneView {
  int64_t images = 0;
  int64_t channels = 0;
  int64_t plane = 0;
  bool channels_last = false;

  int64_t num_elements() const { return images * channels * plane; }
};

PlaneView ViewOf(const CompileContext& context, Layout layout) {
  const Shape& shape = context.input_shape(0);
  return {shape[0], shape[1], shape.Product(2, shape.rank()), layout == Layout::kChannelsLast};
}

// The slope below zero of the fused activation; 1 where there is none.
float SlopeOf(const Node& node) { return node.post_ops.empty() ? 1.0f : node.post_ops[0].alpha; }

DNND_VECTOR_BODY inline float Activate(float x, float slope) { return x < 0 ? slope * x : x; }

// y = activate(x * scale + shift) with one scale and shift for each image and channel, or for each
// channel (`per_image` false).
void ScaleAndShift(const PlaneView& view, bool per_image, const float* scales, const float* shifts,
                   float slope, const float* x, float* y) {
  const int64_t length = view.channels_last ? view.channels : view.plane;
  const int64_t lines = view.num_elements() / length;
  ParallelFor(lines, kGrain / length, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const float* in = x + line * length;
      float* out = y + line * length;
      if (view.channels_last) {
        const int64_t first = per_image ? line / view.plane * view.channels : 0;
        Vectorized([=, scale = scales + first, shift = shifts + first]() DNND_VECTOR_BODY {
#pragma GCC ivdep
          for (int64_t i = 0; i < length; ++i) {
            out[i] = Activate(in[i] * scale[i] + shift[i], slope);
          }
        });
      } else {
        const int64_t index = per_image ? line : line % view.channels;
        Vectorized([=, scale = scales[index], shift = shifts[index]]() DNND_VECTOR_BODY {
#pragma GCC ivdep
          for (int64_t i = 0; i < length; ++i) {
            out[i] = Activate(in[i] * scale + shift, slope);
          }
        });
      }
    }
  });
}

struct Moments {
  double mean;
  double variance;
};

// The moments of `width` <= kLanes columns over `rows` rows, `stride` apart. In one pass: sums of
// differences from the first row, which takes out most of a large mean.
void MomentsOfColumns(const float* x, int64_t rows, int64_t stride, int64_t width,
                      Moments* moments) {
  Vectorized([=]() DNND_VECTOR_BODY {
    double sums[kLanes] = {};
    double squares[kLanes] = {};
    for (int64_t first = 0; first < rows; first += kPartial) {
      float sum[kLanes] = {};
      float square[kLanes] = {};
      const int64_t last = std::min(rows, first + kPartial);
      for (int64_t row = first; row < last; ++row) {
        const float* in = x + row * stride;
        for (int64_t lane = 0; lane < width; ++lane) {
          const float difference = in[lane] - x[lane];
          sum[lane] += difference;
          square[lane] += difference * difference;
        }
      }
      for (int64_t lane = 0; lane < width; ++lane) {
        sums[lane] += sum[lane];
        squares[lane] += square[lane];
      }
    }
    const double count = static_cast<double>(rows);
    for (int64_t lane = 0; lane < width; ++lane) {
      const double mean = sums[lane] / count;
      moments[lane] = {x[lane] + mean, std::max(squares[lane] / count - mean * mean, 0.0)};
    }
  });
}

// The moments of `count` elements side by side: of kLanes columns, then joined.
Moments MomentsOfLine(const float* x, int64_t count) {
  const int64_t rows = count / kLanes;
  const int64_t rest = count % kLanes;
  Moments parts[2 * kLanes];
  MomentsOfColumns(x, rows, kLanes, rows == 0 ? 0 : kLanes, parts);
  MomentsOfColumns(x + rows * kLanes, 1, kLanes, rest, parts + kLanes);
  const double total = static_cast<double>(count);
  double mean = 0;
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    mean += rows == 0 ? 0 : parts[lane].mean * static_cast<double>(rows) / total;
    mean += lane >= rest ? 0 : parts[kLanes + lane].mean / total;
  }
  double variance = 0;
  const auto add = [&](const Moments& part, double weight) {
    variance += weight * (part.variance + (part.mean - mean) * (part.mean - mean));
  };
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    if (rows > 0) {
      add(parts[lane], static_cast<double>(rows) / total);
    }
    if (lane < rest) {
      add(parts[kLanes + lane], 1 / total);
    }
  }
  return {mean, variance};
}

// scale * (x - mean) / sqrt(variance + epsilon) + bias, as one multiplication and one addition.
void Combine(const Moments& moments, float scale, float bias, double epsilon, float* factor,
             float* shift) {
  const double product = scale / std::sqrt(moments.variance + epsilon);
  *factor = static_cast<float>(product);
  *shift = static_cast<float>(bias - moments.mean * product);
}

struct Parameters {
  const float* scale;
  const float* bias;
  double epsilon;
};

void FactorsOfInstances(const PlaneView& view, const Parameters& parameters, const float* x,
                        float* factors, float* shifts) {
  const int64_t width = view.channels_last ? std::min(kLanes, view.channels) : 1;
  const int64_t blocks = (view.channels + width - 1) / width;
  ParallelFor(view.images * blocks, kGrain / (view.plane * width), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t first = block % blocks * width;
      const int64_t image = block / blocks;
      const int64_t count = std::min(width, view.channels - first);
      Moments moments[kLanes];
      if (view.channels_last) {
        MomentsOfColumns(x + image * view.plane * view.channels + first, view.plane, view.channels,
                         count, moments);
      } else {
        moments[0] = MomentsOfLine(x + block * view.plane, view.plane);
      }
      for (int64_t i = 0; i < count; ++i) {
        const int64_t place = image * view.channels + first + i;
        Combine(moments[i], parameters.scale[first + i], parameters.bias[first + i],
                parameters.epsilon, factors + place, shifts + place);
      }
    }
  });
}

const float* Floats(const KernelArguments& arguments, int i) {
  return static_cast<const float*>(arguments.inputs[i]);
}

}  // namespace

std::vector<Candidate> PlaneNormalizationCandidates(const CompileContext& context) {
  const Shape& shape = context.input_shape(0);
  if (context.input(0).type != DataType::kFloat32 || shape.rank() < 2 ||
      shape.num_elements() == 0) {
    return {};
  }
  std::vector<Candidate> candidates;
  for (const Layout layout : {Layout::kChannelsLast, Layout::kRowMajor}) {
    if (layout == Layout::kRowMajor || (shape.rank() >= 3 && shape.rank() <= 5)) {
      Candidate candidate{std::string(LayoutName(layout)), {layout}, {layout}};
      candidate.inputs.resize(context.num_inputs(), Layout::kRowMajor);
      candidates.push_back(std::move(candidate));
    }
  }
  return candidates;
}

bool PlaneNormalizationAcceptsPostOp(const Node& node, PostOp::Kind kind) {
  return node.post_ops.empty() && kind == PostOp::Kind::kRelu;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileBatchNormalization(const CompileContext& context,
                                                                  const Candidate& candidate) {
  const PlaneView view = ViewOf(context, candidate.inputs[0]);
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  const float slope = SlopeOf(context.node());
  const auto run = [=](const KernelArguments& arguments) {
    float* factors = static_cast<float*>(arguments.scratchpad);
    float* shifts = factors + view.channels;
    for (int64_t c = 0; c < view.channels; ++c) {
      Combine({Floats(arguments, 3)[c], Floats(arguments, 4)[c]}, Floats(arguments, 1)[c],
              Floats(arguments, 2)[c], epsilon, factors + c, shifts + c);
    }
    ScaleAndShift(view, /*per_image=*/false, factors, shifts, slope, Floats(arguments, 0),
                  static_cast<float*>(arguments.outputs[0]));
  };
  return MakeFunctionKernel({.implementation = "scale_and_shift",
                             .run = run,
                             .scratchpad_bytes = 2 * view.channels * int64_t{sizeof(float)},
                             .in_place = InPlace{0, /*required=*/false}});
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileInstanceNormalization(const CompileContext& context,
                                                                     const Candidate& candidate) {
  const PlaneView view = ViewOf(context, candidate.inputs[0]);
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  const float slope = SlopeOf(context.node());
  const int64_t instances = view.images * view.channels;
  const auto run = [=](const KernelArguments& arguments) {
    float* factors = static_cast<float*>(arguments.scratchpad);
    float* shifts = factors + instances;
    FactorsOfInstances(view, {Floats(arguments, 1), Floats(arguments, 2), epsilon},
                       Floats(arguments, 0), factors, shifts);
    ScaleAndShift(view, /*per_image=*/true, factors, shifts, slope, Floats(arguments, 0),
                  static_cast<float*>(arguments.outputs[0]));
  };
  return MakeFunctionKernel({.implementation = "moments_and_scale",
                             .run = run,
                             .scratchpad_bytes = 2 * instances * int64_t{sizeof(float)},
                             .in_place = InPlace{0, /*required=*/false}});
}

std::vector<Candidate> LayerNormalizationCandidates(const CompileContext& context) {
  const absl::StatusOr<int> axis =
      NormalizeAxis(context.attributes().Int("axis", -1), context.input_shape(0).rank());
  if (context.input(0).type != DataType::kFloat32 || context.has_output(1) ||
      context.has_output(2) || !axis.ok() || context.input_shape(0).num_elements() == 0) {
    return {};
  }
  const int64_t count = context.input_shape(0).Product(*axis, context.input_shape(0).rank());
  for (int i = 1; i < context.num_inputs(); ++i) {
    if (context.has_input(i) && context.input_shape(i).num_elements() != count) {
      return {};
    }
  }
  return {Candidate{"row_major", {}, {Layout::kRowMajor}}};
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileLayerNormalization(const CompileContext& context,
                                                                  const Candidate&) {
  const Shape& shape = context.input_shape(0);
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(context.attributes().Int("axis", -1), shape.rank()));
  const int64_t count = shape.Product(axis, shape.rank());
  const int64_t runs = shape.Product(0, axis);
  const double epsilon = context.attributes().Float("epsilon", 1e-5f);
  const bool has_bias = context.has_input(2);
  const auto normalize = [=](const KernelArguments& arguments, int64_t index) {
    const float* x = Floats(arguments, 0) + index * count;
    float* y = static_cast<float*>(arguments.outputs[0]) + index * count;
    const float* scale = Floats(arguments, 1);
    const float* bias = has_bias ? Floats(arguments, 2) : nullptr;
    const Moments moments = MomentsOfLine(x, count);
    const float factor = static_cast<float>(1 / std::sqrt(moments.variance + epsilon));
    const float mean = static_cast<float>(moments.mean);
    Vectorized([=]() DNND_VECTOR_BODY {
#pragma GCC ivdep
      for (int64_t i = 0; i < count; ++i) {
        y[i] = (x[i] - mean) * factor * scale[i] + (has_bias ? bias[i] : 0);
      }
    });
  };
  const auto run = [=](const KernelArguments& arguments) {
    ParallelFor(runs, kGrain / count, [&](int64_t begin, int64_t end) {
      for (int64_t index = begin; index < end; ++index) {
        normalize(arguments, index);
      }
    });
  };
  return MakeFunctionKernel({.implementation = "moments_and_scale",
                             .run = run,
                             .in_place = InPlace{0, /*required=*/false}});
}

}  // namespace dnnd::engine
