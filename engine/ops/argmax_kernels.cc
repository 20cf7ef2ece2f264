#include "engine/ops/argmax_kernels.h"

#include <algorithm>
#include <string>

#include "engine/base/parallel.h"
#include "engine/base/status.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {
namespace {

// Positions that are searched side by side: their best values and indices stay in the first-level
// cache.
constexpr int64_t kChunk = 256;

// The input as [outer, count, inner] in memory; the best of `count` is wanted.
struct Extents {
  int64_t outer;
  int64_t count;
  int64_t inner;
};

// `count` elements that lie together.
template <bool kLargest, bool kLastOfEquals>
int64_t BestOfRow(const float* row, int64_t count) {
  int64_t best = 0;
  float value = row[0];
  for (int64_t i = 1; i < count; ++i) {
    const bool better = kLargest ? (kLastOfEquals ? row[i] >= value : row[i] > value)
                                 : (kLastOfEquals ? row[i] <= value : row[i] < value);
    value = better ? row[i] : value;
    best = better ? i : best;
  }
  return best;
}

// `width` positions at once, of rows that lie `stride` apart.
template <bool kLargest, bool kLastOfEquals>
void BestOfColumns(const float* columns, int64_t count, int64_t stride, int64_t width,
                   int64_t* target) {
  Vectorized([=]() DNND_VECTOR_BODY {
    float value[kChunk];
    int32_t best[kChunk];
    for (int64_t k = 0; k < width; ++k) {
      value[k] = columns[k];
      best[k] = 0;
    }
    for (int64_t i = 1; i < count; ++i) {
      const float* row = columns + i * stride;
      for (int64_t k = 0; k < width; ++k) {
        const bool better = kLargest ? (kLastOfEquals ? row[k] >= value[k] : row[k] > value[k])
                                     : (kLastOfEquals ? row[k] <= value[k] : row[k] < value[k]);
        value[k] = better ? row[k] : value[k];
        best[k] = better ? static_cast<int32_t>(i) : best[k];
      }
    }
    for (int64_t k = 0; k < width; ++k) {
      target[k] = best[k];
    }
  });
}

template <bool kLargest, bool kLastOfEquals>
void Search(const Extents& e, const float* source, int64_t* target) {
  if (e.inner == 1) {
    ParallelFor(e.outer, kElementsAThread / e.count + 1, [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) {
        target[o] = BestOfRow<kLargest, kLastOfEquals>(source + o * e.count, e.count);
      }
    });
    return;
  }
  const int64_t chunks = (e.inner + kChunk - 1) / kChunk;
  const int64_t grain = kElementsAThread / (e.count * std::min(e.inner, kChunk)) + 1;
  ParallelFor(e.outer * chunks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      const int64_t outer = c / chunks;
      const int64_t first = c % chunks * kChunk;
      BestOfColumns<kLargest, kLastOfEquals>(source + outer * e.count * e.inner + first, e.count,
                                             e.inner, std::min(kChunk, e.inner - first),
                                             target + outer * e.inner + first);
    }
  });
}

using SearchFunction = void (*)(const Extents& extents, const float* source, int64_t* target);

absl::StatusOr<std::unique_ptr<Kernel>> CompileSearch(const CompileContext& context,
                                                      const Candidate& candidate,
                                                      SearchFunction first_of_equals,
                                                      SearchFunction last_of_equals) {
  DNND_ASSIGN_OR_RETURN(const int axis, OpArguments(context).Axis("axis", 0));
  const Shape& input = context.input_shape(0);
  Extents extents{input.Product(0, axis), input[axis], input.Product(axis + 1, input.rank())};
  if (candidate.inputs[0] == Layout::kChannelsLast) {
    extents = {input.num_elements() / input[axis], input[axis], 1};
  }
  const SearchFunction search =
      context.attributes().Int("select_last_index", 0) != 0 ? last_of_equals : first_of_equals;
  FunctionKernelSpec spec;
  spec.implementation = "search:" + candidate.name;
  spec.run = [extents, search](const KernelArguments& bound) {
    search(extents, static_cast<const float*>(bound.inputs[0]),
           static_cast<int64_t*>(bound.outputs[0]));
  };
  return MakeFunctionKernel(std::move(spec));
}

}  // namespace

std::vector<Candidate> ArgCandidates(const CompileContext& context) {
  const Shape& input = context.input_shape(0);
  const absl::StatusOr<int> axis = OpArguments(context).Axis("axis", 0);
  if (context.input(0).type != DataType::kFloat32 || !axis.ok() || input.num_elements() == 0 ||
      input[*axis] > INT32_MAX) {
    return {};
  }
  std::vector<Candidate> candidates;
  if (*axis == 1 && input.rank() >= 3 && input.rank() <= 5) {
    // The result has no channels, or one: its positions are in row-major order.
    candidates.push_back(
        {std::string(LayoutName(Layout::kChannelsLast)), {Layout::kChannelsLast}, {}});
  }
  candidates.push_back({std::string(LayoutName(Layout::kRowMajor)), {Layout::kRowMajor}, {}});
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileArgMax(const CompileContext& context,
                                                      const Candidate& candidate) {
  return CompileSearch(context, candidate, Search<true, false>, Search<true, true>);
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileArgMin(const CompileContext& context,
                                                      const Candidate& candidate) {
  return CompileSearch(context, candidate, Search<false, false>, Search<false, true>);
}

}  // namespace dnnd::engine
