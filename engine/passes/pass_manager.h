// Runs passes over a specialised graph in order: each is named, timed, and followed by a check of
// the graph's invariants.
#ifndef DNND_ENGINE_PASSES_PASS_MANAGER_H_
#define DNND_ENGINE_PASSES_PASS_MANAGER_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

struct Pass {
  absl::string_view name;
  absl::StatusOr<bool> (*run)(Graph& graph);  // whether the graph changed
};

// The passes that every plan goes through, in their order.
absl::Span<const Pass> DefaultPasses();

struct PassOptions {
  std::set<std::string> skip;  // by name
  // Called with the graph after each pass that changed it; may be empty.
  std::function<void(absl::string_view pass, const Graph& graph)> dump;
  const Clock* clock = &Clock::Real();  // outlives the call
};

struct PassReport {
  std::string name;
  bool changed = false;
  absl::Duration time;
};

// INVALID_ARGUMENT for a name in `skip` that no pass has; the error of a pass, or of the invariant
// that it broke, begins with its name. The graph is in an unspecified state then.
absl::StatusOr<std::vector<PassReport>> RunPasses(Graph& graph, absl::Span<const Pass> passes,
                                                  const PassOptions& options);

// RunPasses with all of DefaultPasses.
absl::Status OptimizeGraph(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_PASS_MANAGER_H_
