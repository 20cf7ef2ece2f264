// What speed and explain run: a model, the shapes of one run, and its width.
#ifndef DNND_ENGINE_DNNBENCH_WORKLOAD_H_
#define DNND_ENGINE_DNNBENCH_WORKLOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "engine/exec/model.h"
#include "engine/exec/plan_instance.h"

namespace dnnd::engine {

struct WorkloadOptions {
  std::string model;
  int64_t batch = 0;  // 0: as the model or --shape has it
  int threads = 0;    // 0: every CPU that the process may use
  std::string precision = "f32";
  std::vector<std::string> shapes;  // "name:1,3,224,224"
};

// Adds --model, --batch, --threads, --precision and --shape.
void AddWorkloadOptions(CLI::App& command, WorkloadOptions& options);

struct Workload {
  std::shared_ptr<Model> model;
  std::vector<Shape> shapes;  // by input
  int64_t batch = 1;          // rows of one run
  int threads = 1;            // of all lanes together
};

// INVALID_ARGUMENT where an option does not fit the model; errors of loading.
absl::StatusOr<Workload> LoadWorkload(const WorkloadOptions& options);

// Fills the inputs with the same numbers every time: floats in [0, 1), zero for other types.
void FillInputs(PlanInstance& instance);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_DNNBENCH_WORKLOAD_H_
