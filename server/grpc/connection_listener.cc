#include "server/grpc/connection_listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"

namespace dnnd::server {

namespace {

constexpr int kBacklog = 1024;
// How long to wait for a descriptor to become free. Nobody tells when that happens.
constexpr int kRestMilliseconds = 50;

absl::Status BindError(const Address& address, int error) {
  const std::string message =
      absl::StrCat("cannot listen on ", address.ToString(), ": ", std::strerror(error));
  if (error == EADDRINUSE) {
    return absl::AlreadyExistsError(absl::StrCat(message, " (is another dnnd running?)"));
  }
  return absl::UnavailableError(message);
}

// A listening socket on one resolved address, or -1 with errno set. SO_REUSEADDR lets a restarted
// daemon take its port back from connections that linger; SO_REUSEPORT, gRPC's default, would let
// two daemons share a port without either knowing.
int Listen(const addrinfo& candidate) {
  const int socket = ::socket(candidate.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (socket >= 0 && setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
      bind(socket, candidate.ai_addr, candidate.ai_addrlen) == 0 && listen(socket, kBacklog) == 0) {
    return socket;
  }
  const int error = errno;
  if (socket >= 0) {
    close(socket);
  }
  errno = error;
  return -1;
}

absl::StatusOr<int> ListenOn(const Address& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot resolve ", address.host, ": ", gai_strerror(failed)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> candidates(found, &freeaddrinfo);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* candidate = found; candidate != nullptr; candidate = candidate->ai_next) {
    const int socket = Listen(*candidate);
    if (socket >= 0) {
      return socket;
    }
    error = errno;
  }
  return BindError(address, error);
}

int PortOf(int socket) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return 0;
  }
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
}

ino_t InodeOf(int descriptor) {
  struct stat facts = {};
  return fstat(descriptor, &facts) == 0 ? facts.st_ino : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConnectionListener>> ConnectionListener::Create(
    const Address& address, int max_connections) {
  DNND_ASSIGN_OR_RETURN(const int listener, ListenOn(address));
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    close(listener);
    return absl::ResourceExhaustedError("no descriptor is free");
  }
  const Address bound{address.host, PortOf(listener)};
  return std::unique_ptr<ConnectionListener>(
      new ConnectionListener(bound, listener, wake, max_connections));
}

ConnectionListener::ConnectionListener(Address address, int listener, int wake, int max_connections)
    : address_(std::move(address)),
      max_connections_(max_connections),
      listener_(listener),
      wake_(wake) {}

ConnectionListener::~ConnectionListener() {
  Stop();
  close(wake_);
}

void ConnectionListener::Start(Take take) {
  thread_ = std::thread([this, take = std::move(take)] { Run(take); });
}

void ConnectionListener::Stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    eventfd_write(wake_, 1);
    thread_.join();
  }
  if (listener_ >= 0) {
    close(listener_);
    listener_ = -1;
  }
}

ConnectionListener::Counts ConnectionListener::counts() const {
  return {accepted_, refused_, accept_errors_};
}

int ConnectionListener::open_connections() {
  absl::MutexLock lock(&mutex_);
  connections_.erase(std::remove_if(connections_.begin(), connections_.end(),
                                    [](const auto& connection) {
                                      return InodeOf(connection.first) != connection.second;
                                    }),
                     connections_.end());
  return static_cast<int>(connections_.size());
}

void ConnectionListener::EndConnections() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [descriptor, inode] : connections_) {
    if (InodeOf(descriptor) == inode) {
      shutdown(descriptor, SHUT_RD);
    }
  }
}

void ConnectionListener::Remember(int descriptor) {
  absl::MutexLock lock(&mutex_);
  connections_.emplace_back(descriptor, InodeOf(descriptor));
}

void ConnectionListener::Run(const Take& take) {
  bool rest = false;
  while (!stopping_) {
    pollfd waits[2] = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    // While resting the listener is not looked at: it would be ready all the time.
    poll(waits, rest ? 1 : 2, rest ? kRestMilliseconds : -1);
    rest = false;
    if (!stopping_) {
      rest = !AcceptOne(take);
    }
  }
}

bool ConnectionListener::AcceptOne(const Take& take) {
  const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) {
    // The peer may be gone again; whatever else it is, trying again later cannot hurt.
    if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) {
      return true;
    }
    ++accept_errors_;
    return false;
  }
  if (open_connections() >= max_connections_) {
    ++refused_;
    close(descriptor);
    return true;
  }
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ++accepted_;
  Remember(descriptor);
  take(descriptor);
  return true;
}

}  // namespace dnnd::server
