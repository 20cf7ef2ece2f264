#include "client/api/version.h"

namespace dnnd::client {

absl::string_view Version() { return DNND_VERSION; }

}  // namespace dnnd::client
