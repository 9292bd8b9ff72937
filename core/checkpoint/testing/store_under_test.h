// StoreUnderTest: the checkpoint folder of a job as one deployment of it sees it, with the tasks of the store called one after
// another. Testonly; on an executor of kind kIo.
#ifndef WEIR_CORE_CHECKPOINT_TESTING_STORE_UNDER_TEST_H_
#define WEIR_CORE_CHECKPOINT_TESTING_STORE_UNDER_TEST_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "core/base/status_macros.h"
#include "core/checkpoint/checkpoint_store.h"
#include "core/checkpoint/garbage.h"
#include "core/checkpoint/state_file.h"
#include "core/checkpoint/testing/manifest_under_test.h"

namespace weir {

class StoreUnderTest {
 public:
  static constexpr int kParallelism = 2;
  static constexpr int kMaxParallelism = 8;

  // `between` is called between any two operations on the folder.
  StoreUnderTest(
      FileSystem& file_system, std::string folder, JobAttempt attempt,
      std::function<void()> between = [] {})
      : file_system_(file_system),
        folder_(std::move(folder)),
        attempt_(attempt),
        between_(std::move(between)) {}

  absl::Status Run(StorageTask& task) {
    while (true) {
      between_();
      WEIR_ASSIGN_OR_RETURN(const StepResult result, task.Step());
      if (result == StepResult::kDone) return absl::OkStatus();
    }
  }

  absl::Status Open(const std::string& cluster_id = "cluster") {
    Hello ours;
    ours.cluster_id = cluster_id;
    ours.process_incarnation = attempt_.epoch.value();
    ours.leader_epoch = attempt_.epoch;
    OpenStoreTask open(file_system_, folder_, ours, /*adopt_cluster_id=*/false);
    return Run(open);
  }

  absl::Status Claim(std::optional<ManifestRef> restore = std::nullopt) {
    ClaimPointerTask claim(file_system_, folder_, {attempt_, CheckpointId(), std::move(restore)});
    WEIR_RETURN_IF_ERROR(Run(claim));
    newest = claim.claimed();
    next = claim.first_checkpoint();
    return absl::OkStatus();
  }

  // The state of checkpoint k is "state k of i" in every file of subtask i.
  static std::string Content(CheckpointId checkpoint, int subtask) {
    return "state " + std::to_string(checkpoint.value()) + " of " + std::to_string(subtask);
  }

  absl::Status WriteState(std::map<SubtaskId, proto::SubtaskSnapshot>& snapshots) {
    AddKeyedSnapshots(attempt_, next, kParallelism, kMaxParallelism, snapshots);
    for (int i = 0; i < kParallelism; ++i) {
      proto::StateFile& file = *snapshots[SubtaskId(static_cast<uint32_t>(i))]
                                    .mutable_operators(0)
                                    ->mutable_state()
                                    ->mutable_keyed(0)
                                    ->mutable_files(0);
      StateFileWriter writer(file_system_, folder_, file.name());
      between_();
      WEIR_RETURN_IF_ERROR(writer.Create());
      between_();
      WEIR_RETURN_IF_ERROR(writer.Append(Content(next, i)));
      while (true) {
        between_();
        WEIR_ASSIGN_OR_RETURN(const StepResult result, writer.FinishStep());
        if (result == StepResult::kDone) break;
      }
      file = writer.handle();
    }
    return absl::OkStatus();
  }

  absl::Status WriteManifest() {
    std::map<SubtaskId, proto::SubtaskSnapshot> snapshots;
    WEIR_RETURN_IF_ERROR(WriteState(snapshots));
    return WriteManifest(snapshots);
  }

  absl::Status WriteManifest(const std::map<SubtaskId, proto::SubtaskSnapshot>& snapshots) {
    ManifestHeader header;
    header.checkpoint = next;
    header.attempt = attempt_;
    WEIR_ASSIGN_OR_RETURN(
        const proto::CheckpointManifest manifest,
        BuildManifest(header, {{"count", "", kParallelism, kMaxParallelism}}, snapshots));
    WriteManifestTask write(file_system_, folder_, manifest);
    WEIR_RETURN_IF_ERROR(Run(write));
    written = write.manifest();
    return absl::OkStatus();
  }

  absl::Status Publish() {
    PointerRecord record = newest;
    ++record.sequence;
    record.attempt = attempt_;
    record.manifest = written;
    PublishPointerTask publish(file_system_, folder_, record, ++writes_);
    WEIR_RETURN_IF_ERROR(Run(publish));
    newest = record;
    next = CheckpointId(next.value() + 1);
    return absl::OkStatus();
  }

  absl::Status Collect() {
    CollectGarbageTask collect(file_system_, folder_, newest, CheckpointId(next.value() - 1));
    return Run(collect);
  }

  absl::Status Checkpoint() {
    WEIR_RETURN_IF_ERROR(WriteManifest());
    WEIR_RETURN_IF_ERROR(Publish());
    return Collect();
  }

  absl::StatusOr<proto::CheckpointManifest> Load(VerifyFiles verify = VerifyFiles::kChecksums) {
    LoadCheckpointTask load(file_system_, folder_, newest.manifest, verify);
    WEIR_RETURN_IF_ERROR(Run(load));
    return load.manifest();
  }

  PointerRecord newest;
  CheckpointId next;
  ManifestRef written;

 private:
  FileSystem& file_system_;
  const std::string folder_;
  const JobAttempt attempt_;
  const std::function<void()> between_;
  uint64_t writes_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_TESTING_STORE_UNDER_TEST_H_
