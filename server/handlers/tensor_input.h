// Tensors as bytes from outside.
#ifndef DNND_SERVER_HANDLERS_TENSOR_INPUT_H_
#define DNND_SERVER_HANDLERS_TENSOR_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::server {

// A named tensor as it came. What it points into lives until the answer.
struct TensorInput {
  std::string name;
  engine::DataType type = engine::DataType::kUndefined;
  absl::Span<const int64_t> shape;
  absl::string_view contents;
};

// A view of the contents (row-major, little-endian, dense). INVALID_ARGUMENT with the reason: an
// unusable type (TENSOR_TYPE_MISMATCH), a shape that cannot be or does not fit the length
// (TENSOR_SHAPE_MISMATCH), a bool that is neither 0 nor 1.
absl::StatusOr<engine::TensorView> ViewOf(const TensorInput& input);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_TENSOR_INPUT_H_
