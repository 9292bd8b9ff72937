#include "transport/grpc/channel_settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "grpc/grpc.h"
#include "grpc/grpc_security.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server.h"
#include "transport/grpc/wire.h"

namespace weir::remote {
namespace {

// A frame is one HTTP/2 frame up to this size.
constexpr int kHttp2FrameBytes = 256 << 10;
// Bytes that a stream may have on their way before its receiver reads; credit bounds it before.
constexpr int kLookaheadBytes = 1 << 20;
constexpr int kBackoffMillis = 100;

int Millis(absl::Duration duration) {
  const int64_t millis = absl::ToInt64Milliseconds(duration);
  return static_cast<int>(std::clamp<int64_t>(millis, 1, std::numeric_limits<int>::max()));
}

int ReceivedBytesMax(const GrpcNetworkOptions& options) {
  const uint64_t bytes = uint64_t{options.message_bytes_max} + kEnvelopeBytesMax;
  return static_cast<int>(std::min<uint64_t>(bytes, std::numeric_limits<int>::max()));
}

// Calls `set(name, value)` for what both sides have.
template <class Set>
void SetCommon(const GrpcNetworkOptions& options, Set set) {
  set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, ReceivedBytesMax(options));
  set(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, -1);  // Checked before anything is handed to gRPC.
  set(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(options.keepalive_interval));
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(options.keepalive_timeout));
  set(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  set(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  set(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, kHttp2FrameBytes);
  set(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kLookaheadBytes);
  // A compressed message could be far larger than its size on the wire says.
  set(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
  set(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  set(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

// gRPC looks at credentials when it listens, and otherwise refuses every connection without a word.
bool CanListen(const std::shared_ptr<::grpc::ServerCredentials>& credentials) {
  ::grpc::ServerBuilder trial;
  trial.AddListeningPort("127.0.0.1:0", credentials);
  const std::unique_ptr<::grpc::ServerCompletionQueue> queue = trial.AddCompletionQueue();
  const std::unique_ptr<::grpc::Server> server = trial.BuildAndStart();
  if (server != nullptr) server->Shutdown();
  queue->Shutdown();
  void* tag;
  bool ok;
  while (queue->Next(&tag, &ok)) {
  }
  return server != nullptr;
}

}  // namespace

::grpc::ChannelArguments ClientArguments(const GrpcNetworkOptions& options) {
  ::grpc::ChannelArguments arguments;
  const auto set = [&](const char* name, int value) { arguments.SetInt(name, value); };
  SetCommon(options, set);
  // A connection of its own for each channel.
  set(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  set(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  set(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // A retried stream would be buffered a second time; callers of calls retry themselves.
  set(GRPC_ARG_ENABLE_RETRIES, 0);
  // In spite of its name the bound on one attempt to connect.
  set(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Millis(options.connect_timeout));
  set(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kBackoffMillis);
  set(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kBackoffMillis);
  set(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kBackoffMillis);
  return arguments;
}

std::shared_ptr<::grpc::ChannelCredentials> ClientCredentials(const GrpcSecurity& security) {
  if (!security.tls()) return ::grpc::InsecureChannelCredentials();
  ::grpc::SslCredentialsOptions options;
  options.pem_root_certs = security.ca_pem;
  options.pem_cert_chain = security.certificate_pem;
  options.pem_private_key = security.private_key_pem;
  return ::grpc::SslCredentials(options);
}

std::string TargetOf(const Address& address) {
  const size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  in_addr v4;
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return absl::StrCat("ipv4:", address);
  if (host.size() > 2 && host.front() == '[') return absl::StrCat("ipv6:", address);
  return absl::StrCat("dns:///", address);
}

void ApplyServerArguments(const GrpcNetworkOptions& options, ::grpc::ServerBuilder& builder) {
  const auto set = [&](const char* name, int value) { builder.AddChannelArgument(name, value); };
  SetCommon(options, set);
  // Clients ping as often as they like.
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1);
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, Millis(options.connect_timeout));
}

std::shared_ptr<::grpc::ServerCredentials> MakeServerCredentials(const GrpcSecurity& security) {
  if (!security.tls()) return ::grpc::InsecureServerCredentials();
  ::grpc::SslServerCredentialsOptions options(
      security.require_client_certificate
          ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
          : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  options.pem_root_certs = security.ca_pem;
  options.pem_key_cert_pairs.push_back({security.private_key_pem, security.certificate_pem});
  return ::grpc::SslServerCredentials(options);
}

absl::Status CheckCanServe(const GrpcSecurity& security) {
  if (!security.tls()) return absl::OkStatus();
  if (security.certificate_pem.empty() || security.private_key_pem.empty()) {
    return absl::InvalidArgumentError(
        "serving with TLS needs a certificate and its private key, and there is only a CA");
  }
  if (security.require_client_certificate && security.ca_pem.empty()) {
    return absl::InvalidArgumentError(
        "requiring client certificates needs the CA that signs them, and there is none");
  }
  if (!CanListen(MakeServerCredentials(security))) {
    return absl::InvalidArgumentError(
        "serving with TLS: the certificate, its private key or the CA is no PEM, or the key is not "
        "that of the certificate");
  }
  return absl::OkStatus();
}

}  // namespace weir::remote
