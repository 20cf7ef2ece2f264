#include "engine/onnx/topological_sort.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace dnnd::engine {

absl::Status SortTopologically(Graph& graph) {
  const std::vector<NodeId> producers = graph.Producers();
  const std::vector<std::vector<NodeId>> consumers = graph.Consumers();
  std::vector<int> waits_for(graph.nodes.size(), 0);
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId input : graph.nodes[n].inputs) {
      waits_for[n] += input != kNoValue && producers[input] != kNoNode ? 1 : 0;
    }
    if (waits_for[n] == 0) {
      ready.push(static_cast<NodeId>(n));
    }
  }
  std::vector<Node> sorted;
  sorted.reserve(graph.nodes.size());
  while (!ready.empty()) {
    const NodeId next = ready.top();
    ready.pop();
    for (ValueId output : graph.nodes[next].outputs) {
      if (output == kNoValue) {
        continue;
      }
      for (NodeId consumer : consumers[output]) {
        if (--waits_for[consumer] == 0) {
          ready.push(consumer);
        }
      }
    }
    sorted.push_back(std::move(graph.nodes[next]));
  }
  if (sorted.size() != graph.nodes.size()) {
    const auto stuck =
        std::find_if(waits_for.begin(), waits_for.end(), [](int n) { return n > 0; });
    return absl::InvalidArgumentError(absl::StrCat(Describe(graph.nodes[stuck - waits_for.begin()]),
                                                   " waits for its own result (a cycle)"));
  }
  graph.nodes = std::move(sorted);
  return absl::OkStatus();
}

}  // namespace dnnd::engine
