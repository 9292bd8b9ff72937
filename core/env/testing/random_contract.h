// RandomContract: what core/env/random.h promises, for every Random. Instantiate it with a
// RandomFactory and depend on
// //core/env/testing:random_contract. An implementation that can override draws is tested without
// overrides.
#ifndef WEIR_CORE_ENV_TESTING_RANDOM_CONTRACT_H_
#define WEIR_CORE_ENV_TESTING_RANDOM_CONTRACT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "core/env/random.h"
#include "gtest/gtest.h"

namespace weir {

struct RandomFactory {
  std::string name;  // Letters, digits and underscores.
  std::function<std::unique_ptr<Random>(uint64_t seed)> make;

  friend void PrintTo(const RandomFactory& factory, std::ostream* out) { *out << factory.name; }
};

inline std::string RandomFactoryName(const testing::TestParamInfo<RandomFactory>& info) {
  return info.param.name;
}

class RandomContract : public testing::TestWithParam<RandomFactory> {
 protected:
  std::unique_ptr<Random> Make(uint64_t seed) { return GetParam().make(seed); }
};

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_RANDOM_CONTRACT_H_
