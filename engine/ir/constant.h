// A tensor whose elements are known before the graph runs: in memory, or still lying in the model's
// file.
#ifndef DNND_ENGINE_IR_CONSTANT_H_
#define DNND_ENGINE_IR_CONSTANT_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/base/byte_source.h"
#include "engine/tensor/tensor.h"

namespace dnnd::engine {

// A cheap value type, thread-safe to read. A stored constant is read anew at each Materialize:
// large weights are packed once for a plan and then not kept a second time.
class Constant {
 public:
  explicit Constant(Tensor tensor) : type_(tensor.tensor_type()), tensor_(std::move(tensor)) {}

  // The bytes [offset, offset + type.num_bytes()) of `source`, little-endian and row-major.
  // REQUIRES: the range lies in the source, and type is not kString.
  Constant(TensorType type, std::shared_ptr<const ByteSource> source, int64_t offset)
      : type_(std::move(type)), source_(std::move(source)), offset_(offset) {}

  const TensorType& type() const { return type_; }

  // The elements if they are in memory, null if they are stored.
  const Tensor* in_memory() const { return tensor_.defined() ? &tensor_ : nullptr; }

  // The elements, read from the source if need be. DATA_LOSS or INTERNAL when reading fails.
  absl::StatusOr<Tensor> Materialize() const;

 private:
  TensorType type_;
  Tensor tensor_;
  std::shared_ptr<const ByteSource> source_;
  int64_t offset_ = 0;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_IR_CONSTANT_H_
