// A tensor that owns its elements, unless it was told to borrow them.
#ifndef DNND_ENGINE_TENSOR_TENSOR_H_
#define DNND_ENGINE_TENSOR_TENSOR_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::engine {

// Row-major and dense. A cheap value: copies share the elements, so write only through a tensor
// that was just created. Thread-safe to read.
class Tensor {
 public:
  Tensor() = default;  // undefined: type() is kUndefined, no elements

  // Elements are zero (empty strings). INVALID_ARGUMENT above kMaxTensorBytes, RESOURCE_EXHAUSTED
  // without memory.
  static absl::StatusOr<Tensor> Create(DataType type, const Shape& shape);

  // A copy of `view`'s elements.
  static absl::StatusOr<Tensor> Copy(const TensorView& view);

  // `view`'s elements themselves, which outlive every copy of the result.
  static Tensor Borrow(const TensorView& view);

  // For constants of our own making (a few elements; memory for them is taken as given).
  // REQUIRES: values.size() == shape.num_elements().
  template <typename T>
  static Tensor Of(const Shape& shape, const std::vector<T>& values);
  template <typename T>
  static Tensor Scalar(T value) {
    return Of<T>(Shape(), {value});
  }
  // An int64 vector, as ONNX passes shapes and axes.
  static Tensor Int64s(absl::Span<const int64_t> values);

  DataType type() const { return type_.type; }
  const Shape& shape() const { return type_.shape; }
  const TensorType& tensor_type() const { return type_; }
  int64_t num_elements() const { return type_.shape.num_elements(); }
  int64_t num_bytes() const { return type_.num_bytes(); }
  bool defined() const { return type_.type != DataType::kUndefined; }

  TensorView view() const { return TensorView(type_, data_.get()); }
  MutableTensorView mutable_view() { return MutableTensorView(type_, data_.get()); }
  template <typename T>
  const T* data() const {
    return static_cast<const T*>(data_.get());
  }
  template <typename T>
  T* mutable_data() {
    return static_cast<T*>(data_.get());
  }

  // The same elements under another shape. REQUIRES: equal element counts.
  Tensor Reshaped(const Shape& shape) const;

 private:
  TensorType type_;
  std::shared_ptr<void> data_;
};

template <typename T>
Tensor Tensor::Of(const Shape& shape, const std::vector<T>& values) {
  Tensor tensor = Create(DataTypeOf<T>::value, shape).value();
  std::copy(values.begin(), values.end(), tensor.mutable_data<T>());
  return tensor;
}

// Elements of an integer tensor (int32, int64) as int64. INVALID_ARGUMENT for another type.
absl::StatusOr<Dims> ToInt64s(const TensorView& tensor);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_TENSOR_H_
