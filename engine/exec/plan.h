// A plan: a graph compiled for fixed extents and a number of threads, as a list of kernels over one
// arena.
//
// Invariants:
//  1. A plan is immutable and is shared by every lane that runs it; what an instance writes lies in
//  its lane's arena.
//  2. Two buffers whose lifetimes overlap do not overlap in the arena, unless one kernel runs in
//  place on purpose.
//  3. Weights are not part of a plan: it names them (WeightRef), a WeightSet holds one packed copy
//  for all plans.
#ifndef DNND_ENGINE_EXEC_PLAN_H_
#define DNND_ENGINE_EXEC_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/cost.h"
#include "engine/ir/graph.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"

namespace dnnd::engine {

// A constant in the packing that one kernel wants.
struct WeightRef {
  ValueId value = kNoValue;                // in Plan::graph
  std::shared_ptr<const Packing> packing;  // null: row-major elements as they are
};

// Where an argument of a kernel lies.
struct BufferRef {
  enum class Kind : uint8_t { kNone, kArena, kWeight };
  Kind kind = Kind::kNone;
  int64_t offset = 0;  // in the arena, or the index of a WeightRef
};

// One kernel of a plan.
struct PlanStep {
  std::string name;    // of the node, or "reorder of …"
  std::string op;      // with the fused operators: "Conv+Relu"
  int node = kNoNode;  // index in Plan::graph, kNoNode for a reorder
  std::shared_ptr<const Kernel> kernel;
  std::vector<BufferRef> inputs;
  std::vector<BufferRef> outputs;
  std::vector<Layout> input_layouts;
  std::vector<Layout> output_layouts;
  int threads = 1;  // 1 or the plan's: a small step is not worth waking a team for
  Cost cost;        // estimated
};

// A graph input or output: row-major in the arena (an output may be a weight when it is constant).
struct PlanArgument {
  std::string name;
  TensorType type;
  BufferRef buffer;
};

struct Plan {
  Graph graph;  // specialised and optimised; holds the recipes of constants
  std::vector<PlanStep> steps;
  std::vector<WeightRef> weights;
  std::vector<PlanArgument> inputs;
  std::vector<PlanArgument> outputs;
  int64_t arena_bytes = 0;
  int64_t scratchpad_bytes = 0;
  int64_t activation_bytes =
      0;  // the sum of all activations: what the arena would be without reuse
  int threads = 1;
};

// Compiles `graph`, which must be specialised (every value that a node produces has a shape) and
// optimised. The calling thread must have been prepared with PrepareComputeThread(threads): oneDNN
// bakes the number into its primitives. Errors name the node.
absl::StatusOr<std::shared_ptr<const Plan>> CompilePlan(Graph graph, int threads);

// One line a step: operator, layouts, implementation, arena offsets.
std::string Dump(const Plan& plan);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_PLAN_H_
