// ByteProxy: a TCP proxy on the loopback interface that treats what passes through it badly. Each
// connection to it is one to the target, pumped by two threads. Thread-safe. testonly.
#ifndef WEIR_TESTS_GRPC_BYTE_PROXY_H_
#define WEIR_TESTS_GRPC_BYTE_PROXY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "core/env/network.h"

namespace weir {

class ByteProxy {
 public:
  explicit ByteProxy(const Address& target);
  // Closes everything and joins its threads.
  ~ByteProxy();

  const Address& address() const { return address_; }

  // Every later piece of bytes, of at most 16 KiB, waits for this long.
  void Delay(absl::Duration delay) { delay_micros_ = absl::ToInt64Microseconds(delay); }
  // From now on bytes are read and thrown away; nobody is told.
  void Swallow() { swallow_ = true; }
  // From now on nothing is read: whoever sends finds that it cannot.
  void Stall() { stalled_ = true; }
  // After `bytes` more from the connecting side all connections are reset, in the middle of whatever
  // that is.
  void ResetAfter(int64_t bytes) { left_until_reset_ = bytes; }
  // Resets all connections (RST on both sides).
  void Reset();
  // Sends FIN to the targets (or to those that connected), and nothing more to them.
  void HalfClose(bool to_targets);

  int connection_count() const { return connection_count_; }

 private:
  struct Socket {
    explicit Socket(int fd) : fd(fd) {}
    ~Socket();
    const int fd;
  };
  // The pumps own the sockets: they are closed when both have ended.
  struct Connection {
    std::weak_ptr<Socket> client;
    std::weak_ptr<Socket> target;
    std::vector<std::thread> pumps;
  };

  void Accept();
  void Pump(const Socket& from, const Socket& to, bool from_client);
  bool Forward(const Socket& to, const char* bytes, size_t size, bool from_client);

  const int target_port_;
  int listen_fd_;
  Address address_;
  std::atomic<int64_t> delay_micros_ = 0;
  std::atomic<bool> swallow_ = false;
  std::atomic<bool> stalled_ = false;
  std::atomic<int> reset_count_ = 0;
  std::atomic<int64_t> left_until_reset_ = INT64_MAX;
  std::atomic<int> connection_count_ = 0;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> connections_;  // Guarded by mutex_.
  std::thread accepting_;
};

// A connected TCP socket, blocking; the caller closes it.
int ConnectTo(const Address& address);

}  // namespace weir

#endif  // WEIR_TESTS_GRPC_BYTE_PROXY_H_
