// What the operating system says, as a status.
#ifndef DNND_ENGINE_BASE_ERRNO_STATUS_H_
#define DNND_ENGINE_BASE_ERRNO_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dnnd::engine {

// "<what>: <strerror(error)>". NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (the disk is full)
// and INVALID_ARGUMENT (a link that must not be followed) where `error` means that, else INTERNAL:
// never OK.
absl::Status ErrnoStatus(int error, absl::string_view what);

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_BASE_ERRNO_STATUS_H_
