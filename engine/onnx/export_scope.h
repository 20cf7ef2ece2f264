// What the values of a graph are called in the file that it is written to.
#ifndef DNND_ENGINE_ONNX_EXPORT_SCOPE_H_
#define DNND_ENGINE_ONNX_EXPORT_SCOPE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Refers to the graph, and a branch to the scope around it. Thread-safe to read.
class ExportScope {
 public:
  // Of a model: values keep their names.
  explicit ExportScope(const Graph& graph);

  // Of `branch`, a graph inside `node` of `outer`'s graph. Its inputs have no names of their own:
  // nodes of the branch read the values of the graphs around by the names that those have, so that
  // other values of the branch are renamed where they are called like one of them.
  ExportScope(const Graph& branch, const Node& node, const ExportScope& outer);

  const Graph& graph() const { return graph_; }
  // Empty for kNoValue.
  const std::string& Name(ValueId id) const;
  // `wanted` with a suffix where a value here or further out is called so.
  std::string FreeName(std::string wanted) const;

 private:
  bool IsTaken(const std::string& name) const;

  const Graph& graph_;
  const ExportScope* const outer_;  // null: a model
  std::vector<std::string> names_;  // by value
  absl::flat_hash_set<std::string> taken_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_EXPORT_SCOPE_H_
