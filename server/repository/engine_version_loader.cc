#include "server/repository/engine_version_loader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/byte_source.h"
#include "engine/base/status.h"
#include "engine/engine.h"
#include "server/config/model_config.h"
#include "server/repository/engine_facts.h"
#include "server/repository/resolve_config.h"

namespace dnnd::server {
namespace {

constexpr char kUsualLabels[] = "labels.txt";
// A thousand times the largest list of classes that we know.
constexpr int64_t kMaxLabelBytes = 32 << 20;

}  // namespace

absl::StatusOr<std::vector<std::string>> EngineVersionLoader::ReadLabels(
    const std::string& folder, const std::string& configured) const {
  const std::string name = configured.empty() ? kUsualLabels : configured;
  const auto file = engine::OpenFileBeneath(folder, name);
  if (absl::IsNotFound(file.status()) && configured.empty()) {
    return std::vector<std::string>();
  }
  if (!file.ok()) {
    return engine::Annotate(file.status(), "labels_file");
  }
  if ((*file)->size() > kMaxLabelBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": got ", (*file)->size(), " bytes, want at most ", kMaxLabelBytes));
  }
  std::string text((*file)->size(), '\0');
  DNND_RETURN_IF_ERROR((*file)->Read(0, (*file)->size(), text.data()));
  return options_.parse_labels(text);
}

absl::StatusOr<std::unique_ptr<ServedModel>> EngineVersionLoader::Load(
    const VersionSource& source) {
  auto served = std::make_unique<ServedModel>();
  served->name = source.name;
  served->version = source.version;
  served->metrics = source.metrics;
  DNND_ASSIGN_OR_RETURN(const v1::ModelConfig given, ReadModelConfig(source.folder));
  DNND_ASSIGN_OR_RETURN(served->labels, ReadLabels(source.folder, given.labels_file()));
  const v1::ModelConfig::Precision precision =
      given.precision() == v1::ModelConfig::PRECISION_UNSPECIFIED ? options_.default_precision
                                                                  : given.precision();
  engine::Model::Options engine_options;
  DNND_ASSIGN_OR_RETURN(engine_options.precision, ToEngine(precision));
  DNND_RETURN_IF_ERROR(checker_.Check(source.file, precision));
  DNND_ASSIGN_OR_RETURN(served->model, engine::LoadModelFile(source.file, engine_options));
  ModelFacts facts;
  facts.signature = served->model->signature();
  facts.ends_in_scores = EndsInScores(served->model->graph());
  facts.label_count = static_cast<int64_t>(served->labels.size());
  facts.default_precision = options_.default_precision;
  DNND_ASSIGN_OR_RETURN(ResolvedConfig resolved, ResolveConfig(given, facts));
  served->config = std::move(resolved.config);
  served->assumed = std::move(resolved.assumed);
  DNND_RETURN_IF_ERROR(options_.warm_up(*served));
  return served;
}

}  // namespace dnnd::server
