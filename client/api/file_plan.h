#ifndef DNND_CLIENT_API_FILE_PLAN_H_
#define DNND_CLIENT_API_FILE_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dnnd::client {

// Where to write a file for each of `pictures`. For one picture it is `target`; for several, or
// where `target` is a folder or ends with a slash, files in that folder, which is made: the
// picture's name with `ending` in place of its own, with "-2" and so on where two share it.
// INVALID_ARGUMENT when `target` is or looks like a file and there are several pictures, when its
// folder is not there or its name promises another format, or when a picture would be overwritten;
// FAILED_PRECONDITION with the system's reason.
absl::StatusOr<std::vector<std::string>> PlanFiles(const std::string& target,
                                                   const std::vector<std::string>& pictures,
                                                   const std::string& ending);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_FILE_PLAN_H_
