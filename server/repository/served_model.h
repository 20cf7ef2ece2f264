// A version of a model in memory, warm.
#ifndef DNND_SERVER_REPOSITORY_SERVED_MODEL_H_
#define DNND_SERVER_REPOSITORY_SERVED_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "dnnd/v1/config.pb.h"
#include "server/telemetry/model_metrics.h"

namespace dnnd::engine {
class Model;
}  // namespace dnnd::engine

namespace dnnd::server {

// What a room above hangs onto a version while it is loaded (batching: its queue; handlers: what
// reads its outputs). It goes with the version.
class Attachment {
 public:
  virtual ~Attachment() = default;
};

// Immutable once it is published; the engine's model and the attachment synchronise themselves.
struct ServedModel {
  std::string name;
  int64_t version = 0;
  std::shared_ptr<engine::Model> model;
  v1::ModelConfig config;            // in force: what was assumed is filled in
  std::vector<std::string> assumed;  // what no configuration said, one sentence each
  std::vector<std::string> labels;   // by class; empty without a labels file
  int64_t weight_bytes = 0;
  int64_t arena_bytes = 0;
  absl::Duration load_duration;
  std::shared_ptr<ModelMetrics> metrics;
  std::unique_ptr<Attachment> attachment;
  std::unique_ptr<Attachment> outputs_reader;  // of detectors; null for all others
};

// Keeps the version in memory. A request holds one from its admission to its answer; when a version
// is replaced or unloaded, it goes with the last holder, on a thread of the repository.
using ModelHandle = std::shared_ptr<const ServedModel>;

// What a load starts from.
struct VersionSource {
  std::string name;
  int64_t version = 0;
  std::string folder;  // of the model: configuration and labels
  std::string file;    // model.onnx
  std::shared_ptr<ModelMetrics> metrics;
};

// Makes a version ready to serve. Called from one thread.
class VersionLoader {
 public:
  virtual ~VersionLoader() = default;
  // Reads, plans and warms. May take long; holds up nothing that serves. Any error makes the
  // version UNAVAILABLE, with its message as the reason.
  virtual absl::StatusOr<std::unique_ptr<ServedModel>> Load(const VersionSource& source) = 0;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_SERVED_MODEL_H_
