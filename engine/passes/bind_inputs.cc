#include "engine/passes/bind_inputs.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::engine {
namespace {

absl::Status NoShape(const Value& input) {
  return absl::UnimplementedError(absl::StrCat("input \"", input.name, "\" has no declared shape"));
}

// The symbol of axis `axis` of a graph input; empty where the extent is known.
std::string SymbolOf(const Value& input, int axis) {
  const Dim& dim = (*input.declared)[axis];
  if (dim.known()) {
    return "";
  }
  return dim.symbol.empty() ? absl::StrCat(input.name, ".", axis) : dim.symbol;
}

// Adds what `shape`, given for `input`, says of its symbols.
absl::Status BindShape(const Value& input, const Shape& shape, Bindings& bindings) {
  if (!input.declared.has_value()) {
    return NoShape(input);
  }
  const SymbolicShape& declared = *input.declared;
  const auto mismatch = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("input \"", input.name, "\": got ",
                                                   shape.ToString(), ", wanted ",
                                                   ToString(declared), why));
  };
  if (static_cast<int>(declared.size()) != shape.rank()) {
    return mismatch("");
  }
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (declared[axis].known() && declared[axis].value != shape[axis]) {
      return mismatch("");
    }
    if (declared[axis].known()) {
      continue;
    }
    const std::string symbol = SymbolOf(input, axis);
    const auto [bound, inserted] = bindings.emplace(symbol, shape[axis]);
    if (!inserted && bound->second != shape[axis]) {
      return mismatch(absl::StrCat(", where ", symbol, " is ", bound->second, " already"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Bindings> BindShapes(const Graph& graph, absl::Span<const Shape> shapes) {
  if (shapes.size() != graph.inputs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", shapes.size(), " inputs, wanted ", graph.inputs.size()));
  }
  Bindings bindings;
  for (size_t i = 0; i < shapes.size(); ++i) {
    DNND_RETURN_IF_ERROR(BindShape(graph.value(graph.inputs[i]), shapes[i], bindings));
  }
  return bindings;
}

absl::StatusOr<Shape> BoundShape(const Value& input, const Bindings& bindings) {
  if (!input.declared.has_value()) {
    return NoShape(input);
  }
  Dims dims;
  for (int axis = 0; axis < static_cast<int>(input.declared->size()); ++axis) {
    const std::string symbol = SymbolOf(input, axis);
    const auto bound = bindings.find(symbol);
    if (!symbol.empty() && bound == bindings.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input \"", input.name, "\" ", ToString(*input.declared), ": no extent for ", symbol));
    }
    dims.push_back(symbol.empty() ? (*input.declared)[axis].value : bound->second);
  }
  absl::StatusOr<Shape> shape = Shape::Create(dims);
  return shape.ok() ? shape : Annotate(shape.status(), absl::StrCat("input \"", input.name, "\""));
}

}  // namespace dnnd::engine
