// MaxPool(x) → y, indices? and AveragePool(x) → y over [n,c,…] with 1 to 3 spatial axes.
#include "engine/onednn/pooling.h"

#include <algorithm>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/window.h"

namespace dnnd::engine {
namespace {

using MaxTypes = TypeList<float, double, int8_t, uint8_t>;

absl::StatusOr<Window> PoolWindow(const Attributes& attributes, const Shape& input) {
  return ResolveWindow(attributes, SpatialDims(input), attributes.Ints("kernel_shape"),
                       attributes.Int("ceil_mode", 0) != 0);
}

absl::Status InferPool(InferContext& context) {
  const Shape& x = context.input_shape(0);
  DNND_RETURN_IF_ERROR(RequireSpatialRank(x));
  DNND_ASSIGN_OR_RETURN(const Window window, PoolWindow(context.attributes(), x));
  for (int axis = 0; axis < window.rank(); ++axis) {
    if (std::max(window.pads_begin[axis], window.pads_end[axis]) >= window.span(axis)) {
      return absl::InvalidArgumentError(absl::StrCat("pads on spatial axis ", axis,
                                                     " are as large as the kernel, which spans ",
                                                     window.span(axis)));
    }
  }
  Dims dims = {x[0], x[1]};
  dims.insert(dims.end(), window.output.begin(), window.output.end());
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  if (context.has_output(1)) {
    context.SetOutput(1, DataType::kInt64, shape);
  }
  context.SetOutput(0, context.input(0).type, std::move(shape));
  return absl::OkStatus();
}

// Calls visit(output position, {d, h, w}) for every output of one plane, row-major.
template <typename Visit>
void ForEachOutput(const Window& w, const Visit& visit) {
  int64_t position = 0;
  for (int64_t d = 0; d < w.output[0]; ++d) {
    for (int64_t h = 0; h < w.output[1]; ++h) {
      for (int64_t v = 0; v < w.output[2]; ++v) {
        visit(position++, std::array<int64_t, 3>{d, h, v});
      }
    }
  }
}

// The window's positions on one axis for output `o`, those inside [low, high): [begin, end) in
// kernel steps.
struct Steps {
  int64_t origin, begin, end;
};
Steps StepsInside(const Window& w, int axis, int64_t o, int64_t low, int64_t high) {
  const int64_t origin = o * w.strides[axis] - w.pads_begin[axis];
  const int64_t dilation = w.dilations[axis];
  const int64_t begin = origin >= low ? 0 : (low - origin + dilation - 1) / dilation;
  const int64_t end =
      high <= origin ? 0 : std::min(w.kernel[axis], (high - origin + dilation - 1) / dilation);
  return {origin, begin, std::max(begin, end)};
}

// Calls visit(input position) for every input that output `at` sees, row-major.
template <typename Visit>
void ForEachInput(const Window& w, const std::array<int64_t, 3>& at, const Visit& visit) {
  const Steps d = StepsInside(w, 0, at[0], 0, w.input[0]);
  const Steps h = StepsInside(w, 1, at[1], 0, w.input[1]);
  const Steps v = StepsInside(w, 2, at[2], 0, w.input[2]);
  for (int64_t kd = d.begin; kd < d.end; ++kd) {
    for (int64_t kh = h.begin; kh < h.end; ++kh) {
      const int64_t row =
          ((d.origin + kd * w.dilations[0]) * w.input[1] + h.origin + kh * w.dilations[1]) *
          w.input[2];
      for (int64_t kv = v.begin; kv < v.end; ++kv) {
        visit(row + v.origin + kv * w.dilations[2]);
      }
    }
  }
}

// The index of a position in a plane with the axes stored the other way round (storage_order = 1).
int64_t ColumnMajor(const Window& w, int64_t position) {
  const int64_t width = position % w.input[2];
  const int64_t height = position / w.input[2] % w.input[1];
  const int64_t depth = position / (w.input[2] * w.input[1]);
  return (width * w.input[1] + height) * w.input[0] + depth;
}

template <typename T>
void MaxPlane(const Window& window, const T* x, T* y, int64_t* winners) {
  ForEachOutput(window, [&](int64_t position, const std::array<int64_t, 3>& at) {
    T best = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                  : std::numeric_limits<T>::lowest();
    int64_t winner = -1;
    ForEachInput(window, at, [&](int64_t input) {
      if (winner < 0 || x[input] > best) {
        best = x[input];
        winner = input;
      }
    });
    y[position] = best;
    if (winners != nullptr) {
      winners[position] = winner;
    }
  });
}

template <typename T>
void MaxPool(const ReferenceContext& context, const Window& window) {
  const Shape& x = context.input(0).shape();
  const Shape& y = context.output(0).shape();
  const int64_t input_plane = x.Product(2, x.rank());
  const int64_t output_plane = y.Product(2, y.rank());
  const bool column_major = context.attributes().Int("storage_order", 0) != 0;
  int64_t* indices = context.has_output(1) ? context.output(1).data<int64_t>() : nullptr;
  ParallelFor(x[0] * x[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      int64_t* winners = indices == nullptr ? nullptr : indices + plane * output_plane;
      MaxPlane(window, context.input(0).data<T>() + plane * input_plane,
               context.output(0).data<T>() + plane * output_plane, winners);
      for (int64_t i = 0; winners != nullptr && i < output_plane; ++i) {
        winners[i] =
            plane * input_plane + (column_major ? ColumnMajor(window, winners[i]) : winners[i]);
      }
    }
  });
}

absl::Status ReferenceMaxPool(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Window window,
                        PoolWindow(context.attributes(), context.input(0).shape()));
  return Dispatch<MaxTypes>(context.input(0).type(), [&]<typename T>() {
    MaxPool<T>(context, InThreeAxes(window));
    return absl::OkStatus();
  });
}

