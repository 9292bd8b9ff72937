// ChannelSettings: the options of a network in gRPC's words, for its clients and its servers. Pure.
#ifndef WEIR_TRANSPORT_GRPC_CHANNEL_SETTINGS_H_
#define WEIR_TRANSPORT_GRPC_CHANNEL_SETTINGS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "core/env/network.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"
#include "transport/grpc/grpc_options.h"

namespace weir::remote {

::grpc::ChannelArguments ClientArguments(const GrpcNetworkOptions& options);
std::shared_ptr<::grpc::ChannelCredentials> ClientCredentials(const GrpcSecurity& security);
// What gRPC connects to for "host:port". No name service is asked about numbers.
std::string TargetOf(const Address& address);

void ApplyServerArguments(const GrpcNetworkOptions& options, ::grpc::ServerBuilder& builder);
std::shared_ptr<::grpc::ServerCredentials> MakeServerCredentials(const GrpcSecurity& security);
// InvalidArgument for TLS with which nobody can serve.
absl::Status CheckCanServe(const GrpcSecurity& security);

}  // namespace weir::remote

#endif  // WEIR_TRANSPORT_GRPC_CHANNEL_SETTINGS_H_
