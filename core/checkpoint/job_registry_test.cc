#include "core/checkpoint/job_registry.h"

#include <functional>
#include <string>
#include <vector>

#include "core/checkpoint/file_tasks.h"
#include "core/env/testing/env_under_test.h"
#include "core/testing/env_factories.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

class JobRegistryTest : public EnvContractTest {
 protected:
  void SetUp() override {
    folder_ = under_test().root_directory();
    io_ = &NewExecutor("io", ExecutorKind::kIo);
  }
  FileSystem& fs() { return env().file_system(); }
  void OnIo(const std::function<void()>& closure) { RunOn(*io_, closure); }

  absl::StatusOr<LeaderEpoch> Lead(uint64_t incarnation) {
    TakeLeadershipTask take(fs(), folder_, incarnation, "here");
    if (absl::Status status = RunAllSteps(take); !status.ok()) return status;
    return take.epoch();
  }
  absl::Status Confirm(uint64_t epoch) {
    ConfirmLeadershipTask confirm(fs(), folder_, LeaderEpoch(epoch));
    return RunAllSteps(confirm);
  }
  absl::Status Write(const std::string& job, uint64_t sequence, uint64_t epoch,
                     proto::JobRecordState state = proto::JOB_RECORD_RUNNING) {
    proto::JobRecord record;
    record.set_job_id(job);
    record.set_sequence(sequence);
    record.set_leader_epoch(epoch);
    record.set_state(state);
    WriteJobRecordTask write(fs(), folder_, record, ++writes_);
    return RunAllSteps(write);
  }
  std::vector<std::string> Jobs() {
    ReadJobsTask read(fs(), folder_);
    const absl::Status status = RunAllSteps(read);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> jobs;
    for (const proto::JobRecord& job : read.jobs()) {
      jobs.push_back(job.job_id() + " " + std::to_string(job.sequence()) + " " +
                     proto::JobRecordState_Name(job.state()));
    }
    return jobs;
  }

  std::string folder_;
  Executor* io_ = nullptr;
  uint64_t writes_ = 0;
};

TEST_P(JobRegistryTest, EpochsAreCountedAndOneProcessTakesEach) {
  OnIo([&] {
    EXPECT_EQ(Lead(11).value(), LeaderEpoch(1));
    EXPECT_EQ(Confirm(1), absl::OkStatus());
    EXPECT_EQ(Lead(12).value(), LeaderEpoch(2));
    EXPECT_TRUE(absl::IsAborted(Confirm(1)));

    // Both looked before either linked.
    TakeLeadershipTask one(fs(), folder_, 13, "here"), other(fs(), folder_, 14, "there");
    absl::StatusOr<StepResult> a = StepResult::kMore, b = StepResult::kMore;
    while (a.ok() && b.ok() && (*a == StepResult::kMore || *b == StepResult::kMore)) {
      if (*a == StepResult::kMore) a = one.Step();
      if (*b == StepResult::kMore) b = other.Step();
    }
    EXPECT_TRUE(a.ok());
    EXPECT_TRUE(absl::IsAborted(b.status())) << b.status();
    EXPECT_EQ(one.epoch(), LeaderEpoch(3));
  });
}

TEST_P(JobRegistryTest, TheNewestRecordOfEachJobHolds) {
  OnIo([&] {
    EXPECT_TRUE(Jobs().empty());
    ASSERT_EQ(Write("a-1", 1, 1), absl::OkStatus());
    ASSERT_EQ(Write("a", 1, 1), absl::OkStatus());
    ASSERT_EQ(Write("a", 2, 1, proto::JOB_RECORD_FINISHED), absl::OkStatus());
    const std::vector<std::string> expected = {"a 2 JOB_RECORD_FINISHED",
                                               "a-1 1 JOB_RECORD_RUNNING"};
    EXPECT_EQ(Jobs(), expected);
    // A leader that was replaced.
    EXPECT_TRUE(absl::IsAborted(Write("a", 2, 1)));
    ASSERT_EQ(Write("a", 3, 2, proto::JOB_RECORD_FINISHED), absl::OkStatus());
    CollectRegistryGarbageTask collect(fs(), folder_);
    ASSERT_EQ(RunAllSteps(collect), absl::OkStatus());
    EXPECT_TRUE(absl::IsAborted(Write("a", 2, 1)));
    EXPECT_EQ(Jobs()[0], "a 3 JOB_RECORD_FINISHED");
    EXPECT_EQ(Jobs()[1], expected[1]);
  });
}

TEST_P(JobRegistryTest, ADamagedRecordIsNamed) {
  OnIo([&] {
    ASSERT_EQ(Write("a", 1, 1), absl::OkStatus());
    WriteFileTask damaged(fs(), folder_ + "/job-a-2", "nonsense", true);
    ASSERT_EQ(RunAllSteps(damaged), absl::OkStatus());
    ReadJobsTask read(fs(), folder_);
    const absl::Status status = RunAllSteps(read);
    EXPECT_TRUE(absl::IsDataLoss(status));
    EXPECT_NE(status.message().find("/job-a-2"), absl::string_view::npos) << status;
  });
}

TEST(JobIdTest, IsANameOfAFile) {
  EXPECT_TRUE(ValidateJobIdForRegistry(JobId("a-B_9")).ok());
  for (const char* id : {"", "a/b", "a.b", ".."}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ValidateJobIdForRegistry(JobId(id)))) << id;
  }
}

TEST(RegistryGarbageTest, KeepsTheNewestAndWhatComes) {
  std::vector<DirectoryEntry> entries;
  for (const char* name : {"hello", "job-a-1", "job-a-1-3", "job-a-2", "job-a-2.e1-1",
                           "job-a-3.e2-1", "leader-1", "leader-2", "leader-3.000000000000000b"}) {
    entries.push_back({name, FileType::kFile});
  }
  EXPECT_EQ(DecideRegistryGarbage(entries),
            (std::vector<std::string>{"job-a-1", "job-a-2.e1-1", "leader-1"}));
  EXPECT_EQ(
      DecideRegistryGarbage(entries, {"a"}),
      (std::vector<std::string>{"job-a-1", "job-a-2", "job-a-2.e1-1", "job-a-3.e2-1", "leader-1"}));
}

INSTANTIATE_TEST_SUITE_P(Envs, JobRegistryTest, testing::ValuesIn(AllEnvs()), EnvFactoryName);

}  // namespace
}  // namespace weir
