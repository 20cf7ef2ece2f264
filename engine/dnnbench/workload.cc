#include "engine/dnnbench/workload.h"

#include <cstring>
#include <random>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/engine.h"
#include "engine/exec/cpu_budget.h"

namespace dnnd::engine {
namespace {

struct NamedShape {
  std::string name;
  Shape shape;
};

absl::StatusOr<NamedShape> ParseShape(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("--shape is \"", text, "\", wanted name:1,3,224,224"));
  }
  Dims dims;
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(text).substr(colon + 1), ',')) {
    int64_t dim;
    if (!absl::SimpleAtoi(part, &dim)) {
      return absl::InvalidArgumentError(absl::StrCat("--shape: \"", part, "\" is no number"));
    }
    dims.push_back(dim);
  }
  DNND_ASSIGN_OR_RETURN(Shape shape, Shape::Create(dims));
  return NamedShape{text.substr(0, colon), std::move(shape)};
}

absl::Status ApplyShape(const NamedShape& named, const Signature& signature,
                        std::vector<Shape>& shapes) {
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (signature.inputs[i].name == named.name) {
      shapes[i] = named.shape;
      return absl::OkStatus();
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("--shape: no input \"", named.name, "\""));
}

// Rows of one run: the extent of the first batch axis.
int64_t RowsOf(const Signature& signature, const std::vector<Shape>& shapes) {
  for (size_t i = 0; i < shapes.size(); ++i) {
    const std::optional<int> axis = signature.inputs[i].batch_axis;
    if (axis.has_value() && *axis < shapes[i].rank()) {
      return shapes[i][*axis];
    }
  }
  return 1;
}

absl::StatusOr<std::vector<Shape>> ChooseShapes(const WorkloadOptions& options,
                                                const Model& model) {
  std::vector<Shape> shapes = model.RowShapes();
  for (const std::string& text : options.shapes) {
    DNND_ASSIGN_OR_RETURN(const NamedShape named, ParseShape(text));
    DNND_RETURN_IF_ERROR(ApplyShape(named, model.signature(), shapes));
  }
  if (options.batch > 0) {
    shapes = model.KeyFor(shapes, options.batch, 1).inputs;
    if (RowsOf(model.signature(), shapes) != options.batch) {
      return absl::InvalidArgumentError(
          absl::StrCat("--batch is ", options.batch, ", but the model has no batch axis"));
    }
  }
  DNND_RETURN_IF_ERROR(model.CheckShapes(shapes));
  return shapes;
}

}  // namespace

void AddWorkloadOptions(CLI::App& command, WorkloadOptions& options) {
  command.add_option("--model", options.model, "ONNX file")->required();
  command.add_option("--batch", options.batch, "rows of one run (as the model has it)")
      ->check(CLI::PositiveNumber);
  command.add_option("--threads", options.threads, "threads of all lanes together (every CPU)")
      ->check(CLI::PositiveNumber);
  command
      .add_option("--precision", options.precision,
                  "exact (one row a run, on one thread), or f32 (default)")
      ->check(CLI::IsMember({"exact", "f32"}));
  command.add_option("--shape", options.shapes,
                     "shape of an input, as name:1,3,224,224; repeatable");
}

absl::StatusOr<Workload> LoadWorkload(const WorkloadOptions& options) {
  Model::Options model_options;
  model_options.precision = options.precision == "exact" ? Precision::kExact : Precision::kFloat32;
  Workload workload;
  DNND_ASSIGN_OR_RETURN(workload.model, LoadModelFile(options.model, model_options));
  DNND_ASSIGN_OR_RETURN(workload.shapes, ChooseShapes(options, *workload.model));
  workload.batch = RowsOf(workload.model->signature(), workload.shapes);
  workload.threads =
      options.threads > 0 ? options.threads : static_cast<int>(DetectCpuBudget().cpus.size());
  return workload;
}

void FillInputs(PlanInstance& instance) {
  std::mt19937 random(1);
  for (size_t i = 0; i < instance.plan().inputs.size(); ++i) {
    const MutableTensorView input = instance.input(i);
    if (input.type() != DataType::kFloat32) {
      std::memset(input.raw(), 0, input.num_bytes());
      continue;
    }
    for (int64_t k = 0; k < input.num_elements(); ++k) {
      input.data<float>()[k] = static_cast<float>(random() >> 8) * 0x1p-24f;
    }
  }
}

}  // namespace dnnd::engine
