#include "engine/passes/specialize.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"
#include "engine/ops/op_arguments.h"
#include "engine/ops/op_def.h"
#include "engine/passes/inline_branch.h"

namespace dnnd::engine {
namespace {

// Shape arithmetic works on a few numbers; anything larger is data.
constexpr int64_t kMaxFoldedElements = 4096;

bool IsCount(DataType type) { return !IsFloatingPoint(type) && type != DataType::kString; }

// Infers one node after the other on a graph that it owns. Invariants: `known_` holds the elements
// of every small value that is computable already; `from_weights_` marks those that initializers
// alone decide.
class Specializer {
 public:
  Specializer(Graph graph, std::optional<int64_t> assumed_extent)
      : graph_(std::move(graph)),
        assumed_extent_(assumed_extent),
        known_(graph_.values.size()),
        from_weights_(graph_.values.size(), false) {}

  absl::StatusOr<Graph> Run(const Bindings& bindings) {
    for (ValueId input : graph_.inputs) {
      DNND_ASSIGN_OR_RETURN(graph_.value(input).shape, BoundShape(graph_.value(input), bindings));
    }
    DNND_RETURN_IF_ERROR(ReadSmallConstants());
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : nodes) {
      DNND_RETURN_IF_ERROR(Place(std::move(node)));
    }
    RemoveDeadNodes(graph_);
    return std::move(graph_);
  }

 private:
  absl::Status ReadSmallConstants() {
    for (size_t id = 0; id < graph_.values.size(); ++id) {
      if (graph_.values[id].constant.has_value()) {
        DNND_RETURN_IF_ERROR(ReadConstant(id));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadConstant(ValueId id) {
    Value& value = graph_.values[id];
    value.type = value.constant->type().type;
    value.shape = value.constant->type().shape;
    from_weights_[id] = true;
    if (value.shape->num_elements() <= kMaxFoldedElements) {
      DNND_ASSIGN_OR_RETURN(known_[id], value.constant->Materialize());
    }
    return absl::OkStatus();
  }

  // Appends the node, or what it comes to.
  absl::Status Place(Node node) {
    const OpDef* row = FindOp(node.op);
    if (row == nullptr) {
      return Annotate(absl::UnimplementedError("the engine does not have this operator"),
                      Describe(node));
    }
    DNND_RETURN_IF_ERROR(Annotate(CheckPresent(*row, node), Describe(node)));
    if (row->branch != nullptr && known_[node.inputs[0]].defined()) {
      return Annotate(PlaceBranch(*row, node), Describe(node));
    }
    absl::StatusOr<bool> folded = Reduce(*row, node);
    if (!folded.ok() && assumed_extent_.has_value()) {
      LeaveOpen(node);  // the assumption does not fit here
      folded = false;
    }
    if (!folded.ok()) {
      return Annotate(folded.status(), Describe(node));
    }
    if (!*folded) {
      graph_.nodes.push_back(std::move(node));
    }
    return absl::OkStatus();
  }

  // The branch that is known to be taken, in the place of its node.
  absl::Status PlaceBranch(const OpDef& row, const Node& node) {
    std::vector<Tensor> inputs(node.inputs.size());
    inputs[0] = known_[node.inputs[0]];
    DNND_ASSIGN_OR_RETURN(const Graph* branch, row.branch(node, inputs));
    if (!names_.has_value()) {
      names_.emplace(graph_);
    }
    InlinedGraph inlined = InlineBranch(*branch, node, graph_, *names_);
    known_.resize(graph_.values.size());
    from_weights_.resize(graph_.values.size(), false);
    for (const ValueId id : inlined.constants) {
      DNND_RETURN_IF_ERROR(ReadConstant(id));
    }
    for (Node& inner : inlined.nodes) {
      DNND_RETURN_IF_ERROR(Place(std::move(inner)));
    }
    return absl::OkStatus();
  }

  // Infers the outputs of `node`. Returns whether the node was folded away.
  absl::StatusOr<bool> Reduce(const OpDef& row, const Node& node) {
    if (row.runs_graphs() || !InputsHaveShapes(node)) {
      LeaveOpen(node);
      return false;
    }
    if (row.evaluate != nullptr && InputsAreKnown(node)) {
      DNND_RETURN_IF_ERROR(Evaluate(node));
      return true;
    }
    if (row.evaluate != nullptr && (!assumed_extent_.has_value() || row.infer == nullptr)) {
      LeaveOpen(node);
      return false;
    }
    const absl::Status inferred = Infer(row, node);
    if (IsUnknownElements(inferred)) {
      LeaveOpen(node);
      return false;
    }
    DNND_RETURN_IF_ERROR(inferred);
    return Fold(row, node);
  }

  absl::Status CheckPresent(const OpDef& row, const Node& node) const {
    for (int i = 0; i < row.min_inputs; ++i) {
      if (i >= static_cast<int>(node.inputs.size()) || node.inputs[i] == kNoValue) {
        return absl::InvalidArgumentError(absl::StrCat("input ", i, " is missing"));
      }
    }
    return absl::OkStatus();
  }

  bool InputsHaveShapes(const Node& node) const {
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id == kNoValue || graph_.value(id).shape.has_value();
    });
  }

  // The outputs' extents are known when the node runs, and not before.
  void LeaveOpen(const Node& node) {
    for (ValueId output : node.outputs) {
      if (output != kNoValue) {
        graph_.value(output).shape.reset();
      }
    }
  }

  // Folds a node whose extents its inputs' elements decide. REQUIRES: InputsAreKnown.
  absl::Status Evaluate(const Node& node) {
    DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, RunNode(node, KnownInputs(node)));
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) {
        Value& value = graph_.value(node.outputs[i]);
        value.type = outputs[i].type();
        value.shape = outputs[i].shape();
        SetKnown(node.outputs[i], std::move(outputs[i]), /*from_weights=*/false, /*replace=*/true);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Infer(const OpDef& row, const Node& node) {
    std::vector<TensorType> types;
    std::vector<const Tensor*> constants;
    for (ValueId id : node.inputs) {
      types.push_back(id == kNoValue ? TensorType() : graph_.value(id).tensor_type());
      constants.push_back(id != kNoValue && known_[id].defined() ? &known_[id] : nullptr);
    }
    InferContext context(node, types, constants);
    context.AssumeExtent(assumed_extent_.value_or(0));
    DNND_RETURN_IF_ERROR(row.infer(context));
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoValue) {
        continue;
      }
      if (i >= context.outputs().size() || context.outputs()[i].type == DataType::kUndefined) {
        return absl::UnimplementedError(absl::StrCat("output ", i, " is not supported"));
      }
      Value& value = graph_.value(node.outputs[i]);
      value.type = context.outputs()[i].type;
      value.shape = context.outputs()[i].shape;
    }
    return absl::OkStatus();
  }

