#include "tests/grpc/byte_proxy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

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

ByteProxy::~ByteProxy() {
  ::shutdown(listen_fd_, SHUT_RDWR);
  accepting_.join();
  ::close(listen_fd_);
  Reset();
  for (const auto& connection : connections_) {
    for (std::thread& pump : connection->pumps) pump.join();
    ::close(connection->client);
    ::close(connection->target);
  }
}

void ByteProxy::Accept() {
  for (;;) {
    const int client = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++connection_count_;
    const int target = Connect(target_port_);
    if (target < 0) {
      ::close(client);
      continue;
    }
    std::lock_guard<std::mutex> lock(mutex_);
    Connection& connection = *connections_.emplace_back(std::make_unique<Connection>());
    connection.client = client;
    connection.target = target;
    connection.pumps.emplace_back([this, client, target] { Pump(client, target, true); });
    connection.pumps.emplace_back([this, client, target] { Pump(target, client, false); });
  }
}

void ByteProxy::Pump(int from, int to, bool from_client) {
  std::vector<char> buffer(16 << 10);
  for (;;) {
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    if (size <= 0) break;
    if (const int64_t delay = delay_micros_; delay > 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(delay));
    }
    if (swallow_) continue;
    if (!Forward(to, buffer.data(), static_cast<size_t>(size), from_client)) break;
  }
  if (!swallow_) ::shutdown(to, SHUT_WR);
}

bool ByteProxy::Forward(int to, const char* bytes, size_t size, bool from_client) {
  const int64_t left = left_until_reset_;
  const bool cut = from_client && left < static_cast<int64_t>(size);
  if (from_client && left != INT64_MAX) left_until_reset_ -= static_cast<int64_t>(size);
  const size_t sent = cut ? static_cast<size_t>(std::max<int64_t>(left, 0)) : size;
  for (size_t done = 0; done < sent;) {
    const ssize_t written = ::send(to, bytes + done, sent - done, MSG_NOSIGNAL);
    if (written <= 0) return false;
    done += static_cast<size_t>(written);
  }
  if (cut) Reset();
  return !cut;
}

void ByteProxy::Reset() {
  left_until_reset_ = INT64_MAX;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& connection : connections_) {
    for (const int fd : {connection->client, connection->target}) {
      // An RST goes out when the last descriptor of a socket closes; these are closed once the pumps
      // have ended. Connecting to nowhere does the same at once.
      ResetOnClose(fd);
      sockaddr nowhere = {};
      nowhere.sa_family = AF_UNSPEC;
      ::connect(fd, &nowhere, sizeof(nowhere));
      ::shutdown(fd, SHUT_RDWR);
    }
  }
}

void ByteProxy::HalfClose(bool to_targets) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& connection : connections_) {
    ::shutdown(to_targets ? connection->target : connection->client, SHUT_WR);
  }
}

}  // namespace weir
