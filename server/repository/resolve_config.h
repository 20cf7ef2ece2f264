// From what a configuration says and what a model is to the configuration in force: a pure
// function.
#ifndef DNND_SERVER_REPOSITORY_RESOLVE_CONFIG_H_
#define DNND_SERVER_REPOSITORY_RESOLVE_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dnnd/v1/config.pb.h"
#include "engine/exec/signature.h"

namespace dnnd::server {

// What the model's graph says of its detection head, if it is a detector's.
struct DetectorFacts {
  // The configured or recognised one; KIND_UNSPECIFIED where there is none.
  v1::DetectionHead::Kind kind = v1::DetectionHead::KIND_UNSPECIFIED;
  std::string possible;       // where none was recognised: names of those that come into question
  v1::Preprocess preprocess;  // what detectors of this kind want; width and height are open
};

// What is known of a model beside its configuration.
struct ModelFacts {
  engine::Signature signature;
  bool ends_in_scores = false;  // its output comes from Softmax or Sigmoid
  int64_t label_count = 0;
  v1::ModelConfig::Precision default_precision = v1::ModelConfig::F32;
  DetectorFacts detector;
};

struct ResolvedConfig {
  v1::ModelConfig config;            // every field that applies is set
  std::vector<std::string> assumed;  // what was not said, one sentence each
};

// Tells of a labels file with so many lines for outputs of so many classes. Nothing where they fit,
// or where either is not known (0).
void AssumeLabels(int64_t lines, int64_t classes, std::vector<std::string>* assumed);

// INVALID_ARGUMENT naming the field where the configuration contradicts the model, or leaves open
// what a task needs.
absl::StatusOr<ResolvedConfig> ResolveConfig(const v1::ModelConfig& given, const ModelFacts& facts);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_RESOLVE_CONFIG_H_
