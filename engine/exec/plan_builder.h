// Turns a specialised graph into a plan: chooses an implementation and layouts for each node,
// places reorders where they differ, shares memory between views and in-place kernels, and plans
// the arena.
#ifndef DNND_ENGINE_EXEC_PLAN_BUILDER_H_
#define DNND_ENGINE_EXEC_PLAN_BUILDER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/plan.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {

// Used once: construct, Build. Not thread-safe.
class PlanBuilder {
 public:
  PlanBuilder(Graph graph, int threads);
  absl::StatusOr<std::shared_ptr<const Plan>> Build();

 private:
  // A block of arena memory with its life. Views and in-place results share one.
  struct Storage {
    int64_t bytes = 0;
    int first_step = 0;
    int last_step = 0;
  };
  // A value in one layout, in some storage.
  struct Representation {
    Layout layout;
    int storage;
  };
  // A buffer before offsets are known: a storage, a weight, or nothing.
  struct PendingStep {
    PlanStep step;
    std::vector<int> input_storage;  // -1: see step.inputs
    std::vector<int> output_storage;
  };
  // What is known of a node while a kernel is chosen for it.
  struct NodeTypes {
    std::vector<TensorType> inputs;
    std::vector<TensorType> outputs;
    std::vector<const Tensor*> constants;
    std::vector<bool> is_constant;
  };
  struct Choice {
    Candidate candidate;
    std::unique_ptr<Kernel> kernel;
    Cost cost;
    int threads = 1;
  };

  absl::Status AddNode(int index);
  absl::Status AddView(const Node& node);
  absl::Status AddKernel(int index, const NodeTypes& types, Choice choice);
  absl::Status AddKernelInput(int index, size_t i, Layout layout, PendingStep& pending);
  void AddKernelOutput(int index, size_t i, const TensorType& type, Layout layout,
                       PendingStep& pending);
  // UNIMPLEMENTED where `id` is a tensor of strings: those are objects, not bytes of an arena.
  absl::Status CheckPlain(ValueId id) const;
  absl::Status AddInput(ValueId id);
  absl::Status AddOutput(ValueId id);

  NodeTypes TypesOf(const Node& node) const;
  // Candidates ordered by the bytes that their reorders would move.
  absl::StatusOr<Choice> Choose(const Node& node, const OpDef& row, const NodeTypes& types);
  int64_t ReorderBytes(const Node& node, const Candidate& candidate) const;

  // The storage of `value` in `layout`, after a reorder step if it exists only in others.
  absl::StatusOr<int> Acquire(ValueId value, Layout layout);
  absl::StatusOr<int> AddReorder(ValueId value, const Representation& from, Layout layout);
  // A storage whose contents `input` may be overwritten: its own when nothing reads it later, else
  // a copy.
  absl::StatusOr<int> AcquireForOverwrite(ValueId value, Layout layout, int node);
  bool ReadLater(int storage, int node) const;
  void Forget(int storage);

  int AddStorage(int64_t bytes);
  int AddWeight(ValueId value, std::shared_ptr<const Packing> packing);
  void Touch(int storage);
  absl::Status PlanArena();

  Plan plan_;
  std::vector<bool> constant_;                     // by value: known before the graph runs
  std::vector<std::vector<Representation>> held_;  // by value
  std::vector<std::vector<ValueId>> values_in_;    // by storage: values that live in it
  std::vector<int>
      last_reader_;  // by value: index of the last node that reads it; outputs: past the end
  std::vector<Storage> storages_;
  std::vector<PendingStep> pending_;
  std::vector<int> input_storage_;
  std::vector<int> output_storage_;  // -1: a weight
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_EXEC_PLAN_BUILDER_H_
