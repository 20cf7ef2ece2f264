#include "server/repository/engine_version_loader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/utf8.h"
#include "engine/engine.h"
#include "server/config/model_config.h"
#include "server/repository/engine_facts.h"
#include "server/repository/labels_file.h"
#include "server/repository/resolve_config.h"

namespace dnnd::server {
namespace {

// A name that no string of a reply or a request can hold is one that nobody could ask for.
absl::Status CheckNames(const engine::Signature& signature) {
  for (const auto* specs : {&signature.inputs, &signature.outputs}) {
    for (size_t i = 0; i < specs->size(); ++i) {
      if (engine::FindNotUtf8((*specs)[i].name).has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat(specs == &signature.inputs ? "input " : "output ", i, ": its name \"",
                         engine::ToUtf8((*specs)[i].name), "\" is not UTF-8"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServedModel>> EngineVersionLoader::Load(
    const VersionSource& source) {
  auto served = std::make_unique<ServedModel>();
  served->name = source.name;
  served->version = source.version;
  served->metrics = source.metrics;
  DNND_ASSIGN_OR_RETURN(const v1::ModelConfig given, ReadModelConfig(source.folder));
  DNND_ASSIGN_OR_RETURN(const std::string labels,
                        ReadLabelsFile(source.folder, given.labels_file()));
  served->labels = options_.parse_labels(labels);
  const v1::ModelConfig::Precision precision =
      given.precision() == v1::ModelConfig::PRECISION_UNSPECIFIED ? options_.default_precision
                                                                  : given.precision();
  engine::Model::Options engine_options;
  DNND_ASSIGN_OR_RETURN(engine_options.precision, ToEngine(precision));
  DNND_RETURN_IF_ERROR(checker_.Check(source.file, precision));
  DNND_ASSIGN_OR_RETURN(served->model, engine::LoadModelFile(source.file, engine_options));
  ModelFacts facts;
  facts.signature = served->model->signature();
  DNND_RETURN_IF_ERROR(CheckNames(facts.signature));
  facts.ends_in_scores = EndsInScores(served->model->graph());
  facts.label_count = static_cast<int64_t>(served->labels.size());
  facts.default_precision = options_.default_precision;
  facts.detector = options_.recognise_detector(*served->model, given);
  DNND_ASSIGN_OR_RETURN(ResolvedConfig resolved, ResolveConfig(given, facts));
  served->config = std::move(resolved.config);
  served->assumed = std::move(resolved.assumed);
  DNND_RETURN_IF_ERROR(options_.attach_detector(*served));
  DNND_RETURN_IF_ERROR(options_.warm_up(*served));
  return served;
}

}  // namespace dnnd::server
