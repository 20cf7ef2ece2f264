#include "engine/ops/reduce_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "engine/base/parallel.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// Lanes that accumulate side by side: four AVX-512 registers hide the latency of an addition.
constexpr int64_t kLanes = 64;
// Additions in float before a partial sum moves to a double.
constexpr int64_t kPartial = 128;

// The input seen as [outer, count, inner], `count` being reduced.
struct Run {
  int64_t outer = 1;
  int64_t count = 1;
  int64_t inner = 1;
};

// The axes of a shape in the order in which `layout` stores them.
std::vector<int> StoredAxes(int rank, Layout layout) {
  std::vector<int> axes;
  for (int axis = 0; axis < rank; ++axis) {
    if (layout == Layout::kRowMajor || axis != 1) {
      axes.push_back(axis);
    }
  }
  if (layout == Layout::kChannelsLast) {
    axes.push_back(1);
  }
  return axes;
}

std::optional<Run> FindRun(const Shape& shape, const std::vector<bool>& reduced, Layout layout) {
  Run run;
  enum { kBefore, kIn, kAfter } part = kBefore;
  for (const int axis : StoredAxes(shape.rank(), layout)) {
    if (shape[axis] == 1) {
      continue;
    }
    if (reduced[axis]) {
      if (part == kAfter) {
        return std::nullopt;
      }
      part = kIn;
      run.count *= shape[axis];
    } else {
      part = part == kIn ? kAfter : part;
      (part == kBefore ? run.outer : run.inner) *= shape[axis];
    }
  }
  return run;
}

// Where the result of a channels-last input lies; none where no layout describes it.
std::optional<Layout> ResultLayout(const CompileContext& context,
                                   const std::vector<bool>& reduced) {
  const Shape& shape = context.input_shape(0);
  if (context.output_shape(0).rank() == shape.rank()) {
    return Layout::kChannelsLast;
  }
  bool keeps_space = false;
  for (int axis = 2; axis < shape.rank(); ++axis) {
    keeps_space = keeps_space || !reduced[axis];
  }
  if (keeps_space && !reduced[1]) {
    return std::nullopt;
  }
  return Layout::kRowMajor;
}

struct Add {
  static constexpr float kStart = 0;
  DNND_VECTOR_BODY static float Step(float sum, float x) { return sum + x; }
  DNND_VECTOR_BODY static double Join(double a, double b) { return a + b; }
};
struct AddSquares {
  static constexpr float kStart = 0;
  DNND_VECTOR_BODY static float Step(float sum, float x) { return sum + x * x; }
  DNND_VECTOR_BODY static double Join(double a, double b) { return a + b; }
};
// NaN wins, as in the reference kernel.
struct Highest {
  static constexpr float kStart = -std::numeric_limits<float>::infinity();
  DNND_VECTOR_BODY static float Step(float best, float x) { return x > best || x != x ? x : best; }
  DNND_VECTOR_BODY static double Join(double a, double b) { return a > b || a != a ? a : b; }
};
struct Lowest {
  static constexpr float kStart = std::numeric_limits<float>::infinity();
  DNND_VECTOR_BODY static float Step(float best, float x) { return x < best || x != x ? x : best; }
  DNND_VECTOR_BODY static double Join(double a, double b) { return a < b || a != a ? a : b; }
};

// Reduces `rows` rows of `width` <= kLanes columns, `stride` apart, into `totals`.
template <typename Rule>
void ReduceColumns(const float* x, int64_t rows, int64_t stride, int64_t width, double* totals) {
  Vectorized([=]() DNND_VECTOR_BODY {
    std::fill_n(totals, width, double{Rule::kStart});
    for (int64_t first = 0; first < rows; first += kPartial) {
      float partial[kLanes];
      std::fill_n(partial, kLanes, Rule::kStart);
      const int64_t last = std::min(rows, first + kPartial);
      for (int64_t row = first; row < last; ++row) {
        const float* in = x + row * stride;
        if (width == kLanes) {
          for (int64_t lane = 0; lane < kLanes; ++lane) {
            partial[lane] = Rule::Step(partial[lane], in[lane]);
          }
        } else {
          for (int64_t lane = 0; lane < width; ++lane) {
            partial[lane] = Rule::Step(partial[lane], in[lane]);
          }
        }
      }
      for (int64_t lane = 0; lane < width; ++lane) {
        totals[lane] = Rule::Join(totals[lane], partial[lane]);
      }
    }
  });
}

