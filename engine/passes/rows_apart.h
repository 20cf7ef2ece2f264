// Whether the rows of a batch stay apart from the inputs of a graph to its outputs.
#ifndef DNND_ENGINE_PASSES_ROWS_APART_H_
#define DNND_ENGINE_PASSES_ROWS_APART_H_

#include <cstdint>

#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// `one` and `many` are the same model, specialised for one row and for `num_rows`, with the rows
// along axis 0 of every input. OK when row r of every output is computed from row r of the inputs
// alone, whatever other rows are there. UNIMPLEMENTED naming the node at which rows meet, or which
// is not known to keep them apart. REQUIRES: num_rows > 1.
absl::Status CheckRowsApart(const Graph& one, const Graph& many, int64_t num_rows);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_ROWS_APART_H_
