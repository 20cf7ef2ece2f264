// A model's own configuration file, MODEL_STORE/<name>/config.textproto.
#ifndef DNND_SERVER_CONFIG_MODEL_CONFIG_H_
#define DNND_SERVER_CONFIG_MODEL_CONFIG_H_

#include <string>

#include "absl/status/statusor.h"
#include "dnnd/v1/config.pb.h"

namespace dnnd::server {

// Checks what can be judged without the model: ranges, lengths, file names. INVALID_ARGUMENT naming
// the field, what was got and what was wanted.
absl::Status ValidateModelConfig(const v1::ModelConfig& config);

// Reads and validates <folder>/config.textproto; without such a file, a configuration that says
// nothing. INVALID_ARGUMENT as "path:line:column: …" or as above.
absl::StatusOr<v1::ModelConfig> ReadModelConfig(const std::string& folder);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_MODEL_CONFIG_H_
