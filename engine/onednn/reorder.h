// Moves an activation from one layout to another.
#ifndef DNND_ENGINE_ONEDNN_REORDER_H_
#define DNND_ENGINE_ONEDNN_REORDER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"

namespace dnnd::engine::onednn {

// A kernel with input 0 and output 0 of `type`. UNIMPLEMENTED for types or ranks that oneDNN does
// not reorder.
absl::StatusOr<std::unique_ptr<Kernel>> MakeReorder(const TensorType& type, Layout from, Layout to);

}  // namespace dnnd::engine::onednn

#endif  // DNND_ENGINE_ONEDNN_REORDER_H_
