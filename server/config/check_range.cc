#include "server/config/check_range.h"

#include "absl/strings/str_cat.h"

namespace dnnd::server {

absl::Status CheckRange(absl::string_view field, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      most == kNoMost ? absl::StrCat(field, ": got ", value, ", want ", least, " or more")
                      : absl::StrCat(field, ": got ", value, ", want ", least, " to ", most));
}

}  // namespace dnnd::server
