// Where values live: layouts in which they are held, reorders between them, and the arena.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/cost/machine_limits.h"
#include "engine/exec/plan_builder.h"
#include "engine/exec/thread_count.h"
#include "engine/memory/arena_planner.h"
#include "engine/onednn/reorder.h"
#include "engine/ops/mover.h"

namespace dnnd::engine {

absl::StatusOr<int> PlanBuilder::Acquire(ValueId value, Layout layout) {
  const Shape& shape = *plan_.graph.value(value).shape;
  if (held_[value].empty()) {
    return absl::InternalError(
        absl::StrCat("\"", plan_.graph.value(value).name, "\" is read after it was overwritten"));
  }
  for (const Representation& held : held_[value]) {
    if (SamePlacement(shape, held.layout, layout)) {
      return held.storage;
    }
  }
  return AddReorder(value, held_[value].front(), layout);
}

absl::StatusOr<int> PlanBuilder::AddReorder(ValueId value, const Representation& from,
                                            Layout layout) {
  const TensorType type = plan_.graph.value(value).tensor_type();
  PendingStep pending;
  pending.step.cost.read_bytes = type.num_bytes();
  pending.step.cost.written_bytes = type.num_bytes();
  pending.step.threads = WorthwhileThreads(pending.step.cost, plan_.threads, MeasuredLimits());
  const ThreadCount compiling_for(pending.step.threads);
  absl::StatusOr<std::unique_ptr<Kernel>> made = onednn::MakeReorder(type, from.layout, layout);
  if (absl::IsUnimplemented(made.status())) {
    made = MakeLayoutMove(type, from.layout, layout);  // 8-byte integers, booleans …
  }
  DNND_ASSIGN_OR_RETURN(std::unique_ptr<Kernel> kernel, std::move(made));
  pending.step.name = absl::StrCat("reorder of ", plan_.graph.value(value).name);
  pending.step.op = "Reorder";
  pending.step.kernel = std::move(kernel);
  pending.step.inputs = {{}};
  pending.step.outputs = {{}};
  pending.step.input_layouts = {from.layout};
  pending.step.output_layouts = {layout};
  const int storage = AddStorage(LayoutBytes(type, layout));
  pending.input_storage = {from.storage};
  pending.output_storage = {storage};
  pending_.push_back(std::move(pending));
  Touch(from.storage);
  Touch(storage);
  held_[value].push_back({layout, storage});
  values_in_[storage].push_back(value);
  return storage;
}

absl::StatusOr<int> PlanBuilder::AcquireForOverwrite(ValueId value, Layout layout, int node) {
  DNND_ASSIGN_OR_RETURN(const int storage, Acquire(value, layout));
  if (!ReadLater(storage, node)) {
    return storage;
  }
  DNND_ASSIGN_OR_RETURN(const int copy, AddReorder(value, {layout, storage}, layout));
  // The copy is the kernel's to overwrite; later readers keep to the original.
  Forget(copy);
  return copy;
}

// What the storage held is overwritten: nobody may find it there any more.
void PlanBuilder::Forget(int storage) {
  for (ValueId value : values_in_[storage]) {
    std::erase_if(held_[value],
                  [&](const Representation& held) { return held.storage == storage; });
  }
  values_in_[storage].clear();
}

bool PlanBuilder::ReadLater(int storage, int node) const {
  const bool is_input =
      std::find(input_storage_.begin(), input_storage_.end(), storage) != input_storage_.end();
  // A caller may run an instance again on the inputs that it wrote once.
  return is_input || std::any_of(values_in_[storage].begin(), values_in_[storage].end(),
                                 [&](ValueId value) { return last_reader_[value] > node; });
}

int PlanBuilder::AddStorage(int64_t bytes) {
  const int step = static_cast<int>(pending_.size());
  storages_.push_back({std::max<int64_t>(bytes, 1), step, step});
  values_in_.emplace_back();
  plan_.activation_bytes += bytes;
  return static_cast<int>(storages_.size()) - 1;
}

int PlanBuilder::AddWeight(ValueId value, std::shared_ptr<const Packing> packing) {
  plan_.weights.push_back({value, std::move(packing)});
  return static_cast<int>(plan_.weights.size()) - 1;
}

// The last step of pending_ uses `storage`.
void PlanBuilder::Touch(int storage) {
  if (storage >= 0) {
    storages_[storage].last_step = static_cast<int>(pending_.size()) - 1;
  }
}

absl::Status PlanBuilder::PlanArena() {
  const int steps = static_cast<int>(pending_.size());
  for (int storage : input_storage_) {
    storages_[storage].first_step = 0;
    storages_[storage].last_step = steps;  // inputs keep their contents, see ReadLater
  }
  for (int storage : output_storage_) {
    if (storage >= 0) {
      storages_[storage].last_step = steps;
    }
  }
  std::vector<BufferLifetime> lifetimes;
  for (const Storage& storage : storages_) {
    lifetimes.push_back({storage.bytes, storage.first_step, storage.last_step});
  }
  DNND_ASSIGN_OR_RETURN(const ArenaPlan arena, PlanArenaOffsets(lifetimes));
  plan_.arena_bytes = arena.total_bytes;
  const auto place = [&](int storage, BufferRef& ref) {
    if (storage >= 0) {
      ref = {BufferRef::Kind::kArena, arena.offsets[storage]};
    }
  };
  for (PendingStep& pending : pending_) {
    for (size_t i = 0; i < pending.input_storage.size(); ++i) {
      place(pending.input_storage[i], pending.step.inputs[i]);
    }
    for (size_t i = 0; i < pending.output_storage.size(); ++i) {
      place(pending.output_storage[i], pending.step.outputs[i]);
    }
    plan_.scratchpad_bytes =
        std::max(plan_.scratchpad_bytes, pending.step.kernel->scratchpad_bytes());
    plan_.steps.push_back(std::move(pending.step));
  }
  for (size_t i = 0; i < input_storage_.size(); ++i) {
    place(input_storage_[i], plan_.inputs[i].buffer);
  }
  for (size_t i = 0; i < output_storage_.size(); ++i) {
    place(output_storage_[i], plan_.outputs[i].buffer);
  }
  return absl::OkStatus();
}

}  // namespace dnnd::engine
