#include "engine/onnx/graph_importer.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ir/refused_nodes.h"
#include "engine/onnx/attribute_reader.h"
#include "engine/onnx/branch_inputs.h"
#include "engine/onnx/topological_sort.h"
#include "engine/onnx/value_info.h"

namespace dnnd::engine {
namespace {

// Operators that passes put into graphs: no file has them.
constexpr absl::string_view kInternalPrefix = "dnnd.";

constexpr const char* kBranches[] = {"then_branch", "else_branch"};

// The model's graph, a branch of one of its nodes, or the body of a loop. Those inside end up with
// the values that they read but do not define as their (last) inputs, in order of first use, under
// the names that they have outside.
class GraphImporter {
 public:
  enum class Place : uint8_t { kModel, kBranch, kBody };

  GraphImporter(onnx::GraphProto& proto, Place place, bool in_loop, int opset,
                const ModelSkeleton& skeleton, TensorReader& reader)
      : proto_(proto),
        place_(place),
        in_loop_(in_loop),
        opset_(opset),
        skeleton_(skeleton),
        reader_(reader) {}

  absl::StatusOr<Graph> Run() {
    graph_.name = proto_.name();
    DNND_RETURN_IF_ERROR(AddInitializers());
    DNND_RETURN_IF_ERROR(AddInputs());
    for (int i = 0; i < proto_.node_size(); ++i) {
      DNND_RETURN_IF_ERROR(AddNode(i));
    }
    DNND_RETURN_IF_ERROR(refused_.ToStatus());
    for (const onnx::ValueInfoProto& info : proto_.value_info()) {
      if (const auto found = ids_.find(info.name()); found != ids_.end()) {
        DNND_RETURN_IF_ERROR(ReadValueInfo(info, graph_.value(found->second)));
      }
    }
    DNND_RETURN_IF_ERROR(AddOutputs());
    if (place_ != Place::kModel) {
      CaptureUndefined();
    }
    DNND_RETURN_IF_ERROR(CheckProduced());
    DropUnusedOutputs();
    DNND_RETURN_IF_ERROR(SortTopologically(graph_));
    return std::move(graph_);
  }

 private:
  absl::StatusOr<ValueId> Define(const std::string& name, absl::string_view what);
  ValueId Refer(const std::string& name);
  absl::Status AddInitializers();
  absl::Status AddInputs();
  absl::Status AddNode(int index);
  absl::Status AddConstantNode(const NodeSource& source);
  absl::Status ReadNode(const NodeSource& source, Node& node);
  absl::Status AddArguments(const onnx::NodeProto& proto, Node& node);
  absl::Status AddBranches(onnx::NodeProto& proto, Node& node);
  absl::Status AddBody(onnx::NodeProto& proto, Node& node);
  absl::StatusOr<Graph> ImportSubgraph(onnx::NodeProto& proto, const std::string& name, Place place,
                                       size_t num_outputs);
  absl::Status AddOutputs();
  void CaptureUndefined();
  absl::Status CheckProduced() const;
  void DropUnusedOutputs();
  std::string NodeName(const onnx::NodeProto& proto, int index);

  onnx::GraphProto& proto_;
  const Place place_;
  const bool in_loop_;  // however deep
  const int opset_;
  const ModelSkeleton& skeleton_;
  TensorReader& reader_;
  Graph graph_;
  absl::flat_hash_map<std::string, ValueId> ids_;
  std::vector<bool> defined_;  // by ValueId: has a producer, or is an input or a constant
  absl::flat_hash_set<std::string> node_names_;
  RefusedNodes refused_;
};

// The value of that name, which a node may read before the file comes to its producer.
ValueId GraphImporter::Refer(const std::string& name) {
  const auto [entry, is_new] = ids_.emplace(name, static_cast<ValueId>(graph_.values.size()));
  if (is_new) {
    Value value;
    value.name = name;
    graph_.values.push_back(std::move(value));
    defined_.push_back(false);
  }
  return entry->second;
}

absl::StatusOr<ValueId> GraphImporter::Define(const std::string& name, absl::string_view what) {
  if (name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has no name"));
  }
  const ValueId id = Refer(name);
  if (defined_[id]) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " \"", name, "\": something of this name is defined already"));
  }
  defined_[id] = true;
  return id;
}

absl::Status GraphImporter::AddInitializers() {
  if (proto_.sparse_initializer_size() > 0) {
    return absl::UnimplementedError("sparse initializers are not supported");
  }
  for (int i = 0; i < proto_.initializer_size(); ++i) {
    onnx::TensorProto& tensor = *proto_.mutable_initializer(i);
    DNND_ASSIGN_OR_RETURN(const ValueId id, Define(tensor.name(), "initializer"));
    const auto payload = skeleton_.initializers.find(i);
    absl::StatusOr<Constant> constant = reader_.Read(tensor, payload == skeleton_.initializers.end()
                                                                 ? std::nullopt
                                                                 : std::optional(payload->second));
    if (!constant.ok()) {
      return Annotate(constant.status(), absl::StrCat("initializer \"", tensor.name(), "\""));
    }
    Value& value = graph_.value(id);
    value.type = constant->type().type;
    value.shape = constant->type().shape;
    value.constant = *std::move(constant);
    tensor.Clear();
  }
  return absl::OkStatus();
}

