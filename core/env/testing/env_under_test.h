// EnvUnderTest: what the contract tests of core/env need from an Env besides the seams: a way to
// let time pass, a folder, addresses, and lost connections. Every Env implementation writes one
// adapter and instantiates every suite:
//
//   INSTANTIATE_TEST_SUITE_P(Production, ExecutorContract,
//                            testing::Values(EnvFactory{"threads", MakeEnvUnderTest}),
//                            EnvFactoryName);
//
// The methods of EnvUnderTest are called from the test's thread only, which is not an executor.
// Tests touch the Network, the FileSystem and everything made by them only from closures of
// executors.
#ifndef WEIR_CORE_ENV_TESTING_ENV_UNDER_TEST_H_
#define WEIR_CORE_ENV_TESTING_ENV_UNDER_TEST_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/env/env.h"
#include "gtest/gtest.h"

namespace weir {

// Which side of a broken stream learns of the loss. The other side hears nothing until it sends, or
// never.
enum class LossSeenBy { kOpener, kAcceptor, kBoth };

class EnvUnderTest {
 public:
  virtual ~EnvUnderTest() = default;

  // The process under test. It opens streams and makes calls.
  virtual Env& env() = 0;
  // The process that serves them; may be the same one.
  virtual Env& peer() { return env(); }

  // An address at which peer() can Serve. The tests use Server::address() afterwards.
  virtual Address address() = 0;
  // An address at which nobody serves.
  virtual Address unserved_address() = 0;

  // Lets the world go on until done() holds, for at most `limit` of env().clock().Monotonic().
  // Returns done(). Production waits and polls, the simulator runs its event loop. `done` is called
  // on the test's thread.
  virtual bool RunUntil(const std::function<bool()>& done, absl::Duration limit) = 0;

  // Lets the world go on for long enough that whatever is on its way arrives (no faults are
  // active).
  virtual void Settle() {
    RunUntil([] { return false; }, absl::Milliseconds(50));
  }

  // An existing empty folder in env().file_system(), removed with this object.
  virtual std::string root_directory() = 0;

  // Breaks all streams from env() to peer(). False where the implementation cannot do that; the
  // test is skipped then.
  virtual bool BreakStreams(LossSeenBy /*who*/) { return false; }
};

// The parameter of the contract suites.
struct EnvFactory {
  std::string name;  // Letters, digits and underscores.
  std::function<std::unique_ptr<EnvUnderTest>()> make;

  friend void PrintTo(const EnvFactory& factory, std::ostream* out) { *out << factory.name; }
};

inline std::string EnvFactoryName(const testing::TestParamInfo<EnvFactory>& info) {
  return info.param.name;
}

// The base of the contract suites that run on a whole Env.
class EnvContractTest : public testing::TestWithParam<EnvFactory> {
 protected:
  EnvContractTest();
  ~EnvContractTest() override;

  EnvUnderTest& under_test() { return *under_test_; }
  Env& env() { return under_test_->env(); }
  Env& peer() { return under_test_->peer(); }

  // An executor that lives as long as the test.
  Executor& NewExecutor(std::string_view name, ExecutorKind kind) {
    return NewExecutor(env(), name, kind);
  }
  Executor& NewExecutor(Env& env, std::string_view name, ExecutorKind kind);

  // Runs `closure` on `executor` and returns when it has run (and not what it started). Fails the
  // test if it does not.
  void RunOn(Executor& executor, const std::function<void()>& closure);

  // True if `done` came to hold in reasonable time.
  bool RunUntil(const std::function<bool()>& done);
  void Settle() { under_test_->Settle(); }

  // Shuts down the executors of NewExecutor in the order in which they were made; nothing runs on
  // them after that.
  void ShutdownExecutors();

 private:
  std::unique_ptr<EnvUnderTest> under_test_;
  std::vector<std::unique_ptr<Executor>> executors_;
};

// Lets time pass inside a closure: `cost` of virtual time where Charge does that, of real time
// otherwise.
void Spend(Env& env, Executor& executor, absl::Duration cost);

}  // namespace weir

#endif  // WEIR_CORE_ENV_TESTING_ENV_UNDER_TEST_H_
