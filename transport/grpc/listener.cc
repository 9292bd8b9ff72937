#include "transport/grpc/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace weir::remote {
namespace {

constexpr int kBacklog = 1024;
// Out of descriptors: the connection waits in the backlog, and so do we.
constexpr int kPauseMillis = 100;

absl::Status SocketError(const Address& address, const char* what) {
  const std::string message = absl::StrCat("serve at ", address, ": ", what, ": ", strerror(errno));
  switch (errno) {
    case EADDRINUSE:
      return absl::AlreadyExistsError(absl::StrCat(message, "; another process serves there"));
    case EADDRNOTAVAIL:
      return absl::InvalidArgumentError(
          absl::StrCat(message, "; the host must be an address of this machine"));
    case EACCES:
      return absl::PermissionDeniedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

struct HostAndPort {
  std::string host;
  std::string port;
};

absl::StatusOr<HostAndPort> Split(const Address& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", address, "' is no address: it has the form host:port"));
  }
  HostAndPort parts{address.substr(0, colon), address.substr(colon + 1)};
  uint32_t port;
  if (!absl::SimpleAtoi(parts.port, &port) || port > 65'535) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", address, "' is no address: its port is not a number up to 65535"));
  }
  if (parts.host.size() > 2 && parts.host.front() == '[' && parts.host.back() == ']') {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

absl::StatusOr<Descriptor> Bind(const Address& address, const addrinfo& where) {
  Descriptor socket(::socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return SocketError(address, "socket");
  // Connections of an earlier process that linger do not keep the port.
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket.get(), where.ai_addr, where.ai_addrlen) != 0) {
    return SocketError(address, "bind");
  }
  if (::listen(socket.get(), kBacklog) != 0) return SocketError(address, "listen");
  return socket;
}

int PortOf(int socket) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  WEIR_CHECK_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size), 0);
  // The port is at the same place for IPv4 and IPv6.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int Descriptor::Release() { return std::exchange(fd_, -1); }

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const Address& address) {
  WEIR_ASSIGN_OR_RETURN(const HostAndPort parts, Split(address));
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found)) {
    return absl::InvalidArgumentError(
        absl::StrCat("serve at ", address, ": ", gai_strerror(error)));
  }
  const absl::Cleanup free_found = [found] { ::freeaddrinfo(found); };
  WEIR_ASSIGN_OR_RETURN(Descriptor socket, Bind(address, *found));
  Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wake.get() < 0) return SocketError(address, "eventfd");
  const size_t host_bytes = address.rfind(':');
  Address served = absl::StrCat(address.substr(0, host_bytes), ":", PortOf(socket.get()));
  return std::unique_ptr<Listener>(
      new Listener(std::move(socket), std::move(wake), std::move(served)));
}

Listener::Listener(Descriptor socket, Descriptor wake, Address address)
    : socket_(std::move(socket)), wake_(std::move(wake)), address_(std::move(address)) {}

Listener::~Listener() {
  const uint64_t one = 1;
  WEIR_CHECK_EQ(::write(wake_.get(), &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  thread_.reset();
}

void Listener::Start(absl::AnyInvocable<void(int fd)> on_connection) {
  thread_.emplace([this, on_connection = std::move(on_connection)]() mutable {
    AcceptUntilWoken(on_connection);
  });
}

void Listener::AcceptUntilWoken(absl::AnyInvocable<void(int fd)>& on_connection) {
  pollfd waits[] = {{wake_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}};
  for (;;) {
    ::poll(waits, 2, -1);
    if (waits[0].revents != 0) return;
    const int connected = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connected < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        ::poll(waits, 1, kPauseMillis);
      }
      continue;
    }
    const int on = 1;
    ::setsockopt(connected, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    on_connection(connected);
  }
}

}  // namespace weir::remote
