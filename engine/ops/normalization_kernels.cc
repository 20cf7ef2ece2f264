#include "engine/ops/normalization_kernels.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/parallel.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/moments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// An activation [n,c,…] in memory: row-major keeps planes together, channels last keeps pixels
// together.
struct PlaneView {
  int64_t images = 0;
  int64_t channels = 0;
  int64_t plane = 0;
  bool channels_last = false;
};

// A plane of one element is a pixel in any layout.
PlaneView ViewOf(const CompileContext& context, Layout layout) {
  const Shape& shape = context.input_shape(0);
  const int64_t plane = shape.Product(2, shape.rank());
  return {shape[0], shape[1], plane, layout == Layout::kChannelsLast || plane == 1};
}

// The slope below zero of the fused activation; 1 where there is none.
float SlopeOf(const Node& node) { return node.post_ops.empty() ? 1.0f : node.post_ops[0].alpha; }

DNND_VECTOR_BODY inline float Activate(float x, float slope) { return x < 0 ? slope * x : x; }

struct ScaleShift {
  const float* scale;
  const float* shift;
};

// y = activate(x * scale + shift) along `count` elements, each with its own scale and shift.
void ApplyAlong(const ScaleShift& factors, float slope, const float* x, float* y, int64_t count) {
  Vectorized([=]() DNND_VECTOR_BODY {
    DNND_INDEPENDENT_LOOP
    for (int64_t i = 0; i < count; ++i) {
      y[i] = Activate(x[i] * factors.scale[i] + factors.shift[i], slope);
    }
  });
}

// The same with one scale and shift for all.
void ApplyOne(float scale, float shift, float slope, const float* x, float* y, int64_t count) {
  Vectorized([=]() DNND_VECTOR_BODY {
    DNND_INDEPENDENT_LOOP
    for (int64_t i = 0; i < count; ++i) {
      y[i] = Activate(x[i] * scale + shift, slope);
    }
  });
}

// Pixels of few channels would make short loops: their factors are written out several times.
class FactorTile {
 public:
  explicit FactorTile(int64_t channels)
      : channels_(channels), pixels_(std::max<int64_t>(kElements / channels, 1)) {}

  int64_t pixels() const { return pixels_; }
  // `from` holds one scale and shift a channel.
  ScaleShift Fill(const ScaleShift& from) {
    if (pixels_ == 1) {
      return from;
    }
    for (int64_t pixel = 0; pixel < pixels_; ++pixel) {
      std::copy_n(from.scale, channels_, scale_ + pixel * channels_);
      std::copy_n(from.shift, channels_, shift_ + pixel * channels_);
    }
    return {scale_, shift_};
  }

 private:
  static constexpr int64_t kElements = 512;

  const int64_t channels_;
  const int64_t pixels_;
  float scale_[kElements];
  float shift_[kElements];
};

// y = activate(x * scale + shift) with one scale and shift for each channel of each image, or for
// each channel of all (`per_image` false).
void ApplyToPixels(const PlaneView& view, bool per_image, const ScaleShift& factors, float slope,
                   const float* x, float* y) {
  const int64_t tile_pixels = FactorTile(view.channels).pixels();
  const int64_t tiles = (view.plane + tile_pixels - 1) / tile_pixels;
  const int64_t grain = kElementsAThread / (tile_pixels * view.channels);
  ParallelFor(view.images * tiles, grain, [&](int64_t begin, int64_t end) {
    FactorTile tile(view.channels);
    ScaleShift filled{};
    for (int64_t index = begin; index < end; ++index) {
      const int64_t image = index / tiles;
      if (index == begin || (per_image && index % tiles == 0)) {
        const int64_t first = per_image ? image * view.channels : 0;
        filled = tile.Fill({factors.scale + first, factors.shift + first});
      }
      const int64_t pixel = index % tiles * tile_pixels;
      const int64_t offset = (image * view.plane + pixel) * view.channels;
      ApplyAlong(filled, slope, x + offset, y + offset,
                 std::min(tile_pixels, view.plane - pixel) * view.channels);
    }
  });
}

void ApplyToPlanes(const PlaneView& view, bool per_image, const ScaleShift& factors, float slope,
                   const float* x, float* y) {
  ParallelFor(view.images * view.channels, kElementsAThread / view.plane,
              [&](int64_t begin, int64_t end) {
                for (int64_t plane = begin; plane < end; ++plane) {
                  const int64_t place = per_image ? plane : plane % view.channels;
                  ApplyOne(factors.scale[place], factors.shift[place], slope,
                           x + plane * view.plane, y + plane * view.plane, view.plane);
                }
              });
}

