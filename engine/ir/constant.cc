#include "engine/ir/constant.h"

#include "engine/base/status.h"

namespace dnnd::engine {

absl::StatusOr<Tensor> Constant::Materialize() const {
  if (tensor_.defined()) {
    return tensor_;
  }
  DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(type_.type, type_.shape));
  DNND_RETURN_IF_ERROR(source_->Read(offset_, type_.num_bytes(), tensor.mutable_data<void>()));
  return tensor;
}

}  // namespace dnnd::engine
