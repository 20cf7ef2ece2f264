// Small questions that the configuration and the engine answer together.
#ifndef DNND_SERVER_REPOSITORY_ENGINE_FACTS_H_
#define DNND_SERVER_REPOSITORY_ENGINE_FACTS_H_

#include "absl/status/statusor.h"
#include "dnnd/v1/config.pb.h"
#include "engine/exec/model.h"

namespace dnnd::server {

// UNIMPLEMENTED for a precision that the engine does not have.
absl::StatusOr<engine::Precision> ToEngine(v1::ModelConfig::Precision precision);

// Whether requests may bring shapes that the model does not say: extents other than the batch that
// it leaves open.
bool HasOpenExtents(const engine::Signature& signature);

// Whether a model of which a run on made-up inputs ended with `status` may serve real ones all the
// same: shapes that were guessed may not fit the graph, and zeros may show nothing to go on with
// where data decide what is computed. Its requests tell.
bool MayServeOthers(const engine::Signature& signature, const absl::Status& status);

// Whether the graph's only output is what Softmax or Sigmoid gave, perhaps under another shape.
bool EndsInScores(const engine::Graph& graph);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_ENGINE_FACTS_H_