  bool InputsAreKnown(const Node& node) const {
    return std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](ValueId id) { return id == kNoValue || known_[id].defined(); });
  }

  // REQUIRES: InputsAreKnown.
  std::vector<Tensor> KnownInputs(const Node& node) const {
    std::vector<Tensor> inputs;
    for (ValueId id : node.inputs) {
      inputs.push_back(id == kNoValue ? Tensor() : known_[id]);
    }
    return inputs;
  }

  bool OutputsAreSmall(const Node& node) const {
    return std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return id == kNoValue || graph_.value(id).shape->num_elements() <= kMaxFoldedElements;
    });
  }

  // Computes the outputs of `node` when they are small and known. Returns whether constants replace
  // the node.
  absl::StatusOr<bool> Fold(const OpDef& row, const Node& node) {
    if (!OutputsAreSmall(node)) {
      return false;
    }
    if (node.op == "Shape" || node.op == "Size") {
      DNND_RETURN_IF_ERROR(FoldShape(row, node));
      return true;
    }
    if (!InputsAreKnown(node)) {
      return false;
    }
    const bool from_weights = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId id) {
      return id == kNoValue || from_weights_[id];
    });
    absl::StatusOr<std::vector<Tensor>> computed = RunNode(node, KnownInputs(node));
    if (absl::IsUnimplemented(computed.status())) {
      return false;  // float16 arithmetic: a recipe, once it is widened
    }
    DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, std::move(computed));
    bool recipe = from_weights;
    for (const Tensor& output : outputs) {
      recipe = recipe && (!output.defined() || !IsCount(output.type()));
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) {
        SetKnown(node.outputs[i], std::move(outputs[i]), from_weights, /*replace=*/!recipe);
      }
    }
    return !recipe;
  }

  // The reference kernels of Shape and Size read no element.
  absl::Status FoldShape(const OpDef& row, const Node& node) {
    const TensorView input(graph_.value(node.inputs[0]).tensor_type(), nullptr);
    const Value& value = graph_.value(node.outputs[0]);
    DNND_ASSIGN_OR_RETURN(Tensor result, Tensor::Create(value.type, *value.shape));
    const MutableTensorView output = result.mutable_view();
    DNND_RETURN_IF_ERROR(row.reference(
        ReferenceContext(node, absl::MakeConstSpan(&input, 1), absl::MakeConstSpan(&output, 1))));
    SetKnown(node.outputs[0], std::move(result), /*from_weights=*/false, /*replace=*/true);
    return absl::OkStatus();
  }

  void SetKnown(ValueId id, Tensor tensor, bool from_weights, bool replace) {
    if (replace) {
      graph_.value(id).constant = Constant(tensor);
    }
    known_[id] = std::move(tensor);
    from_weights_[id] = from_weights;
  }

  Graph graph_;
  const std::optional<int64_t> assumed_extent_;
  std::optional<ValueNames> names_;  // made when the first branch is inlined
  std::vector<Tensor> known_;        // by value; undefined where not known
  std::vector<bool> from_weights_;   // by value
};

}  // namespace

absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings,
                                 std::optional<int64_t> assumed_extent) {
  return Specializer(graph, assumed_extent).Run(bindings);
}

}  // namespace dnnd::engine
