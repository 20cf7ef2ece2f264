#include "engine/passes/fuse_pad.h"

#include <numeric>
#include <optional>

#include "engine/ops/op_arguments.h"
#include "engine/passes/rewriter.h"

namespace dnnd::engine {
namespace {

const Tensor* ElementsOf(Rewriter& rewriter, const Node& node, size_t i) {
  if (i >= node.inputs.size() || node.inputs[i] == kNoValue) {
    return nullptr;
  }
  const Value& value = rewriter.value(node.inputs[i]);
  return value.constant.has_value() ? value.constant->in_memory() : nullptr;
}

bool FillsWithZero(Rewriter& rewriter, const Node& pad) {
  if (pad.attributes.String("mode", "constant") != "constant") {
    return false;
  }
  if (pad.inputs.size() < 3 || pad.inputs[2] == kNoValue) {
    return true;
  }
  const Tensor* value = ElementsOf(rewriter, pad, 2);
  return value != nullptr && value->type() == DataType::kFloat32 && value->num_elements() == 1 &&
         *value->data<float>() == 0;
}

// The pads of all axes, begins then ends, if they are known and on spatial axes only.
std::optional<std::vector<int64_t>> SpatialPads(Rewriter& rewriter, const Node& pad) {
  const int rank = rewriter.value(pad.inputs[0]).shape->rank();
  const Tensor* elements = ElementsOf(rewriter, pad, 1);
  if (elements == nullptr) {
    return std::nullopt;
  }
  const absl::StatusOr<Dims> pads = ToInt64s(elements->view());
  Dims named(rank);
  std::iota(named.begin(), named.end(), 0);
  if (const Tensor* axes = ElementsOf(rewriter, pad, 3)) {
    named = ToInt64s(axes->view()).value_or(Dims());
  } else if (pad.inputs.size() > 3 && pad.inputs[3] != kNoValue) {
    return std::nullopt;
  }
  const absl::StatusOr<std::vector<int>> axes = NormalizeAxes(named, rank);
  if (!pads.ok() || !axes.ok() || pads->size() != 2 * axes->size()) {
    return std::nullopt;
  }
  std::vector<int64_t> spatial(2 * (rank - 2), 0);
  for (size_t i = 0; i < axes->size(); ++i) {
    const int axis = (*axes)[i];
    const int64_t begin = (*pads)[i];
    const int64_t end = (*pads)[axes->size() + i];
    if (begin < 0 || end < 0 || (axis < 2 && begin + end > 0)) {
      return std::nullopt;
    }
    if (axis >= 2) {
      spatial[axis - 2] = begin;
      spatial[rank - 2 + axis - 2] = end;
    }
  }
  return spatial;
}

// The pads of `conv` with `more` added, if they stay below the kernel's extent: oneDNN's fast
// kernels want that.
std::optional<std::vector<int64_t>> WidenPads(const Node& conv, const Shape& weights,
                                              const std::vector<int64_t>& more) {
  const std::string auto_pad = conv.attributes.String("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad != "VALID") {
    return std::nullopt;
  }
  const size_t axes = more.size() / 2;
  std::vector<int64_t> pads = conv.attributes.Ints("pads", std::vector<int64_t>(2 * axes, 0));
  if (auto_pad == "VALID") {
    pads.assign(2 * axes, 0);
  }
  const std::vector<int64_t> dilations =
      conv.attributes.Ints("dilations", std::vector<int64_t>(axes, 1));
  if (pads.size() != more.size() || dilations.size() != axes) {
    return std::nullopt;
  }
  for (size_t i = 0; i < pads.size(); ++i) {
    pads[i] += more[i];
    const int axis = static_cast<int>(i % axes);
    if (pads[i] > (weights[2 + axis] - 1) * dilations[axis]) {
      return std::nullopt;
    }
  }
  return pads;
}

}  // namespace

absl::StatusOr<bool> FusePad(Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < rewriter.num_nodes(); ++id) {
    Node& conv = rewriter.node(id);
    if (conv.op != "Conv") {
      continue;
    }
    const NodeId pad_id = rewriter.producer(conv.inputs[0]);
    if (pad_id == kNoNode || rewriter.node(pad_id).op != "Pad" ||
        !rewriter.has_single_reader(conv.inputs[0]) ||
        !FillsWithZero(rewriter, rewriter.node(pad_id))) {
      continue;
    }
    const auto spatial = SpatialPads(rewriter, rewriter.node(pad_id));
    if (!spatial.has_value()) {
      continue;
    }
    const auto pads = WidenPads(conv, *rewriter.value(conv.inputs[1]).shape, *spatial);
    if (!pads.has_value()) {
      continue;
    }
    conv.attributes.Set("pads", *pads);
    conv.attributes.Set("auto_pad", std::string("NOTSET"));
    rewriter.SetInput(id, 0, rewriter.node(pad_id).inputs[0]);
    rewriter.Remove(pad_id);
    conv.fused.insert(conv.fused.begin(), "Pad");
  }
  return rewriter.Finish();
}

}  // namespace dnnd::engine
