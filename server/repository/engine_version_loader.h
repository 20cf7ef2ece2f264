// Loads versions into the engine: checked in a child, configured, warm.
#ifndef DNND_SERVER_REPOSITORY_ENGINE_VERSION_LOADER_H_
#define DNND_SERVER_REPOSITORY_ENGINE_VERSION_LOADER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/repository/model_checker.h"
#include "server/repository/resolve_config.h"
#include "server/repository/served_model.h"

namespace dnnd::server {

// The steps of a load, in order; the first that fails ends it:
//   read configuration and labels → check the file in a child process → load it → resolve the
//   configuration against the model → make what reads its outputs → warm up
class EngineVersionLoader final : public VersionLoader {
 public:
  struct Options {
    v1::ModelConfig::Precision default_precision = v1::ModelConfig::F32;
    // From the text of a labels file to one label for each class.
    std::function<std::vector<std::string>(absl::string_view)> parse_labels;
    // What the graph says of a detection head.
    std::function<DetectorFacts(const engine::Model&, const v1::ModelConfig& given)>
        recognise_detector;
    // Hangs on what reads the outputs of a detector.
    std::function<absl::Status(ServedModel&)> attach_detector;
    // Plans and measures the model, sets its bytes, and hangs on what serves it (its queue).
    std::function<absl::Status(ServedModel&)> warm_up;
  };
  // `checker` outlives it.
  EngineVersionLoader(Options options, ModelChecker& checker)
      : options_(std::move(options)), checker_(checker) {}

  absl::StatusOr<std::unique_ptr<ServedModel>> Load(const VersionSource& source) override;

 private:
  const Options options_;
  ModelChecker& checker_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_ENGINE_VERSION_LOADER_H_
