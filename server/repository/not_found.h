// The words for what the store does not hold.
#ifndef DNND_SERVER_REPOSITORY_NOT_FOUND_H_
#define DNND_SERVER_REPOSITORY_NOT_FOUND_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace dnnd::server {

inline absl::Status NoSuchModel(const std::string& name) {
  return absl::NotFoundError(absl::StrCat("no model \"", name, "\""));
}

inline absl::Status NoSuchVersion(const std::string& name, int64_t version) {
  return absl::NotFoundError(absl::StrCat("model \"", name, "\" has no version ", version));
}

}  // namespace dnnd::server

#endif  // DNND_SERVER_REPOSITORY_NOT_FOUND_H_
