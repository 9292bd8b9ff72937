// GrpcEnvUnderTest: two processes in one, for the contract tests of core/env: two ProductionEnvs,
// each with a GrpcNetwork of its own, over the loopback interface. testonly.
#ifndef WEIR_TESTS_GRPC_GRPC_ENV_UNDER_TEST_H_
#define WEIR_TESTS_GRPC_GRPC_ENV_UNDER_TEST_H_

#include <memory>
#include <string>

#include "cli/env/production_env.h"
#include "core/env/testing/env_under_test.h"
#include "transport/grpc/grpc_network.h"

namespace weir {

class GrpcEnvUnderTest final : public EnvUnderTest {
 public:
  explicit GrpcEnvUnderTest(const GrpcNetworkOptions& options = {})
      : GrpcEnvUnderTest(options, options) {}
  GrpcEnvUnderTest(const GrpcNetworkOptions& options, const GrpcNetworkOptions& peer_options);

  Env& env() override { return *env_; }
  Env& peer() override { return *peer_; }
  Address address() override { return "127.0.0.1:0"; }
  Address unserved_address() override;
  bool RunUntil(const std::function<bool()>& done, absl::Duration limit) override;
  std::string root_directory() override { return testing::TempDir(); }
  // The opener breaks the streams, and the acceptor is told: neither side can be kept from it.
  bool BreakStreams(LossSeenBy who) override;

 private:
  const std::shared_ptr<GrpcNetwork> network_;
  const std::shared_ptr<GrpcNetwork> peer_network_;
  const std::unique_ptr<ProductionEnv> env_;
  const std::unique_ptr<ProductionEnv> peer_;
};

// A port of the loopback interface at which nobody listens: "127.0.0.1:<port>".
Address FreeAddress();

}  // namespace weir

#endif  // WEIR_TESTS_GRPC_GRPC_ENV_UNDER_TEST_H_
