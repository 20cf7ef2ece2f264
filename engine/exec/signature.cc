#include "engine/exec/signature.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/passes/rows_apart.h"
#include "engine/passes/specialize.h"

namespace dnnd::engine {
namespace {

// Extents tried for axes that a model leaves open besides the batch: multiples of 32, as strided
// networks want them, the usual ones first.
constexpr std::array<int64_t, 4> kProbeExtents = {224, 64, 320, 32};

// Two batch sizes whose quotient no stride or channel count is likely to share.
constexpr int64_t kSmallBatch = 1;
constexpr int64_t kLargeBatch = 3;

// Extents that data might decide: what is the same for all of them does not depend on data. None
// and one are there because models cut what they found to a few.
constexpr std::array<int64_t, 4> kAssumedExtents = {0, 1, 5, 7};

bool IsOpen(const Value& input, int axis) { return !(*input.declared)[axis].known(); }

absl::StatusOr<Graph> SpecializeAt(const Graph& graph, int64_t batch, int64_t extent) {
  DNND_ASSIGN_OR_RETURN(const Bindings bindings,
                        BindShapes(graph, ProbeShapes(graph, batch, extent)));
  return Specialize(graph, bindings);
}

struct Probe {
  Graph specialised;
  int64_t extent = 0;
};

absl::StatusOr<Probe> ProbeAtOne(const Graph& graph) {
  absl::Status first;
  for (int64_t extent : kProbeExtents) {
    absl::StatusOr<Graph> specialised = SpecializeAt(graph, kSmallBatch, extent);
    if (specialised.ok()) {
      return Probe{std::move(specialised).value(), extent};
    }
    if (first.ok()) {
      first = specialised.status();
    }
  }
  return first;
}

// Whether `large` is `small` with the first extent following the batch.
bool FollowsBatch(const Shape& small, const Shape& large) {
  return small.rank() > 0 && small[0] == kSmallBatch && large.rank() == small.rank() &&
         large == small.WithDim(0, kLargeBatch);
}

SymbolicShape Symbolic(const Shape& shape) {
  SymbolicShape symbolic;
  for (int64_t extent : shape.dims()) {
    symbolic.push_back(Dim{extent, ""});
  }
  return symbolic;
}

bool AllInputsOpenAtFront(const Graph& graph) {
  return !graph.inputs.empty() &&
         std::all_of(graph.inputs.begin(), graph.inputs.end(), [&](ValueId id) {
           const Value& input = graph.value(id);
           return !input.declared->empty() && IsOpen(input, 0);
         });
}

bool OnlyTheFrontIsOpen(const Graph& graph) {
  return std::all_of(graph.inputs.begin(), graph.inputs.end(), [&](ValueId id) {
    const SymbolicShape& shape = *graph.value(id).declared;
    return std::all_of(shape.begin() + (shape.empty() ? 0 : 1), shape.end(),
                       [](const Dim& dim) { return dim.known(); });
  });
}

// Exporters name what they did not work out ("Concat_dim_1"). Where nothing but the batch is open,
// and each row is by itself, every other extent is that of the probe.
void FillExtents(const Graph& specialised, Signature& signature) {
  for (size_t i = 0; i < signature.outputs.size(); ++i) {
    const Shape& shape = *specialised.value(specialised.outputs[i]).shape;
    SymbolicShape& declared = signature.outputs[i].shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const bool batch = axis == signature.outputs[i].batch_axis && signature.max_batch != 1;
      if (!batch && !declared[axis].known()) {
        declared[axis] = Dim{shape[axis], ""};
      }
    }
  }
}

bool StartsWithOne(const Graph& specialised) {
  const auto one = [&](ValueId id) {
    const Shape& shape = *specialised.value(id).shape;
    return shape.rank() > 0 && shape[0] == 1;
  };
  return std::all_of(specialised.inputs.begin(), specialised.inputs.end(), one) &&
         std::all_of(specialised.outputs.begin(), specialised.outputs.end(), one);
}

void MarkBatchAxes(Signature& signature, const std::string& symbol) {
  signature.batchable = true;
  for (std::vector<TensorSpec>* specs : {&signature.inputs, &signature.outputs}) {
    for (TensorSpec& spec : *specs) {
      spec.batch_axis = 0;
      if (!symbol.empty()) {
        spec.shape[0] = Dim{-1, symbol};
      }
    }
  }
}

// The first output whose extents data decide; null where there is none.
const Value* FindOpenOutput(const Graph& specialised) {
  for (ValueId output : specialised.outputs) {
    if (!specialised.value(output).shape.has_value()) {
      return &specialised.value(output);
    }
  }
  return nullptr;
}

std::string NotBatchable(const Value& open_output) {
  return absl::StrCat("not batchable: data decide the extents of output \"", open_output.name,
                      "\"");
}

// Fills in batchable, max_batch and the axes of a model whose inputs have an open first extent.
void DetectDynamicBatch(const Graph& graph, const Probe& probe, Signature& signature) {
  const absl::StatusOr<Graph> large = SpecializeAt(graph, kLargeBatch, probe.extent);
  if (!large.ok()) {
    signature.assumed.push_back(
        absl::StrCat("not batchable: with ", kLargeBatch, " rows, ", large.status().message()));
    return;
  }
  if (const Value* open = FindOpenOutput(*large)) {
    signature.open_outputs = true;
    signature.assumed.push_back(NotBatchable(*open));
    return;
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    const Shape& small = *probe.specialised.value(probe.specialised.outputs[i]).shape;
    const Shape& grown = *large->value(large->outputs[i]).shape;
    if (!FollowsBatch(small, grown)) {
      signature.assumed.push_back(absl::StrCat(
          "not batchable: output \"", signature.outputs[i].name, "\" is ", small.ToString(),
          " for one row and ", grown.ToString(), " for ", kLargeBatch));
      return;
    }
  }
  const absl::Status apart = CheckRowsApart(probe.specialised, *large, kLargeBatch);
  if (!apart.ok()) {
    signature.assumed.push_back(absl::StrCat("not batchable: ", apart.message()));
    return;
  }
  const std::string& declared = (*graph.value(graph.inputs[0]).declared)[0].symbol;
  const std::string symbol = declared.empty() ? "N" : declared;
  MarkBatchAxes(signature, symbol);
  signature.max_batch = kUnlimitedBatch;
  signature.assumed.push_back(
      absl::StrCat("batched along axis 0 (\"", symbol, "\"): every output follows it, row by row"));
}

std::vector<TensorSpec> Specs(const Graph& graph, const std::vector<ValueId>& ids,
                              const Graph& specialised, const std::vector<ValueId>& special_ids) {
  std::vector<TensorSpec> specs;
  for (size_t i = 0; i < ids.size(); ++i) {
    const Value& value = graph.value(ids[i]);
    const Value& special = specialised.value(special_ids[i]);
    if (!special.shape.has_value()) {
      specs.push_back({value.name, value.type, value.declared.value_or(SymbolicShape()), {}});
      continue;
    }
    const bool fits = value.declared.has_value() &&
                      static_cast<int>(value.declared->size()) == special.shape->rank();
    specs.push_back(
        {value.name, special.type, fits ? *value.declared : Symbolic(*special.shape), {}});
  }
  return specs;
}

// Where the model leaves an extent open that is known. A declared rank that does not fit counts for
// nothing.
void FillKnown(const SymbolicShape& known, SymbolicShape& shape) {
  if (shape.size() != known.size()) {
    shape = known;
    return;
  }
  for (size_t axis = 0; axis < known.size(); ++axis) {
    if (known[axis].known()) {
      shape[axis] = known[axis];
    }
  }
}

// What is known of an output whose extents data decide.
struct OpenOutput {
  DataType type = DataType::kUndefined;
  std::optional<SymbolicShape> extents;  // nothing before the first assumption that fits
  bool ranks_differ = false;

