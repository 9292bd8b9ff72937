// ClockContract: what core/env/clock.h promises, for every Env without clock faults. Instantiate it
// with an EnvFactory and depend on //core/env/testing:clock_contract.
#ifndef WEIR_CORE_ENV_TESTING_CLOCK_CONTRACT_H_
#define WEIR_CORE_ENV_TESTING_CLOCK_CONTRACT_H_

#include "core/env/testing/env_under_test.h"

namespace weir {

class ClockContract : public EnvContractTest {};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_CLOCK_CONTRACT_H_
