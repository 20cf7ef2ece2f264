#include "engine/passes/specialize.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// Results larger than this are weights, not shape arithmetic: they stay recipes.
constexpr int64_t kMaxFoldedElements = 4096;

bool IsShapeData(const TensorType& type) {
  return !IsFloatingPoint(type.type) && type.type != DataType::kString &&
         type.shape.num_elements() <= kMaxFoldedElements;
}

// Infers one node after the other on a graph that it owns.
class Specializer {
 public:
  explicit Specializer(Graph graph) : graph_(std::move(graph)), known_(graph_.values.size()) {}

  absl::StatusOr<Graph> Run(const Bindings& bindings) {
    DNND_ASSIGN_OR_RETURN(const std::vector<Shape> shapes, BindInputs(graph_, bindings));
    for (size_t i = 0; i < shapes.size(); ++i) {
      graph_.value(graph_.inputs[i]).shape = shapes[i];
    }
    for (size_t id = 0; id < graph_.values.size(); ++id) {
      Value& value = graph_.values[id];
      if (value.constant.has_value()) {
        value.shape = value.constant->type().shape;
        DNND_RETURN_IF_ERROR(LearnConstant(static_cast<ValueId>(id)));
      }
    }
    std::vector<Node> kept;
    for (Node& node : graph_.nodes) {
      DNND_ASSIGN_OR_RETURN(const bool folded, AddNode(node));
      if (!folded) {
        kept.push_back(std::move(node));
      }
    }
    graph_.nodes = std::move(kept);
    RemoveDeadNodes(graph_);
    return std::move(graph_);
  }

 private:
  // Small integer constants may decide shapes; so may the few floats that are the scales of a
  // Resize.
  absl::Status LearnConstant(ValueId id) {
    const Constant& constant = *graph_.value(id).constant;
    if (constant.type().shape.num_elements() <= kMaxFoldedElements &&
        constant.type().type != DataType::kString) {
      DNND_ASSIGN_OR_RETURN(known_[id], constant.Materialize());
    }
    return absl::OkStatus();
  }

  // Whether the node was folded away.
  absl::StatusOr<bool> AddNode(const Node& node) {
    absl::StatusOr<bool> folded = InferNode(node);
    if (!folded.ok()) {
      return Annotate(folded.status(), Describe(node));
    }
    return folded;
  }

  absl::StatusOr<bool> InferNode(const Node& node) {
    const OpDef* row = FindOp(node.op);
    if (row == nullptr) {
      return absl::UnimplementedError("the engine does not have this operator");
    }
    std::vector<TensorType> types;
    std::vector<const Tensor*> constants;
    for (ValueId input : node.inputs) {
      types.push_back(input == kNoValue ? TensorType() : graph_.value(input).tensor_type());
      constants.push_back(input != kNoValue && known_[input].defined() ? &known_[input] : nullptr);
    }
    InferContext context(node, types, constants);
    DNND_RETURN_IF_ERROR(row->infer(context));
    if (context.outputs().size() < node.outputs.size()) {
      return absl::UnimplementedError(absl::StrCat("the model asks for ", node.outputs.size(),
                                                   " outputs, the engine computes ",
                                                   context.outputs().size()));
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) {
        Value& value = graph_.value(node.outputs[i]);
        value.type = context.outputs()[i].type;
        value.shape = context.outputs()[i].shape;
      }
    }
    return Fold(node);
  }

  absl::StatusOr<bool> Fold(const Node& node) {
    const bool of_shape = node.op == "Shape" || node.op == "Size";
    const bool inputs_known =
        of_shape || std::all_of(node.inputs.begin(), node.inputs.end(),
                                [&](ValueId id) { return id == kNoValue || known_[id].defined(); });
    const bool small = std::all_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return id == kNoValue || (graph_.value(id).shape->num_elements() <= kMaxFoldedElements &&
                                graph_.value(id).type != DataType::kString);
    });
    if (!inputs_known || !small) {
      return false;
    }
    DNND_ASSIGN_OR_RETURN(std::vector<Tensor> outputs, Evaluate(node, of_shape));
    bool all_constant = true;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId id = node.outputs[i];
      if (id == kNoValue) {
        continue;
      }
      known_[id] = outputs[i];
      // Small floats (the scales of a Resize on the way to its shape) are known here but stay
      // recipes: they may be weights, which can be bound anew.
      all_constant = all_constant && IsShapeData(outputs[i].tensor_type());
    }
    for (ValueId id : node.outputs) {
      if (all_constant && id != kNoValue) {
        graph_.value(id).constant = Constant(known_[id]);
      }
    }
    return all_constant;
  }

  absl::StatusOr<std::vector<Tensor>> Evaluate(const Node& node, bool of_shape) {
    std::vector<Tensor> inputs;
    for (ValueId input : node.inputs) {
      if (of_shape) {
        // Only the extents matter: a tensor of no bytes stands for the elements.
        return ShapeOf(node, *graph_.value(input).shape);
      }
      inputs.push_back(input == kNoValue ? Tensor() : known_[input]);
    }
    return RunNode(node, inputs);
  }

  absl::StatusOr<std::vector<Tensor>> ShapeOf(const Node& node, const Shape& shape) {
    if (node.op == "Size") {
      return std::vector<Tensor>{Tensor::Scalar<int64_t>(shape.num_elements())};
    }
    const int64_t rank = shape.rank();
    const auto clamp = [&](int64_t axis) {
      return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
    };
    const int64_t begin = clamp(node.attributes.Int("start", 0));
    const int64_t end = std::max(begin, clamp(node.attributes.Int("end", rank)));
    return std::vector<Tensor>{Tensor::Int64s(shape.dims().subspan(begin, end - begin))};
  }

  Graph graph_;
  std::vector<Tensor> known_;  // by value: elements known at this point
};

}  // namespace

absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings) {
  return Specializer(graph).Run(bindings);
}

}  // namespace dnnd::engine
