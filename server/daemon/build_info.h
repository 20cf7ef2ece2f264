// What this daemon was built from and runs on.
#ifndef DNND_SERVER_DAEMON_BUILD_INFO_H_
#define DNND_SERVER_DAEMON_BUILD_INFO_H_

#include "dnnd/v1/admin.pb.h"

namespace dnnd::server {

v1::BuildInfo BuildInformation();

}  // namespace dnnd::server

#endif  // DNND_SERVER_DAEMON_BUILD_INFO_H_
