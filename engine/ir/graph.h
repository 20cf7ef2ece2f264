// The intermediate representation: a graph of operators as plain data, referred to by id.
//
// Behaviour lives in functions over it (passes, planner, cost). The same struct holds a graph as
// imported, with symbolic extents, and one that is specialised, where every value has a shape.
//
// Invariants (VerifyGraph checks them, after every pass):
//  1. Nodes are in topological order: a node's inputs are produced before it, or are graph inputs
//  or constants.
//  2. A value has at most one producer; a constant or a graph input has none.
//  3. Every value that a node or an output names exists; kNoValue stands for an optional argument
//  that is absent.
//  4. Value names are unique and not empty. A constant's name is its identity across the plans of
//  one model: packed weights are shared by it.
//  5. A graph inside a node (a branch of If) is whole by itself: its ids are its own, and what it
//  reads of the graph around it are its inputs, which the node hands it as the last of its own. So
//  whoever asks what a node reads need not look inside.
#ifndef DNND_ENGINE_IR_GRAPH_H_
#define DNND_ENGINE_IR_GRAPH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "engine/ir/attributes.h"
#include "engine/ir/constant.h"
#include "engine/tensor/post_op.h"
#include "engine/tensor/tensor_view.h"

namespace dnnd::engine {

using ValueId = int32_t;
using NodeId = int32_t;  // the index in Graph::nodes; changes when nodes are removed
inline constexpr ValueId kNoValue = -1;
inline constexpr NodeId kNoNode = -1;

// One extent of a declared shape: a number, a symbol ("batch"), or neither (unknown).
struct Dim {
  int64_t value = -1;  // < 0: not known
  std::string symbol;  // may be empty

  bool known() const { return value >= 0; }
  friend bool operator==(const Dim& a, const Dim& b) {
    return a.value == b.value && a.symbol == b.symbol;
  }
};
using SymbolicShape = std::vector<Dim>;
std::string ToString(const SymbolicShape& shape);  // "[N,3,224,224]", "?" for an unknown extent

struct Value {
  std::string name;
  DataType type = DataType::kUndefined;
  std::optional<SymbolicShape> declared;  // what the model says; absent when it says nothing
  std::optional<Shape> shape;             // set by specialisation
  std::optional<Constant> constant;       // set for initializers and folded values

  // REQUIRES: shape is set.
  TensorType tensor_type() const { return TensorType{type, *shape}; }
};

struct Node {
  std::string name;  // as in the model; made up when the model gives none
  std::string op;    // the operator normalised over opsets, e.g. "Conv"
  int opset = 0;     // of the model, for messages
  Attributes attributes;
  std::vector<ValueId> inputs;   // kNoValue for an absent optional input
  std::vector<ValueId> outputs;  // kNoValue for an output nobody asked for
  std::vector<PostOp> post_ops;
  std::vector<std::string>
      fused;  // operators of the nodes that were fused into this one, for explain
};

struct Graph;

// The names of the values of a graph, for who adds many. Not thread-safe.
class ValueNames {
 public:
  explicit ValueNames(const Graph& graph);
  // `wanted`, made unique by a suffix where it is taken, and taken from now on.
  std::string Claim(const std::string& wanted);

 private:
  absl::flat_hash_set<std::string> taken_;
};

struct Graph {
  std::string name;
  std::vector<Value> values;  // by ValueId; a value that nothing uses any more stays, unused
  std::vector<Node> nodes;    // topological order
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  // The branches that stand in the place of their node, "if_1.then_branch": set by specialisation.
  // Graphs of one model with equal lists differ in extents alone.
  std::vector<std::string> inlined;

  const Value& value(ValueId id) const { return values[id]; }
  Value& value(ValueId id) { return values[id]; }

  // Appends a value; its name is made unique by a suffix where it is taken.
  ValueId AddValue(const std::string& name, DataType type, ValueNames& names);
  ValueId AddConstant(const std::string& name, Constant constant, ValueNames& names);

  // For each value the node that produces it (kNoNode: input, constant or nobody).
  std::vector<NodeId> Producers() const;
  // For each value the nodes that read it, in order, once per argument.
  std::vector<std::vector<NodeId>> Consumers() const;
  bool IsOutput(ValueId id) const;
};

// For each value whether it is known before the graph runs: a constant, or computed from constants
// alone. Nodes that compute such values are recipes; they run when weights are bound, never with a
// request.
std::vector<bool> ConstantValues(const Graph& graph);

// "Conv node \"conv1\" (opset 13)": the beginning of every message about a node.
std::string Describe(const Node& node);

// Checks the invariants above. INTERNAL naming the first that is broken.
absl::Status VerifyGraph(const Graph& graph);

// Replaces every use of `from` (by nodes and as graph output) by `to`.
void ReplaceUses(Graph& graph, ValueId from, ValueId to);

// Removes nodes none of whose outputs reaches a graph output. Returns whether any went.
bool RemoveDeadNodes(Graph& graph);

// One line a node, values with types and shapes, and graphs inside a node below it: for logs,
// golden tests and `dnnbench explain`.
std::string Dump(const Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_IR_GRAPH_H_