absl::Status GraphImporter::AddInputs() {
  for (const onnx::ValueInfoProto& info : proto_.input()) {
    if (const auto found = ids_.find(info.name());
        place_ != Place::kBody && found != ids_.end() &&
        graph_.value(found->second).constant.has_value()) {
      continue;
    }
    if (place_ == Place::kBranch) {
      return absl::InvalidArgumentError(
          absl::StrCat("has an input, \"", info.name(), "\", where a branch takes none"));
    }
    DNND_ASSIGN_OR_RETURN(const ValueId id, Define(info.name(), "input"));
    Value& value = graph_.value(id);
    DNND_RETURN_IF_ERROR(ReadValueInfo(info, value));
    if (value.type == DataType::kUndefined && place_ == Place::kModel) {
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", info.name(), "\" has no element type"));
    }
    for (size_t axis = 0; value.declared.has_value() && axis < value.declared->size(); ++axis) {
      Dim& dim = (*value.declared)[axis];
      if (!dim.known() && dim.symbol.empty()) {
        dim.symbol = absl::StrCat(info.name(), ".", axis);
      }
    }
    graph_.inputs.push_back(id);
  }
  return absl::OkStatus();
}

std::string GraphImporter::NodeName(const onnx::NodeProto& proto, int index) {
  const std::string wanted = proto.name().empty() ? proto.op_type() : proto.name();
  std::string name = proto.name().empty() ? absl::StrCat(wanted, "_", index) : wanted;
  for (int suffix = index; !node_names_.insert(name).second; ++suffix) {
    name = absl::StrCat(wanted, "#", suffix);
  }
  return name;
}

absl::Status GraphImporter::AddNode(int index) {
  const onnx::NodeProto& proto = proto_.node(index);
  Node node;
  node.name = NodeName(proto, index);
  node.op = proto.op_type();
  node.opset = opset_;
  const NodeSource source{proto, index, skeleton_, reader_};
  if (node.op == "Constant" && IsDefaultDomain(proto.domain())) {
    return Annotate(AddConstantNode(source), Describe(node));
  }
  absl::Status status = ReadNode(source, node);
  if (status.ok() && node.op == "If") {
    status = AddBranches(*proto_.mutable_node(index), node);
  } else if (status.ok() && node.op == "Loop") {
    status = AddBody(*proto_.mutable_node(index), node);
  }
  if (absl::IsUnimplemented(status)) {
    refused_.Add(absl::StrCat(Describe(node), ": ", status.message()));
    return absl::OkStatus();
  }
  DNND_RETURN_IF_ERROR(Annotate(status, Describe(node)));
  graph_.nodes.push_back(std::move(node));
  return absl::OkStatus();
}

absl::Status GraphImporter::ReadNode(const NodeSource& source, Node& node) {
  if (!IsDefaultDomain(source.node.domain())) {
    return absl::UnimplementedError(
        absl::StrCat("the domain \"", source.node.domain(), "\" is not supported"));
  }
  if (absl::StartsWith(node.op, kInternalPrefix)) {
    return absl::UnimplementedError("operator not supported");
  }
  DNND_ASSIGN_OR_RETURN(node.attributes, ReadAttributes(source));
  return AddArguments(source.node, node);
}

absl::Status GraphImporter::AddArguments(const onnx::NodeProto& proto, Node& node) {
  for (const std::string& name : proto.input()) {
    node.inputs.push_back(name.empty() ? kNoValue : Refer(name));
  }
  while (!node.inputs.empty() && node.inputs.back() == kNoValue) {
    node.inputs.pop_back();
  }
  for (const std::string& name : proto.output()) {
    if (name.empty()) {
      node.outputs.push_back(kNoValue);
      continue;
    }
    DNND_ASSIGN_OR_RETURN(const ValueId id, Define(name, "output"));
    node.outputs.push_back(id);
  }
  if (node.outputs.empty()) {
    return absl::InvalidArgumentError("has no output");
  }
  return absl::OkStatus();
}

// Both branches get the same inputs: all that either of them reads of this graph.
absl::Status GraphImporter::AddBranches(onnx::NodeProto& proto, Node& node) {
  if (node.inputs.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", node.inputs.size(), " inputs, wanted the condition alone"));
  }
  std::vector<Graph> branches;
  for (const char* name : kBranches) {
    DNND_ASSIGN_OR_RETURN(Graph branch,
                          ImportSubgraph(proto, name, Place::kBranch, node.outputs.size()));
    branches.push_back(std::move(branch));
  }
  for (const std::string& name : UnifyInputs(absl::MakeSpan(branches))) {
    node.inputs.push_back(Refer(name));
  }
  for (size_t i = 0; i < branches.size(); ++i) {
    node.attributes.Set(kBranches[i], std::make_shared<const Graph>(std::move(branches[i])));
  }
  return absl::OkStatus();
}

