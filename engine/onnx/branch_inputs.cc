#include "engine/onnx/branch_inputs.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace dnnd::engine {
namespace {

void SetInputs(Graph& branch, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, ValueId> own;
  for (const ValueId id : branch.inputs) {
    own.emplace(branch.value(id).name, id);
  }
  ValueNames taken(branch);
  branch.inputs.clear();
  for (const std::string& name : names) {
    const auto found = own.find(name);
    branch.inputs.push_back(
        found != own.end() ? found->second : branch.AddValue(name, DataType::kUndefined, taken));
  }
}

}  // namespace

std::vector<std::string> UnifyInputs(absl::Span<Graph> branches) {
  std::vector<std::string> names;
  absl::flat_hash_set<std::string> seen;
  for (const Graph& branch : branches) {
    for (const ValueId id : branch.inputs) {
      if (seen.insert(branch.value(id).name).second) {
        names.push_back(branch.value(id).name);
      }
    }
  }
  for (Graph& branch : branches) {
    SetInputs(branch, names);
  }
  return names;
}

}  // namespace dnnd::engine
