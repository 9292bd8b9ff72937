#include "cli/run_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "cli/env/production_env.h"
#include "cli/run_checkpoints.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "gtest/gtest.h"

namespace weir::cli {
namespace {

using Kind = OpenedRun::Kind;

class RunStoreTest : public testing::Test {
 protected:
  RunStoreTest() {
    std::string root = testing::TempDir() + "/run_store_XXXXXX";
    EXPECT_NE(::mkdtemp(root.data()), nullptr);
    root_ = root;
    request_ = {.key = "job-00ff", .job = "job", .arguments = {{"input", "/in"}}};
  }
  ~RunStoreTest() override { std::filesystem::remove_all(root_); }

  absl::StatusOr<OpenedRun> Open() { return RunStore(env_, root_ + "/state").Open(request_); }

  // As a job leaves it: a pointer that names checkpoint `id`.
  void WriteCheckpoint(const std::string& folder, uint64_t id, uint64_t epoch) {
    std::filesystem::create_directories(folder);
    PointerRecord pointer;
    pointer.sequence = 1;
    pointer.attempt.epoch = LeaderEpoch(epoch);
    pointer.manifest.name = "manifest-" + std::to_string(id) + "-e1a1";
    pointer.manifest.checkpoint = CheckpointId(id);
    pointer.reserved_through = CheckpointId(id + 8);
    std::ofstream(folder + "/pointer-1", std::ios::binary) << EncodePointer(pointer);
  }

  void Finish(RunRecord record) {
    RunStore store(env_, root_ + "/state");
    ASSERT_TRUE(store.Open(request_).ok());
    record.state = RunState::kFinished;
    record.summary = "done\n";
    std::filesystem::create_directories(root_ + "/out");
    record.results = {root_ + "/out"};
    ASSERT_TRUE(store.Save(record).ok());
  }

  ProductionEnv env_;
  std::string root_;
  RunRequest request_;
};

TEST_F(RunStoreTest, ContinuesFromWhatThePointerNames) {
  const absl::StatusOr<OpenedRun> first = Open();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->kind, Kind::kBegins);
  EXPECT_EQ(first->record.starts, 1u);
  WriteCheckpoint(first->record.checkpoints, 7, 5);
  const absl::StatusOr<OpenedRun> second = Open();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->kind, Kind::kContinues);
  EXPECT_EQ(second->checkpoint, CheckpointId(7));
  EXPECT_EQ(second->record.starts, 2u);
  EXPECT_EQ(second->record.run_id, first->record.run_id);
  EXPECT_EQ(second->record.checkpoints, first->record.checkpoints);
}

TEST_F(RunStoreTest, ARunThatRunsIsRefused) {
  RunStore store(env_, root_ + "/state");
  ASSERT_TRUE(store.Open(request_).ok());
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_NE(status.message().find("process " + std::to_string(getpid())), std::string::npos);
  request_.key = "job-00fe";
  EXPECT_TRUE(Open().ok()) << "another run";
}

TEST_F(RunStoreTest, AFinishedRunStaysFinishedWhileItsResultsAreThere) {
  Finish(Open()->record);
  absl::StatusOr<OpenedRun> again = Open();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->kind, Kind::kFinished);
  EXPECT_EQ(again->record.summary, "done\n");
  std::filesystem::remove_all(root_ + "/out");
  EXPECT_EQ(Open()->kind, Kind::kBegins);
}

TEST_F(RunStoreTest, FreshForgetsAndDeletesOnlyCheckpoints) {
  const std::string old = Open()->record.checkpoints;
  WriteCheckpoint(old, 3, 1);
  std::ofstream(old + "/thesis.txt") << "years of work";
  request_.fresh = true;
  const absl::StatusOr<OpenedRun> run = Open();
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->kind, Kind::kBegins);
  EXPECT_TRUE(run->record.fresh);
  EXPECT_NE(run->record.checkpoints, old);
  EXPECT_FALSE(std::filesystem::exists(old + "/pointer-1"));
  EXPECT_TRUE(std::filesystem::exists(old + "/thesis.txt"));
  request_.fresh = false;
  EXPECT_TRUE(Open()->record.fresh) << "until it has finished";
}

TEST_F(RunStoreTest, RestoreCountsUntilThereIsACheckpointOfItsOwn) {
  WriteCheckpoint(Open()->record.checkpoints, 3, 1);
  request_.restore = root_ + "/manifest-1-e1a1";
  const absl::StatusOr<OpenedRun> nothing = Open();
  EXPECT_EQ(nothing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(nothing.status().message().find("nothing was started"), absl::string_view::npos);
  std::ofstream(request_.restore) << "a manifest";
  const absl::StatusOr<OpenedRun> run = Open();
  EXPECT_EQ(run->kind, Kind::kBegins);
  EXPECT_EQ(run->record.restore, request_.restore);
  EXPECT_EQ(Open()->record.restore, request_.restore);
  WriteCheckpoint(run->record.checkpoints, 9, 2);
  const absl::StatusOr<OpenedRun> again = Open();
  EXPECT_EQ(again->kind, Kind::kContinues) << "the same command continues";
  EXPECT_EQ(again->checkpoint, CheckpointId(9));
}

TEST_F(RunStoreTest, CheckpointsElsewhere) {
  request_.checkpoint_dir = root_ + "/volume";
  const std::string folder = Open()->record.checkpoints;
  EXPECT_EQ(folder, root_ + "/volume/job-00ff/checkpoints-1");
  EXPECT_EQ(Open()->kind, Kind::kContinues);
  request_.checkpoint_dir = root_ + "/other";
  const absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find(folder), std::string::npos);
  request_.checkpoint_dir = "";
  EXPECT_EQ(Open()->record.checkpoints, folder);
}

TEST_F(RunStoreTest, DamageIsNamed) {
  const std::string checkpoints = Open()->record.checkpoints;
  WriteCheckpoint(checkpoints, 3, 1);
  std::filesystem::resize_file(checkpoints + "/pointer-1", 20);
  absl::Status status = Open().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_NE(status.message().find(checkpoints + "/pointer-1"), std::string::npos);

  const std::string record = root_ + "/state/job-00ff/run";
  std::filesystem::resize_file(record, 20);
  status = Open().status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_NE(status.message().find(record), std::string::npos);
  request_.fresh = true;
  EXPECT_TRUE(Open().ok());
}

TEST_F(RunStoreTest, AnUnusableStateFolderIsNamedWithTheRemedy) {
  std::ofstream(root_ + "/state") << "a file";
  const absl::Status status = Open().status();
  EXPECT_NE(status.message().find(root_ + "/state"), std::string::npos) << status;
  EXPECT_NE(status.message().find("WEIR_STATE_DIR"), std::string::npos) << status;
}

TEST_F(RunStoreTest, LinksLeadToOneRun) {
  std::filesystem::create_directories(root_ + "/real");
  std::filesystem::create_directory_symlink(root_ + "/real", root_ + "/link");
  const std::string real = std::filesystem::canonical(root_ + "/real");
  RunStore store(env_, root_ + "/state");
  const JobArgs::Submitted canonical = store.Canonical(
      {{"input", root_ + "/link/a/b,/no/such"}, {"output", root_ + "/link"}, {"x", "link"}});
  EXPECT_EQ(canonical[0].second, real + "/a/b,/no/such");
  EXPECT_EQ(canonical[1].second, real);
  EXPECT_EQ(canonical[2].second, "link");
}

}  // namespace
}  // namespace weir::cli
