// Compress: the slabs of an axis (or the elements of all) for which a condition holds. Its result
// is as long as there are such.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/dispatch.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// The positions below `extent` for which `condition` holds; one that is shorter says no more.
std::vector<int64_t> ChosenPositions(const Tensor& condition, int64_t extent) {
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < std::min(condition.num_elements(), extent); ++i) {
    if (condition.data<bool>()[i]) {
      chosen.push_back(i);
    }
  }
  return chosen;
}

absl::StatusOr<std::vector<Tensor>> EvaluateCompress(const Node& node,
                                                     absl::Span<const Tensor> inputs) {
  const Tensor& condition = inputs[1];
  if (condition.type() != DataType::kBool || condition.shape().rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the condition is ", condition.tensor_type().ToString(), ", wanted bool on one axis"));
  }
  const bool whole = !node.attributes.Has("axis");
  const Tensor input = whole ? inputs[0].Reshaped(Shape({inputs[0].num_elements()})) : inputs[0];
  const Shape& shape = input.shape();
  DNND_ASSIGN_OR_RETURN(const int axis,
                        NormalizeAxis(node.attributes.Int("axis", 0), shape.rank()));
  const std::vector<int64_t> chosen = ChosenPositions(condition, shape[axis]);
  const auto count = static_cast<int64_t>(chosen.size());
  DNND_ASSIGN_OR_RETURN(Tensor result, Tensor::Create(input.type(), shape.WithDim(axis, count)));
  const int64_t outer = shape.Product(0, axis);
  const int64_t inner = shape.Product(axis + 1, shape.rank());
  DispatchBySize(input.type(), [&]<typename T>() {
    const T* source = input.data<T>();
    T* target = result.mutable_data<T>();
    for (int64_t o = 0; o < outer; ++o) {
      for (const int64_t position : chosen) {
        target = std::copy_n(source + (o * shape[axis] + position) * inner, inner, target);
      }
    }
  });
  return std::vector<Tensor>{std::move(result)};
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__Compress.html
extern const OpDef kCompress = {
    .type = "Compress", .min_inputs = 2, .max_inputs = 2, .evaluate = EvaluateCompress};

}  // namespace dnnd::engine
