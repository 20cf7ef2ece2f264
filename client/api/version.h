#ifndef DNND_CLIENT_API_VERSION_H_
#define DNND_CLIENT_API_VERSION_H_

#include "absl/strings/string_view.h"

namespace dnnd::client {

// Version of dnnctl, such as "0.1.0".
absl::string_view Version();

}  // namespace dnnd::client

#endif  // DNND_CLIENT_API_VERSION_H_
