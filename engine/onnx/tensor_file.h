// Files that hold one TensorProto, as the test data of ONNX do (test_data_set_N/input_M.pb).
#ifndef DNND_ENGINE_ONNX_TENSOR_FILE_H_
#define DNND_ENGINE_ONNX_TENSOR_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

struct NamedTensor {
  std::string name;  // may be empty
  Tensor tensor;
};

// INVALID_ARGUMENT when the file holds no tensor (a sequence, or anything else); errors of opening
// and of TensorReader as they are, with the path before them.
absl::StatusOr<NamedTensor> ReadTensorFile(const std::string& path);

// Replaces a file of that name. Errors as AtomicFile has them.
absl::Status WriteTensorFile(const std::string& path, absl::string_view name,
                             const TensorView& tensor);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_TENSOR_FILE_H_
