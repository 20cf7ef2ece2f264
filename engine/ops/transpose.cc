// Transpose: axes in another order.
#include <numeric>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/mover.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/rows.h"

namespace dnnd::engine {
namespace {

// perm[i] is the axis of the input that becomes axis i; by default the reverse order.
absl::StatusOr<std::vector<int>> Permutation(const OpArguments& arguments) {
  const int rank = arguments.input_shape(0).rank();
  Dims named = Dims(rank);
  for (int i = 0; i < rank; ++i) {
    named[i] = rank - 1 - i;
  }
  if (arguments.attributes().Has("perm")) {
    const std::vector<int64_t> perm = arguments.attributes().Ints("perm");
    named.assign(perm.begin(), perm.end());
  }
  if (static_cast<int>(named.size()) != rank) {
    return absl::InvalidArgumentError(absl::StrCat("perm has ", named.size(),
                                                   " axes, the input has shape ",
                                                   arguments.input_shape(0).ToString()));
  }
  absl::StatusOr<std::vector<int>> axes = NormalizeAxes(named, rank);
  return axes.ok() ? axes : Annotate(axes.status(), "perm");
}

absl::Status InferTranspose(InferContext& context) {
  DNND_ASSIGN_OR_RETURN(const std::vector<int> perm, Permutation(OpArguments(context)));
  Dims dims;
  for (int axis : perm) {
    dims.push_back(context.input_shape(0)[axis]);
  }
  context.SetOutput(0, context.input(0).type, Shape(dims));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Move>> PlanTranspose(const OpArguments& arguments,
                                                const Placement& placement) {
  DNND_ASSIGN_OR_RETURN(const std::vector<int> perm, Permutation(arguments));
  Move move;
  for (int i = 0; i < static_cast<int>(perm.size()); ++i) {
    move.extents.push_back(arguments.input_shape(0)[perm[i]]);
    move.source_strides.push_back(placement.inputs[0][perm[i]]);
    move.target_strides.push_back(placement.outputs[0][i]);
  }
  return std::vector<Move>{std::move(move)};
}

absl::Status RunTranspose(const ReferenceContext& context) {
  return ReferenceMoves(context, PlanTranspose);
}

// Whether the elements of the result lie in the order of the input's, so that a plain copy does.
bool IsPlainCopy(const CompileContext& context, const std::vector<int>& perm, Layout from,
                 Layout to) {
  const Dims source = LayoutStrides(context.input_shape(0), from);
  const Dims target = LayoutStrides(context.output_shape(0), to);
  for (size_t i = 0; i < perm.size(); ++i) {
    if (context.output_shape(0)[static_cast<int>(i)] != 1 && source[perm[i]] != target[i]) {
      return false;
    }
  }
  return true;
}

// Any pair of layouts is one strided copy. Pairs that move nothing come first (a Transpose between
// [n,h,w,c] and [n,c,h,w] is one, where the other side is in channels_last), then those that give
// row_major, which what follows a Transpose most often wants.
std::vector<Candidate> TransposeCandidates(const CompileContext& context) {
  const absl::StatusOr<std::vector<int>> perm = Permutation(OpArguments(context));
  const int rank = context.input_shape(0).rank();
  std::vector<Layout> layouts = {Layout::kRowMajor};
  if (rank >= 3 && rank <= 5) {
    layouts.push_back(Layout::kChannelsLast);
  }
  std::vector<Candidate> candidates;
  for (Layout to : layouts) {
    for (Layout from : layouts) {
      Candidate candidate = {absl::StrCat(LayoutName(from), "_to_", LayoutName(to)), {from}, {to}};
      const bool plain = perm.ok() && IsPlainCopy(context, *perm, from, to);
      candidates.insert(plain ? candidates.begin() : candidates.end(), std::move(candidate));
    }
  }
  return candidates;
}

absl::StatusOr<std::unique_ptr<Kernel>> CompileTranspose(const CompileContext& context,
                                                         const Candidate& candidate) {
  return CompileMoves(context, candidate, PlanTranspose);
}

absl::StatusOr<RowAxis> RowsOfTranspose(const RowsContext& context) {
  DNND_ASSIGN_OR_RETURN(const std::vector<int> perm, Permutation(OpArguments(context)));
  RowAxis rows = *context.rows(0);
  rows.axis = static_cast<int>(std::find(perm.begin(), perm.end(), rows.axis) - perm.begin());
  return rows;
}

}  // namespace

extern const OpDef kTranspose = {.type = "Transpose",
                                 .min_inputs = 1,
                                 .max_inputs = 1,
                                 .infer = InferTranspose,
                                 .reference = RunTranspose,
                                 .candidates = TransposeCandidates,
                                 .compile = CompileTranspose,
                                 .rows = RowsOfTranspose};

}  // namespace dnnd::engine
