#include "engine/exec/model.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/exec/thread_count.h"
#include "engine/onednn/cache.h"
#include "engine/passes/check_supported.h"
#include "engine/passes/pass_manager.h"
#include "engine/passes/rows_apart.h"
#include "engine/passes/specialize.h"
#include "engine/passes/split_tail.h"

namespace dnnd::engine {
namespace {

// The open extents of a picture when nobody says otherwise.
constexpr int64_t kUsualExtent = 224;

absl::flat_hash_set<std::string> ConstantNames(const Graph& graph) {
  absl::flat_hash_set<std::string> names;
  for (const Value& value : graph.values) {
    if (value.constant.has_value()) {
      names.insert(value.name);
    }
  }
  return names;
}

bool HasBranches(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const Node& node) { return !node.attributes.Subgraphs().empty(); });
}

}  // namespace

Model::Model(Graph graph, Signature signature, Options options)
    : graph_(std::move(graph)),
      signature_(std::move(signature)),
      options_(options),
      weights_(std::make_shared<WeightSet>(ConstantNames(graph_))) {}

absl::StatusOr<std::shared_ptr<Model>> Model::Create(Graph graph, Options options) {
  DNND_RETURN_IF_ERROR(CheckSupported(graph));
  DNND_ASSIGN_OR_RETURN(Signature signature, DetectSignature(graph));
  if (options.precision == Precision::kExact && signature.batchable) {
    signature.max_batch = 1;
    signature.assumed.push_back("one row a run, on one thread: the precision is exact");
  }
  return std::shared_ptr<Model>(new Model(std::move(graph), std::move(signature), options));
}

Model::~Model() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [key, executable] : plans_) {
      executable->Retire();
    }
    plans_.clear();
  }
  onednn::FlushPrimitiveCache();
}

std::vector<Shape> Model::RowShapes() const { return ProbeShapes(graph_, 1, kUsualExtent); }

PlanKey Model::KeyFor(absl::Span<const Shape> row, int64_t batch, int threads) const {
  PlanKey key;
  key.threads = threads;
  for (size_t i = 0; i < row.size(); ++i) {
    const std::optional<int>& axis = signature_.inputs[i].batch_axis;
    key.inputs.push_back(axis.has_value() ? row[i].WithDim(*axis, batch) : row[i]);
  }
  return key;
}

absl::Status Model::CheckShapes(absl::Span<const Shape> shapes) const {
  return BindShapes(graph_, shapes).status();
}

std::shared_ptr<const Executable> Model::Find(const PlanKey& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto entry = plans_.begin(); entry != plans_.end(); ++entry) {
    if (entry->first == key) {
      plans_.splice(plans_.begin(), plans_, entry);
      return plans_.front().second;
    }
  }
  return nullptr;
}

absl::StatusOr<std::shared_ptr<const Executable>> Model::Prepare(const PlanKey& key) {
  if (std::shared_ptr<const Executable> found = Find(key)) {
    return found;
  }
  const std::lock_guard<std::mutex> compiling(compile_mutex_);
  if (std::shared_ptr<const Executable> found = Find(key)) {
    return found;
  }
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const Executable> executable, Compile(key));
  Keep(key, executable);
  return executable;
}

absl::Status Model::CheckRows(const PlanKey& key) const {
  for (size_t i = 0; i < key.inputs.size(); ++i) {
    const TensorSpec& input = signature_.inputs[i];
    if (input.batch_axis.has_value() && key.inputs[i][*input.batch_axis] > signature_.max_batch) {
      return absl::InvalidArgumentError(absl::StrCat("input \"", input.name, "\" has shape ",
                                                     key.inputs[i].ToString(), ", want at most ",
                                                     signature_.max_batch, " rows a run"));
    }
  }
  return absl::OkStatus();
}

std::optional<int64_t> Model::RowsOf(const PlanKey& key) const {
  for (size_t i = 0; i < key.inputs.size(); ++i) {
    if (const std::optional<int>& axis = signature_.inputs[i].batch_axis; axis.has_value()) {
      return key.inputs[i][*axis];
    }
  }
  return std::nullopt;
}

