// GrpcNetworkOptions: how a GrpcNetwork connects, and what it takes from others.
#ifndef WEIR_TRANSPORT_GRPC_GRPC_OPTIONS_H_
#define WEIR_TRANSPORT_GRPC_GRPC_OPTIONS_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"

namespace weir {

// PEM texts. Empty ca and certificate: plaintext.
struct GrpcSecurity {
  std::string ca_pem;           // whom to trust
  std::string certificate_pem;  // own chain; required to serve with TLS
  std::string private_key_pem;
  bool require_client_certificate = false;  // mutual TLS

  bool tls() const { return !ca_pem.empty() || !certificate_pem.empty(); }
};

struct GrpcNetworkOptions {
  GrpcSecurity security;
  absl::Duration connect_timeout = absl::Seconds(10);
  // A peer that does not answer a ping, sent after an interval without data, is lost.
  absl::Duration keepalive_interval = absl::Seconds(10);
  absl::Duration keepalive_timeout = absl::Seconds(10);
  // A larger call or frame is refused by name. A record may have 64 MiB, and a frame has more than that.
  size_t message_bytes_max = 65 << 20;
};

}  // namespace weir

#endif  // WEIR_TRANSPORT_GRPC_GRPC_OPTIONS_H_