  void Assume(const Value& value) {
    if (!value.shape.has_value()) {
      return;
    }
    type = value.type;
    if (!extents.has_value()) {
      extents = Symbolic(*value.shape);
      return;
    }
    ranks_differ = ranks_differ || static_cast<int>(extents->size()) != value.shape->rank();
    for (size_t axis = 0; !ranks_differ && axis < extents->size(); ++axis) {
      if ((*extents)[axis].value != (*value.shape)[axis]) {
        (*extents)[axis] = Dim{};
      }
    }
  }
};

absl::StatusOr<std::vector<OpenOutput>> AssumeExtents(const Graph& graph, const Probe& probe) {
  DNND_ASSIGN_OR_RETURN(const Bindings bindings,
                        BindShapes(graph, ProbeShapes(graph, kSmallBatch, probe.extent)));
  std::vector<OpenOutput> outputs(graph.outputs.size());
  for (int64_t extent : kAssumedExtents) {
    const absl::StatusOr<Graph> assumed = Specialize(graph, bindings, extent);
    for (size_t i = 0; assumed.ok() && i < outputs.size(); ++i) {
      outputs[i].Assume(assumed->value(assumed->outputs[i]));
    }
  }
  return outputs;
}

// Fills in what is the same whatever data decide, in outputs whose extents they decide.
// UNIMPLEMENTED where neither that nor the model says how many axes there are.
absl::Status ProbeOpenOutputs(const Graph& graph, const Probe& probe, Signature& signature) {
  DNND_ASSIGN_OR_RETURN(const std::vector<OpenOutput> outputs, AssumeExtents(graph, probe));
  for (size_t i = 0; i < signature.outputs.size(); ++i) {
    if (probe.specialised.value(probe.specialised.outputs[i]).shape.has_value()) {
      continue;
    }
    TensorSpec& spec = signature.outputs[i];
    const bool assumed = outputs[i].extents.has_value() && !outputs[i].ranks_differ;
    const Value& declared = graph.value(graph.outputs[i]);
    const DataType type = assumed ? outputs[i].type : declared.type;
    if (type == DataType::kUndefined || (!assumed && !declared.declared.has_value())) {
      return absl::UnimplementedError(absl::StrCat("output \"", spec.name,
                                                   "\": data decide its extents, and the model "
                                                   "does not declare its type and number of axes"));
    }
    spec.type = type;
    if (assumed) {
      FillKnown(*outputs[i].extents, spec.shape);
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Shape> ProbeShapes(const Graph& graph, int64_t batch, int64_t extent) {
  std::vector<Shape> shapes;
  for (ValueId id : graph.inputs) {
    const Value& input = graph.value(id);
    Dims dims;
    for (int axis = 0; axis < static_cast<int>(input.declared->size()); ++axis) {
      const int64_t open = axis == 0 ? batch : extent;
      dims.push_back(IsOpen(input, axis) ? open : (*input.declared)[axis].value);
    }
    shapes.push_back(Shape(dims));
  }
  return shapes;
}

absl::StatusOr<Signature> DetectSignature(const Graph& graph) {
  for (ValueId id : graph.inputs) {
    if (!graph.value(id).declared.has_value()) {
      return absl::UnimplementedError(
          absl::StrCat("input \"", graph.value(id).name, "\" declares no shape"));
    }
  }
  DNND_ASSIGN_OR_RETURN(const Probe probe, ProbeAtOne(graph));
  Signature signature;
  signature.inputs = Specs(graph, graph.inputs, probe.specialised, probe.specialised.inputs);
  signature.outputs = Specs(graph, graph.outputs, probe.specialised, probe.specialised.outputs);
  if (const Value* open = FindOpenOutput(probe.specialised)) {
    DNND_RETURN_IF_ERROR(ProbeOpenOutputs(graph, probe, signature));
    signature.open_outputs = true;
    signature.assumed.push_back(NotBatchable(*open));
  } else if (AllInputsOpenAtFront(graph)) {
    DetectDynamicBatch(graph, probe, signature);
  } else if (StartsWithOne(probe.specialised)) {
    MarkBatchAxes(signature, "");
    signature.assumed.push_back("one row a run: the model's first extent is fixed at 1");
  } else {
    signature.assumed.push_back("not batchable: the inputs' first extents are fixed");
  }
  if (signature.batchable && OnlyTheFrontIsOpen(graph)) {
    FillExtents(probe.specialised, signature);
  }
  return signature;
}

}  // namespace dnnd::engine
