// Between a model's configuration and the detection heads of vision.
#ifndef DNND_SERVER_HANDLERS_DETECTION_CONFIG_H_
#define DNND_SERVER_HANDLERS_DETECTION_CONFIG_H_

#include <memory>

#include "dnnd/v1/config.pb.h"
#include "server/repository/resolve_config.h"
#include "server/repository/served_model.h"
#include "server/vision/detect.h"

namespace dnnd::server {

// What the model's graph says of its detection head. For EngineVersionLoader.
DetectorFacts RecogniseDetector(const engine::Model& model, const v1::ModelConfig& given);

// What reads the outputs of a detector; hangs on its ServedModel.
struct DetectorAttachment final : Attachment {
  std::unique_ptr<DetectionHead> head;
  DetectOptions defaults;  // of requests that say nothing
};

// Makes the head that the configuration in force names; nothing for models of other tasks.
// INVALID_ARGUMENT naming the field where the model's outputs are not that head's. For
// EngineVersionLoader.
absl::Status AttachDetector(ServedModel& served);

// REQUIRES: the model's task is DETECT.
inline const DetectorAttachment& DetectorOf(const ServedModel& model) {
  return static_cast<const DetectorAttachment&>(*model.outputs_reader);
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_DETECTION_CONFIG_H_
