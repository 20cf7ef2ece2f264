// ReduceSum, ReduceMean, ReduceMax …(x, axes?): attributes keepdims, noop_with_empty_axes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/status.h"
#include "engine/ops/broadcast.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/reduce_kernels.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// What a reduction leaves.
struct Reduction {
  std::vector<bool> reduced;  // by axis of the input
  Shape kept;                 // the input's shape with 1 for every reduced axis
  Shape output;               // the same, or without those axes
};

absl::StatusOr<Reduction> ReadReduction(const OpArguments& arguments) {
  const Shape& shape = arguments.input_shape(0);
  DNND_ASSIGN_OR_RETURN(Dims given, arguments.Int64sOr(1, {}));
  if (given.empty() && arguments.attributes().Int("noop_with_empty_axes", 0) != 0) {
    return Reduction{std::vector<bool>(shape.rank(), false), shape, shape};
  }
  if (given.empty()) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      given.push_back(axis);
    }
  }
  DNND_ASSIGN_OR_RETURN(const std::vector<int> axes, NormalizeAxes(given, shape.rank()));
  const bool keep = arguments.attributes().Int("keepdims", 1) != 0;
  std::vector<bool> reduced(shape.rank(), false);
  for (int axis : axes) {
    reduced[axis] = true;
  }
  Dims kept;
  Dims output;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    kept.push_back(reduced[axis] ? 1 : shape[axis]);
    if (!reduced[axis] || keep) {
      output.push_back(kept.back());
    }
  }
  return Reduction{std::move(reduced), Shape(kept), Shape(output)};
}

absl::Status InferReduce(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(Reduction reduction, ReadReduction(OpArguments(context)));
  context.SetOutput(0, context.input(0).type, std::move(reduction.output));
  return absl::OkStatus();
}

// Sums of floats in double, sums of integers modulo 2^64.
template <typename T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

struct AddUp {
  template <typename T>
  static Accumulator<T> Start() {
    return 0;
  }
  template <typename T>
  static Accumulator<T> Add(Accumulator<T> sum, T x) {
    return sum + static_cast<Accumulator<T>>(x);
  }
  template <typename T>
  static T Finish(Accumulator<T> sum, int64_t) {
    return static_cast<T>(sum);
  }
};

struct AddUpMagnitudes : AddUp {
  template <typename T>
  static Accumulator<T> Add(Accumulator<T> sum, T x) {
    return x < 0 ? sum - static_cast<Accumulator<T>>(x) : sum + static_cast<Accumulator<T>>(x);
  }
};

struct AddUpSquares : AddUp {
  template <typename T>
  static Accumulator<T> Add(Accumulator<T> sum, T x) {
    return sum + static_cast<Accumulator<T>>(x) * static_cast<Accumulator<T>>(x);
  }
};

struct Norm : AddUpSquares {
  template <typename T>
  static T Finish(Accumulator<T> sum, int64_t) {
    return static_cast<T>(std::sqrt(static_cast<double>(sum)));
  }
};

struct LogOfSum : AddUp {
  template <typename T>
  static T Finish(Accumulator<T> sum, int64_t) {
    return static_cast<T>(std::log(static_cast<double>(sum)));
  }
};

struct MeanOf : AddUp {
  template <typename T>
  static T Finish(Accumulator<T> sum, int64_t count) {
    if constexpr (std::is_integral_v<T>) {
      return count == 0 ? T{0} : static_cast<T>(static_cast<int64_t>(sum) / count);
    } else {
      return static_cast<T>(sum / static_cast<double>(count));
    }
  }
};

struct Multiply : AddUp {
  template <typename T>
  static Accumulator<T> Start() {
    return 1;
  }
  template <typename T>
  static Accumulator<T> Add(Accumulator<T> product, T x) {
    return product * static_cast<Accumulator<T>>(x);
  }
};

// Visits every element of input 0 with its place in the reduced result.
template <typename T, typename Visit>
void ForEachElement(const ReferenceContext& context, const Shape& kept, const Visit& visit) {
  const TensorView& x = context.input(0);
  const BroadcastWalk<2> walk(x.shape(), {&x.shape(), &kept});
  walk.ForRows(0, walk.num_rows(), [&](int64_t row, const std::array<int64_t, 2>& offsets) {
    const T* in = x.data<T>() + row * walk.row_length();
    for (int64_t i = 0; i < walk.row_length(); ++i) {
      visit(in[i], offsets[1] + i * walk.step(1));
    }
  });
}

template <typename Types, typename Rule>
absl::Status Accumulate(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Reduction reduction, ReadReduction(OpArguments(context)));
  const MutableTensorView& y = context.output(0);
  return Dispatch<Types>(y.type(), [&]<typename T>() {
    const int64_t results = y.num_elements();
    std::vector<Accumulator<T>> sums(results, Rule::template Start<T>());
    ForEachElement<T>(context, reduction.kept, [&](T x, int64_t place) {
      sums[place] = Rule::template Add<T>(sums[place], x);
    });
    const int64_t count = results == 0 ? 0 : context.input(0).num_elements() / results;
    for (int64_t i = 0; i < results; ++i) {
      y.data<T>()[i] = Rule::template Finish<T>(sums[i], count);
    }
    return absl::OkStatus();
  });
}

// As numpy and every runtime have it, NaN wins.
template <typename T>
bool Better(T x, T best, bool highest) {
  return x != x || (highest ? x > best : x < best);  // NOLINT(misc-redundant-expression): NaN
}

