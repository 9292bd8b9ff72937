// JobManagers without jobs: what they say of storage that fails, and that they notice who has replaced them.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/cluster/job_manager.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/fault_injector.h"
#include "sim/short_timeouts.h"
#include "sim/sim_world.h"
#include "tests/cluster/orders_job.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LeadershipTest : public testing::Test {
 protected:
  // What a JobManager has told, in its words.
  struct Told {
    std::vector<std::string> replaced;
    std::vector<std::string> storage;
    std::vector<std::string> serving;
  };

  void AddJobManager(const std::string& name) {
    Told* const told = &told_[name];
    world_.AddProcess(name, [this, name, told](Env& env) -> std::shared_ptr<void> {
      JobManager::Options options;
      options.address = name;
      options.state_folder = "/shared/cluster";
      options.keep_jobs = true;
      options.job.timeouts = sim::ShortTimeouts();
      options.on_replaced = [told](const absl::Status& why) {
        told->replaced.push_back(std::string(why.message()));
      };
      options.on_storage = [told](const absl::Status& status) {
        told->storage.push_back(status.ok() ? "OK" : std::string(status.message()));
      };
      options.on_serving = [told](const absl::StatusOr<Address>& address) {
        told->serving.push_back(address.ok() ? *address : std::string(address.status().message()));
      };
      auto job_manager = std::make_shared<JobManager>(
          env, options, [this](const JobSubmission&) { return BuildTotals(sink_, job_); });
      job_manager->Start();
      return job_manager;
    });
  }
  void RunFor(absl::Duration duration) { WEIR_CHECK_OK(world_.RunFor(duration)); }

  const OrdersJobOptions job_{.orders = 10, .shards = 0, .rows_per_second = 0, .on_order = nullptr};
  CollectSink<Total> sink_;
  std::map<std::string, Told> told_;
  sim::SimWorld world_{sim::Seed(1)};
};

TEST_F(LeadershipTest, AnIdleJobManagerNoticesThatItWasReplaced) {
  AddJobManager("jm-1");
  RunFor(absl::Seconds(1));
  AddJobManager("jm-2");
  RunFor(absl::Seconds(5));
  EXPECT_THAT(told_["jm-1"].replaced, ElementsAre(HasSubstr("fenced")));
  EXPECT_THAT(told_["jm-2"].replaced, IsEmpty());
  EXPECT_THAT(told_["jm-2"].serving, ElementsAre("jm-2"));
}

TEST_F(LeadershipTest, SaysOnceThatItsStorageFailsAndThatItDoesNotAnyMore) {
  WEIR_CHECK_OK(world_.shared_files().CreateDirectories("/cluster", world_.wall()));
  sim::FaultInjector faults(&world_);
  sim::Fault full;
  full.kind = sim::FaultKind::kDiskFull;
  full.machine = "shared";
  full.duration = absl::Seconds(2);
  faults.Apply({full});
  RunFor(absl::Milliseconds(1));
  AddJobManager("jm-1");
  RunFor(absl::Seconds(1));
  EXPECT_THAT(told_["jm-1"].storage, ElementsAre(HasSubstr("/shared/cluster")));
  EXPECT_THAT(told_["jm-1"].serving, IsEmpty());
  RunFor(absl::Seconds(3));
  EXPECT_THAT(told_["jm-1"].storage, ElementsAre(HasSubstr("/shared/cluster"), "OK"));
  EXPECT_THAT(told_["jm-1"].serving, ElementsAre("jm-1"));
}

TEST_F(LeadershipTest, ARegistryThatIsDamagedEndsIt) {
  Env& env = world_.HostEnv("operator");
  auto io = env.NewExecutor("io", ExecutorKind::kIo);
  io->Post([&env] {
    FileSystem& files = env.file_system();
    WEIR_CHECK_OK(files.CreateDirectories("/shared/cluster"));
    auto file = files.Create("/shared/cluster/job-b-1", CreateMode::kExclusive);
    WEIR_CHECK_OK(file.status());
    WEIR_CHECK_OK((*file)->Append("no record"));
    WEIR_CHECK_OK((*file)->Close());
  });
  RunFor(absl::Seconds(1));
  AddJobManager("jm-1");
  RunFor(absl::Seconds(5));
  EXPECT_THAT(told_["jm-1"].serving, ElementsAre(HasSubstr("/shared/cluster/job-b-1")));
  EXPECT_THAT(told_["jm-1"].storage, IsEmpty());
  io->Shutdown();
}

}  // namespace
}  // namespace weir
