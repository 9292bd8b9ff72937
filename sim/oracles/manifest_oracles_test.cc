// Small wrong histories of manifests and of what is restored from them, and the oracle that reports each.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/checkpoint/checkpoint_names.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/manifest.h"
#include "core/proto/control.pb.h"
#include "gtest/gtest.h"
#include "sim/oracles/known_regions.h"
#include "sim/oracles/restore_oracle.h"
#include "sim/oracles/split_oracle.h"
#include "sim/sim_world.h"

namespace weir::sim {
namespace {

// A manifest of one source, of which the reader has split 1 at position `position`, and one operator with tables in two subtasks.
proto::CheckpointManifest Manifest(uint64_t checkpoint) {
  proto::CheckpointManifest manifest;
  manifest.set_checkpoint_id(checkpoint);
  manifest.set_hash_version(1);
  manifest.set_leader_epoch(1);
  manifest.set_attempt(1);
  proto::OperatorState& source = *manifest.add_operators();
  source.set_uid("source");
  source.set_parallelism(1);
  source.set_max_parallelism(8);
  source.add_subtasks()->add_splits()->set_id(1);
  source.mutable_subtasks(0)->mutable_splits(0)->set_position("5");
  source.mutable_enumerator()->set_split_count(3);
  source.mutable_enumerator()->add_pending()->set_id(2);
  source.mutable_enumerator()->add_finished(0);
  proto::OperatorState& sums = *manifest.add_operators();
  sums.set_uid("sums");
  sums.set_parallelism(2);
  sums.set_max_parallelism(8);
  sums.add_states()->set_name("sums");
  sums.mutable_states(0)->set_kind(proto::STATE_KIND_KEYED);
  for (uint32_t i = 0; i < 2; ++i) {
    proto::SubtaskStateSnapshot& subtask = *sums.add_subtasks();
    subtask.set_index(i);
    proto::KeyedStateSnapshot& keyed = *subtask.add_keyed();
    keyed.set_key_groups_begin(4 * i);
    keyed.set_key_groups_end(4 * i + 4);
    keyed.set_content_hash(100 + i);
  }
  return manifest;
}

class ManifestOraclesTest : public testing::Test {
 protected:
  explicit ManifestOraclesTest(KnownRegions regions = {})
      : restore_(&log_, "/shared/checkpoints", std::move(regions)) {
    log_.world = &world_;
    EXPECT_TRUE(files().CreateDirectories("/checkpoints", absl::UnixEpoch()).ok());
  }
  FileTree& files() { return world_.shared_files(); }

  void Write(const std::string& path, const std::string& bytes) {
    const FileNodePtr node =
        files().Create(path, CreateMode::kExclusive, absl::UnixEpoch(), kDurable).value();
    files().Append(node, bytes, absl::UnixEpoch(), kDurable);
  }
  // By attempt `attempt` of epoch 1.
  void Publish(uint32_t attempt, const proto::CheckpointManifest& manifest) {
    const CheckpointId checkpoint(manifest.checkpoint_id());
    PointerRecord pointer;
    pointer.sequence = ++sequence_;
    pointer.attempt = {LeaderEpoch(1), AttemptNumber(attempt)};
    const absl::StatusOr<std::string> bytes = EncodeManifest(manifest);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    pointer.manifest = {.name = ManifestName(checkpoint, pointer.attempt),
                        .size_bytes = bytes->size(),
                        .checkpoint = checkpoint};
    pointer.reserved_through = CheckpointId(100);
    const std::string path = "/checkpoints/" + SeriesName(kPointerSeries, sequence_);
    Write("/checkpoints/" + pointer.manifest.name, *bytes);
    Write(path, EncodePointer(pointer));
    for (Oracle* oracle : std::initializer_list<Oracle*>{&restore_, &splits_}) {
      oracle->OnFileCall("jm", "link", "/shared/x to /shared" + path, absl::OkStatus());
    }
  }
  void SyncCheckpoints() {
    splits_.OnFileCall("jm", "sync directory", "/shared/checkpoints", absl::OkStatus());
  }
  // Subtask `index` of "sums" says what it restored.
  void Restored(uint32_t attempt, uint32_t index, uint64_t content_hash, uint32_t begin,
                uint32_t end) {
    proto::SubtaskStateChangedRequest request;
    request.mutable_fence()->set_leader_epoch(1);
    request.mutable_fence()->set_attempt(attempt);
    proto::RestoredState& state = *request.add_restored();
    state.set_uid("sums");
    state.set_index(index);
    state.set_key_groups_begin(begin);
    state.set_key_groups_end(end);
    state.set_content_hash(content_hash);
    restore_.OnRequest(1, ++calls_, "SubtaskStateChanged", request.SerializeAsString());
  }
  std::string violated() const {
    return log_.first.has_value() ? log_.first->oracle + ": " + log_.first->what : "";
  }