absl::Status Extreme(const ReferenceContext& context, bool highest) {
  DNND_ASSIGN_OR_RETURN(const Reduction reduction, ReadReduction(OpArguments(context)));
  const MutableTensorView& y = context.output(0);
  return Dispatch<PlainTypes>(y.type(), [&]<typename T>() {
    using Limits = std::numeric_limits<T>;
    T worst = highest ? Limits::lowest() : Limits::max();
    if constexpr (Limits::has_infinity) {
      worst = highest ? -Limits::infinity() : Limits::infinity();
    }
    T* best = y.data<T>();
    std::fill_n(best, y.num_elements(), worst);
    ForEachElement<T>(context, reduction.kept, [&](T x, int64_t place) {
      best[place] = Better(x, best[place], highest) ? x : best[place];
    });
    return absl::OkStatus();
  });
}

// log(Σ exp(x)), with the largest element taken out so that no exponential overflows.
absl::Status LogOfSumOfExponentials(const ReferenceContext& context) {
  DNND_ASSIGN_OR_RETURN(const Reduction reduction, ReadReduction(OpArguments(context)));
  DNND_RETURN_IF_ERROR(Extreme(context, true));
  const MutableTensorView& y = context.output(0);
  return Dispatch<FloatTypes>(y.type(), [&]<typename T>() {
    T* highest = y.data<T>();
    std::vector<double> sums(y.num_elements(), 0);
    ForEachElement<T>(context, reduction.kept, [&](T x, int64_t place) {
      sums[place] += x == highest[place] ? 1 : std::exp(double{x} - double{highest[place]});
    });
    for (int64_t i = 0; i < y.num_elements(); ++i) {
      highest[i] = static_cast<T>(highest[i] + std::log(sums[i]));
    }
    return absl::OkStatus();
  });
}

Cost ReduceCost(const CompileContext& context) {
  Cost cost = ArgumentBytes(context);
  cost.other_operations = context.input_shape(0).num_elements();
  return cost;
}

// One flag an axis of input 0.
std::vector<bool> ReducedAxes(const CompileContext& context) {
  const absl::StatusOr<Reduction> reduction = ReadReduction(OpArguments(context));
  const Shape& shape = context.input_shape(0);
  std::vector<bool> reduced(shape.rank(), false);
  for (int axis = 0; axis < shape.rank() && reduction.ok(); ++axis) {
    reduced[axis] = reduction->kept[axis] != shape[axis];
  }
  return reduced;
}

std::vector<Candidate> CandidatesOfReduce(const CompileContext& context) {
  return ReduceCandidates(context, ReducedAxes(context));
}

template <ReduceKind kKind>
absl::StatusOr<std::unique_ptr<Kernel>> CompileAs(const CompileContext& context,
                                                  const Candidate& candidate) {
  return CompileReduce(context, candidate, ReducedAxes(context), kKind);
}

absl::StatusOr<RowAxis> RowsOfReduce(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const Reduction reduction, ReadReduction(OpArguments(context)));
  RowAxis rows = context.rows(0).value_or(RowAxis());
  if (!context.rows(0).has_value() || reduction.reduced[rows.axis]) {
    return RowsMix();
  }
  if (reduction.output.rank() != context.input_shape(0).rank()) {
    rows.axis -= static_cast<int>(
        std::count(reduction.reduced.begin(), reduction.reduced.begin() + rows.axis, true));
  }
  return rows;
}

constexpr OpDef ReduceRow(absl::string_view type, OpDef::Reference reference,
                          OpDef::Compile compile = nullptr) {
  return OpDef{.type = type,
               .min_inputs = 1,
               .max_inputs = 2,
               .infer = InferReduce,
               .reference = reference,
               .candidates = compile == nullptr ? nullptr : CandidatesOfReduce,
               .compile = compile,
               .rows = RowsOfReduce,
               .cost = ReduceCost};
}

}  // namespace

extern const OpDef kReduceL1 = ReduceRow("ReduceL1", Accumulate<NumericTypes, AddUpMagnitudes>);
extern const OpDef kReduceL2 =
    ReduceRow("ReduceL2", Accumulate<NumericTypes, Norm>, CompileAs<ReduceKind::kL2>);
extern const OpDef kReduceLogSum = ReduceRow("ReduceLogSum", Accumulate<FloatTypes, LogOfSum>);
extern const OpDef kReduceLogSumExp = ReduceRow("ReduceLogSumExp", LogOfSumOfExponentials);
extern const OpDef kReduceMax = ReduceRow(
    "ReduceMax", [](const ReferenceContext& context) { return Extreme(context, true); },
    CompileAs<ReduceKind::kMax>);
extern const OpDef kReduceMean =
    ReduceRow("ReduceMean", Accumulate<NumericTypes, MeanOf>, CompileAs<ReduceKind::kMean>);
extern const OpDef kReduceMin = ReduceRow(
    "ReduceMin", [](const ReferenceContext& context) { return Extreme(context, false); },
    CompileAs<ReduceKind::kMin>);
extern const OpDef kReduceProd = ReduceRow("ReduceProd", Accumulate<NumericTypes, Multiply>);
extern const OpDef kReduceSum =
    ReduceRow("ReduceSum", Accumulate<NumericTypes, AddUp>, CompileAs<ReduceKind::kSum>);
extern const OpDef kReduceSumSquare =
    ReduceRow("ReduceSumSquare", Accumulate<NumericTypes, AddUpSquares>);

}  // namespace dnnd::engine
