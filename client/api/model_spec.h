#ifndef DNND_CLIENT_API_MODEL_SPEC_H_
#define DNND_CLIENT_API_MODEL_SPEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "dnnd/v1/common.pb.h"

namespace dnnd::client {

// Reads NAME, NAME@3 (a version) or NAME@stable (a label). INVALID_ARGUMENT for an empty part or a
// version below 1.
absl::StatusOr<dnnd::v1::ModelSpec> ParseModelSpec(absl::string_view text);

// The inverse, with control characters made harmless.
std::string ModelSpecText(const dnnd::v1::ModelSpec& spec);

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_MODEL_SPEC_H_
