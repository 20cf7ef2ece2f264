// One wording for every number that is out of range.
#ifndef DNND_SERVER_CONFIG_CHECK_RANGE_H_
#define DNND_SERVER_CONFIG_CHECK_RANGE_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace dnnd::server {

inline constexpr int64_t kNoMost = std::numeric_limits<int64_t>::max();

// INVALID_ARGUMENT naming `field`, what was got and what was wanted, unless least <= value <= most.
absl::Status CheckRange(absl::string_view field, int64_t value, int64_t least, int64_t most);

}  // namespace dnnd::server

#endif  // DNND_SERVER_CONFIG_CHECK_RANGE_H_
