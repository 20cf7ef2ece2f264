// What the branches of an If read of the graph around them.
#ifndef DNND_ENGINE_ONNX_BRANCH_INPUTS_H_
#define DNND_ENGINE_ONNX_BRANCH_INPUTS_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Gives each branch the inputs of all of them, in order of first use, and returns their names.
// REQUIRES: the inputs of a branch have the names that they have outside. Those that it gets in
// addition are renamed where the branch has something else of that name.
std::vector<std::string> UnifyInputs(absl::Span<Graph> branches);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_BRANCH_INPUTS_H_
