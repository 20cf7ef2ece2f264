#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/passes/specialize.h"

namespace dnnd::engine {
namespace {

// The extents of symbols met so far, and where.
struct BoundSymbol {
  int64_t extent;
  std::string source;
};

class InputBinder {
 public:
  InputBinder(const Graph& graph, const Bindings& bindings) : graph_(graph), bindings_(bindings) {
    for (const auto& [symbol, extent] : bindings.symbols) {
      symbols_[symbol] = {extent, "the binding"};
    }
  }

  absl::Status CheckNames() const {
    for (const auto& [name, shape] : bindings_.shapes) {
      bool found = false;
      for (ValueId input : graph_.inputs) {
        found = found || graph_.value(input).name == name;
      }
      if (!found) {
        return absl::InvalidArgumentError(absl::StrCat("the graph has no input \"", name, "\""));
      }
    }
    return absl::OkStatus();
  }

  // Takes the symbols of inputs that are given whole.
  absl::Status BindGiven(const Value& input) {
    const auto given = bindings_.shapes.find(input.name);
    if (given == bindings_.shapes.end() || !input.declared.has_value()) {
      return absl::OkStatus();
    }
    const SymbolicShape& declared = *input.declared;
    const Shape& shape = given->second;
    const auto mismatch = [&](absl::string_view why) {
      return absl::InvalidArgumentError(absl::StrCat("input \"", input.name, "\": got shape ",
                                                     shape.ToString(), ", want ",
                                                     ToString(declared), why));
    };
    if (shape.rank() != static_cast<int>(declared.size())) {
      return mismatch("");
    }
    for (int axis = 0; axis < shape.rank(); ++axis) {
      const Dim& dim = declared[axis];
      if (dim.known() && dim.value != shape[axis]) {
        return mismatch("");
      }
      if (dim.known() || dim.symbol.empty()) {
        continue;
      }
      const auto [it, first] = symbols_.insert({dim.symbol, {shape[axis], input.name}});
      if (!first && it->second.extent != shape[axis]) {
        return mismatch(absl::StrCat(": \"", dim.symbol, "\" is ", it->second.extent, " in ",
                                     it->second.source));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Shape> ShapeOf(const Value& input) const {
    const auto given = bindings_.shapes.find(input.name);
    if (given != bindings_.shapes.end()) {
      return Shape::Create(given->second.dims());
    }
    if (!input.declared.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", input.name, "\" has no shape in the model and was given none"));
    }
    Dims dims;
    for (const Dim& dim : *input.declared) {
      const auto symbol = symbols_.find(dim.symbol);
      if (!dim.known() && symbol == symbols_.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "input \"", input.name, "\" has shape ", ToString(*input.declared), ": extent ",
            dims.size(), dim.symbol.empty() ? "" : absl::StrCat(" \"", dim.symbol, "\""),
            " was given no value"));
      }
      dims.push_back(dim.known() ? dim.value : symbol->second.extent);
    }
    absl::StatusOr<Shape> shape = Shape::Create(dims);
    return shape.ok() ? shape
                      : Annotate(shape.status(), absl::StrCat("input \"", input.name, "\""));
  }

 private:
  const Graph& graph_;
  const Bindings& bindings_;
  std::map<std::string, BoundSymbol> symbols_;
};

}  // namespace

absl::StatusOr<std::vector<Shape>> BindInputs(const Graph& graph, const Bindings& bindings) {
  InputBinder binder(graph, bindings);
  DNND_RETURN_IF_ERROR(binder.CheckNames());
  for (ValueId input : graph.inputs) {
    DNND_RETURN_IF_ERROR(binder.BindGiven(graph.value(input)));
  }
  std::vector<Shape> shapes;
  for (ValueId input : graph.inputs) {
    DNND_ASSIGN_OR_RETURN(Shape shape, binder.ShapeOf(graph.value(input)));
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

}  // namespace dnnd::engine
