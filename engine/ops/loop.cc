// Loop: a graph inside the node, run again and again. How often is known when it ends.
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/ops/condition.h"
#include "engine/ops/op_def.h"

namespace dnnd::engine {
namespace {

// Far above what models need (a run for each thing that a picture shows); a loop that never ends
// would keep its lane for ever.
constexpr int64_t kMostTrips = 10'000;

// How many of the node's results are carried from trip to trip; the others are stacked.
struct Arguments {
  const Graph* body = nullptr;
  size_t carried = 0;
  size_t stacked = 0;
};

absl::StatusOr<Arguments> ReadArguments(const Node& node, size_t num_inputs) {
  Arguments arguments;
  arguments.body = node.attributes.Subgraph("body");
  arguments.carried = static_cast<size_t>(node.attributes.Int("carried", 0));
  arguments.stacked = node.outputs.size() - arguments.carried;
  if (arguments.body == nullptr || arguments.carried > node.outputs.size() ||
      arguments.body->inputs.size() != num_inputs || num_inputs < 2 + arguments.carried ||
      arguments.body->outputs.size() != 1 + node.outputs.size()) {
    return absl::InvalidArgumentError(absl::StrCat("has no body of ", num_inputs, " inputs and ",
                                                   1 + node.outputs.size(), " results"));
  }
  return arguments;
}

absl::StatusOr<int64_t> ReadTrips(const Tensor& trips) {
  if (!trips.defined()) {
    return std::numeric_limits<int64_t>::max();
  }
  if (trips.type() != DataType::kInt64 || trips.num_elements() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("the number of trips is ",
                                                   trips.tensor_type().ToString(),
                                                   ", wanted one element of int64"));
  }
  return *trips.data<int64_t>();
}

int64_t TotalBytes(absl::Span<const Tensor> tensors) {
  int64_t bytes = 0;
  for (const Tensor& tensor : tensors) {
    bytes += tensor.num_bytes();
  }
  return bytes;
}

// Along a new first axis. `declared` tells the extents where there was no trip.
absl::StatusOr<Tensor> Stack(absl::Span<const Tensor> trips, const Value& declared) {
  std::vector<int64_t> extents = {static_cast<int64_t>(trips.size())};
  if (trips.empty()) {
    if (declared.type == DataType::kUndefined || !declared.declared.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "made no trip, and the type of \"", declared.name, "\" of its body is not declared"));
    }
    for (const Dim& dim : *declared.declared) {
      extents.push_back(dim.known() ? dim.value : 0);
    }
    return Tensor::Create(declared.type, Shape(extents));
  }
  const TensorType type = trips[0].tensor_type();
  if (type.type == DataType::kString) {
    return absl::UnimplementedError("stacks strings, which is not supported");
  }
  extents.insert(extents.end(), type.shape.dims().begin(), type.shape.dims().end());
  DNND_ASSIGN_OR_RETURN(Tensor stacked, Tensor::Create(type.type, Shape(extents)));
  char* place = static_cast<char*>(stacked.mutable_view().raw());
  for (const Tensor& trip : trips) {
    if (trip.type() != type.type || trip.shape() != type.shape) {
      return absl::InvalidArgumentError(
          absl::StrCat("stacks ", trip.tensor_type().ToString(), " on ", type.ToString()));
    }
    if (trip.num_bytes() > 0) {
      std::memcpy(place, trip.view().raw(), trip.num_bytes());
      place += trip.num_bytes();
    }
  }
  return stacked;
}

absl::StatusOr<std::vector<Tensor>> RunLoop(const Node& node, absl::Span<const Tensor> inputs,
                                            GraphRunner run) {
  DNND_ASSIGN_OR_RETURN(const Arguments arguments, ReadArguments(node, inputs.size()));
  DNND_ASSIGN_OR_RETURN(const int64_t trips, ReadTrips(inputs[0]));
  bool goes_on = true;
  if (inputs[1].defined()) {
    DNND_ASSIGN_OR_RETURN(goes_on, ReadCondition(inputs[1]));
  }
  // The number of the trip, the condition, what is carried, and what the body reads of the graph
  // around.
  std::vector<Tensor> state(inputs.begin(), inputs.end());
  const absl::Span<Tensor> carried = absl::MakeSpan(state).subspan(2, arguments.carried);
  std::vector<std::vector<Tensor>> stacks(arguments.stacked);
  int64_t stacked_bytes = 0;
  DNND_ASSIGN_OR_RETURN(state[1], Tensor::Create(DataType::kBool, Shape()));
  *state[1].mutable_data<uint8_t>() = 1;
  for (int64_t trip = 0; trip < trips && goes_on; ++trip) {
    if (trip == kMostTrips) {
      return absl::ResourceExhaustedError(
          absl::StrCat("did not end within ", kMostTrips, " trips"));
    }
    state[0] = Tensor::Scalar<int64_t>(trip);
    DNND_ASSIGN_OR_RETURN(std::vector<Tensor> results,
                          run(*arguments.body, state, TotalBytes(carried) + stacked_bytes));
    DNND_ASSIGN_OR_RETURN(goes_on, ReadCondition(results[0]));
    for (size_t i = 0; i < arguments.carried; ++i) {
      carried[i] = std::move(results[1 + i]);
    }
    for (size_t i = 0; i < arguments.stacked; ++i) {
      stacks[i].push_back(std::move(results[1 + arguments.carried + i]));
      stacked_bytes += stacks[i].back().num_bytes();
    }
  }
  std::vector<Tensor> outputs(carried.begin(), carried.end());
  for (size_t i = 0; i < arguments.stacked; ++i) {
    const ValueId id = arguments.body->outputs[1 + arguments.carried + i];
    DNND_ASSIGN_OR_RETURN(Tensor stacked, Stack(stacks[i], arguments.body->value(id)));
    outputs.push_back(std::move(stacked));
  }
  return outputs;
}

}  // namespace

// https://onnx.ai/onnx/operators/onnx__Loop.html
extern const OpDef kLoop = {
    .type = "Loop", .max_inputs = kVariadic, .max_outputs = kVariadic, .loop = RunLoop};

}  // namespace dnnd::engine
