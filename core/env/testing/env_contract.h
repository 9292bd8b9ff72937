// EnvContract: what core/env/env.h promises about the bundle, for every Env. Instantiate it with an
// EnvFactory and depend on
// //core/env/testing:env_contract. The seams have suites of their own.
#ifndef WEIR_CORE_ENV_TESTING_ENV_CONTRACT_H_
#define WEIR_CORE_ENV_TESTING_ENV_CONTRACT_H_

#include "core/env/testing/env_under_test.h"

namespace weir {

class EnvContract : public EnvContractTest {};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_ENV_CONTRACT_H_
