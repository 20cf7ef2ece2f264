// Everything the engine knows about an operator is one row of plain functions, in one file: shapes,
// the reference kernel, the implementations that can serve it, and its cost. Rows are listed in
// ops/all_ops.inc.
#ifndef DNND_ENGINE_OPS_OP_DEF_H_
#define DNND_ENGINE_OPS_OP_DEF_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/base/cost.h"
#include "engine/ir/graph.h"
#include "engine/tensor/kernel.h"
#include "engine/tensor/layout.h"

namespace dnnd::engine {

// What is known of a node when it is specialised: its arguments' types, and the elements of those
// that are known already.
class NodeContext {
 public:
  // The spans outlive the context. An absent input has type kUndefined; `constants` holds null
  // where elements are unknown.
  NodeContext(const Node& node, absl::Span<const TensorType> inputs,
              absl::Span<const Tensor* const> constants)
      : node_(node), inputs_(inputs), constants_(constants) {}

  const Node& node() const { return node_; }
  const Attributes& attributes() const { return node_.attributes; }
  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  int num_outputs() const { return static_cast<int>(node_.outputs.size()); }
  bool has_input(int i) const {
    return i < num_inputs() && inputs_[i].type != DataType::kUndefined;
  }
  bool has_output(int i) const { return i < num_outputs() && node_.outputs[i] != kNoValue; }
  // REQUIRES: has_input(i).
  const TensorType& input(int i) const { return inputs_[i]; }
  const Shape& input_shape(int i) const { return inputs_[i].shape; }
  // The elements of input i when they are known at this point, else null.
  const Tensor* constant(int i) const { return i < num_inputs() ? constants_[i] : nullptr; }

 private:
  const Node& node_;
  absl::Span<const TensorType> inputs_;
  absl::Span<const Tensor* const> constants_;
};

// For OpDef::infer, which calls SetOutput for every output of the node. Messages need not name the
// node: the caller does.
class InferContext : public NodeContext {
 public:
  using NodeContext::NodeContext;
  // Of a row with `evaluate`: what to take each extent for that data decide.
  void AssumeExtent(int64_t extent) { assumed_extent_ = extent; }
  int64_t assumed_extent() const { return assumed_extent_; }

  void SetOutput(int i, DataType type, Shape shape) {
    if (i >= static_cast<int>(outputs_.size())) {
      outputs_.resize(i + 1);
    }
    outputs_[i] = TensorType{type, std::move(shape)};
  }
  const std::vector<TensorType>& outputs() const { return outputs_; }

 private:
  int64_t assumed_extent_ = 0;
  std::vector<TensorType> outputs_;
};

// For OpDef::reference: dense row-major arguments; outputs have the inferred types and their memory
// is not zeroed.
class ReferenceContext {
 public:
  ReferenceContext(const Node& node, absl::Span<const TensorView> inputs,
                   absl::Span<const MutableTensorView> outputs)
      : node_(node), inputs_(inputs), outputs_(outputs) {}

  const Node& node() const { return node_; }
  const Attributes& attributes() const { return node_.attributes; }
  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  int num_outputs() const { return static_cast<int>(outputs_.size()); }
  bool has_input(int i) const {
    return i < num_inputs() && inputs_[i].type() != DataType::kUndefined;
  }
  bool has_output(int i) const {
    return i < num_outputs() && outputs_[i].type() != DataType::kUndefined;
  }
  const TensorView& input(int i) const { return inputs_[i]; }
  const MutableTensorView& output(int i) const { return outputs_[i]; }

 private:
  const Node& node_;
  absl::Span<const TensorView> inputs_;
  absl::Span<const MutableTensorView> outputs_;
};

// One way to run a node. The planner picks among the candidates of a node; the reference kernel
// (row-major) is always the last of them.
struct Candidate {
  std::string name;             // "channels_last", "row_major", … unique within the node
  std::vector<Layout> inputs;   // by input; weights that the kernel packs itself: kRowMajor
  std::vector<Layout> outputs;  // by output
};

// For OpDef::candidates and OpDef::compile.
class CompileContext : public NodeContext {
 public:
  CompileContext(const Node& node, absl::Span<const TensorType> inputs,
                 absl::Span<const Tensor* const> constants, absl::Span<const TensorType> outputs,
                 std::vector<bool> is_constant, int threads)
      : NodeContext(node, inputs, constants),
        outputs_(outputs),
        is_constant_(std::move(is_constant)),
        threads_(threads) {}

