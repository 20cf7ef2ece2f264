// A model's outputs as numbers, a picture at a time.
#ifndef DNND_SERVER_HANDLERS_OUTPUT_ROWS_H_
#define DNND_SERVER_HANDLERS_OUTPUT_ROWS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/exec/signature.h"
#include "engine/tensor/tensor.h"
#include "server/vision/detection_head.h"

namespace dnnd::server {

// Numbers of any type as floats. FAILED_PRECONDITION (TASK_MISMATCH) for others.
absl::StatusOr<std::vector<float>> ToFloats(const engine::Tensor& tensor);

// Outputs cut into the rows of each picture. The tensors outlive it; those of floats are not
// copied.
class OutputRows {
 public:
  // `outputs` are of `rows` pictures, in the order of the signature. Errors: ToFloats's, and the
  // same where an output has not a row for each picture; both name the output.
  static absl::StatusOr<OutputRows> Create(const engine::Signature& signature,
                                           absl::Span<const engine::Tensor> outputs, int64_t rows);

  // Of one picture, without the batch axis. Lives as long as this.
  std::vector<OutputRow> Of(int64_t picture) const;

 private:
  struct Output {
    engine::Shape row;
    const float* values = nullptr;
    int64_t stride = 0;  // from one picture to the next
  };
  std::vector<Output> outputs_;
  std::vector<std::vector<float>> converted_;  // what is no float in the model
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_OUTPUT_ROWS_H_
