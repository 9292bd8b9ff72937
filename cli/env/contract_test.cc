// The production Env against the contract of core/env.
#include "cli/env/production_env_under_test.h"
#include "cli/env/production_random.h"
#include "core/env/testing/clock_contract.h"
#include "core/env/testing/env_contract.h"
#include "core/env/testing/executor_contract.h"
#include "core/env/testing/file_system_contract.h"
#include "core/env/testing/network_contract.h"
#include "core/env/testing/random_contract.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

INSTANTIATE_TEST_SUITE_P(Production, ClockContract, testing::Values(ProductionEnvFactory()),
                         EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Production, EnvContract, testing::Values(ProductionEnvFactory()),
                         EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Production, ExecutorContract, testing::Values(ProductionEnvFactory()),
                         EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Production, FileSystemContract, testing::Values(ProductionEnvFactory()),
                         EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Production, NetworkCallContract, testing::Values(ProductionEnvFactory()),
                         EnvFactoryName);
INSTANTIATE_TEST_SUITE_P(Production, NetworkStreamContract, testing::Values(ProductionEnvFactory()),
                         EnvFactoryName);

INSTANTIATE_TEST_SUITE_P(
    Production, RandomContract,
    testing::Values(RandomFactory{
        "counted", [](uint64_t seed) { return std::make_unique<ProductionRandom>(seed); }}),
    RandomFactoryName);

}  // namespace
}  // namespace weir
