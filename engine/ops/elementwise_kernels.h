// The fast kernels of operators that work element by element, in any layout.
#ifndef DNND_ENGINE_OPS_ELEMENTWISE_KERNELS_H_
#define DNND_ENGINE_OPS_ELEMENTWISE_KERNELS_H_

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/parallel.h"
#include "engine/onednn/eltwise.h"
#include "engine/ops/broadcast.h"
#include "engine/ops/function_kernel.h"
#include "engine/ops/op_def.h"
#include "engine/ops/op_helpers.h"
#include "engine/ops/rows.h"
#include "engine/ops/simd.h"

namespace dnnd::engine {

// OpDef::candidates of an operator with one activation (input 0) and a result of its shape, f32
// only: every layout that the shape has, blocked channels only where they need no padding.
std::vector<Candidate> FlatCandidates(const CompileContext& context);

// OpDef::candidates of f32 operators that broadcast all of their inputs.
std::vector<Candidate> BroadcastCandidates(const CompileContext& context);

// The extents of `shape` in the order in which `layout` stores them, for a result of `rank` axes:
// missing axes go in front with extent 1. Broadcasting works on these as on any shape.
Shape StoredShape(const Shape& shape, int rank, Layout layout);

// OpDef::compile by oneDNN's function, for candidates of FlatCandidates.
absl::StatusOr<std::unique_ptr<Kernel>> CompileEltwise(const CompileContext& context,
                                                       onednn::EltwiseFunction function,
                                                       float alpha = 0, float beta = 0);
template <onednn::EltwiseFunction kFunction>
absl::StatusOr<std::unique_ptr<Kernel>> CompileEltwiseAs(const CompileContext& context,
                                                         const Candidate&) {
  return CompileEltwise(context, kFunction);
}

// The row of a function of one element. `compile` may be null.
constexpr OpDef UnaryRow(absl::string_view type, OpDef::Reference reference,
                         OpDef::Compile compile = nullptr) {
  return OpDef{.type = type,
               .min_inputs = 1,
               .max_inputs = 1,
               .infer = InferSameAsInput,
               .reference = reference,
               .candidates = compile == nullptr ? nullptr : FlatCandidates,
               .compile = compile,
               .rows = RowsOfBroadcast};
}

// The row of an operator that broadcasts `min_inputs` to `max_inputs` tensors. `compile` may be
// null.
constexpr OpDef BroadcastRow(absl::string_view type, int min_inputs, int max_inputs,
                             absl::Status (*infer)(InferContext&), OpDef::Reference reference,
                             OpDef::Compile compile = nullptr) {
  return OpDef{.type = type,
               .min_inputs = min_inputs,
               .max_inputs = max_inputs,
               .infer = infer,
               .reference = reference,
               .candidates = compile == nullptr ? nullptr : BroadcastCandidates,
               .compile = compile,
               .rows = RowsOfBroadcast};
}

// (The loops below are independent: y may be x itself, element by element, and nothing else of it.)

// A kernel of our own: y[i] = function(x[i]) on `count` floats. `function` is marked
// DNND_VECTOR_BODY.
template <typename Function>
std::unique_ptr<Kernel> MakeMapKernel(int64_t count, Function function) {
  return MakeFunctionKernel(
      {.implementation = "map",
       .run =
           [=](const KernelArguments& arguments) {
             ParallelFor(count, kElementsAThread, [&](int64_t begin, int64_t end) {
               const float* x = static_cast<const float*>(arguments.inputs[0]);
               float* y = static_cast<float*>(arguments.outputs[0]);
               Vectorized([=]() DNND_VECTOR_BODY {
                 DNND_INDEPENDENT_LOOP
                 for (int64_t i = begin; i < end; ++i) {
                   y[i] = function(x[i]);
                 }
               });
             });
           },
       .in_place = InPlace{0, /*required=*/false}});
}

// y[i] = function(a[i * a_step], b[i * b_step]), the steps 0 or 1.
template <typename Function>
void CombineRow(const Function& function, const float* a, int64_t a_step, const float* b,
                int64_t b_step, float* y, int64_t count) {
  Vectorized([=]() DNND_VECTOR_BODY {
    if (a_step != 0 && b_step != 0) {
      DNND_INDEPENDENT_LOOP
      for (int64_t i = 0; i < count; ++i) {
        y[i] = function(a[i], b[i]);
      }
    } else if (a_step != 0) {
      const float right = b[0];
      DNND_INDEPENDENT_LOOP
      for (int64_t i = 0; i < count; ++i) {
        y[i] = function(a[i], right);
      }
    } else {
      const float left = a[0];
      DNND_INDEPENDENT_LOOP
      for (int64_t i = 0; i < count; ++i) {
        y[i] = function(left, b[i * b_step]);
      }
    }
  });
}

// Rows of a few elements (the channels of a pixel) make slow loops: such a row is written out
// several times, and combined with as many rows of the whole operand at once.
inline constexpr int64_t kShortRow = 64;
inline constexpr int64_t kTileElements = 1024;

template <typename Function>
void CombineTiles(int64_t length, int64_t rows, const Function& function, const float* whole,
                  const float* short_row, float* y) {
  const int64_t tile_rows = kTileElements / length;
  float tile[kTileElements];
  for (int64_t row = 0; row < tile_rows; ++row) {
    std::copy_n(short_row, length, tile + row * length);
  }
  const int64_t tiles = (rows + tile_rows - 1) / tile_rows;
  ParallelFor(tiles, kElementsAThread / kTileElements, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t first = index * tile_rows;
      const int64_t count = std::min(tile_rows, rows - first) * length;
      CombineRow(function, whole + first * length, 1, tile, 1, y + first * length, count);
    }
  });
}

