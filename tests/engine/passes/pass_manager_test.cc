#include "engine/passes/pass_manager.h"

#include "tests/engine/passes/pass_tester.h"

namespace dnnd::engine {
namespace {

using ::testing::ElementsAre;
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
constexpr Pass kPasses[] = {{"nothing", Nothing}, {"rename", Rename}};

Graph Small() {
  PassGraph g;
  return g.Finish({g.Op("Relu", "y", {g.In("x", {2})})});
}

TEST(PassManagerTest, ReportsAndDumpsWhatChanged) {
  Graph graph = Small();
  std::vector<std::string> dumped;
  PassOptions options;
  options.dump = [&](absl::string_view pass, const Graph&) { dumped.emplace_back(pass); };
  const auto reports = RunPasses(graph, kPasses, options);
  ASSERT_THAT(reports, IsOk());
  ASSERT_EQ(reports->size(), 2);
  EXPECT_FALSE((*reports)[0].changed);
  EXPECT_TRUE((*reports)[1].changed);
  EXPECT_THAT(dumped, ElementsAre("rename"));
}

TEST(PassManagerTest, SkipsByNameAndRefusesUnknownNames) {
  Graph graph = Small();
  PassOptions options;
  options.skip = {"rename"};
  ASSERT_THAT(RunPasses(graph, kPasses, options), IsOk());
  EXPECT_EQ(graph.name, "test");
  options.skip = {"polish"};
  EXPECT_THAT(RunPasses(graph, kPasses, options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("polish")));
}

TEST(PassManagerTest, NamesThePassThatBrokeTheGraph) {
  Graph graph = Small();
  const Pass passes[] = {{"break", Break}};
  EXPECT_THAT(RunPasses(graph, passes, {}),
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