// Reduces `count` elements that lie side by side: as columns, then across the lanes.
template <typename Rule>
double ReduceLine(const float* x, int64_t count) {
  const int64_t rows = count / kLanes;
  const int64_t rest = count % kLanes;
  double totals[kLanes];
  double result = Rule::kStart;
  if (rows > 0) {
    ReduceColumns<Rule>(x, rows, kLanes, kLanes, totals);
    for (const double total : totals) {
      result = Rule::Join(result, total);
    }
  }
  if (rest > 0) {
    ReduceColumns<Rule>(x + rows * kLanes, 1, kLanes, rest, totals);
    for (int64_t lane = 0; lane < rest; ++lane) {
      result = Rule::Join(result, totals[lane]);
    }
  }
  return result;
}

template <typename Rule, typename Finish>
std::unique_ptr<Kernel> MakeReduce(const Run& run, Finish finish) {
  const int64_t blocks = (run.inner + kLanes - 1) / kLanes;
  const auto reduce_block = [=](const float* x, float* y, int64_t block) {
    const int64_t offset = block / blocks * run.count * run.inner;
    const int64_t column = block % blocks * kLanes;
    if (run.inner == 1) {
      y[block] = finish(ReduceLine<Rule>(x + offset, run.count));
      return;
    }
    double totals[kLanes];
    const int64_t width = std::min(kLanes, run.inner - column);
    ReduceColumns<Rule>(x + offset + column, run.count, run.inner, width, totals);
    for (int64_t lane = 0; lane < width; ++lane) {
      y[block / blocks * run.inner + column + lane] = finish(totals[lane]);
    }
  };
  return MakeFunctionKernel(
      {.implementation = run.inner == 1 ? "reduce:rows" : "reduce:columns",
       .run = [=](const KernelArguments& arguments) {
         const int64_t work = run.count * std::min(run.inner, kLanes);
         ParallelFor(run.outer * blocks, kElementsAThread / work, [&](int64_t begin, int64_t end) {
           for (int64_t block = begin; block < end; ++block) {
             reduce_block(static_cast<const float*>(arguments.inputs[0]),
                          static_cast<float*>(arguments.outputs[0]), block);
           }
         });
       }});
}

}  // namespace

std::vector<Candidate> ReduceCandidates(const CompileContext& context,
                                        const std::vector<bool>& reduced) {
  std::vector<Candidate> candidates;
  const Shape& shape = context.input_shape(0);
  if (context.input(0).type != DataType::kFloat32 || shape.num_elements() == 0) {
    return candidates;
  }
  const auto add = [&](Layout from, Layout to) {
    Candidate candidate{std::string(LayoutName(from)), {from}, {to}};
    candidate.inputs.resize(context.num_inputs(), Layout::kRowMajor);
    candidates.push_back(std::move(candidate));
  };
  if (shape.rank() >= 3 && shape.rank() <= 5 && FindRun(shape, reduced, Layout::kChannelsLast)) {
    const std::optional<Layout> result = ResultLayout(context, reduced);
    if (result.has_value()) {
      add(Layout::kChannelsLast, *result);
    }
  }
  if (FindRun(shape, reduced, Layout::kRowMajor)) {
    add(Layout::kRowMajor, Layout::kRowMajor);
  }
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileReduce(const CompileContext& context,
                                                      const Candidate& candidate,
                                                      const std::vector<bool>& reduced,
                                                      ReduceKind kind) {
  const std::optional<Run> run = FindRun(context.input_shape(0), reduced, candidate.inputs[0]);
  if (!run.has_value()) {
    return absl::UnimplementedError("the reduced axes do not lie side by side");
  }
  const auto as_it_is = [](double total) { return static_cast<float>(total); };
  switch (kind) {
    case ReduceKind::kSum:
      return MakeReduce<Add>(*run, as_it_is);
    case ReduceKind::kMean:
      return MakeReduce<Add>(*run, [count = static_cast<double>(run->count)](double total) {
        return static_cast<float>(total / count);
      });
    case ReduceKind::kMax:
      return MakeReduce<Highest>(*run, as_it_is);
    case ReduceKind::kMin:
      return MakeReduce<Lowest>(*run, as_it_is);
    case ReduceKind::kL2:
      return MakeReduce<AddSquares>(
          *run, [](double total) { return static_cast<float>(std::sqrt(total)); });
  }
  return absl::UnimplementedError("no such reduction");
}

}  // namespace dnnd::engine
