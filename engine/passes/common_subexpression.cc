#include "engine/passes/common_subexpression.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace dnnd::engine {
namespace {

// Appends text that differs wherever the attributes differ. Strings carry their length, floats
// their exact digits.
struct AppendAttribute {
  std::string& key;

  void operator()(int64_t value) const { absl::StrAppend(&key, "i", value); }
  void operator()(float value) const {
    uint32_t bits;
    std::copy_n(reinterpret_cast<const char*>(&value), sizeof(bits),
                reinterpret_cast<char*>(&bits));
    absl::StrAppend(&key, "f", bits);
  }
  void operator()(const std::string& value) const {
    absl::StrAppend(&key, "s", value.size(), ":", value);
  }
  template <typename T>
  void operator()(const std::vector<T>& values) const {
    absl::StrAppend(&key, "v", values.size());
    for (const T& value : values) {
      (*this)(value);
    }
  }
  // Tensors are told apart by their memory: equal copies are rare, and missing them is harmless.
  void operator()(const Tensor& tensor) const {
    absl::StrAppend(&key, "t", tensor.tensor_type().ToString(), "@",
                    reinterpret_cast<uintptr_t>(tensor.data<void>()));
  }
  // Likewise.
  void operator()(const std::shared_ptr<const Graph>& graph) const {
    absl::StrAppend(&key, "g@", reinterpret_cast<uintptr_t>(graph.get()));
  }
};

std::string KeyOf(const Node& node) {
  std::string key = absl::StrCat(node.op, "(", absl::StrJoin(node.inputs, ","), ")");
  for (const auto& [name, value] : node.attributes.entries()) {
    absl::StrAppend(&key, " ", name, "=");
    std::visit(AppendAttribute{key}, value);
  }
  for (ValueId output : node.outputs) {
    absl::StrAppend(&key, output == kNoValue ? "-" : "+");
  }
  return key;
}

}  // namespace

absl::StatusOr<bool> CommonSubexpression(Graph& graph) {
  std::vector<ValueId> stands_for(graph.values.size());
  std::iota(stands_for.begin(), stands_for.end(), 0);
  absl::flat_hash_map<std::string, std::vector<ValueId>> seen;
  std::vector<Node> kept;
  bool changed = false;
  for (Node& node : graph.nodes) {
    for (ValueId& input : node.inputs) {
      input = input == kNoValue ? kNoValue : stands_for[input];
    }
    // An output of the graph keeps its name, so the node that produces it stays.
    const bool outside = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueId id) {
      return id != kNoValue && graph.IsOutput(id);
    });
    if (outside || !node.post_ops.empty()) {
      kept.push_back(std::move(node));
      continue;
    }
    const auto [found, first] = seen.try_emplace(KeyOf(node), node.outputs);
    if (first) {
      kept.push_back(std::move(node));
      continue;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) {
        stands_for[node.outputs[i]] = found->second[i];
      }
    }
    changed = true;
  }
  graph.nodes = std::move(kept);
  return changed;
}

}  // namespace dnnd::engine
