// Moving rows between the tensors of requests and those of a batch.
#ifndef DNND_SERVER_BATCHING_ROWS_H_
#define DNND_SERVER_BATCHING_ROWS_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::server {

// Copies `rows` rows along `axis`; without an axis, the whole tensor. INTERNAL, and nothing is
// written, where types or the other extents differ or the rows lie outside: it would be our own
// fault, and must not write beyond a buffer.
absl::Status CopyRows(const engine::TensorView& from, int64_t from_row,
                      const engine::MutableTensorView& to, int64_t to_row, int64_t rows,
                      std::optional<int> axis);

}  // namespace dnnd::server

#endif  // DNND_SERVER_BATCHING_ROWS_H_
