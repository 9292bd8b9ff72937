// GrpcNetwork against the contract of core/env.
#include "core/env/testing/network_contract.h"
#include "gtest/gtest.h"
#include "tests/grpc/grpc_env_under_test.h"

namespace weir {
namespace {

EnvFactory Loopback() {
  return {"loopback", [] { return std::make_unique<GrpcEnvUnderTest>(); }};
}

INSTANTIATE_TEST_SUITE_P(Grpc, NetworkCallContract, testing::Values(Loopback()), EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Grpc, NetworkStreamContract, testing::Values(Loopback()), EnvFactoryName);

}  // namespace
}  // namespace weir
