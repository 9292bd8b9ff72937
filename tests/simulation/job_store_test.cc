// The job registry under two JobManagers, and under a power loss while records are collected.
#include "core/cluster/job_store.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/checkpoint/job_registry.h"
#include "gtest/gtest.h"
#include "sim/sim_world.h"

namespace weir {
namespace {

constexpr char kFolder[] = "/shared/cluster";

proto::JobRecord Record(const std::string& job, uint64_t sequence = 0) {
  proto::JobRecord record;
  record.set_job_id(job);
  record.set_sequence(sequence);
  record.set_state(proto::JOB_RECORD_RUNNING);
  return record;
}

// A JobStore on a machine of its own.
class Leader {
 public:
  Leader(sim::SimWorld& world, const std::string& machine, uint64_t epoch)
      : world_(world),
        env_(world.HostEnv(machine)),
        control_(env_.NewExecutor("control", ExecutorKind::kControl)),
        io_(env_.NewExecutor("io", ExecutorKind::kIo)) {
    io_->Post([this] { WEIR_CHECK_OK(env_.file_system().CreateDirectories(kFolder)); });
    store_ = std::make_unique<JobStore>(env_, *control_, *io_, kFolder, LeaderEpoch(epoch),
                                        absl::Milliseconds(10), [](const absl::Status&) {});
  }
  ~Leader() {
    control_->Shutdown();
    io_->Shutdown();
  }

  size_t Read() {
    std::optional<size_t> jobs;
    control_->Post([&] {
      store_->Read([&](absl::StatusOr<std::vector<proto::JobRecord>> records) {
        jobs = records.ok() ? records->size() : 0;
      });
    });
    WEIR_CHECK_OK(world_.RunUntil([&] { return jobs.has_value(); }, absl::Seconds(10)));
    return *jobs;
  }
  absl::Status Write(const std::string& job) {
    std::optional<absl::Status> written;
    control_->Post([&] {
      store_->Write(Record(job), [&](absl::Status status) { written = std::move(status); });
    });
    WEIR_CHECK_OK(world_.RunUntil([&] { return written.has_value(); }, absl::Seconds(10)));
    return *written;
  }

 private:
  sim::SimWorld& world_;
  Env& env_;
  std::unique_ptr<Executor> control_;
  std::unique_ptr<Executor> io_;
  std::unique_ptr<JobStore> store_;
};

TEST(JobStoreTest, TheNewerLeaderGoesOn) {
  sim::SimWorld world{sim::Seed(1)};
  Leader older(world, "older", 1);
  ASSERT_TRUE(older.Write("a").ok());
  Leader newer(world, "newer", 2);
  ASSERT_EQ(newer.Read(), 1u);
  // Not yet told that it was replaced.
  ASSERT_TRUE(older.Write("a").ok());
  EXPECT_TRUE(newer.Write("a").ok());
  EXPECT_TRUE(absl::IsAborted(older.Write("a")));
  EXPECT_TRUE(newer.Write("a").ok());
}

// Removes what is replaced while a record of another job has its name, but not durably.
TEST(JobStoreTest, APowerLossDuringCollectionLosesNoJob) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    sim::SimWorld world{sim::Seed(seed)};
    bool done = false;
    world.AddProcess("jm", [&done](Env& env) -> std::shared_ptr<void> {
      std::shared_ptr<Executor> io = env.NewExecutor("io", ExecutorKind::kIo);
      io->Post([&env, &done] {
        FileSystem& files = env.file_system();
        if (done) return;
        WEIR_CHECK_OK(files.CreateDirectories(kFolder));
        WEIR_CHECK_OK(files.SyncDirectory("/shared"));
        WriteJobRecordTask first(files, kFolder, Record("b", 1), 1);
        WEIR_CHECK_OK(RunAllSteps(first));
        WriteJobRecordTask second(files, kFolder, Record("b", 2), 2);
        while (!files.Stat(std::string(kFolder) + "/job-b-2").ok()) {
          WEIR_CHECK_OK(second.Step().status());
        }
        CollectRegistryGarbageTask collect(files, kFolder);
        WEIR_CHECK_OK(RunAllSteps(collect));
        done = true;
      });
      return io;
    });
    WEIR_CHECK_OK(world.RunUntil([&] { return done; }, absl::Seconds(10)));
    world.Kill("jm", {.power_off = true});
    Leader next(world, "next", 2);
    EXPECT_EQ(next.Read(), 1u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace weir
