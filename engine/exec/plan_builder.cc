#include "engine/exec/plan_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/cost/cost_model.h"
#include "engine/cost/machine_limits.h"
#include "engine/exec/reference_kernel.h"
#include "engine/exec/thread_count.h"

namespace dnnd::engine {
namespace {

const Candidate& ReferenceCandidate() {
  static const auto* candidate = new Candidate{"reference", {}, {}};
  return *candidate;
}

// A candidate lists layouts only as far as they are not row-major.
Layout LayoutAt(const std::vector<Layout>& layouts, size_t i) {
  return i < layouts.size() ? layouts[i] : Layout::kRowMajor;
}

std::string FusedName(const Node& node) {
  std::string name = node.op;
  for (const std::string& fused : node.fused) {
    absl::StrAppend(&name, "+", fused);
  }
  return name;
}

}  // namespace

PlanBuilder::PlanBuilder(Graph graph, int threads) {
  plan_.graph = std::move(graph);
  plan_.threads = threads;
}

absl::StatusOr<std::shared_ptr<const Plan>> PlanBuilder::Build() {
  const Graph& graph = plan_.graph;
  constant_ = ConstantValues(graph);
  held_.resize(graph.values.size());
  last_reader_.assign(graph.values.size(), kNoNode);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId input : graph.nodes[n].inputs) {
      if (input != kNoValue) {
        last_reader_[input] = static_cast<int>(n);
      }
    }
  }
  for (ValueId output : graph.outputs) {
    last_reader_[output] = static_cast<int>(graph.nodes.size());
  }
  for (ValueId input : graph.inputs) {
    DNND_RETURN_IF_ERROR(AddInput(input));
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    absl::Status status = AddNode(static_cast<int>(n));
    if (!status.ok()) {
      return Annotate(status, Describe(graph.nodes[n]));
    }
  }
  for (ValueId output : graph.outputs) {
    DNND_RETURN_IF_ERROR(AddOutput(output));
  }
  DNND_RETURN_IF_ERROR(PlanArena());
  return std::make_shared<const Plan>(std::move(plan_));
}

absl::Status PlanBuilder::CheckPlain(ValueId id) const {
  const Value& value = plan_.graph.value(id);
  if (value.type == DataType::kString) {
    return absl::UnimplementedError(
        absl::StrCat("\"", value.name, "\" is a tensor of strings, which only constants may be"));
  }
  return absl::OkStatus();
}

absl::Status PlanBuilder::AddInput(ValueId id) {
  DNND_RETURN_IF_ERROR(CheckPlain(id));
  const TensorType type = plan_.graph.value(id).tensor_type();
  const int storage = AddStorage(type.num_bytes());
  held_[id].push_back({Layout::kRowMajor, storage});
  values_in_[storage].push_back(id);
  plan_.inputs.push_back({plan_.graph.value(id).name, type, {}});
  input_storage_.push_back(storage);
  return absl::OkStatus();
}

absl::Status PlanBuilder::AddOutput(ValueId id) {
  DNND_RETURN_IF_ERROR(CheckPlain(id));
  const Value& value = plan_.graph.value(id);
  PlanArgument argument{value.name, value.tensor_type(), {}};
  if (constant_[id]) {
    argument.buffer = {BufferRef::Kind::kWeight, AddWeight(id, nullptr)};
    output_storage_.push_back(-1);
  } else {
    DNND_ASSIGN_OR_RETURN(const int storage, Acquire(id, Layout::kRowMajor));
    output_storage_.push_back(storage);
  }
  plan_.outputs.push_back(std::move(argument));
  return absl::OkStatus();
}

absl::Status PlanBuilder::AddNode(int index) {
  const Node& node = plan_.graph.nodes[index];
  const bool recipe = std::all_of(node.outputs.begin(), node.outputs.end(),
                                  [&](ValueId id) { return id == kNoValue || constant_[id]; });
  if (recipe) {
    return absl::OkStatus();  // evaluated when weights are bound
  }
  for (const std::vector<ValueId>* arguments : {&node.inputs, &node.outputs}) {
    for (ValueId id : *arguments) {
      DNND_RETURN_IF_ERROR(id == kNoValue ? absl::OkStatus() : CheckPlain(id));
    }
  }
  const OpDef* row = FindOp(node.op);
  if (row == nullptr) {
    return absl::UnimplementedError("the engine does not have this operator");
  }
  if (row->view && !constant_[node.inputs[0]] && node.post_ops.empty()) {
    return AddView(node);
  }
  const NodeTypes types = TypesOf(node);
  DNND_ASSIGN_OR_RETURN(Choice choice, Choose(node, *row, types));
  return AddKernel(index, types, std::move(choice));
}

absl::Status PlanBuilder::AddView(const Node& node) {
  const ValueId from = node.inputs[0];
  const ValueId to = node.outputs[0];
  DNND_ASSIGN_OR_RETURN(const int storage, Acquire(from, Layout::kRowMajor));
  held_[to].push_back({Layout::kRowMajor, storage});
  values_in_[storage].push_back(to);
  // The same shape has the same elements at the same place in any layout.
  if (plan_.graph.value(from).shape == plan_.graph.value(to).shape) {
    for (const Representation& held : held_[from]) {
      if (held.storage != storage) {
        held_[to].push_back(held);
        values_in_[held.storage].push_back(to);
      }
    }
  }
  return absl::OkStatus();
}

