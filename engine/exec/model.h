// A model that can run: its graph, its packed weights, and a bounded cache of plans.
#ifndef DNND_ENGINE_EXEC_MODEL_H_
#define DNND_ENGINE_EXEC_MODEL_H_

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executable.h"
#include "engine/exec/signature.h"
#include "engine/exec/weight_set.h"
#include "engine/ir/graph.h"

namespace dnnd::engine {

// How far results may leave those of the direct algorithms in 32-bit floats.
enum class Precision : uint8_t {
  // An answer is the same bit for bit whatever else is asked for at the time: each row runs alone
  // (max_batch is 1) and on one thread, for kernels choose their order of summation by both.
  kExact,
  kFloat32,
};

// What a plan is compiled for.
struct PlanKey {
  std::vector<Shape> inputs;  // by graph input
  int threads = 1;

  friend bool operator==(const PlanKey& a, const PlanKey& b) {
    return a.threads == b.threads && a.inputs == b.inputs;
  }
};

// Thread-safe. Plans are compiled on the thread that asks and stall nobody who uses one that is
// there.
class Model {
 public:
  struct Options {
    Precision precision = Precision::kFloat32;
    // Plans kept; the least recently used one goes.
    int max_plans = 64;
  };

  // UNIMPLEMENTED naming every node that the engine cannot run, INVALID_ARGUMENT where the graph
  // contradicts itself.
  static absl::StatusOr<std::shared_ptr<Model>> Create(Graph graph, Options options);
  ~Model();

  const Signature& signature() const { return signature_; }
  const Graph& graph() const { return graph_; }
  const Options& options() const { return options_; }

  // The key of a run of `batch` rows shaped like `row` (full input shapes of one row; their first
  // extent is replaced where the input has a batch axis). For models without open extents `row` may
  // be RowShapes().
  PlanKey KeyFor(absl::Span<const Shape> row, int64_t batch, int threads) const;

  // The input shapes of one row, open extents other than the batch set to a usual picture's (224).
  std::vector<Shape> RowShapes() const;

  // INVALID_ARGUMENT naming the input where shapes do not fit the signature.
  absl::Status CheckShapes(absl::Span<const Shape> shapes) const;

  // The plan for `key`, compiled now if it is not there. Errors: shapes that do not fit, more rows
  // than max_batch, memory.
  absl::StatusOr<std::shared_ptr<const Executable>> Prepare(const PlanKey& key);

  // The plan for `key` if it is there, else null. Never blocks on a compilation.
  std::shared_ptr<const Executable> Find(const PlanKey& key);

  // Bytes of packed constants, and of the largest plan's arena and scratchpad.
  int64_t weight_bytes() const { return weights_->bytes(); }
  int64_t arena_bytes() const;

 private:
  Model(Graph graph, Signature signature, Options options);
  absl::Status CheckRows(const PlanKey& key) const;
  // Nothing for a model that is not batchable.
  std::optional<int64_t> RowsOf(const PlanKey& key) const;
  // What the signature says was found out for a few extents, and which branches are taken may
  // depend on them. UNIMPLEMENTED where for these an output has not one row for each, or no shape
  // that is known before the run.
  absl::Status CheckOutputs(const PlanKey& key, const Graph& specialised) const;
  // UNIMPLEMENTED where this number of rows takes other branches than one row, or rows meet in
  // them.
  absl::Status CheckBranches(const PlanKey& key, const Graph& specialised) const;
  absl::StatusOr<std::shared_ptr<const Executable>> Compile(const PlanKey& key);
  void Keep(const PlanKey& key, std::shared_ptr<const Executable> executable);

  const Graph graph_;
  const Signature signature_;
  const Options options_;
  const std::shared_ptr<WeightSet> weights_;  // tails of plans that outlive the model use it, too

  // Held while a plan compiles: two threads that want the same plan compile it once. Taken before
  // mutex_.
  std::mutex compile_mutex_;
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::list<std::pair<PlanKey, std::shared_ptr<const Executable>>> plans_;
  int64_t arena_bytes_ = 0;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_MODEL_H_
