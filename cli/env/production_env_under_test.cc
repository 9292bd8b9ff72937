#include "cli/env/production_env_under_test.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "core/base/check.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

ProductionEnvOptions Options(std::shared_ptr<Network> network) {
  ProductionEnvOptions options;
  options.network = std::move(network);
  return options;
}

std::string MakeRoot() {
  std::string path = testing::TempDir() + "/weir_env_XXXXXX";
  WEIR_CHECK(::mkdtemp(path.data()) != nullptr) << "no temporary folder at " << path;
  return path;
}

}  // namespace

ProductionEnvUnderTest::ProductionEnvUnderTest()
    : network_(std::make_shared<InProcessNetwork>()),
      env_(std::make_unique<ProductionEnv>(Options(network_))),
      root_(MakeRoot()) {}

ProductionEnvUnderTest::~ProductionEnvUnderTest() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

bool ProductionEnvUnderTest::RunUntil(const std::function<bool()>& done, absl::Duration limit) {
  constexpr std::chrono::microseconds kPauseMax(1'000);
  const absl::Duration start = env_->clock().Monotonic();
  // Short at first: most conditions hold after a few microseconds.
  for (std::chrono::microseconds pause(5);; pause = std::min(pause * 2, kPauseMax)) {
    if (done()) return true;
    if (env_->clock().Monotonic() - start > limit) return false;
    std::this_thread::sleep_for(pause);
  }
}

bool ProductionEnvUnderTest::BreakStreams(LossSeenBy who) {
  network_->LoseStreams(address(), who != LossSeenBy::kAcceptor, who != LossSeenBy::kOpener);
  return true;
}

EnvFactory ProductionEnvFactory() {
  return {"threads", [] { return std::make_unique<ProductionEnvUnderTest>(); }};
}

}  // namespace weir
