// Accepts connections for gRPC. Its own listener, in this version, stops for good after one failed
// accept (CVE-2023-4785): after a flood has used up the descriptors the daemon would be off the
// network although descriptors are free again. This one counts the failure and goes on; it also
// bounds how many connections are open, and never shares its port with another process.
#ifndef DNND_SERVER_GRPC_CONNECTION_LISTENER_H_
#define DNND_SERVER_GRPC_CONNECTION_LISTENER_H_

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/config/address.h"

namespace dnnd::server {

// Thread-safe, but for Start and Stop, which the owner calls once each, in that order.
class ConnectionListener {
 public:
  // What happened so far.
  struct Counts {
    int64_t accepted = 0;
    int64_t refused = 0;        // closed at once: too many were open
    int64_t accept_errors = 0;  // mostly: no descriptor was free
  };
  // Takes ownership of the descriptor of a new connection.
  using Take = std::function<void(int descriptor)>;

  // Binds and listens; connections wait in the kernel until Start. ALREADY_EXISTS when somebody
  // listens there, INVALID_ARGUMENT or UNAVAILABLE when the address cannot be had.
  static absl::StatusOr<std::unique_ptr<ConnectionListener>> Create(const Address& address,
                                                                    int max_connections);
  ~ConnectionListener();
  ConnectionListener(const ConnectionListener&) = delete;
  ConnectionListener& operator=(const ConnectionListener&) = delete;

  // With the port that was taken.
  const Address& address() const { return address_; }

  void Start(Take take);

  // Closes the port: new connections are refused by the kernel. Those accepted live on.
  void Stop();

  // Tells gRPC that the peers are through, so that it closes every connection that is open: a
  // client then sees UNAVAILABLE and asks elsewhere. (gRPC's own shutdown answers calls that come
  // meanwhile with CANCELLED, which no client tries again.)
  void EndConnections() ABSL_LOCKS_EXCLUDED(mutex_);

  Counts counts() const;
  int open_connections() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  ConnectionListener(Address address, int listener, int wake, int max_connections);

  void Run(const Take& take);
  // False when the loop should rest, for descriptors are short.
  bool AcceptOne(const Take& take);
  void Remember(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  const Address address_;
  const int max_connections_;
  int listener_;
  int wake_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> accepted_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> accept_errors_{0};

  absl::Mutex mutex_;
  // Descriptor and inode of every connection that was open when last looked. gRPC owns the
  // descriptors and does not say when it closes one; an inode never lies about that.
  std::vector<std::pair<int, ino_t>> connections_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_GRPC_CONNECTION_LISTENER_H_
