#include "tests/grpc/byte_proxy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace weir {
namespace {

int PortOf(const Address& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

sockaddr_in Loopback(int port) {
  sockaddr_in where = {};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(static_cast<uint16_t>(port));
  return where;
}

int Connect(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in where = Loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0) return fd;
  ::close(fd);
  return -1;
}

// Makes the close that follows an RST.
void ResetOnClose(int fd) {
  const linger hard = {1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

}  // namespace

int ConnectTo(const Address& address) {
  const int fd = Connect(PortOf(address));
  WEIR_CHECK_GE(fd, 0) << address;
  return fd;
}

ByteProxy::ByteProxy(const Address& target) : target_port_(PortOf(target)) {
  listen_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where = Loopback(0);
  socklen_t size = sizeof(where);
  WEIR_CHECK_EQ(::bind(listen_fd_, reinterpret_cast<sockaddr*>(&where), size), 0);
  WEIR_CHECK_EQ(::getsockname(listen_fd_, reinterpret_cast<sockaddr*>(&where), &size), 0);
  WEIR_CHECK_EQ(::listen(listen_fd_, 64), 0);
  address_ = absl::StrCat("127.0.0.1:", ntohs(where.sin_port));
  accepting_ = std::thread([this] { Accept(); });
}

ByteProxy::Socket::~Socket() { ::close(fd); }

ByteProxy::~ByteProxy() {
  ::shutdown(listen_fd_, SHUT_RDWR);
  accepting_.join();
  ::close(listen_fd_);
  Reset();
  for (const auto& connection : connections_) {
    for (std::thread& pump : connection->pumps) pump.join();
  }
}

void ByteProxy::Accept() {
  for (;;) {
    const int accepted = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    ++connection_count_;
    const auto client = std::make_shared<Socket>(accepted);
    const int connected = Connect(target_port_);
    if (connected < 0) continue;
    const auto target = std::make_shared<Socket>(connected);
    std::lock_guard<std::mutex> lock(mutex_);
    Connection& connection = *connections_.emplace_back(std::make_unique<Connection>());
    connection.client = client;
    connection.target = target;
    connection.pumps.emplace_back([this, client, target] { Pump(*client, *target, true); });
    connection.pumps.emplace_back([this, client, target] { Pump(*target, *client, false); });
  }
}

void ByteProxy::Pump(const Socket& from, const Socket& to, bool from_client) {
  const int resets = reset_count_;
  std::vector<char> buffer(16 << 10);
  for (;;) {
    while (stalled_ && reset_count_ == resets) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const ssize_t size = ::read(from.fd, buffer.data(), buffer.size());
    if (size <= 0) break;
    if (const int64_t delay = delay_micros_; delay > 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(delay));
    }
    if (swallow_) continue;
    if (!Forward(to, buffer.data(), static_cast<size_t>(size), from_client)) break;
  }
  if (!swallow_ && reset_count_ == resets) ::shutdown(to.fd, SHUT_WR);
}

bool ByteProxy::Forward(const Socket& to, const char* bytes, size_t size, bool from_client) {
  const int64_t left = left_until_reset_;
  const bool cut = from_client && left < static_cast<int64_t>(size);
  if (from_client && left != INT64_MAX) left_until_reset_ -= static_cast<int64_t>(size);
  const size_t sent = cut ? static_cast<size_t>(std::max<int64_t>(left, 0)) : size;
  for (size_t done = 0; done < sent;) {
    const ssize_t written = ::send(to.fd, bytes + done, sent - done, MSG_NOSIGNAL);
    if (written <= 0) return false;
    done += static_cast<size_t>(written);
  }
  if (cut) Reset();
  return !cut;
}

void ByteProxy::Reset() {
  left_until_reset_ = INT64_MAX;
  ++reset_count_;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& connection : connections_) {
    for (const auto& weak : {connection->client, connection->target}) {
      const std::shared_ptr<Socket> socket = weak.lock();
      if (socket == nullptr) continue;
      ResetOnClose(socket->fd);
      // Ends the pumps, and says nothing to the other side: closing does.
      ::shutdown(socket->fd, SHUT_RD);
    }
  }
}

void ByteProxy::HalfClose(bool to_targets) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& connection : connections_) {
    const auto socket = to_targets ? connection->target.lock() : connection->client.lock();
    if (socket != nullptr) ::shutdown(socket->fd, SHUT_WR);
  }
}

}  // namespace weir
