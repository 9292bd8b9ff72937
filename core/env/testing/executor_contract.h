// ExecutorContract: what core/env/executor.h promises, for every Env. Instantiate it with an
// EnvFactory and depend on
// //core/env/testing:executor_contract.
#ifndef WEIR_CORE_ENV_TESTING_EXECUTOR_CONTRACT_H_
#define WEIR_CORE_ENV_TESTING_EXECUTOR_CONTRACT_H_

#include "core/env/testing/env_under_test.h"

namespace weir {

class ExecutorContract : public EnvContractTest {};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_EXECUTOR_CONTRACT_H_