absl::Status Model::CheckOutputs(const PlanKey& key, const Graph& specialised) const {
  const std::optional<int64_t> rows = RowsOf(key);
  for (size_t i = 0; i < specialised.outputs.size(); ++i) {
    const Value& output = specialised.value(specialised.outputs[i]);
    if (!output.shape.has_value() && !signature_.open_outputs) {
      return absl::UnimplementedError(
          absl::StrCat("data decide the extents of output \"", output.name,
                       "\" for inputs of these shapes, where for usual ones they do not"));
    }
    const std::optional<int>& axis = signature_.outputs[i].batch_axis;
    if (!axis.has_value() || !output.shape.has_value() || !rows.has_value()) {
      continue;
    }
    if (*axis >= output.shape->rank() || (*output.shape)[*axis] != *rows) {
      return absl::UnimplementedError(
          absl::StrCat("output \"", output.name, "\" is ", output.shape->ToString(), " for ", *rows,
                       " rows of these shapes, where for usual ones it has a row for each"));
    }
  }
  return absl::OkStatus();
}

absl::Status Model::CheckBranches(const PlanKey& key, const Graph& specialised) const {
  const int64_t rows = RowsOf(key).value_or(1);
  if (rows <= 1 || !HasBranches(graph_)) {
    return absl::OkStatus();
  }
  std::vector<Shape> row = key.inputs;
  for (size_t i = 0; i < row.size(); ++i) {
    if (const std::optional<int>& axis = signature_.inputs[i].batch_axis; axis.has_value()) {
      row[i] = row[i].WithDim(*axis, 1);
    }
  }
  DNND_ASSIGN_OR_RETURN(const Bindings bindings, BindShapes(graph_, row));
  DNND_ASSIGN_OR_RETURN(const Graph one, Specialize(graph_, bindings));
  DNND_RETURN_IF_ERROR(CheckOutputs({row, key.threads}, one));
  return CheckRowsApart(one, specialised, rows);
}

absl::StatusOr<std::shared_ptr<const Executable>> Model::Compile(const PlanKey& key) {
  const int threads = options_.precision == Precision::kExact ? 1 : key.threads;
  const ThreadCount compiling_for(threads);
  DNND_ASSIGN_OR_RETURN(const Bindings bindings, BindShapes(graph_, key.inputs));
  DNND_RETURN_IF_ERROR(CheckRows(key));
  DNND_ASSIGN_OR_RETURN(Graph graph, Specialize(graph_, bindings));
  DNND_RETURN_IF_ERROR(CheckOutputs(key, graph));
  DNND_RETURN_IF_ERROR(CheckBranches(key, graph));
  DNND_RETURN_IF_ERROR(RunPasses(graph, PassesOfTheWhole()));
  SplitGraph split = SplitTail(std::move(graph));
  DNND_RETURN_IF_ERROR(OptimizeGraph(split.head));
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const Plan> plan,
                        CompilePlan(std::move(split.head), threads));
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<const BoundWeights> weights, weights_->Bind(*plan));
  std::unique_ptr<const Tail> tail;
  if (split.tail.has_value()) {
    DNND_ASSIGN_OR_RETURN(
        tail, Tail::Create(*std::move(split.tail), signature_.outputs, weights_, threads));
  }
  return std::make_shared<const Executable>(std::move(plan), std::move(weights), std::move(tail));
}

void Model::Keep(const PlanKey& key, std::shared_ptr<const Executable> executable) {
  const Plan& plan = *executable->plan();
  const std::lock_guard<std::mutex> lock(mutex_);
  arena_bytes_ = std::max(arena_bytes_, plan.arena_bytes + plan.scratchpad_bytes);
  plans_.emplace_front(key, std::move(executable));
  while (static_cast<int>(plans_.size()) > std::max(options_.max_plans, 1)) {
    plans_.back().second->Retire();
    plans_.pop_back();
  }
}

int64_t Model::arena_bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return arena_bytes_;
}

}  // namespace dnnd::engine
