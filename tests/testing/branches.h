// Graphs inside a node, for tests.
#ifndef DNND_TESTS_TESTING_BRANCHES_H_
#define DNND_TESTS_TESTING_BRANCHES_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/ir/builder.h"

namespace dnnd::engine {

using Branch = std::shared_ptr<const Graph>;

// A branch of `num_inputs` inputs: `write` gets those and gives the results.
inline Branch BranchOf(
    int num_inputs,
    const std::function<std::vector<ValueId>(GraphBuilder&, const std::vector<ValueId>&)>& write) {
  GraphBuilder builder("branch");
  std::vector<ValueId> inputs;
  for (int i = 0; i < num_inputs; ++i) {
    inputs.push_back(builder.Input("in" + std::to_string(i), DataType::kUndefined, {}));
  }
  for (const ValueId output : write(builder, inputs)) {
    builder.Output(output);
  }
  return std::make_shared<const Graph>(std::move(builder).Build().value());
}

// A branch of one node, which reads the first of its inputs.
inline Branch BranchOf(int num_inputs, const std::string& op) {
  return BranchOf(num_inputs, [&](GraphBuilder& builder, const std::vector<ValueId>& inputs) {
    return std::vector<ValueId>{builder.Op(op, "inner", {inputs[0]})};
  });
}

// The value of an If with one result.
inline ValueId AddIf(GraphBuilder& builder, const std::string& name, ValueId condition,
                     std::vector<ValueId> captured, Branch then_branch, Branch else_branch) {
  captured.insert(captured.begin(), condition);
  return builder.Op(
      "If", name, std::move(captured),
      {{"then_branch", std::move(then_branch)}, {"else_branch", std::move(else_branch)}});
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_TESTING_BRANCHES_H_
