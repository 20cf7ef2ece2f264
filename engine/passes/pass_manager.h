// Runs passes over a specialised graph in order: each is named, and followed by a check of the
// graph's invariants where it changed it.
#ifndef DNND_ENGINE_PASSES_PASS_MANAGER_H_
#define DNND_ENGINE_PASSES_PASS_MANAGER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

struct Pass {
  absl::string_view name;
  absl::StatusOr<bool> (*run)(Graph& graph);  // whether the graph changed
};

// The passes that a specialised graph goes through before its tail is set apart (split_tail.h):
// what they change holds on both sides of the cut.
absl::Span<const Pass> PassesOfTheWhole();

// The passes that every plan then goes through, in their order.
absl::Span<const Pass> DefaultPasses();

// Runs `passes` on `graph` in their order. The error of a pass, or of the invariant that it broke,
// begins with its name; the graph is in an unspecified state then.
absl::Status RunPasses(Graph& graph, absl::Span<const Pass> passes);

// RunPasses with all of DefaultPasses.
absl::Status OptimizeGraph(Graph& graph);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_PASSES_PASS_MANAGER_H_
