#include "engine/exec/tail_layer.h"

#include <algorithm>
#include <iterator>

#include "engine/base/status.h"
#include "engine/exec/plan_instance.h"
#include "engine/exec/thread_count.h"
#include "engine/ops/interpret.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

constexpr absl::string_view kMultiplying[] = {"Conv", "ConvTranspose", "Gemm", "MatMul"};
// With fewer, making a kernel takes longer than interpreting.
constexpr int64_t kLeastWeights = 256;

// How many different numbers of things are worth remembering.
constexpr size_t kMostPlans = 32;

bool IsConstant(const Graph& graph, ValueId id) {
  return id != kNoValue && graph.value(id).constant.has_value();
}

std::vector<TensorType> OutputTypes(const Graph& graph) {
  std::vector<TensorType> types;
  for (ValueId output : graph.outputs) {
    types.push_back(graph.value(output).tensor_type());
  }
  return types;
}

bool AnythingToCompute(const Graph& graph) {
  return std::any_of(graph.outputs.begin(), graph.outputs.end(),
                     [&](ValueId output) { return graph.value(output).shape->num_elements() > 0; });
}

absl::StatusOr<std::vector<Tensor>> EmptyOutputs(const Graph& graph) {
  std::vector<Tensor> outputs;
  for (const TensorType& type : OutputTypes(graph)) {
    DNND_ASSIGN_OR_RETURN(Tensor tensor, Tensor::Create(type.type, type.shape));
    outputs.push_back(std::move(tensor));
  }
  return outputs;
}

}  // namespace

bool TailLayer::Is(const Graph& graph, const Node& node) {
  if (std::find(std::begin(kMultiplying), std::end(kMultiplying), node.op) ==
          std::end(kMultiplying) ||
      node.inputs.size() < 2 || !IsConstant(graph, node.inputs[1])) {
    return false;
  }
  return graph.value(node.inputs[1]).constant->type().shape.num_elements() >= kLeastWeights;
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

std::shared_ptr<const Executable> TailLayer::Find(absl::Span<const TensorType> inputs) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = std::find_if(plans_.begin(), plans_.end(),
                                  [&](const auto& entry) { return entry.first == inputs; });
  if (found == plans_.end()) {
    return nullptr;
  }
  plans_.splice(plans_.begin(), plans_, found);
  return plans_.front().second;
}

absl::StatusOr<std::shared_ptr<const Executable>> TailLayer::Compile(
    Graph graph, std::vector<TensorType> inputs) {
  const ThreadCount compiling_for(threads_);
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan, CompilePlan(std::move(graph), threads_));
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const BoundWeights> bound, weights_->Bind(*plan));
  auto executable =
      std::make_shared<const Executable>(std::move(plan), std::move(bound), /*tail=*/nullptr);
  const std::lock_guard<std::mutex> lock(mutex_);
  plans_.emplace_front(std::move(inputs), executable);
  if (plans_.size() > kMostPlans) {
    plans_.pop_back();
  }
  return executable;
}

absl::StatusOr<std::vector<Tensor>> TailLayer::Run(absl::Span<const Tensor> inputs,
                                                   int64_t most_bytes, const LaneMemory& memory) {
  std::vector<TensorType> types;
  for (const Tensor& input : inputs) {
    types.push_back(input.tensor_type());
  }
  std::shared_ptr<const Executable> executable = Find(types);
  if (executable == nullptr) {
    DNND_ASSIGN_OR_RETURN(Graph graph, GraphFor(inputs));
    if (!AnythingToCompute(graph)) {
      return EmptyOutputs(graph);
    }
    DNND_RETURN_IF_ERROR(CheckBytes(OutputTypes(graph), most_bytes));
    DNND_ASSIGN_OR_RETURN(executable, Compile(std::move(graph), std::move(types)));
  } else {
    DNND_RETURN_IF_ERROR(CheckBytes(OutputTypes(executable->plan()->graph), most_bytes));
  }
  const LaneMemory own = {memory.tail, memory.scratchpad, nullptr};
  DNND_ASSIGN_OR_RETURN(const std::unique_ptr<PlanInstance> instance,
                        PlanInstance::Create(std::move(executable), own));
  return instance->RunOn(inputs);
}

}  // namespace dnnd::engine
