#include "server/store/version_labels.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {
namespace {

constexpr size_t kMaxLabel = 64;

}  // namespace

bool IsVersionLabel(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxLabel && absl::ascii_isalpha(text[0]) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
         });
}

absl::StatusOr<std::unique_ptr<VersionLabels>> VersionLabels::Read(StateDb& db) {
  std::unique_ptr<VersionLabels> labels(new VersionLabels(db));
  DNND_RETURN_IF_ERROR(
      db.Run("SELECT model, label, version FROM version_labels", {}, [&](const StateDb::Row& row) {
        labels->labels_[std::get<std::string>(row.at(0))][std::get<std::string>(row.at(1))] =
            std::get<int64_t>(row.at(2));
      }));
  return labels;
}

std::optional<int64_t> VersionLabels::Find(const std::string& model,
                                           const std::string& label) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto of_model = labels_.find(model);
  if (of_model == labels_.end()) {
    return std::nullopt;
  }
  const auto found = of_model->second.find(label);
  return found == of_model->second.end() ? std::nullopt : std::optional<int64_t>(found->second);
}

VersionLabels::OfModel VersionLabels::Of(const std::string& model) const {
  const std::shared_lock<std::shared_mutex> lock(mutex_);
  const auto found = labels_.find(model);
  return found == labels_.end() ? OfModel() : found->second;
}

absl::Status VersionLabels::Set(const std::string& model, const std::string& label,
                                int64_t version) {
  const std::lock_guard<std::mutex> changing(changing_);
  DNND_RETURN_IF_ERROR(
      db_.Run("INSERT OR REPLACE INTO version_labels (model, label, version) VALUES (?, ?, ?)",
              {model, label, version}));
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  labels_[model][label] = version;
  return absl::OkStatus();
}

absl::Status VersionLabels::Remove(const std::string& model, const std::string& label) {
  const std::lock_guard<std::mutex> changing(changing_);
  if (!Find(model, label).has_value()) {
    return absl::NotFoundError(
        absl::StrCat("no version of model \"", model, "\" carries the label \"", label, "\""));
  }
  DNND_RETURN_IF_ERROR(
      db_.Run("DELETE FROM version_labels WHERE model = ? AND label = ?", {model, label}));
  const std::unique_lock<std::shared_mutex> lock(mutex_);
  labels_[model].erase(label);
  return absl::OkStatus();
}

}  // namespace dnnd::server
