// A model's own configuration file, MODEL_STORE/<name>/config.textproto.
#ifndef DNND_SERVER_CONFIG_MODEL_CONFIG_H_
#define DNND_SERVER_CONFIG_MODEL_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dnnd/v1/config.pb.h"

namespace dnnd::server {

// A field whose value cannot be, whatever the model.
struct ConfigFault {
  std::string field;    // its path: "preprocess.width"
  std::string message;  // "got -1, want 1 to 16384"
};

// Checks what can be judged without the model: ranges, lengths, file names.
std::vector<ConfigFault> FindFaults(const v1::ModelConfig& config);

// Reads and checks <folder>/config.textproto; without such a file, a configuration that says
// nothing. INVALID_ARGUMENT as "path:line:column: …" for the first fault, RESOURCE_EXHAUSTED for a
// file that is no configuration by its size, or the error of reading.
absl::StatusOr<v1::ModelConfig> ReadModelConfig(const std::string& folder);

// Every fault that ReadModelConfig would tell of, in the same words; none when it is fine or there
// is no file.
std::vector<std::string> FindFaultsOfFile(const std::string& folder);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_MODEL_CONFIG_H_
