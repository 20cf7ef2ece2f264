#include "engine/tensor/tensor.h"

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/aligned_buffer.h"
#include "engine/base/checked.h"
#include "engine/base/status.h"

namespace dnnd::engine {

std::string TensorType::ToString() const {
  return absl::StrCat(DataTypeName(type), shape.ToString());
}

absl::StatusOr<Tensor> Tensor::Create(DataType type, const Shape& shape) {
  DNND_ASSIGN_OR_RETURN(const Shape checked, Shape::Create(shape.dims()));
  const std::optional<int64_t> bytes = CheckedMul(checked.num_elements(), ElementSize(type));
  if (!bytes.has_value() || *bytes > kMaxTensorBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a tensor of ", shape.ToString(),
                                                   " is larger than ", kMaxTensorBytes, " bytes"));
  }
  Tensor tensor;
  tensor.type_ = TensorType{type, checked};
  if (type == DataType::kString) {
    auto strings = std::make_shared<std::vector<std::string>>(checked.num_elements());
    tensor.data_ = std::shared_ptr<void>(strings, strings->data());
    return tensor;
  }
  DNND_ASSIGN_OR_RETURN(AlignedBuffer buffer, AlignedBuffer::Create(*bytes));
  std::memset(buffer.data(), 0, *bytes);
  auto owner = std::make_shared<AlignedBuffer>(std::move(buffer));
  tensor.data_ = std::shared_ptr<void>(owner, owner->data());
  return tensor;
}

absl::StatusOr<Tensor> Tensor::Copy(const TensorView& view) {
  DNND_ASSIGN_OR_RETURN(Tensor tensor, Create(view.type(), view.shape()));
  if (view.type() == DataType::kString) {
    std::copy_n(view.data<std::string>(), view.num_elements(), tensor.mutable_data<std::string>());
  } else {
    std::memcpy(tensor.mutable_data<void>(), view.raw(), view.num_bytes());
  }
  return tensor;
}

Tensor Tensor::Borrow(const TensorView& view) {
  Tensor tensor;
  tensor.type_ = view.tensor_type();
  // Nobody writes to it: a tensor is written to only by who created it.
  tensor.data_ = std::shared_ptr<void>(std::shared_ptr<void>(), const_cast<void*>(view.raw()));
  return tensor;
}

Tensor Tensor::Int64s(absl::Span<const int64_t> values) {
  return Of<int64_t>(Shape({static_cast<int64_t>(values.size())}),
                     std::vector<int64_t>(values.begin(), values.end()));
}

Tensor Tensor::Reshaped(const Shape& shape) const {
  Tensor tensor = *this;
  tensor.type_.shape = shape;
  return tensor;
}

absl::StatusOr<Dims> ToInt64s(const TensorView& tensor) {
  Dims values(tensor.num_elements());
  if (tensor.type() == DataType::kInt64) {
    std::copy_n(tensor.data<int64_t>(), values.size(), values.begin());
  } else if (tensor.type() == DataType::kInt32) {
    std::copy_n(tensor.data<int32_t>(), values.size(), values.begin());
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", tensor.tensor_type().ToString(), ", wanted int64 or int32"));
  }
  return values;
}

}  // namespace dnnd::engine
