// What a request's tensors mean to a model: so many rows of such a shape.
#ifndef DNND_SERVER_BATCHING_RUN_SHAPE_H_
#define DNND_SERVER_BATCHING_RUN_SHAPE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/exec/model.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::server {

// Requests whose `row`s are equal may share a batch.
struct RunShape {
  std::vector<engine::Shape> row;  // of each input, with 1 at its batch axis
  int64_t rows = 1;                // 1 for a model that is not batchable
};

// Checks tensors (in the order of the signature) against the model, so that nothing invalid reaches
// a batch. INVALID_ARGUMENT naming the input, what was got and what was wanted: number, type, rank,
// extents, unequal or no rows, extents of one symbol that differ.
absl::StatusOr<RunShape> BindInputs(const engine::Model& model,
                                    absl::Span<const engine::TensorView> inputs);

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_RUN_SHAPE_H_
