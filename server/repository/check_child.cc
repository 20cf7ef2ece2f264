// The child's side of model_checker.h.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/engine.h"
#include "server/repository/engine_facts.h"
#include "server/repository/model_checker.h"

namespace dnnd::server {
namespace {

void Limit(int resource, int64_t most) {
  const rlimit limit{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

void LimitThisProcess(const ModelCheckLimits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlives the daemon
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);  // it writes no file
#ifndef DNND_SANITIZE      // whose shadow memory alone is more than any limit
  if (limits.memory_bytes > 0) {
    // Private writable memory. RLIMIT_AS would count address space that arenas only reserve.
    Limit(RLIMIT_DATA, limits.memory_bytes);
  }
#endif
  if (limits.cpu_seconds > 0) {
    Limit(RLIMIT_CPU, limits.cpu_seconds);
  }
}

absl::Status RunOnce(engine::Model& model) {
  // The smallest plan there is; what it does on lanes is measured when the daemon warms it up.
  engine::PrepareComputeThread(1);
  DNND_ASSIGN_OR_RETURN(const std::shared_ptr<const engine::Executable> executable,
                        model.Prepare(model.KeyFor(model.RowShapes(), 1, 1)));
  // Address space only: what is used of it counts.
  DNND_ASSIGN_OR_RETURN(std::shared_ptr<engine::LaneArenas> arenas, engine::LaneArenas::Reserve());
  engine::Lane lane(/*width=*/1, std::move(arenas));
  DNND_ASSIGN_OR_RETURN(engine::PlanInstance * instance, lane.Instance(executable));
  return instance->Run();
}

absl::Status LoadAndRun(const std::string& file, v1::ModelConfig::Precision precision) {
  engine::Model::Options options;
  DNND_ASSIGN_OR_RETURN(options.precision, ToEngine(precision));
  DNND_ASSIGN_OR_RETURN(const std::shared_ptr<engine::Model> model,
                        engine::LoadModelFile(file, options));
  const absl::Status status = RunOnce(*model);
  // The daemon's warm-up ends at the same error. At a limit it would not, for it has none.
  return MayServeOthers(model->signature(), status) ? absl::OkStatus() : status;
}

}  // namespace

int CheckModelAsChild(const std::string& file, v1::ModelConfig::Precision precision,
                      const ModelCheckLimits& limits) {
  LimitThisProcess(limits);
  const absl::Status status = LoadAndRun(file, precision);
  const std::string outcome = absl::StrCat(static_cast<int>(status.code()), "\n", status.message());
  return write(STDOUT_FILENO, outcome.data(), outcome.size()) < 0 ? 1 : 0;
}

}  // namespace dnnd::server
