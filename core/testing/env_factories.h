// Every Env there is, for contract tests that are to hold on each: the production Env on threads, and
// the simulated one under each schedule.
//
//   INSTANTIATE_TEST_SUITE_P(Envs, FileSourceTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);
#ifndef WEIR_CORE_TESTING_ENV_FACTORIES_H_
#define WEIR_CORE_TESTING_ENV_FACTORIES_H_

#include <vector>

#include "core/env/testing/env_under_test.h"

namespace weir {

std::vector<EnvFactory> AllEnvs();

}  // namespace weir

#endif  // WEIR_CORE_TESTING_ENV_FACTORIES_H_
