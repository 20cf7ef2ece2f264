#include "engine/exec/tail_layer.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/exec/plan_instance.h"
#include "engine/exec/thread_count.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// How many different numbers of things are worth remembering.
constexpr size_t kMostPlans = 32;

bool IsConstant(const Graph& graph, ValueId id) {
  return id != kNoValue && graph.value(id).constant.has_value();
}

absl::Status CheckBytes(const Graph& graph, int64_t most_bytes) {
  int64_t bytes = 0;
  for (ValueId output : graph.outputs) {
    bytes += graph.value(output).tensor_type().num_bytes();
  }
  return bytes <= most_bytes ? absl::OkStatus()
                             : absl::ResourceExhaustedError(absl::StrCat("makes ", bytes,
                                                                         " bytes of its inputs, "
                                                                         "where ",
                                                                         most_bytes, " are left"));
}

bool AnythingToCompute(const Graph& graph) {
  return std::any_of(graph.outputs.begin(), graph.outputs.end(),
                     [&](ValueId output) { return graph.value(output).shape->num_elements() > 0; });
}

absl::StatusOr<std::vector<Tensor>> EmptyOutputs(const Graph& graph) {
  std::vector<Tensor> outputs;
  for (ValueId output : graph.outputs) {
    const TensorType type = graph.value(output).tensor_type();
    DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(type.type, type.shape));
    outputs.push_back(std::move(tensor));
  }
  return outputs;
}

}  // namespace

bool TailLayer::Is(const Graph& graph, const Node& node) {
  const OpDef* row = FindOp(node.op);
  if (row == nullptr || row->compile == nullptr || node.outputs.size() != 1 ||
      node.inputs.size() < 2 || !IsConstant(graph, node.inputs[1])) {
    return false;
  }
  // A matrix or a filter; what has fewer axes is a scale, a slope, or a list of axes.
  const TensorType& weights = graph.value(node.inputs[1]).constant->type();
  return IsFloatingPoint(weights.type) && weights.shape.rank() >= 2;
}

TailLayer::TailLayer(const Graph& graph, const Node& node, std::shared_ptr<WeightSet> weights,
                     int threads)
    : weights_(std::move(weights)), threads_(threads) {
  const auto own = [&](ValueId id) {
    graph_.values.push_back(graph.value(id));
    return static_cast<ValueId>(graph_.values.size()) - 1;
  };
  Node copy = node;
  for (ValueId& input : copy.inputs) {
    const bool constant = IsConstant(graph, input);
    input = input == kNoValue ? kNoValue : own(input);
    if (input != kNoValue && !constant) {
      graph_.inputs.push_back(input);
    }
  }
  for (ValueId& output : copy.outputs) {
    output = own(output);
    graph_.outputs.push_back(output);
  }
  graph_.nodes.push_back(std::move(copy));
}

absl::StatusOr<Graph> TailLayer::GraphFor(absl::Span<const Tensor> inputs) const {
  Graph graph = graph_;
  for (size_t i = 0; i < inputs.size(); ++i) {
    Value& value = graph.value(graph.inputs[i]);
    value.type = inputs[i].type();
    value.shape = inputs[i].shape();
  }
  const Node& node = graph.nodes[0];
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  for (ValueId id : node.inputs) {
    const Value* value = id == kNoValue ? nullptr : &graph.value(id);
    types.push_back(value == nullptr ? TensorType() : value->tensor_type());
    known.push_back(
        value == nullptr || !value->constant.has_value() ? nullptr : value->constant->in_memory());
  }
  InferContext infer(node, types, known);
  DNND_RETURN_IF_ERROR(FindOp(node.op)->infer(infer));
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    graph.value(node.outputs[i]).type = infer.outputs()[i].type;
    graph.value(node.outputs[i]).shape = infer.outputs()[i].shape;
  }
  return graph;
}

absl::StatusOr<std::shared_ptr<const Executable>> TailLayer::PlanFor(Graph graph,
                                                                     const Shapes& shapes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(plans_.begin(), plans_.end(),
                                  [&](const auto& entry) { return entry.first == shapes; });
  if (found != plans_.end()) {
    plans_.splice(plans_.begin(), plans_, found);
    return plans_.front().second;
  }
  const ThreadCount compiling_for(threads_);
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, CompilePlan(std::move(graph), threads_));
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const BoundWeights> bound, weights_->Bind(*plan));
  plans_.emplace_front(
      shapes, std::make_shared<const Executable>(std::move(plan), std::move(bound), nullptr));
  if (plans_.size() > kMostPlans) {
    plans_.pop_back();
  }
  return plans_.front().second;
}

absl::StatusOr<std::vector<Tensor>> TailLayer::Run(absl::Span<const Tensor> inputs,
                                                   int64_t most_bytes, const LaneMemory& memory) {
  DNND_ASSIGN_OR_RETURN(Graph graph, GraphFor(inputs));
  DNND_RETURN_IF_ERROR(CheckBytes(graph, most_bytes));
  if (!AnythingToCompute(graph)) {
    return EmptyOutputs(graph);
  }
  Shapes shapes;
  for (const Tensor& input : inputs) {
    shapes.push_back(input.shape());
  }
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const Executable> executable,
                        PlanFor(std::move(graph), shapes));
  const LaneMemory own = {memory.tail, memory.scratchpad, nullptr};
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<PlanInstance> instance,
                        PlanInstance::Create(std::move(executable), own));
  for (size_t i = 0; i < inputs.size(); ++i) {
    std::memcpy(instance->input(static_cast<int>(i)).raw(), inputs[i].data<void>(),
                inputs[i].num_bytes());
  }
  DNND_RETURN_IF_ERROR(instance->Run());
  std::vector<Tensor> outputs;
  for (const TensorView& view : instance->outputs()) {
    DNND_ASSIGN_OR_RETURN(Tensor output, Tensor::Copy(view));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace dnnd::engine
