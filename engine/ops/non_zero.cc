// NonZero: where a tensor is not zero. Its result is as long as there are such places.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// Row-major, [rank, count]; a scalar counts as one element on one axis.
template <typename T>
absl::StatusOr<Tensor> FindNonZero(const Tensor& input) {
  const Shape shape = input.shape().rank() == 0 ? Shape({1}) : input.shape();
  const T* elements = input.data<T>();
  std::vector<int64_t> places;
  for (int64_t i = 0; i < shape.num_elements(); ++i) {
    if (elements[i] != T{}) {
      places.push_back(i);
    }
  }
  const auto count = static_cast<int64_t>(places.size());
  DNND_ASSIGN_OR_RETURN(Tensor result,
                        Tensor::Create(DataType::kInt64, Shape({shape.rank(), count})));
  const Dims strides = shape.Strides();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    int64_t* row = result.mutable_data<int64_t>() + axis * count;
    for (int64_t k = 0; k < count; ++k) {
      row[k] = places[k] / strides[axis] % shape[axis];
    }
  }
  return result;
}

absl::Status InferNonZero(InferContext& context) {
  const int64_t rank = std::max(context.input_shape(0).rank(), 1);
  context.SetOutput(0, DataType::kInt64, Shape({rank, context.assumed_extent()}));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Tensor>> EvaluateNonZero(const Node& node,
                                                    absl::Span<const Tensor> inputs) {
  Tensor result;
  DNND_RETURN_IF_ERROR(Dispatch<PlainTypes>(inputs[0].type(), [&]<typename T>() -> absl::Status {
    DNND_ASSIGN_OR_RETURN(result, FindNonZero<T>(inputs[0]));
    return absl::OkStatus();
  }));
  return std::vector<Tensor>{result};
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__NonZero.html
extern const OpDef kNonZero = {.type = "NonZero",
                               .min_inputs = 1,
                               .max_inputs = 1,
                               .infer = InferNonZero,
                               .evaluate = EvaluateNonZero};

}  // namespace dnnd::engine