PlanBuilder::NodeTypes PlanBuilder::TypesOf(const Node& node) const {
  NodeTypes types;
  for (ValueId input : node.inputs) {
    const bool present = input != kNoValue;
    types.inputs.push_back(present ? plan_.graph.value(input).tensor_type() : TensorType());
    types.is_constant.push_back(present && constant_[input]);
    const bool known = present && plan_.graph.value(input).constant.has_value();
    types.constants.push_back(known ? plan_.graph.value(input).constant->in_memory() : nullptr);
  }
  for (ValueId output : node.outputs) {
    types.outputs.push_back(output != kNoValue ? plan_.graph.value(output).tensor_type()
                                               : TensorType());
  }
  return types;
}

int64_t PlanBuilder::ReorderBytes(const Node& node, const Candidate& candidate) const {
  int64_t bytes = 0;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId input = node.inputs[i];
    if (input == kNoValue || constant_[input]) {
      continue;
    }
    const Value& value = plan_.graph.value(input);
    const Layout wanted = LayoutAt(candidate.inputs, i);
    const bool there =
        std::any_of(held_[input].begin(), held_[input].end(), [&](const Representation& held) {
          return SamePlacement(*value.shape, held.layout, wanted);
        });
    if (!there) {
      bytes += value.tensor_type().num_bytes();
    }
  }
  return bytes;
}

absl::StatusOr<PlanBuilder::Choice> PlanBuilder::Choose(const Node& node, const OpDef& row,
                                                        const NodeTypes& types) {
  const CompileContext all_threads(node, types.inputs, types.constants, types.outputs,
                                   types.is_constant, plan_.threads);
  Choice choice;
  choice.cost = EstimateCost(row, all_threads);
  choice.threads = WorthwhileThreads(choice.cost, plan_.threads, MeasuredLimits());
  const ThreadCount compiling_for(choice.threads);
  const CompileContext context(node, types.inputs, types.constants, types.outputs,
                               types.is_constant, choice.threads);
  std::vector<Candidate> candidates;
  if (row.candidates != nullptr) {
    candidates = row.candidates(context);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Candidate& a, const Candidate& b) {
                     return ReorderBytes(node, a) < ReorderBytes(node, b);
                   });
  for (const Candidate& candidate : candidates) {
    absl::StatusOr<std::unique_ptr<Kernel>> kernel = row.compile(context, candidate);
    if (kernel.ok()) {
      choice.candidate = candidate;
      choice.kernel = std::move(kernel).value();
      return choice;
    }
    if (!absl::IsUnimplemented(kernel.status())) {
      return kernel.status();
    }
  }
  choice.candidate = ReferenceCandidate();
  choice.kernel = MakeReferenceKernel(node, row, types.inputs, types.outputs);
  return choice;
}

absl::Status PlanBuilder::AddKernel(int index, const NodeTypes& types, Choice choice) {
  const Node& node = plan_.graph.nodes[index];
  PendingStep pending;
  pending.step.name = node.name;
  pending.step.op = FusedName(node);
  pending.step.node = index;
  pending.step.kernel = std::shared_ptr<const Kernel>(std::move(choice.kernel));
  pending.step.cost = choice.cost;
  pending.step.threads = choice.threads;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    DNND_RETURN_IF_ERROR(AddKernelInput(index, i, LayoutAt(choice.candidate.inputs, i), pending));
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    AddKernelOutput(index, i, types.outputs[i], LayoutAt(choice.candidate.outputs, i), pending);
  }
  pending_.push_back(std::move(pending));
  for (int storage : pending_.back().input_storage) {
    Touch(storage);
  }
  for (int storage : pending_.back().output_storage) {
    Touch(storage);
  }
  return absl::OkStatus();
}

absl::Status PlanBuilder::AddKernelInput(int index, size_t i, Layout layout, PendingStep& pending) {
  const ValueId input = plan_.graph.nodes[index].inputs[i];
  PlanStep& step = pending.step;
  step.input_layouts.push_back(layout);
  step.inputs.push_back({});
  pending.input_storage.push_back(-1);
  if (input == kNoValue) {
    return absl::OkStatus();
  }
  if (constant_[input]) {
    const int argument = static_cast<int>(i);
    step.inputs[i] = {BufferRef::Kind::kWeight, AddWeight(input, step.kernel->packing(argument))};
    return absl::OkStatus();
  }
  const std::optional<InPlace> in_place = step.kernel->in_place();
  const bool overwritten =
      in_place.has_value() && in_place->required && in_place->input == static_cast<int>(i);
  DNND_ASSIGN_OR_RETURN(pending.input_storage[i], overwritten
                                                      ? AcquireForOverwrite(input, layout, index)
                                                      : Acquire(input, layout));
  return absl::OkStatus();
}

void PlanBuilder::AddKernelOutput(int index, size_t i, const TensorType& type, Layout layout,
                                  PendingStep& pending) {
  const ValueId output = plan_.graph.nodes[index].outputs[i];
  pending.step.output_layouts.push_back(layout);
  pending.step.outputs.push_back({});
  pending.output_storage.push_back(-1);
  if (output == kNoValue) {
    return;
  }
  const std::optional<InPlace> in_place = pending.step.kernel->in_place();
  const int shared = in_place.has_value() && i == 0 ? pending.input_storage[in_place->input] : -1;
  const bool reuse = shared >= 0 && (in_place->required || !ReadLater(shared, index));
  const int storage = reuse ? shared : AddStorage(LayoutBytes(type, layout));
  if (reuse) {
    Forget(storage);
  }
  pending.output_storage[i] = storage;
  held_[output].push_back({layout, storage});
  values_in_[storage].push_back(output);
}

}  // namespace dnnd::engine