// The node ends up with an input for each of the body's: the number of trips for that of the trip,
// the first condition, what is carried, and what the body reads of this graph.
absl::Status GraphImporter::AddBody(onnx::NodeProto& proto, Node& node) {
  if (in_loop_) {
    return absl::UnimplementedError("lies in the body of another loop, which is not supported");
  }
  node.inputs.resize(std::max<size_t>(node.inputs.size(), 2), kNoValue);
  const size_t own = node.inputs.size();
  const onnx::GraphProto* graph = FindSubgraph(proto, "body");
  const size_t wanted = graph == nullptr ? own : graph->input_size();
  if (wanted != own || node.outputs.size() + 2 < own) {
    return absl::InvalidArgumentError(absl::StrCat("carries ", own - 2, " values and has ",
                                                   node.outputs.size(), " results, its body has ",
                                                   wanted, " inputs"));
  }
  DNND_ASSIGN_OR_RETURN(Graph body,
                        ImportSubgraph(proto, "body", Place::kBody, node.outputs.size() + 1));
  for (size_t i = own; i < body.inputs.size(); ++i) {
    node.inputs.push_back(Refer(body.value(body.inputs[i]).name));
  }
  node.attributes.Set("carried", static_cast<int64_t>(own - 2));
  node.attributes.Set("body", std::make_shared<const Graph>(std::move(body)));
  return absl::OkStatus();
}

absl::StatusOr<Graph> GraphImporter::ImportSubgraph(onnx::NodeProto& proto, const std::string& name,
                                                    Place place, size_t num_outputs) {
  // The scanner leaves what lies in a branch where it is.
  static const auto* const kAllInline = new ModelSkeleton;
  onnx::GraphProto* graph = FindSubgraph(proto, name);
  if (graph == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("has no ", name));
  }
  absl::StatusOr<Graph> branch =
      GraphImporter(*graph, place, in_loop_ || place == Place::kBody, opset_, *kAllInline, reader_)
          .Run();
  graph->Clear();
  if (!branch.ok()) {
    return Annotate(branch.status(), name);
  }
  if (branch->outputs.size() != num_outputs) {
    return absl::InvalidArgumentError(absl::StrCat(name, " gives ", branch->outputs.size(),
                                                   " results, the node has ", num_outputs));
  }
  return branch;
}

absl::Status GraphImporter::AddConstantNode(const NodeSource& source) {
  if (source.node.output_size() != 1) {
    return absl::InvalidArgumentError("wanted one output");
  }
  DNND_ASSIGN_OR_RETURN(const ValueId id, Define(source.node.output(0), "output"));
  DNND_ASSIGN_OR_RETURN(Constant constant, ReadConstantNode(source));
  Value& value = graph_.value(id);
  value.type = constant.type().type;
  value.shape = constant.type().shape;
  value.constant = std::move(constant);
  return absl::OkStatus();
}

absl::Status GraphImporter::AddOutputs() {
  for (const onnx::ValueInfoProto& info : proto_.output()) {
    const ValueId id = Refer(info.name());
    // A branch may hand out what it reads.
    if (info.name().empty() || (place_ == Place::kModel && !defined_[id])) {
      return absl::InvalidArgumentError(
          absl::StrCat("output \"", info.name(), "\" is produced by nothing"));
    }
    DNND_RETURN_IF_ERROR(ReadValueInfo(info, graph_.value(id)));
    graph_.outputs.push_back(id);
  }
  if (graph_.outputs.empty()) {
    return absl::InvalidArgumentError("the graph has no output");
  }
  return absl::OkStatus();
}

void GraphImporter::CaptureUndefined() {
  for (size_t id = 0; id < defined_.size(); ++id) {
    if (!defined_[id]) {
      graph_.inputs.push_back(static_cast<ValueId>(id));
      defined_[id] = true;
    }
  }
}

absl::Status GraphImporter::CheckProduced() const {
  for (const Node& node : graph_.nodes) {
    for (ValueId input : node.inputs) {
      if (input != kNoValue && !defined_[input]) {
        return absl::InvalidArgumentError(absl::StrCat(
            Describe(node), " reads \"", graph_.value(input).name, "\", which nothing produces"));
      }
    }
  }
  return absl::OkStatus();
}

// Optional outputs (a mask, the indices of a maximum) are often named and never read.
void GraphImporter::DropUnusedOutputs() {
  std::vector<bool> used(graph_.values.size(), false);
  for (ValueId output : graph_.outputs) {
    used[output] = true;
  }
  for (const Node& node : graph_.nodes) {
    for (ValueId input : node.inputs) {
      if (input != kNoValue) {
        used[input] = true;
      }
    }
  }
  for (Node& node : graph_.nodes) {
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue && !used[node.outputs[i]]) {
        node.outputs[i] = kNoValue;
      }
    }
  }
}

}  // namespace

bool IsDefaultDomain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

absl::StatusOr<Graph> ImportGraph(onnx::GraphProto& proto, int opset, const ModelSkeleton& skeleton,
                                  TensorReader& reader) {
  return GraphImporter(proto, GraphImporter::Place::kModel, false, opset, skeleton, reader).Run();
}

}  // namespace dnnd::engine
