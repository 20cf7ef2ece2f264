// NonZero: where a tensor is not zero. Its result is as long as there are such places.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/interpret.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// Row-major, [rank, count]; a scalar counts as one element on one axis. Counts first: the places of
// what is not zero are many times as large as that.
template <typename T>
absl::StatusOr<Tensor> FindNonZero(const Tensor& input) {
  const Shape shape = input.shape().rank() == 0 ? Shape({1}) : input.shape();
  const T* elements = input.data<T>();
  const int64_t size = shape.num_elements();
  const int64_t count =
      std::count_if(elements, elements + size, [](T element) { return element != T{}; });
  const TensorType type{DataType::kInt64, Shape({shape.rank(), count})};
  DNND_RETURN_IF_ERROR(CheckBytes({&type, 1}, kMostEvaluatedBytes));
  DNND_ASSIGN_OR_RETURN(Tensor result, Tensor::Create(type.type, type.shape));
  const Dims strides = shape.Strides();
  auto* target = result.mutable_data<int64_t>();
  for (int64_t i = 0; i < size; ++i) {
    if (elements[i] == T{}) {
      continue;
    }
    for (int axis = 0; axis < shape.rank(); ++axis) {
      target[axis * count] = i / strides[axis] % shape[axis];
    }
    ++target;
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
