// What several operators' rows share: the usual shape rules and costs.
#ifndef DNND_ENGINE_OPS_OP_HELPERS_H_
#define DNND_ENGINE_OPS_OP_HELPERS_H_

#include <cstdint>
#include <initializer_list>

#include "engine/ops/op_def.h"

namespace dnnd::engine {

// OpDef::infer: output 0 has the type and shape of input 0.
absl::Status InferSameAsInput(InferContext& context);

// OpDef::infer: output 0 has the type that every input shares, and the broadcast of their shapes.
absl::Status InferBroadcast(InferContext& context);

// OpDef::infer: the same with bool as the result.
absl::Status InferBroadcastToBool(InferContext& context);

// INVALID_ARGUMENT unless inputs i and j, both present, have one type.
absl::Status RequireSameType(const NodeContext& context, int i, int j);

// INVALID_ARGUMENT unless input i has exactly the extents `want`; `what` names it in the message.
absl::Status RequireShape(const NodeContext& context, int i, const Shape& want,
                          absl::string_view what);

// The bytes that a node moves when it reads each argument and writes each result once.
Cost ArgumentBytes(const CompileContext& context);

// The product of factors >= 0, or the largest number where it would overflow: for costs of shapes
// that nobody could ever run.
int64_t SaturatingProduct(std::initializer_list<int64_t> factors);

// Applies node().post_ops to output 0, for reference kernels of operators that accept them.
// UNIMPLEMENTED for a type other than float32 and float64.
absl::Status ApplyPostOps(const ReferenceContext& context);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_OP_HELPERS_H_