// What a mean is divided by when the declared pads count; the overhang of ceil_mode never does.
double PaddedCount(const Window& w, const std::array<int64_t, 3>& at) {
  double count = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const Steps steps =
        StepsInside(w, axis, at[axis], -w.pads_begin[axis], w.input[axis] + w.pads_end[axis]);
    count *= static_cast<double>(steps.end - steps.begin);
  }
  return count;
}

template <typename T>
void AveragePlane(const Window& window, bool count_pads, const T* x, T* y) {
  ForEachOutput(window, [&](int64_t position, const std::array<int64_t, 3>& at) {
    T sum = 0;
    int64_t count = 0;
    ForEachInput(window, at, [&](int64_t input) {
      sum += x[input];
      ++count;
    });
    const double divisor = count_pads ? PaddedCount(window, at) : static_cast<double>(count);
    y[position] = count == 0 ? T{0} : sum / static_cast<T>(divisor);
  });
}

template <typename T>
void AveragePool(const ReferenceContext& context, const Window& window) {
  const Shape& x = context.input(0).shape();
  const Shape& y = context.output(0).shape();
  const int64_t input_plane = x.Product(2, x.rank());
  const int64_t output_plane = y.Product(2, y.rank());
  const bool count_pads = context.attributes().Int("count_include_pad", 0) != 0;
  ParallelFor(x[0] * x[1], 1, [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      AveragePlane(window, count_pads, context.input(0).data<T>() + plane * input_plane,
                   context.output(0).data<T>() + plane * output_plane);
    }
  });
}

absl::Status ReferenceAveragePool(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Window window,
                        PoolWindow(context.attributes(), context.input(0).shape()));
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    AveragePool<T>(context, InThreeAxes(window));
    return absl::OkStatus();
  });
}

std::vector<Candidate> PoolCandidates(const CompileContext& context) {
  // Positions of the maxima are the reference kernel's.
  return context.has_output(1) ? std::vector<Candidate>() : FlatCandidates(context);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompilePool(const CompileContext& context,
                                                    const Candidate& candidate,
                                                    onednn::PoolingKind kind) {
  DNND_ASSIGN_OR_RETURN(const Window window,
                        PoolWindow(context.attributes(), context.input_shape(0)));
  onednn::PoolingSpec spec{.kind = kind,
                           .src = context.input(0),
                           .dst = context.output(0),
                           .layout = candidate.outputs[0],
                           .kernel = window.kernel,
                           .strides = window.strides,
                           .pads_begin = window.pads_begin,
                           .pads_end = {}};
  for (int axis = 0; axis < window.rank(); ++axis) {
    const int64_t reach = std::max<int64_t>(window.exact_pad_end(axis), 0);
    if (window.dilations[axis] != 1 && window.kernel[axis] != 1) {
      return absl::UnimplementedError("oneDNN has no fast dilated pool");
    }
    if (kind == onednn::PoolingKind::kAverageWithPadding && reach > window.pads_end[axis]) {
      return absl::UnimplementedError("the overhang of ceil_mode would count as a pad");
    }
    spec.pads_end.push_back(reach);
  }
  return onednn::MakePooling(spec);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileMaxPool(const CompileContext& context,
                                                       const Candidate& candidate) {
  return CompilePool(context, candidate, onednn::PoolingKind::kMax);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileAveragePool(const CompileContext& context,
                                                           const Candidate& candidate) {
  const bool count_pads = context.attributes().Int("count_include_pad", 0) != 0;
  return CompilePool(
      context, candidate,
      count_pads ? onednn::PoolingKind::kAverageWithPadding : onednn::PoolingKind::kAverage);
}

Cost PoolCost(const CompileContext& context) {
  int64_t operations = context.output_shape(0).num_elements();
  for (const int64_t extent : context.attributes().Ints("kernel_shape")) {
    operations = SaturatingProduct({operations, extent});
  }
  Cost cost = ArgumentBytes(context);
  cost.other_operations = operations;
  return cost;
}

absl::StatusOr<RowAxis> RowsOfMaxPool(const RowsContext& context) {
  if (context.has_output(1)) {
    return absl::UnimplementedError("indices count through the whole batch");
  }
  return RowsOfPictures(context);
}

}  // namespace

extern const OpDef kMaxPool = {.type = "MaxPool",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .min_outputs = 1,
                               .max_outputs = 2,
                               .infer = InferPool,
                               .reference = ReferenceMaxPool,
                               .candidates = PoolCandidates,
                               .compile = CompileMaxPool,
                               .rows = RowsOfMaxPool,
                               .cost = PoolCost};

extern const OpDef kAveragePool = {.type = "AveragePool",
                                   .min_inputs = 1,
                                   .max_inputs = 1,
                                   .infer = InferPool,
                                   .reference = ReferenceAveragePool,
                                   .candidates = PoolCandidates,
                                   .compile = CompileAveragePool,
                                   .rows = RowsOfPictures,
                                   .cost = PoolCost};

}  // namespace dnnd::engine
