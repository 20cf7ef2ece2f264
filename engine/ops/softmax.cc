// Softmax, LogSoftmax and Hardmax along one axis; with coerce_2d, as opsets below 13 have it, over
// all axes from `axis` on.

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/softmax_kernels.h"

namespace dnnd::engine {
namespace {

absl::StatusOr<SoftmaxView> ViewFor(const Attributes& attributes, const Shape& shape) {
  const bool coerce = attributes.Int("coerce_2d", 0) != 0;
  const int64_t attribute = attributes.Int("axis", coerce ? 1 : -1);
  if (coerce && attribute == shape.rank()) {
    return SoftmaxView{shape.num_elements(), 1, 1};
  }
  DNND_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(attribute, shape.rank()));
  if (coerce) {
    return SoftmaxView{shape.Product(0, axis), shape.Product(axis, shape.rank()), 1};
  }
  return SoftmaxView{shape.Product(0, axis), shape[axis], shape.Product(axis + 1, shape.rank())};
}

absl::Status InferSoftmax(InferContext& context) {
  DNND_RETURN_IF_ERROR(ViewFor(context.attributes(), context.input_shape(0)).status());
  return InferSameAsInput(context);
}

template <typename T>
void SoftmaxLine(const T* x, T* y, int64_t extent, int64_t step, bool logarithm) {
  T highest = x[0];
  for (int64_t i = 1; i < extent; ++i) {
    highest = std::max(highest, x[i * step]);
  }
  T sum = 0;
  for (int64_t i = 0; i < extent; ++i) {
    y[i * step] = x[i * step] - highest;
    sum += std::exp(y[i * step]);
  }
  const T log_sum = std::log(sum);
  for (int64_t i = 0; i < extent; ++i) {
    y[i * step] = logarithm ? y[i * step] - log_sum : std::exp(y[i * step]) / sum;
  }
}

// One where the first of the largest stands, else zero.
template <typename T>
void HardmaxLine(const T* x, T* y, int64_t extent, int64_t step) {
  int64_t largest = 0;
  for (int64_t i = 0; i < extent; ++i) {
    largest = x[i * step] > x[largest * step] ? i : largest;
    y[i * step] = 0;
  }
  y[largest * step] = 1;
}

// Calls run(x, y, extent, step) for each line: as many elements, `step` apart.
template <typename Run>
absl::Status ForEachLine(const ReferenceContext& context, const Run& run) {
  DNND_ASSIGN_OR_RETURN(const SoftmaxView view,
                        ViewFor(context.attributes(), context.input(0).shape()));
  if (context.input(0).num_elements() == 0) {
    return absl::OkStatus();
  }
  return Dispatch<FloatTypes>(context.input(0).type(), [&]<typename T>() {
    for (int64_t line = 0; line < view.outer * view.inner; ++line) {
      const int64_t offset = line / view.inner * view.extent * view.inner + line % view.inner;
      run(context.input(0).data<T>() + offset, context.output(0).data<T>() + offset, view.extent,
          view.inner);
    }
    return absl::OkStatus();
  });
}

template <bool kLogarithm>
absl::Status RunSoftmax(const ReferenceContext& context) {
  return ForEachLine(context, [](const auto* x, auto* y, int64_t extent, int64_t step) {
    SoftmaxLine(x, y, extent, step, kLogarithm);
  });
}

absl::Status RunHardmax(const ReferenceContext& context) {
  return ForEachLine(context, [](const auto* x, auto* y, int64_t extent, int64_t step) {
    HardmaxLine(x, y, extent, step);
  });
}

// Along the channels, every pixel of a channels-last activation is a line.
bool RunsAlongChannels(const SoftmaxView& view, const Shape& shape) {
  return shape.rank() >= 3 && shape.rank() <= 5 && view.outer == shape[0] &&
         view.extent == shape[1] && view.inner == shape.Product(2, shape.rank());
}

std::vector<Candidate> SoftmaxCandidates(const CompileContext& context) {
  const Shape& shape = context.input_shape(0);
  const absl::StatusOr<SoftmaxView> view = ViewFor(context.attributes(), shape);
  if (!view.ok() || context.input(0).type != DataType::kFloat32 || shape.num_elements() == 0) {
    return {};
  }
  std::vector<Candidate> candidates;
  if (RunsAlongChannels(*view, shape)) {
    candidates.push_back({"channels_last", {Layout::kChannelsLast}, {Layout::kChannelsLast}});
  }
  candidates.push_back({"row_major", {Layout::kRowMajor}, {Layout::kRowMajor}});
  return candidates;
}

template <bool kLogarithm>
absl::StatusOr<std::unique_ptr<Kernel>> CompileSoftmax(const CompileContext& context,
                                                       const Candidate& candidate) {
  DNND_ASSIGN_OR_RETURN(const SoftmaxView view,
                        ViewFor(context.attributes(), context.input_shape(0)));
  if (candidate.inputs[0] == Layout::kChannelsLast) {
    return MakeSoftmaxKernel({view.outer * view.inner, view.extent, 1}, kLogarithm);
  }
  return MakeSoftmaxKernel(view, kLogarithm);
}

// Maximum, difference, exponential, sum and quotient.
Cost SoftmaxCost(const CompileContext& context) {
  Cost cost = ArgumentBytes(context);
  cost.other_operations = 5 * context.output_shape(0).num_elements();
  return cost;
}

absl::StatusOr<RowAxis> RowsOfSoftmax(const RowsContext& context) {
  const int rank = context.input_shape(0).rank();
  const bool coerce = context.attributes().Int("coerce_2d", 0) != 0;
  const int64_t attribute = context.attributes().Int("axis", coerce ? 1 : -1);
  if (coerce && attribute == rank) {
    return RowsBeforeAxis(context, rank);
  }
  DNND_ASSIGN_OR_RETURN(const int axis, NormalizeAxis(attribute, rank));
  return coerce ? RowsBeforeAxis(context, axis) : RowsOffAxis(context, axis);
}

}  // namespace

extern const OpDef kSoftmax = {.type = "Softmax",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .infer = InferSoftmax,
                               .reference = RunSoftmax<false>,
                               .candidates = SoftmaxCandidates,
                               .compile = CompileSoftmax<false>,
                               .rows = RowsOfSoftmax,
                               .cost = SoftmaxCost};

// https://onnx.ai/onnx/operators/onnx__Hardmax.html
extern const OpDef kHardmax = {.type = "Hardmax",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .infer = InferSoftmax,
                               .reference = RunHardmax,
                               .rows = RowsOfSoftmax};

extern const OpDef kLogSoftmax = {.type = "LogSoftmax",
                                  .min_inputs = 1,
                                  .max_inputs = 1,
                                  .infer = InferSoftmax,
                                  .reference = RunSoftmax<true>,
                                  .candidates = SoftmaxCandidates,
                                  .compile = CompileSoftmax<true>,
                                  .rows = RowsOfSoftmax,
                                  .cost = SoftmaxCost};

}  // namespace dnnd::engine
