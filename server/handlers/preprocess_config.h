// From a model's configuration to the options of vision.
#ifndef DNND_SERVER_HANDLERS_PREPROCESS_CONFIG_H_
#define DNND_SERVER_HANDLERS_PREPROCESS_CONFIG_H_

#include "dnnd/v1/config.pb.h"
#include "engine/tensor/data_type.h"
#include "server/vision/classify.h"
#include "server/vision/preprocess.h"

namespace dnnd::server {

// `config` has every field filled in, as a loaded version's has; `type` is the model's input type.
PreprocessOptions ToOptions(const v1::Preprocess& config, engine::DataType type);

Activation ToActivation(v1::ModelConfig::ScoreActivation activation);

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_PREPROCESS_CONFIG_H_
