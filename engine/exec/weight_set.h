// The constants of one model, packed as its plans want them: one copy for all plans and lanes.
#ifndef DNND_ENGINE_EXEC_WEIGHT_SET_H_
#define DNND_ENGINE_EXEC_WEIGHT_SET_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "engine/base/aligned_buffer.h"
#include "engine/exec/plan.h"

namespace dnnd::engine {

// The packed constants of one plan, by the index of Plan::weights. Immutable; keeps them alive.
class BoundWeights {
 public:
  const void* data(int64_t index) const { return buffers_[index]->data(); }

 private:
  friend class WeightSet;
  std::vector<std::shared_ptr<const AlignedBuffer>> buffers_;
};

// Thread-safe. A constant that depends on the model's initializers alone is known by its name and
// packing and is shared; one that shape arithmetic of one plan produced belongs to that plan.
class WeightSet {
 public:
  // `shared_names`: the names of the model's initializers.
  explicit WeightSet(absl::flat_hash_set<std::string> shared_names)
      : shared_names_(std::move(shared_names)) {}

  // Packs what is not packed yet, evaluating the recipes of folded constants on the way. Reads
  // stored initializers; the elements are freed again once they are packed. Errors: those of
  // reading and of the recipe's operators, naming the constant.
  absl::StatusOr<std::shared_ptr<const BoundWeights>> Bind(const Plan& plan);

  // Bytes of all packed constants that some plan still uses.
  int64_t bytes() const;

 private:
  // The branches that a plan took, by BranchesOf, and the name and packing.
  using Key = std::pair<int64_t, std::string>;

  absl::StatusOr<std::shared_ptr<const AlignedBuffer>> Pack(const Graph& graph,
                                                            const WeightRef& weight);
  // A number for Graph::inlined. A recipe that computes the result of an If is another one, of the
  // same name, in the other branch: names are identities among plans that took the same branches.
  int64_t BranchesOf(const Graph& graph);

  const absl::flat_hash_set<std::string> shared_names_;
  mutable std::mutex mutex_;
  // Weak: when the last plan that uses a packing goes, so does the packing. Guarded by mutex_.
  absl::flat_hash_map<Key, std::weak_ptr<const AlignedBuffer>> packed_;
  // Those of packed_ alone: requests choose shapes, and so branches. Guarded by mutex_.
  absl::flat_hash_map<std::vector<std::string>, int64_t> branches_;
  int64_t next_branches_ = 0;
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_WEIGHT_SET_H_
