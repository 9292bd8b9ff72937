// GrpcNetwork against the contract of core/env.
#include "core/env/testing/network_contract.h"
#include "gtest/gtest.h"
#include "tests/grpc/grpc_env_under_test.h"
#include "tests/grpc/test_certificates.h"

namespace weir {
namespace {

EnvFactory Loopback() {
  return {"loopback", [] { return std::make_unique<GrpcEnvUnderTest>(); }};
}

EnvFactory MutualTls() {
  return {"mutual_tls", [] {
            GrpcNetworkOptions client, server;
            client.security = TestSecurity("ca", "client");
            server.security = TestSecurity("ca", "server");
            server.security.require_client_certificate = true;
            return std::make_unique<GrpcEnvUnderTest>(client, server);
          }};
}

INSTANTIATE_TEST_SUITE_P(Grpc, NetworkCallContract, testing::Values(Loopback(), MutualTls()),
                         EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Grpc, NetworkStreamContract, testing::Values(Loopback(), MutualTls()),
                         EnvFactoryName);

}  // namespace
}  // namespace weir
