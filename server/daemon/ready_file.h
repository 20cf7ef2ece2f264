// How a script learns that the daemon is ready, and where.
#ifndef DNND_SERVER_DAEMON_READY_FILE_H_
#define DNND_SERVER_DAEMON_READY_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "server/config/address.h"

namespace dnnd::server {

// Writes {"grpc_address": …, "http_address": …, "pid": …} into `path`, whole: whoever sees the file
// sees all of it. The error of the system when it cannot be written.
absl::Status WriteReadyFile(const std::string& path, const Address& grpc, const Address& http);

// So that nobody takes a daemon that is gone for one that is ready. Nothing happens without the
// file, or with an empty path.
void RemoveReadyFile(const std::string& path);

}  // namespace dnnd::server

#endif  // DNND_SERVER_DAEMON_READY_FILE_H_
