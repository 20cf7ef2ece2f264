#include "engine/passes/specialize.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

absl::StatusOr<Shape> BoundShape(const Value& input, const Bindings& bindings) {
  if (!input.declared.has_value()) {
    return absl::UnimplementedError(
        absl::StrCat("input \"", input.name, "\" has no declared shape"));
  }
  Dims dims;
  for (int axis = 0; axis < static_cast<int>(input.declared->size()); ++axis) {
    const std::string symbol = SymbolOf(input, axis);
    if (symbol.empty()) {
      dims.push_back((*input.declared)[axis].value);
      continue;
    }
    const auto bound = bindings.find(symbol);
    if (bound == bindings.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input \"", input.name, "\" ", ToString(*input.declared), ": no extent for ", symbol));
    }
    dims.push_back(bound->second);
  }
  return Shape::Create(dims);
}

// Infers one node after the other on a graph that it owns.
class Specializer {
 public:
  explicit Specializer(Graph graph) : graph_(std::move(graph)), known_(graph_.values.size()) {}

  absl::StatusOr<Graph> Run(const Bindings& bindings) {
    for (ValueId input : graph_.inputs) {
      DNND_ASSIGN_OR_RETURN(graph_.value(input).shape, BoundShape(graph_.value(input), bindings));
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
    return InterpretNode(node, inputs);
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

std::string SymbolOf(const Value& input, int axis) {
  const Dim& dim = (*input.declared)[axis];
  if (dim.known()) {
    return "";
  }
  return dim.symbol.empty() ? absl::StrCat(input.name, ".", axis) : dim.symbol;
}

absl::StatusOr<Bindings> BindShapes(const Graph& graph, absl::Span<const Shape> shapes) {
  if (shapes.size() != graph.inputs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", shapes.size(), " inputs, wanted ", graph.inputs.size()));
  }
  Bindings bindings;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Value& input = graph.value(graph.inputs[i]);
    const auto mismatch = [&](absl::string_view why) {
      return absl::InvalidArgumentError(absl::StrCat("input \"", input.name, "\": got ",
                                                     shapes[i].ToString(), ", wanted ",
                                                     ToString(*input.declared), why));
    };
    if (!input.declared.has_value()) {
      return absl::UnimplementedError(
          absl::StrCat("input \"", input.name, "\" has no declared shape"));
    }
    if (static_cast<int>(input.declared->size()) != shapes[i].rank()) {
      return mismatch("");
    }
    for (int axis = 0; axis < shapes[i].rank(); ++axis) {
      const std::string symbol = SymbolOf(input, axis);
      if (symbol.empty()) {
        if ((*input.declared)[axis].value != shapes[i][axis]) {
          return mismatch("");
        }
        continue;
      }
      const auto [bound, inserted] = bindings.emplace(symbol, shapes[i][axis]);
      if (!inserted && bound->second != shapes[i][axis]) {
        return mismatch(absl::StrCat(", where ", symbol, " is ", bound->second, " already"));
      }
    }
  }
  return bindings;
}

absl::StatusOr<Graph> Specialize(const Graph& graph, const Bindings& bindings) {
  return Specializer(graph).Run(bindings);
}

absl::Status CheckSupported(const Graph& graph) {
  std::vector<std::string> missing;
  for (const Node& node : graph.nodes) {
    if (FindOp(node.op) == nullptr) {
      missing.push_back(Describe(node));
    }
  }
  if (missing.empty()) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(absl::StrCat(
      missing.size(), " of ", graph.nodes.size(),
      " nodes have an operator that the engine does not: ", absl::StrJoin(missing, ", ")));
}

}  // namespace dnnd::engine
