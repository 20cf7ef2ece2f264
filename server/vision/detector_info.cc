#include "server/vision/detector_info.h"

#include <algorithm>

#include "absl/algorithm/container.h"

namespace dnnd::server {

namespace {

// Operators that give their inputs' values and no others.
constexpr absl::string_view kMovers[] = {"Concat",  "Expand",    "Flatten", "Gather",  "Identity",
                                         "Reshape", "Slice",     "Split",   "Squeeze", "Transpose",
                                         "Cast",    "Unsqueeze", "Dropout"};
// Movers whose first input alone is data.
bool HasOneSource(absl::string_view op) { return op != "Concat"; }

std::set<std::string> FindMakers(const engine::Graph& graph,
                                 const std::vector<engine::NodeId>& producers,
                                 engine::ValueId output) {
  std::set<std::string> makers;
  std::set<engine::ValueId> seen;
  std::vector<engine::ValueId> todo = {output};
  while (!todo.empty()) {
    const engine::ValueId value = todo.back();
    todo.pop_back();
    if (value == engine::kNoValue || producers[value] == engine::kNoNode ||
        !seen.insert(value).second) {
      continue;
    }
    const engine::Node& node = graph.nodes[producers[value]];
    if (!absl::c_linear_search(kMovers, absl::string_view(node.op))) {
      makers.insert(node.op);
      continue;
    }
    const size_t sources =
        HasOneSource(node.op) ? std::min<size_t>(1, node.inputs.size()) : node.inputs.size();
    todo.insert(todo.end(), node.inputs.begin(), node.inputs.begin() + sources);
  }
  return makers;
}

// torchvision's detectors have it in a branch of their own, for pictures that show something.
bool Suppresses(const engine::Graph& graph) {
  return absl::c_any_of(graph.nodes, [](const engine::Node& node) {
    return node.op == "NonMaxSuppression" ||
           absl::c_any_of(node.attributes.Subgraphs(),
                          [](const auto& inner) { return Suppresses(*inner.second); });
  });
}

}  // namespace

bool DetectorOutput::MadeOnlyBy(const std::set<std::string>& operators) const {
  return !made_by.empty() &&
         std::includes(operators.begin(), operators.end(), made_by.begin(), made_by.end());
}

bool CountsPictures(const engine::Signature& signature, const engine::TensorSpec& output) {
  if (signature.batchable) {
    return output.batch_axis == 0;
  }
  if (output.shape.size() < 2) {
    return false;
  }
  const engine::Dim& first = output.shape[0];
  return first.value == 1 || (!first.known() && !first.symbol.empty() &&
                              first.symbol == signature.inputs[0].shape[0].symbol);
}

DetectorInfo DescribeDetector(const engine::Graph& graph, const engine::Signature& signature,
                              const PictureExtents& input) {
  DetectorInfo info;
  info.input = input;
  const std::vector<engine::NodeId> producers = graph.Producers();
  for (size_t i = 0; i < signature.outputs.size(); ++i) {
    const engine::TensorSpec& spec = signature.outputs[i];
    DetectorOutput output;
    output.name = spec.name;
    output.type = spec.type;
    output.row = spec.shape;
    if (CountsPictures(signature, spec)) {
      output.row.erase(output.row.begin());
    }
    output.made_by = FindMakers(graph, producers, graph.outputs[i]);
    info.outputs.push_back(std::move(output));
  }
  info.suppresses = Suppresses(graph);
  return info;
}

}  // namespace dnnd::server
