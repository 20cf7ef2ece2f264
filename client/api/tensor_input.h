#ifndef DNND_CLIENT_API_TENSOR_INPUT_H_
#define DNND_CLIENT_API_TENSOR_INPUT_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dnnd/v1/common.pb.h"
#include "dnnd/v1/models.pb.h"

namespace dnnd::client {

// One --input of dnnctl predict: which input of the model, and where its elements come from.
//
//   NAME=@FILE.npy                  type and shape are in the file
//   NAME=@FILE,TYPE,SHAPE           raw little-endian elements: data=@x.bin,fp32,1x3x224x224
//   NAME=zeros | ones | rand        made here; [:SEED] after rand; [,TYPE][,SHAPE] where the
//   signature leaves them open
//
// A shape is 1x3x224x224, or "scalar". NAME= may be left out for a model of one input; "@-" is
// standard input.
struct TensorInput {
  enum class Source { kFile, kZeros, kOnes, kRandom };

  std::string name;  // empty: the model's only input
  Source source = Source::kFile;
  std::string path;
  uint64_t seed = 1;
  std::optional<dnnd::v1::DataType> type;
  std::optional<std::vector<int64_t>> shape;
};

// INVALID_ARGUMENT says what is wrong with the text.
absl::StatusOr<TensorInput> ParseTensorInput(absl::string_view text);

// INVALID_ARGUMENT unless of the form 1x3x224x224 or "scalar".
absl::StatusOr<std::vector<int64_t>> ParseShape(absl::string_view text);

// The shape of one request with `items` items along the batch axis; INVALID_ARGUMENT names another
// axis that is open.
absl::StatusOr<std::vector<int64_t>> ShapeForItems(const dnnd::v1::TensorSpec& spec, int64_t items);

// The tensor. `spec` fills in what the input leaves open and may be null for a file.
// INVALID_ARGUMENT for contradictions and for tensors above `max_bytes`; errors of reading pass
// through.
absl::StatusOr<dnnd::v1::Tensor> MakeTensor(const TensorInput& input,
                                            const dnnd::v1::TensorSpec* spec,
                                            std::istream& standard_input, int64_t max_bytes);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_TENSOR_INPUT_H_