// y = function(a, b) under `walk`, on every thread of the team.
template <typename Function>
void CombineRows(const BroadcastWalk<2>& walk, const Function& function, const float* a,
                 const float* b, float* y) {
  const int64_t length = walk.row_length();
  const int64_t rows = walk.num_rows();
  if (rows == 1) {
    ParallelFor(length, kElementsAThread, [&](int64_t begin, int64_t end) {
      CombineRow(function, a + begin * walk.step(0), walk.step(0), b + begin * walk.step(1),
                 walk.step(1), y + begin, end - begin);
    });
    return;
  }
  if (length < kShortRow && rows * length >= 4 * kTileElements) {
    if (walk.is_whole(0) && walk.is_one_row(1)) {
      CombineTiles(length, rows, function, a, b, y);
      return;
    }
    if (walk.is_whole(1) && walk.is_one_row(0)) {
      const auto swapped = [=](float right, float left)
                               DNND_VECTOR_BODY { return function(left, right); };
      CombineTiles(length, rows, swapped, b, a, y);
      return;
    }
  }
  ParallelFor(rows, kElementsAThread / std::max<int64_t>(length, 1),
              [&](int64_t begin, int64_t end) {
                walk.ForRows(begin, end, [&](int64_t row, const std::array<int64_t, 2>& offsets) {
                  CombineRow(function, a + offsets[0], walk.step(0), b + offsets[1], walk.step(1),
                             y + row * length, length);
                });
              });
}

// The walks of an operator that folds its inputs from the left: y = f(f(in0, in1), in2) …
struct FoldPlan {
  std::vector<BroadcastWalk<2>> walks;
  bool can_work_in_place = false;
};
FoldPlan PlanFold(const CompileContext& context, const Candidate& candidate);

// OpDef::compile for candidates of BroadcastCandidates with two inputs or more. `function` is
// marked DNND_VECTOR_BODY.
template <typename Function>
absl::StatusOr<std::unique_ptr<Kernel>> CompileFold(const CompileContext& context,
                                                    const Candidate& candidate, Function function) {
  FoldPlan plan = PlanFold(context, candidate);
  if (plan.walks.empty()) {
    return absl::UnimplementedError("nothing to combine");
  }
  std::optional<InPlace> in_place;
  if (plan.can_work_in_place) {
    in_place = InPlace{0, /*required=*/false};
  }
  return MakeFunctionKernel(
      {.implementation = "broadcast",
       .run =
           [function, walks = std::move(plan.walks)](const KernelArguments& arguments) {
             float* y = static_cast<float*>(arguments.outputs[0]);
             const float* left = static_cast<const float*>(arguments.inputs[0]);
             for (size_t i = 0; i < walks.size(); ++i) {
               CombineRows(walks[i], function, left,
                           static_cast<const float*>(arguments.inputs[i + 1]), y);
               left = y;
             }
           },
       .in_place = in_place});
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_ELEMENTWISE_KERNELS_H_