void Apply(const PlaneView& view, bool per_image, const ScaleShift& factors, float slope,
           const float* x, float* y) {
  if (view.channels_last) {
    ApplyToPixels(view, per_image, factors, slope, x, y);
  } else {
    ApplyToPlanes(view, per_image, factors, slope, x, y);
  }
}

// scale * (x - mean) / sqrt(variance + epsilon) + bias, as one multiplication and one addition.
void Combine(const Moments& moments, float scale, float bias, double epsilon, float* factor,
             float* shift) {
  const double product = scale / std::sqrt(moments.variance + epsilon);
  *factor = static_cast<float>(product);
  *shift = static_cast<float>(bias - moments.mean * product);
}

// How an image is cut so that several threads share it. It depends on the shape only, so that the
// result does not depend on the number of threads.
int64_t SlicesOf(const PlaneView& view) {
  constexpr int64_t kMostSlices = 16;
  if (!view.channels_last) {
    return 1;
  }
  const int64_t wanted = view.plane * view.channels / (2 * kElementsAThread);
  return std::clamp<int64_t>(wanted, 1, std::min(kMostSlices, view.plane));
}

// The moments of every instance, [images][channels], into `moments`, which has room for SlicesOf
// times as many.
void MomentsOfInstances(const PlaneView& view, const float* x, Moments* moments) {
  if (!view.channels_last) {
    ParallelFor(view.images * view.channels, kElementsAThread / view.plane,
                [&](int64_t begin, int64_t end) {
                  for (int64_t plane = begin; plane < end; ++plane) {
                    moments[plane] = MomentsOfLine(x + plane * view.plane, view.plane);
                  }
                });
    return;
  }
  const int64_t slices = SlicesOf(view);
  const auto first_pixel = [&](int64_t slice) { return view.plane * slice / slices; };
  ParallelFor(view.images * slices, 1, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t first = first_pixel(index % slices);
      const int64_t count = first_pixel(index % slices + 1) - first;
      MomentsOfPixels(x + (index / slices * view.plane + first) * view.channels, count,
                      view.channels, moments + index * view.channels);
    }
  });
  for (int64_t image = 0; image < view.images; ++image) {
    for (int64_t channel = 0; channel < view.channels; ++channel) {
      MomentsJoin join;
      for (int64_t slice = 0; slice < slices; ++slice) {
        join.Add(moments[(image * slices + slice) * view.channels + channel],
                 first_pixel(slice + 1) - first_pixel(slice));
      }
      moments[image * view.channels + channel] = join.moments();
    }
  }
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
    Apply(view, /*per_image=*/false, {factors, shifts}, slope, Floats(arguments, 0),
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
  const int64_t moments_bytes = instances * SlicesOf(view) * int64_t{sizeof(Moments)};
  const auto run = [=](const KernelArguments& arguments) {
    Moments* moments = static_cast<Moments*>(arguments.scratchpad);
    MomentsOfInstances(view, Floats(arguments, 0), moments);
    float* factors =
        reinterpret_cast<float*>(static_cast<uint8_t*>(arguments.scratchpad) + moments_bytes);
    float* shifts = factors + instances;
    for (int64_t i = 0; i < instances; ++i) {
      const int64_t channel = i % view.channels;
      Combine(moments[i], Floats(arguments, 1)[channel], Floats(arguments, 2)[channel], epsilon,
              factors + i, shifts + i);
    }
    Apply(view, /*per_image=*/true, {factors, shifts}, slope, Floats(arguments, 0),
          static_cast<float*>(arguments.outputs[0]));
  };
  return MakeFunctionKernel(
      {.implementation = "moments_and_scale",
       .run = run,
       .scratchpad_bytes = moments_bytes + 2 * instances * int64_t{sizeof(float)},
       .in_place = InPlace{0, /*required=*/false}});
}

Cost StatisticsCost(const CompileContext& context) {
  const int64_t elements = context.output_shape(0).num_elements();
  Cost cost = ArgumentBytes(context);
  cost.multiply_accumulates = 2 * elements;
  cost.other_operations = 2 * elements;
  return cost;
}

}  // namespace dnnd::engine
