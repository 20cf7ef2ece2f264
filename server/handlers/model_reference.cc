#include "server/handlers/model_reference.h"

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "server/handlers/errors.h"
#include "server/repository/scan.h"

namespace dnnd::server {

namespace {

constexpr absl::Duration kRetryAfterLoading = absl::Seconds(1);
constexpr size_t kMaxQuotedName = 130;

}  // namespace

absl::Status CheckModelName(const std::string& name) {
  if (IsModelName(name)) {
    return absl::OkStatus();
  }
  return WithField(
      WithReason(absl::InvalidArgumentError(absl::StrCat(
                     "got the model name \"", name.substr(0, kMaxQuotedName),
                     "\", want 1 to 128 letters, digits, '.', '_' or '-', the first a letter or "
                     "digit")),
                 kReasonInvalidRequest),
      "model.name");
}

absl::Status CheckVersion(int64_t version) {
  if (version >= 1) {
    return absl::OkStatus();
  }
  return WithField(
      WithReason(absl::InvalidArgumentError(absl::StrCat("got ", version, ", want 1 or more")),
                 kReasonInvalidRequest),
      "model.version");
}

absl::StatusOr<ModelHandle> FindModel(const Repository& repository, const VersionLabels& labels,
                                      const ModelReference& reference) {
  DNND_RETURN_IF_ERROR(CheckModelName(reference.name));
  std::optional<int64_t> version = reference.version;
  if (version.has_value()) {
    DNND_RETURN_IF_ERROR(CheckVersion(*version));
  }
  if (!reference.version_label.empty()) {
    version = labels.Find(reference.name, reference.version_label);
    if (!version.has_value()) {
      return WithReason(absl::NotFoundError(absl::StrCat(
                            "no version of model \"", reference.name, "\" carries the label \"",
                            reference.version_label.substr(0, kMaxQuotedName), "\"")),
                        kReasonModelNotFound, {{"model", reference.name}});
    }
  }
  absl::StatusOr<ModelHandle> found = repository.Find(reference.name, version);
  if (absl::IsUnavailable(found.status())) {
    return WithRetryAfter(
        WithReason(found.status(), kReasonModelLoading, {{"model", reference.name}}),
        kRetryAfterLoading);
  }
  if (absl::IsFailedPrecondition(found.status())) {
    const std::string model =
        version.has_value() ? absl::StrCat(reference.name, "@", *version) : reference.name;
    return WithReason(
        found.status(), kReasonModelNotLoaded,
        {{"model", reference.name}, {"hint", absl::StrCat("dnnctl models load ", model)}});
  }
  if (!found.ok()) {
    return WithReason(found.status(), kReasonModelNotFound, {{"model", reference.name}});
  }
  return found;
}

}  // namespace dnnd::server
