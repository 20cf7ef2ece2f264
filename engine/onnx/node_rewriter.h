// What the rules of normalize_rules.cc need to rewrite one node.
#ifndef DNND_ENGINE_ONNX_NODE_REWRITER_H_
#define DNND_ENGINE_ONNX_NODE_REWRITER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Walks the nodes of a graph in order; the rewritten ones, and those that rules put before them,
// are collected and become the graph's. Not thread-safe; refers to the graph.
class NodeRewriter {
 public:
  explicit NodeRewriter(Graph& graph);

  // The node that is being rewritten.
  Node& node() { return node_; }
  Attributes& attributes() { return node_.attributes; }
  Graph& graph() { return graph_; }
  const Graph& graph() const { return graph_; }

  // Begins with `node`, and ends by keeping it.
  void Begin(Node node) { node_ = std::move(node); }
  void Keep();
  // Gives the graph its nodes.
  void Finish();

  bool HasInput(size_t i) const { return i < node_.inputs.size() && node_.inputs[i] != kNoValue; }
  bool HasOutput(size_t i) const {
    return i < node_.outputs.size() && node_.outputs[i] != kNoValue;
  }
  // Sets input i, with absent ones before it where the node has fewer.
  void SetInput(size_t i, ValueId value);

  // A new constant, named after the node.
  ValueId AddConstant(absl::string_view suffix, Tensor tensor);
  // A new node before this one, with one output; `op` is named after this node. Returns the output.
  ValueId InsertBefore(absl::string_view op, std::vector<ValueId> inputs, Attributes attributes,
                       DataType type);
  // The same, but the output is the value given: it is taken from this node.
  void InsertProducer(absl::string_view op, std::vector<ValueId> inputs, Attributes attributes,
                      ValueId output);

  // Moves the attribute to input i: INTS become a vector of int64, INT one of one element.
  void IntsToInput(absl::string_view name, size_t i);
  // FLOAT becomes a scalar of the type of input 0, as far as that is known.
  void FloatToInput(absl::string_view name, size_t i);

  // The elements of an input that is a constant in memory, else null.
  const Tensor* KnownInput(size_t i) const;
  // As far as the model says or it follows from the operators before.
  std::optional<int> Rank(ValueId value) const;
  DataType Type(ValueId value) const;

 private:
  std::string UniqueName(absl::string_view suffix);
  void Learn(const Node& node);

  Graph& graph_;
  Node node_;
  std::vector<Node> done_;
  absl::flat_hash_set<std::string> names_;  // of values
  int next_suffix_ = 0;
  struct Fact {
    std::optional<int> rank;
    DataType type = DataType::kUndefined;
  };
  std::vector<Fact> facts_;  // by ValueId
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_ONNX_NODE_REWRITER_H_
