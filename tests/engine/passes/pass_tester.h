// What the tests of all passes share: a graph before and after, and that both compute the same.
#ifndef DNND_TESTS_ENGINE_PASSES_PASS_TESTER_H_
#define DNND_TESTS_ENGINE_PASSES_PASS_TESTER_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/ops/interpret.h"
#include "engine/passes/pass_manager.h"
#include "engine/passes/specialize.h"
#include "tests/testing/graphs.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::engine {

using dnnd::testing::IsOk;
using dnnd::testing::StatusIs;

// Folded weights round once more than a normalisation that runs by itself.
inline constexpr double kFoldTolerance = 1e-5;

// A builder whose inputs are float32 of a fixed shape.
class PassGraph : public GraphBuilder {
 public:
  PassGraph() : GraphBuilder("test") {}
  ValueId In(const std::string& name, const std::vector<int64_t>& dims,
             DataType type = DataType::kFloat32) {
    SymbolicShape shape;
    for (int64_t dim : dims) {
      shape.push_back(Dim{dim, ""});
    }
    return Input(name, type, shape);
  }
  ValueId Weight(const std::string& name, const Shape& shape) {
    return Constant(name, RandomTensor(shape, ++seed_, 0.5f));
  }
  ValueId Positive(const std::string& name, const Shape& shape) {
    Tensor tensor = RandomTensor(shape, ++seed_);
    for (int64_t i = 0; i < tensor.num_elements(); ++i) {
      tensor.mutable_data<float>()[i] = 0.5f + std::abs(tensor.data<float>()[i]);
    }
    return Constant(name, tensor);
  }
  // Specialised: inputs have known extents.
  Graph Finish(const std::vector<ValueId>& outputs) {
    for (ValueId output : outputs) {
      Output(output);
    }
    absl::StatusOr<Graph> graph = std::move(*this).Build();
    EXPECT_THAT(graph, IsOk());
    absl::StatusOr<Graph> specialised = Specialize(*graph, Bindings());
    EXPECT_THAT(specialised, IsOk());
    return *specialised;
  }

 private:
  uint32_t seed_ = 0;
};

// "Conv+Relu, MaxPool": the nodes that run with a request, with what was fused into them.
inline std::string Running(const Graph& graph) {
  const std::vector<bool> constant = ConstantValues(graph);
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) {
    if (!constant[node.outputs[0]]) {
      names.push_back(absl::StrJoin(node.fused, "+"));
      names.back() = absl::StrCat(node.op, names.back().empty() ? "" : "+", names.back());
    }
  }
  return absl::StrJoin(names, ", ");
}

// Runs `pass` on a copy of `graph`, and checks that it is valid and computes what `graph` does.
inline Graph RunAndCompare(const Graph& graph, absl::StatusOr<bool> (*pass)(Graph&),
                           double tolerance = 0) {
  Graph after = graph;
  const absl::StatusOr<bool> changed = pass(after);
  EXPECT_THAT(changed, IsOk());
  EXPECT_THAT(VerifyGraph(after), IsOk()) << Dump(after);
  EXPECT_EQ(changed.value_or(false), Dump(graph) != Dump(after));
  std::vector<Tensor> inputs;
  for (ValueId id : graph.inputs) {
    inputs.push_back(RandomTensor(*graph.value(id).shape, 77 + id));
  }
  const auto want = Interpret(graph, inputs);
  const auto got = Interpret(after, inputs);
  EXPECT_THAT(want, IsOk());
  EXPECT_THAT(got, IsOk()) << Dump(after);
  for (size_t i = 0; want.ok() && got.ok() && i < want->size(); ++i) {
    EXPECT_EQ((*want)[i].tensor_type().ToString(), (*got)[i].tensor_type().ToString());
    EXPECT_LE(RelativeError((*got)[i].view(), (*want)[i].view()), tolerance)
        << "output " << i << "\n"
        << Dump(after);
    EXPECT_EQ(graph.value(graph.outputs[i]).name, after.value(after.outputs[i]).name);
  }
  return after;
}

}  // namespace dnnd::engine

#endif  // DNND_TESTS_ENGINE_PASSES_PASS_TESTER_H_
