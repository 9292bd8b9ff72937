// Listener: a socket that listens at an address, and the thread that accepts its connections. Our
// own and not gRPC's, so that a taken address is told apart from other errors, and that the address
// is free again the moment this is destroyed.
#ifndef WEIR_TRANSPORT_GRPC_LISTENER_H_
#define WEIR_TRANSPORT_GRPC_LISTENER_H_

#include <memory>
#include <optional>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "core/env/network.h"
#include "transport/grpc/connection_threads.h"

namespace weir::remote {

// A file descriptor, closed with this.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  int Release();

 private:
  int fd_;
};

class Listener {
 public:
  // Port 0 takes a free one. AlreadyExists if the port is taken, InvalidArgument for what is no
  // address of this machine.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const Address& address);
  // Afterwards the address is free and nothing is accepted.
  ~Listener();

  // Starts to accept; each connected socket goes to `on_connection`, which owns it, on the
  // listener's thread. Once.
  void Start(absl::AnyInvocable<void(int fd)> on_connection);
  // "host:port", the host as given.
  const Address& address() const { return address_; }

 private:
  Listener(Descriptor socket, Descriptor wake, Address address);
  void AcceptUntilWoken(absl::AnyInvocable<void(int fd)>& on_connection);

  const Descriptor socket_;
  const Descriptor wake_;  // Readable once the thread is to end.
  const Address address_;
  std::optional<ConnectionThread> thread_;
};

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_LISTENER_H_
