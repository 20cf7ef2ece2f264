// Writes graphs in code: for the zoo, for tests, for gradients.
#ifndef DNND_ENGINE_IR_BUILDER_H_
#define DNND_ENGINE_IR_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// Nodes are added in an order in which they can run. Names are made unique by a suffix. Not
// thread-safe; used once.
class GraphBuilder {
 public:
  // `opset` is what messages about nodes say.
  explicit GraphBuilder(std::string name, int opset = 17) : opset_(opset) {
    graph_.name = std::move(name);
  }

  ValueId Input(std::string name, DataType type, SymbolicShape shape);
  ValueId Constant(std::string name, Tensor tensor);

  // A node with one output. The output has the node's name.
  ValueId Op(std::string op, std::string name, std::vector<ValueId> inputs,
             Attributes attributes = {});
  // A node with several, named "<name>.0", "<name>.1", …
  std::vector<ValueId> MultiOp(std::string op, std::string name, std::vector<ValueId> inputs,
                               int num_outputs, Attributes attributes = {});

  // What is known of a value's type; needed for outputs.
  void Declare(ValueId id, DataType type, SymbolicShape shape);
  void Output(ValueId id) { graph_.outputs.push_back(id); }

  // INTERNAL when an invariant of graphs is broken.
  absl::StatusOr<Graph> Build() &&;

 private:
  Graph graph_;
  ValueNames names_{graph_};
  const int opset_;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_IR_BUILDER_H_
