#ifndef DNND_CLIENT_API_FILES_H_
#define DNND_CLIENT_API_FILES_H_

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace dnnd::client {

// The bytes of a file, or of `standard_input` for "-". NOT_FOUND or FAILED_PRECONDITION with the
// system's reason, RESOURCE_EXHAUSTED when there are more than `max_bytes`.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& standard_input,
                                     int64_t max_bytes);

// Writes the file anew.
absl::Status WriteFile(const std::string& path, absl::string_view bytes);

// `paths` with each folder replaced by the .jpg, .jpeg and .png files in it and, if `recursive`,
// below it, in the order of their names. INVALID_ARGUMENT for a folder unless `recursive`,
// NOT_FOUND for a path that is not there and for a folder without pictures.
absl::StatusOr<std::vector<std::string>> FindPictures(const std::vector<std::string>& paths,
                                                      bool recursive);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_FILES_H_
