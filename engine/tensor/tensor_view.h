// Tensors that belong to somebody else: a type, a shape and an address, row-major and dense.
#ifndef DNND_ENGINE_TENSOR_TENSOR_VIEW_H_
#define DNND_ENGINE_TENSOR_TENSOR_VIEW_H_

#include "engine/tensor/data_type.h"
#include "engine/tensor/shape.h"

namespace dnnd::engine {

// What a tensor is, without its elements.
struct TensorType {
  DataType type = DataType::kUndefined;
  Shape shape;

  int64_t num_bytes() const { return shape.num_elements() * ElementSize(type); }
  std::string ToString() const;  // "float32[1,3,224,224]"
  friend bool operator==(const TensorType& a, const TensorType& b) {
    return a.type == b.type && a.shape == b.shape;
  }
};

// Views are values to pass; whoever stores one says how long the memory lives.
class TensorView {
 public:
  TensorView() = default;
  TensorView(TensorType type, const void* data) : type_(std::move(type)), data_(data) {}

  DataType type() const { return type_.type; }
  const Shape& shape() const { return type_.shape; }
  const TensorType& tensor_type() const { return type_; }
  int64_t num_elements() const { return type_.shape.num_elements(); }
  int64_t num_bytes() const { return type_.num_bytes(); }
  const void* raw() const { return data_; }
  // REQUIRES: T is the element's type (uint16_t for the 16-bit floats).
  template <typename T>
  const T* data() const {
    return static_cast<const T*>(data_);
  }

 private:
  TensorType type_;
  const void* data_ = nullptr;
};

class MutableTensorView {
 public:
  MutableTensorView() = default;
  MutableTensorView(TensorType type, void* data) : type_(std::move(type)), data_(data) {}

  DataType type() const { return type_.type; }
  const Shape& shape() const { return type_.shape; }
  const TensorType& tensor_type() const { return type_; }
  int64_t num_elements() const { return type_.shape.num_elements(); }
  int64_t num_bytes() const { return type_.num_bytes(); }
  void* raw() const { return data_; }
  template <typename T>
  T* data() const {
    return static_cast<T*>(data_);
  }
  operator TensorView() const { return TensorView(type_, data_); }  // NOLINT: implicit

 private:
  TensorType type_;
  void* data_ = nullptr;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_TENSOR_VIEW_H_
