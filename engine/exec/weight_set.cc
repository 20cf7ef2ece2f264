#include "engine/exec/weight_set.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/interpret.h"

namespace dnnd::engine {
namespace {

// For each value whether it depends on nothing but initializers of the model.
std::vector<bool> SharedValues(const Graph& graph,
                               const absl::flat_hash_set<std::string>& shared_names) {
  std::vector<bool> shared(graph.values.size());
  for (size_t id = 0; id < graph.values.size(); ++id) {
    shared[id] =
        graph.values[id].constant.has_value() && shared_names.contains(graph.values[id].name);
  }
  for (const Node& node : graph.nodes) {
    bool all = true;
    for (ValueId input : node.inputs) {
      all = all && (input == kNoValue || shared[input]);
    }
    for (ValueId output : node.outputs) {
      if (output != kNoValue) {
        shared[output] = all;
      }
    }
  }
  return shared;
}

std::string KeyOf(const Graph& graph, const WeightRef& weight) {
  return absl::StrCat(graph.value(weight.value).name, "\n",
                      weight.packing == nullptr ? "row_major" : weight.packing->key());
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AlignedBuffer>> WeightSet::Pack(const Graph& graph,
                                                                     const WeightRef& weight) {
  DNND_ASSIGN_OR_RETURN(const Tensor plain, EvaluateConstant(graph, weight.value));
  const int64_t bytes = weight.packing == nullptr ? plain.num_bytes() : weight.packing->bytes();
  DNND_ASSIGN_OR_RETURN(AlignedBuffer buffer, AlignedBuffer::Create(bytes));
  if (weight.packing != nullptr) {
    DNND_RETURN_IF_ERROR(weight.packing->Pack(plain.view(), buffer.data()));
  } else {
    std::memcpy(buffer.data(), plain.data<void>(), bytes);
  }
  return std::make_shared<const AlignedBuffer>(std::move(buffer));
}

absl::StatusOr<std::shared_ptr<const BoundWeights>> WeightSet::Bind(const Plan& plan) {
  auto bound = std::make_shared<BoundWeights>();
  const std::vector<bool> shared = SharedValues(plan.graph, shared_names_);
  absl::flat_hash_map<Key, std::shared_ptr<const AlignedBuffer>> own;
  // One plan binds at a time: two that want the same packing must not make it twice.
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t branches = BranchesOf(plan.graph);
  for (const WeightRef& weight : plan.weights) {
    const Key key(branches, KeyOf(plan.graph, weight));
    std::shared_ptr<const AlignedBuffer> buffer;
    if (shared[weight.value]) {
      buffer = packed_[key].lock();
    } else if (const auto it = own.find(key); it != own.end()) {
      buffer = it->second;
    }
    if (buffer == nullptr) {
      auto packed = Pack(plan.graph, weight);
      if (!packed.ok()) {
        return Annotate(packed.status(),
                        absl::StrCat("constant \"", plan.graph.value(weight.value).name, "\""));
      }
      buffer = std::move(packed).value();
      if (shared[weight.value]) {
        packed_[key] = buffer;
      } else {
        own[key] = buffer;
      }
    }
    bound->buffers_.push_back(std::move(buffer));
  }
  absl::erase_if(packed_, [](const auto& entry) { return entry.second.expired(); });
  absl::flat_hash_set<int64_t> alive;
  for (const auto& [key, buffer] : packed_) {
    alive.insert(key.first);
  }
  absl::erase_if(branches_, [&](const auto& entry) { return !alive.contains(entry.second); });
  return std::shared_ptr<const BoundWeights>(std::move(bound));
}

int64_t WeightSet::BranchesOf(const Graph& graph) {
  const auto [entry, is_new] = branches_.emplace(graph.inlined, next_branches_);
  next_branches_ += is_new ? 1 : 0;
  return entry->second;
}

int64_t WeightSet::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t bytes = 0;
  for (const auto& [key, buffer] : packed_) {
    if (const auto alive = buffer.lock()) {
      bytes += alive->size();
    }
  }
  return bytes;
}

}  // namespace dnnd::engine
