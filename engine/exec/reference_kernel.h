// The kernel of last resort: an operator's own reference implementation, row-major, on one thread.
#ifndef DNND_ENGINE_EXEC_REFERENCE_KERNEL_H_
#define DNND_ENGINE_EXEC_REFERENCE_KERNEL_H_

#include <memory>
#include <vector>

#include "engine/ops/op_def.h"

namespace dnnd::engine {

// Keeps a copy of `node`; `row` is one of the registry's and lives for ever.
std::unique_ptr<Kernel> MakeReferenceKernel(const Node& node, const OpDef& row,
                                            std::vector<TensorType> inputs,
                                            std::vector<TensorType> outputs);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_REFERENCE_KERNEL_H_