  SimWorld world_{Seed(1)};
  OracleLog log_;
  RestoreOracle restore_;
  SplitOracle splits_{&log_, "/shared/checkpoints"};
  uint64_t sequence_ = 0;
  uint64_t calls_ = 0;
};

TEST_F(ManifestOraclesTest, AcceptsWhatAddsUpAlsoWithAnotherParallelism) {
  Publish(2, Manifest(1));
  Restored(2, 1, 101, 4, 8);
  Restored(2, 0, 100, 0, 4);
  Restored(2, 0, 100, 0, 4);  // Told twice.
  Publish(2, Manifest(2));
  Publish(3, Manifest(3));
  Restored(3, 0, 50, 0, 3);
  Restored(3, 2, 0, 6, 8);
  Restored(3, 1, 151, 3, 6);
  EXPECT_EQ(violated(), "");
  EXPECT_EQ(log_.counts["restored"], 2);
}

TEST_F(ManifestOraclesTest, ReportsContentThatWasNotRecorded) {
  Publish(2, Manifest(1));
  Restored(2, 1, 101, 4, 8);
  Restored(2, 0, 99, 0, 4);
  EXPECT_EQ(violated(),
            "restore equals snapshot: the 2 subtasks of 'sums' in e1a2 restored content "
            "00000000000000c8 of checkpoint 1, which recorded 00000000000000c9");
}

TEST_F(ManifestOraclesTest, ReportsACheckpointOfAnAttemptThatHasNotRestoredEverything) {
  Publish(2, Manifest(1));
  Restored(2, 1, 101, 4, 8);
  Publish(2, Manifest(2));
  EXPECT_NE(violated().find("not all subtasks of 'sums' had restored"), std::string::npos)
      << violated();
}

TEST_F(ManifestOraclesTest, ReportsASplitThatIsDeployedElsewhereOrNotAtAll) {
  Publish(2, Manifest(1));
  proto::DeployTasksRequest deploy;
  deploy.mutable_fence()->set_leader_epoch(1);
  deploy.mutable_fence()->set_attempt(2);
  proto::OperatorRestore& op = *deploy.add_restore()->add_operators();
  op.set_uid("source");
  *op.mutable_state() = Manifest(1).operators(0).subtasks(0);
  restore_.OnRequest(1, 1, "DeployTasks", deploy.SerializeAsString());
  EXPECT_EQ(violated(), "");
  op.mutable_state()->mutable_splits(0)->set_position("6");
  restore_.OnRequest(1, 2, "DeployTasks", deploy.SerializeAsString());
  EXPECT_NE(violated().find("deploys without operator 'source': split 1"), std::string::npos)
      << violated();
}

// "source" is the first region, subtask 0, and "sums" the second one, subtasks 1 and 2.
class RegionsRestoreTest : public ManifestOraclesTest {
 protected:
  void Deploy(uint32_t attempt, std::vector<uint32_t> subtasks) {
    proto::DeployTasksRequest deploy;
    deploy.mutable_fence()->set_leader_epoch(1);
    deploy.mutable_fence()->set_attempt(attempt);
    deploy.mutable_subtasks()->Assign(subtasks.begin(), subtasks.end());
    if (subtasks.front() == 0) {
      proto::OperatorRestore& op = *deploy.add_restore()->add_operators();
      op.set_uid("source");
      *op.mutable_state() = Manifest(1).operators(0).subtasks(0);
    }
    restore_.OnRequest(1, ++calls_, "DeployTasks", deploy.SerializeAsString());
  }
  static KnownRegions Two() {
    KnownRegions regions;
    regions.subtasks = {{.region = 0, .index = 0, .uids = {"source"}},
                        {.region = 1, .index = 0, .uids = {"sums"}},
                        {.region = 1, .index = 1, .uids = {"sums"}}};
    return regions;
  }
  RegionsRestoreTest() : ManifestOraclesTest(Two()) {}
};

TEST_F(RegionsRestoreTest, WhatRunsOnNeedNotRestoreAgain) {
  Publish(2, Manifest(1));
  Deploy(2, {0, 1, 2});
  Restored(2, 1, 101, 4, 8);
  Restored(2, 0, 100, 0, 4);
  Publish(3, Manifest(1));
  Deploy(3, {0});
  Publish(3, Manifest(2));
  EXPECT_EQ(violated(), "");
  EXPECT_EQ(log_.counts["region_restarts"], 1);
  // Deployed again, and not restored.
  Publish(4, Manifest(2));
  Deploy(4, {1, 2});
  Publish(4, Manifest(3));
  EXPECT_NE(violated().find("not all subtasks of 'sums' had restored checkpoint 2"),
            std::string::npos)
      << violated();
}

TEST_F(RegionsRestoreTest, ReportsWhatAnOperatorRestoresThatTheCheckpointDoesNotKnow) {
  proto::CheckpointManifest manifest = Manifest(1);
  manifest.mutable_operators()->DeleteSubrange(0, 1);
  Publish(2, manifest);
  Deploy(2, {0, 1, 2});
  EXPECT_NE(violated().find("once more operator 'source': split 1"), std::string::npos)
      << violated();
}

TEST_F(RegionsRestoreTest, ReportsAPartOfARegion) {
  Publish(2, Manifest(1));
  Deploy(2, {1});
  EXPECT_NE(violated().find("a part of the region of 'sums'"), std::string::npos) << violated();
}

TEST_F(ManifestOraclesTest, AcceptsSplitsThatGoOn) {
  Publish(1, Manifest(1));
  proto::CheckpointManifest next = Manifest(2);
  proto::OperatorState& source = *next.mutable_operators(0);
  source.mutable_enumerator()->clear_pending();
  source.mutable_subtasks(0)->add_finished_splits(1);
  source.mutable_subtasks(0)->mutable_splits(0)->set_id(2);
  Publish(2, next);
  EXPECT_EQ(violated(), "");
  EXPECT_EQ(log_.counts["splits"], 6);
}

TEST_F(ManifestOraclesTest, ReportsASplitThatIsNowhere) {
  proto::CheckpointManifest manifest = Manifest(1);
  manifest.mutable_operators(0)->mutable_enumerator()->clear_pending();
  Publish(1, manifest);
  EXPECT_EQ(violated(),
            "splits: checkpoint 1, source 'source', split 2 of 3: it is nowhere: not pending, with "
            "no reader, not finished");
}

TEST_F(ManifestOraclesTest, ReportsASplitInTwoPlaces) {
  proto::CheckpointManifest manifest = Manifest(1);
  manifest.mutable_operators(0)->mutable_enumerator()->add_pending()->set_id(1);
  Publish(1, manifest);
  EXPECT_EQ(violated(),
            "splits: checkpoint 1, source 'source', split 1 of 3: pending and with reader 0");
}

TEST_F(ManifestOraclesTest, ReportsASplitThatGoesBack) {
  Publish(1, Manifest(1));
  SyncCheckpoints();
  proto::CheckpointManifest next = Manifest(2);
  next.mutable_operators(0)->mutable_enumerator()->clear_finished();
  next.mutable_operators(0)->mutable_enumerator()->add_pending()->set_id(0);
  Publish(2, next);
  EXPECT_EQ(
      violated(),
      "splits: checkpoint 2, source 'source', split 0 of 3: pending, and the checkpoint before "
      "had it finished");
}

TEST_F(ManifestOraclesTest, APointerThatIsNotDurableBindsNobody) {
  Publish(1, Manifest(1));
  proto::CheckpointManifest next = Manifest(2);
  next.mutable_operators(0)->mutable_enumerator()->clear_finished();
  next.mutable_operators(0)->mutable_enumerator()->add_pending()->set_id(0);
  Publish(2, next);
  EXPECT_EQ(violated(), "");
}

}  // namespace
}  // namespace weir::sim
