#include "server/grpc/connection_listener.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/synchronization/mutex.h"
#include "tests/testing/status_matchers.h"

namespace dnnd::server {
namespace {

using ::dnnd::testing::IsOk;
using ::dnnd::testing::StatusIs;

// How long anything here may take on a machine that is busy.
constexpr absl::Duration kPatience = absl::Seconds(30);

// Closes itself.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~Socket() { Close(); }
  void Close() {
    if (descriptor_ >= 0) {
      close(std::exchange(descriptor_, -1));
    }
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

Socket Unconnected() { return Socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

bool Connect(const Socket& socket, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(socket.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

// Whether the peer has closed; waits for it.
bool IsClosedByPeer(const Socket& socket) {
  char byte;
  return recv(socket.descriptor(), &byte, 1, 0) == 0;
}

// Keeps what was accepted open until it goes.
class Taken {
 public:
  void Take(int descriptor) {
    absl::MutexLock lock(&mutex_);
    sockets_.emplace_back(descriptor);
  }
  bool WaitFor(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] {
      mutex_.AssertHeld();
      return sockets_.size() >= count;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
  }
  void CloseAll() {
    absl::MutexLock lock(&mutex_);
    sockets_.clear();
  }

 private:
  absl::Mutex mutex_;
  std::vector<Socket> sockets_;
};

std::unique_ptr<ConnectionListener> Listen(int max_connections, Taken& taken) {
  auto listener = ConnectionListener::Create({"127.0.0.1", 0}, max_connections).value();
  listener->Start([&taken](int descriptor) { taken.Take(descriptor); });
  return listener;
}

// Uses up every descriptor that the process may have, until it goes.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit low = before_;
    low.rlim_cur = 128;
    setrlimit(RLIMIT_NOFILE, &low);
    for (int copy = dup(0); copy >= 0; copy = dup(0)) {
      copies_.emplace_back(copy);
    }
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_ = {};
  std::vector<Socket> copies_;
};

TEST(ConnectionListener, GoesOnAcceptingAfterTheDescriptorsRanOut) {
  Taken taken;
  const auto listener = Listen(10, taken);
  const Socket client = Unconnected();
  {
    const NoDescriptors none;
    ASSERT_TRUE(Connect(client, listener->address().port));  // by the kernel
    const absl::Time end = absl::Now() + kPatience;
    while (listener->counts().accept_errors == 0 && absl::Now() < end) {
      std::this_thread::yield();
    }
    EXPECT_GT(listener->counts().accept_errors, 0);
  }
  EXPECT_TRUE(taken.WaitFor(1));
  EXPECT_EQ(listener->counts().accepted, 1);
}

TEST(ConnectionListener, ClosesConnectionsAboveTheBoundAndTakesNewOnesWhenOthersEnd) {
  Taken taken;
  const auto listener = Listen(2, taken);
  const Socket a = Unconnected();
  const Socket b = Unconnected();
  const Socket c = Unconnected();
  ASSERT_TRUE(Connect(a, listener->address().port));
  ASSERT_TRUE(Connect(b, listener->address().port));
  ASSERT_TRUE(taken.WaitFor(2));
  EXPECT_EQ(listener->open_connections(), 2);
  ASSERT_TRUE(Connect(c, listener->address().port));
  EXPECT_TRUE(IsClosedByPeer(c));
  EXPECT_EQ(listener->counts().refused, 1);
  taken.CloseAll();
  EXPECT_EQ(listener->open_connections(), 0);
  const Socket d = Unconnected();
  ASSERT_TRUE(Connect(d, listener->address().port));
  EXPECT_TRUE(taken.WaitFor(1));
}

TEST(ConnectionListener, RefusesConnectionsOnceItStopped) {
  Taken taken;
  const auto listener = Listen(2, taken);
  listener->Stop();
  EXPECT_FALSE(Connect(Unconnected(), listener->address().port));
}

TEST(ConnectionListener, SaysWhyAnAddressCannotBeHad) {
  EXPECT_THAT(ConnectionListener::Create({"192.0.2.1", 0}, 1).status(),
              StatusIs(absl::StatusCode::kUnavailable, ::testing::HasSubstr("192.0.2.1")));
  EXPECT_THAT(ConnectionListener::Create({"no.such.host.invalid", 0}, 1).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("resolve")));
}

}  // namespace
}  // namespace dnnd::server
