#include "engine/passes/pass_manager.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<bool> Nothing(Graph&) { return false; }
absl::StatusOr<bool> Rename(Graph& graph) {
  graph.name += "!";
  return true;
}
absl::StatusOr<bool> Break(Graph& graph) {
  graph.nodes.clear();
  return true;
}

Graph Small() {
  PassGraph g;
  return g.Finish({g.Op("Relu", "y", {g.In("x", {2})})});
}

TEST(PassManagerTest, RunsEachPassInItsOrder) {
  Graph graph = Small();
  const Pass passes[] = {{"nothing", Nothing}, {"rename", Rename}, {"rename again", Rename}};
  ASSERT_THAT(RunPasses(graph, passes), IsOk());
  EXPECT_EQ(graph.name, "test!!");
}

TEST(PassManagerTest, NamesThePassThatBrokeTheGraph) {
  Graph graph = Small();
  const Pass passes[] = {{"break", Break}};
  EXPECT_THAT(RunPasses(graph, passes),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("pass break: graph invariant")));
}

TEST(PassManagerTest, TheDefaultPassesFuseAResidualNetworkWhole) {
  const auto graph = Specialize(ResidualNetwork(), {{"N", 2}});
  ASSERT_THAT(graph, IsOk());
  const auto optimise = [](Graph& changed) -> absl::StatusOr<bool> {
    const absl::Status status = OptimizeGraph(changed);
    return status.ok() ? absl::StatusOr<bool>(true) : status;
  };
  EXPECT_EQ(Running(RunAndCompare(*graph, optimise, kFoldTolerance)),
            "Conv+Relu, Conv+Relu, Conv+Add+Relu, Conv+Relu, Conv, Conv+Add+Relu, "
            "GlobalAveragePool, Flatten, Gemm");
}

}  // namespace
}  // namespace dnnd::engine