  const TensorType& output(int i) const { return outputs_[i]; }
  const Shape& output_shape(int i) const { return outputs_[i].shape; }
  // Whether input i is a constant of the plan (a weight), whose elements are bound later, by a
  // WeightSet.
  bool is_constant(int i) const {
    return i < static_cast<int>(is_constant_.size()) && is_constant_[i];
  }
  int threads() const { return threads_; }

 private:
  absl::Span<const TensorType> outputs_;
  std::vector<bool> is_constant_;
  int threads_;
};

struct RowAxis;
class RowsContext;

// What a graph inside a node makes of its inputs, while so many bytes are held beside it.
using GraphRunner = absl::FunctionRef<absl::StatusOr<std::vector<Tensor>>(
    const Graph& graph, absl::Span<const Tensor> inputs, int64_t held_bytes)>;

// Plain functions, no state: thread-safe by construction.
struct OpDef {
  absl::string_view type;  // ONNX operator, normalised over opsets by the importer
  int min_inputs = 0;
  int max_inputs = 0;  // kVariadic: no limit
  int min_outputs = 1;
  int max_outputs = 1;
  // Output 0 has exactly the elements of input 0, in the same order: a view under another shape or
  // name, no kernel runs.
  bool view = false;
  // Types and shapes of the outputs. INVALID_ARGUMENT where the arguments do not fit the operator,
  // UNIMPLEMENTED where the engine cannot run this form of it (with the reason).
  absl::Status (*infer)(InferContext& context) = nullptr;
  // The plain typed kernel. UNIMPLEMENTED for a data type that it does not take.
  using Reference = absl::Status (*)(const ReferenceContext& context);
  Reference reference = nullptr;
  // For operators whose results' extents depend on the elements of their inputs: makes the results
  // whole. `inputs` by argument, undefined where absent. INVALID_ARGUMENT and UNIMPLEMENTED as
  // `infer` and `reference`, of which the latter is null; the former, where it is there, assumes
  // InferContext::assumed_extent().
  absl::StatusOr<std::vector<Tensor>> (*evaluate)(const Node& node,
                                                  absl::Span<const Tensor> inputs) = nullptr;
  // For operators that run one of their graphs, which have none of the three above: the one that
  // these inputs choose. It gets the last of the inputs, and its results are the node's. Reads no
  // input but the first, so that the others may be undefined. INVALID_ARGUMENT where the inputs do
  // not say which.
  absl::StatusOr<const Graph*> (*branch)(const Node& node,
                                         absl::Span<const Tensor> inputs) = nullptr;
  // For operators that run one of their graphs as often as data say, which have none of the above:
  // makes the results whole. INVALID_ARGUMENT as `evaluate`, RESOURCE_EXHAUSTED where there is no
  // end, and what `run` says.
  absl::StatusOr<std::vector<Tensor>> (*loop)(const Node& node, absl::Span<const Tensor> inputs,
                                              GraphRunner run) = nullptr;
  // Whether the nodes of a graph inside are run, and not the node.
  bool runs_graphs() const { return branch != nullptr || loop != nullptr; }
  // Implementations better than the reference kernel, best first; may be null or return none.
  std::vector<Candidate> (*candidates)(const CompileContext& context) = nullptr;
  // Compiles one of the above. UNIMPLEMENTED when it turns out not to serve this case: the next
  // candidate is tried.
  using Compile = absl::StatusOr<std::unique_ptr<Kernel>> (*)(const CompileContext& context,
                                                              const Candidate& candidate);
  Compile compile = nullptr;
  // Whether compile accepts `kind` as the next post-op of `node`; null: never. Asked by the fusion
  // pass.
  bool (*accepts_post_op)(const Node& node, PostOp::Kind kind) = nullptr;
  // Where the rows of a batch lie in the outputs, given where they lie in inputs, at least one of
  // which has some. UNIMPLEMENTED where what one row gets depends on others or on their number.
  // Null: not known to keep rows apart. See ops/rows.h.
  absl::StatusOr<RowAxis> (*rows)(const RowsContext& context) = nullptr;
  // Computation and data movement with logical sizes; null: bytes of the arguments, one operation
  // an output element.
  Cost (*cost)(const CompileContext& context) = nullptr;
};

inline constexpr int kVariadic = 1 << 20;

// The row of `type`, or null when the engine does not have the operator.
const OpDef* FindOp(absl::string_view type);

// Every row, in the order of the list.
absl::Span<const OpDef* const> AllOps();

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_OP_DEF_H_
