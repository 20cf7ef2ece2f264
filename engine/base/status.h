// The error language of the engine: absl::Status and absl::StatusOr, with the two macros that pass
// an error on.
//
// A code says whether a retry may help: UNAVAILABLE and RESOURCE_EXHAUSTED may, every other one is
// permanent. A message says what was got and what was wanted.
#ifndef DNND_ENGINE_BASE_STATUS_H_
#define DNND_ENGINE_BASE_STATUS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace dnnd::engine {

// `status` with "context: " before its message; OK stays OK, payloads stay.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

}  // namespace dnnd::engine

#define DNND_RETURN_IF_ERROR(expression)                                \
  do {                                                                  \
    if (absl::Status dnnd_status_ = (expression); !dnnd_status_.ok()) { \
      return dnnd_status_;                                              \
    }                                                                   \
  } while (false)

#define DNND_STATUS_CONCAT_INNER_(a, b) a##b
#define DNND_STATUS_CONCAT_(a, b) DNND_STATUS_CONCAT_INNER_(a, b)

#define DNND_ASSIGN_OR_RETURN(declaration, expression)                                     \
  DNND_ASSIGN_OR_RETURN_IMPL_(DNND_STATUS_CONCAT_(dnnd_status_or_, __LINE__), declaration, \
                              expression)
#define DNND_ASSIGN_OR_RETURN_IMPL_(status_or, declaration, expression) \
  auto status_or = (expression);                                        \
  if (!status_or.ok()) {                                                \
    return std::move(status_or).status();                               \
  }                                                                     \
  declaration = std::move(status_or).value()

#endif  // DNND_ENGINE_BASE_STATUS_H_
