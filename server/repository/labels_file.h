// The file with a model's labels, beside its configuration.
#ifndef DNND_SERVER_REPOSITORY_LABELS_FILE_H_
#define DNND_SERVER_REPOSITORY_LABELS_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace dnnd::server {

// The text of <folder>/<configured>, or of labels.txt when none is configured: empty then if there
// is no such file. Every error begins with the file's name: INVALID_ARGUMENT as "labels.txt:3: …"
// for a line that is not UTF-8, INVALID_ARGUMENT for a link or a file that is too large, NOT_FOUND
// where a configured one is missing.
absl::StatusOr<std::string> ReadLabelsFile(const std::string& folder,
                                           const std::string& configured);

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_LABELS_FILE_H_
