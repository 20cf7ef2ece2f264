#include "engine/onnx/export_scope.h"

namespace dnnd::engine {

ExportScope::ExportScope(const Graph& graph) : graph_(graph), outer_(nullptr) {
  for (const Value& value : graph.values) {
    names_.push_back(value.name);
    taken_.insert(value.name);
  }
}

ExportScope::ExportScope(const Graph& branch, const Node& node, const ExportScope& outer)
    : graph_(branch), outer_(&outer), names_(branch.values.size()) {
  const size_t first = node.inputs.size() - branch.inputs.size();
  for (size_t i = 0; i < branch.inputs.size(); ++i) {
    names_[branch.inputs[i]] = outer.Name(node.inputs[first + i]);
  }
  for (size_t id = 0; id < names_.size(); ++id) {
    if (names_[id].empty()) {
      names_[id] = FreeName(branch.values[id].name);
      taken_.insert(names_[id]);
    }
  }
}

const std::string& ExportScope::Name(ValueId id) const {
  static const auto* const kAbsent = new std::string;
  return id == kNoValue ? *kAbsent : names_[id];
}

std::string ExportScope::FreeName(std::string wanted) const {
  while (IsTaken(wanted)) {
    wanted += '_';
  }
  return wanted;
}

bool ExportScope::IsTaken(const std::string& name) const {
  return taken_.contains(name) || (outer_ != nullptr && outer_->IsTaken(name));
}

}  // namespace dnnd::engine
