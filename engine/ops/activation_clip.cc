// Clip(x, min?, max?): the bounds are inputs.
#include <algorithm>
#include <limits>

#include "engine/base/status.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/elementwise_kernels.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

absl::Status InferClip(InferContext& context) {
  for (int i = 1; i < context.num_inputs(); ++i) {
    if (!context.has_input(i)) {
      continue;
    }
    DNND_RETURN_IF_ERROR(RequireSameType(context, 0, i));
    if (context.input_shape(i).num_elements() != 1) {
      return absl::InvalidArgumentError(absl::StrCat("bound (input ", i, ") has shape ",
                                                     context.input_shape(i).ToString(),
                                                     ", want a scalar"));
    }
  }
  return InferSameAsInput(context);
}

template <typename T>
T Lowest() {
  using Limits = std::numeric_limits<T>;
  return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
}

template <typename T>
T Highest() {
  using Limits = std::numeric_limits<T>;
  return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

// Where min > max every element becomes max, as ONNX defines it.
absl::Status ReferenceClip(const ReferenceContext& context) {
  return Dispatch<NumericTypes>(context.input(0).type(), [&]<typename T>() {
    const T low = context.has_input(1) ? *context.input(1).data<T>() : Lowest<T>();
    const T high = context.has_input(2) ? *context.input(2).data<T>() : Highest<T>();
    const T* x = context.input(0).data<T>();
    T* y = context.output(0).data<T>();
    for (int64_t i = 0; i < context.output(0).num_elements(); ++i) {
      y[i] = std::min(std::max(x[i], low), high);
    }
    return absl::OkStatus();
  });
}

// The bounds are read when the kernel runs: they may be results of other nodes.
absl::StatusOr<std::unique_ptr<Kernel>> CompileClip(const CompileContext& context,
                                                    const Candidate&) {
  const int64_t count = context.output_shape(0).num_elements();
  const bool has_low = context.has_input(1);
  const bool has_high = context.has_input(2);
  const auto run = [=](const KernelArguments& arguments) {
    const float low = has_low ? *static_cast<const float*>(arguments.inputs[1]) : Lowest<float>();
    const float high =
        has_high ? *static_cast<const float*>(arguments.inputs[2]) : Highest<float>();
    ParallelFor(count, kElementsAThread, [&](int64_t begin, int64_t end) {
      const float* x = static_cast<const float*>(arguments.inputs[0]);
      float* y = static_cast<float*>(arguments.outputs[0]);
      Vectorized([=]() DNND_VECTOR_BODY {
        DNND_INDEPENDENT_LOOP
        for (int64_t i = begin; i < end; ++i) {
          y[i] = std::min(std::max(x[i], low), high);
        }
      });
    });
  };
  return MakeFunctionKernel(
      {.implementation = "map", .run = run, .in_place = InPlace{0, /*required=*/false}});
}

}  // namespace

extern const OpDef kClip = {.type = "Clip",
                            .min_inputs = 1,
                            .max_inputs = 3,
                            .infer = InferClip,
                            .reference = ReferenceClip,
                            .candidates = FlatCandidates,
                            .compile = CompileClip,
                            .rows = RowsOfBroadcast};

}  // namespace dnnd::engine
