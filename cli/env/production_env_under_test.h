// ProductionEnvUnderTest: the adapter through which the contract tests of core/env see a
// ProductionEnv with its InProcessNetwork. Waiting is real. testonly.
#ifndef WEIR_CLI_ENV_PRODUCTION_ENV_UNDER_TEST_H_
#define WEIR_CLI_ENV_PRODUCTION_ENV_UNDER_TEST_H_

#include <memory>
#include <string>

#include "cli/env/production_env.h"
#include "core/env/testing/env_under_test.h"
#include "transport/inprocess/inprocess_network.h"

namespace weir {

class ProductionEnvUnderTest final : public EnvUnderTest {
 public:
  ProductionEnvUnderTest();
  ~ProductionEnvUnderTest() override;

  Env& env() override { return *env_; }
  Address address() override { return "server"; }
  Address unserved_address() override { return "nobody"; }
  bool RunUntil(const std::function<bool()>& done, absl::Duration limit) override;
  std::string root_directory() override { return root_; }
  bool BreakStreams(LossSeenBy who) override;

 private:
  const std::shared_ptr<InProcessNetwork> network_;
  const std::unique_ptr<ProductionEnv> env_;
  const std::string root_;
};

// For INSTANTIATE_TEST_SUITE_P.
EnvFactory ProductionEnvFactory();

}  // namespace weir

#endif  // WEIR_CLI_ENV_PRODUCTION_ENV_UNDER_TEST_H_
