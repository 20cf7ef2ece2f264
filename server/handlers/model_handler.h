// Lists and changes what is served.
#ifndef DNND_SERVER_HANDLERS_MODEL_HANDLER_H_
#define DNND_SERVER_HANDLERS_MODEL_HANDLER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "dnnd/v1/models.pb.h"
#include "server/handlers/admission.h"
#include "server/handlers/call.h"
#include "server/handlers/request_record.h"
#include "server/repository/repository.h"
#include "server/store/version_labels.h"

namespace dnnd::server {

// Thread-safe. Everything that it is given outlives it.
class ModelHandler {
 public:
  enum class Change { kLoad, kUnload, kReload };

  struct ChangeRequest {
    Change change = Change::kLoad;
    std::string name;
    std::optional<int64_t> version;
    bool wait = true;  // answer at the end state, not at once
  };

  struct LabelRequest {
    std::string name;
    std::string label;
    std::optional<int64_t> version;  // none: the label is taken away
  };

  ModelHandler(Repository& repository, VersionLabels& labels, Admission& admission,
               Telemetry telemetry)
      : repository_(repository), labels_(labels), admission_(admission), telemetry_(telemetry) {}

  v1::ListModelsResponse List(const Call& call) const;

  // INVALID_ARGUMENT (INVALID_REQUEST), NOT_FOUND (MODEL_NOT_FOUND).
  absl::StatusOr<v1::Model> Get(const Call& call, const std::string& name,
                                std::optional<int64_t> version) const;

  // Answers with the model as it is then. Errors: those of Get; FAILED_PRECONDITION
  // (MODEL_LOAD_FAILED) when the model itself is at fault; ABORTED (MODEL_CHANGED) when an unload
  // overtook the load, or a load the unload; RESOURCE_EXHAUSTED (MEMORY_BUDGET, or QUEUE_FULL when
  // too many loads wait); UNAVAILABLE (SERVER_DRAINING).
  void Apply(const Call& call, const ChangeRequest& request, Done<v1::Model> done);

  // Sets, moves or takes away a label; on the disk on return, for which it blocks. Answers with the
  // model as it is then. INVALID_ARGUMENT (INVALID_REQUEST) for a name or label that cannot be;
  // FindModel's errors for the version; NOT_FOUND when there is no such label to take away.
  absl::StatusOr<v1::Model> SetLabel(const Call& call, const LabelRequest& request);

 private:
  absl::Status ChangeLabel(const LabelRequest& request);
  absl::StatusOr<v1::Model> Describe(const std::string& name) const;
  bool Start(const ChangeRequest& request, Repository::Done done);

  Repository& repository_;
  VersionLabels& labels_;
  Admission& admission_;
  const Telemetry telemetry_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_MODEL_HANDLER_H_
