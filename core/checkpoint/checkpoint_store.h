// CheckpointStore: the checkpoint folder of one job, as tasks of single steps (core/checkpoint/storage_task.h) for an executor of
// kind kIo. The folder may be shared by processes that do not know of each other; nothing here trusts that it is alone.
//
//   hello               who may use the folder
//   state-...           written by subtasks (core/checkpoint/state_file.h)
//   manifest-...        one per checkpoint
//   pointer-<n>         a published series: the newest says which manifest counts
//
// Every deployment of a job begins with ClaimPointerTask: it publishes a pointer of its own that names the same checkpoint as
// the one before. From then on nothing that an older deployment still publishes can succeed, and the new one restores exactly
// what it claimed. docs/formats/checkpoint.md has the formats and the order of writes.
//
// Errors: Aborted: fenced by a newer deployment or leader, give up; DataLoss: names the file that is damaged or missing, do not go
// on; others as the FileSystem reports them.
#ifndef WEIR_CORE_CHECKPOINT_CHECKPOINT_STORE_H_
#define WEIR_CORE_CHECKPOINT_CHECKPOINT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/checkpoint_pointer.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/job_attempt.h"
#include "core/checkpoint/published_series.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/file_system.h"
#include "core/proto/manifest.pb.h"
#include "core/types/hello.h"

namespace weir {

// Creates the folder if it is missing and shakes hands with whoever uses it: the first one leaves its Hello there, the others
// compare. InvalidArgument: the folder belongs to another cluster; FailedPrecondition: to a build that speaks another protocol.
class OpenStoreTask final : public StorageTask {
 public:
  // With `adopt_cluster_id` the folder's cluster id is taken over instead of compared: see hello().
  OpenStoreTask(FileSystem& file_system, std::string folder, Hello ours, bool adopt_cluster_id);
  absl::StatusOr<StepResult> Step() override;
  // When done: the one in the folder.
  const Hello& hello() const { return theirs_; }

 private:
  enum class Stage : uint8_t {
    kCreateFolder,
    kRead,
    kWrite,
    kRemoveOldCandidate,
    kLink,
    kSyncFolder,
    kRemoveCandidate
  };
  absl::Status Compare(std::string_view bytes);

  FileSystem& file_system_;
  const std::string folder_;
  const Hello ours_;
  const bool adopt_cluster_id_;
  const std::string path_;
  const std::string candidate_;
  Hello theirs_;
  Stage stage_ = Stage::kCreateFolder;
  bool written_ = false;
  bool removes_candidate_ = false;  // Once.
  CreateFolderTask create_folder_;
  std::optional<ReadFileTask> read_;
  std::optional<WriteFileTask> write_;
};

// Writes the manifest as `ManifestName(checkpoint, attempt)`; when done the file and its name are durable.
class WriteManifestTask final : public StorageTask {
 public:
  // `manifest` must be valid (BuildManifest); the first step returns its error otherwise.
  WriteManifestTask(FileSystem& file_system, std::string folder,
                    const proto::CheckpointManifest& manifest);
  absl::StatusOr<StepResult> Step() override;
  // When done.
  const ManifestRef& manifest() const { return ref_; }

 private:
  ManifestRef ref_;
  absl::Status encoded_;
  std::optional<WriteFileTask> write_;
};

// Publishes `record` under its sequence number. See PublishTask for the errors.
class PublishPointerTask final : public StorageTask {
 public:
  // `write` as in the action PublishPointer.
  PublishPointerTask(FileSystem& file_system, std::string folder, const PointerRecord& record,
                     uint64_t write);
  absl::StatusOr<StepResult> Step() override { return publish_.Step(); }
  bool may_have_happened() const { return publish_.may_have_happened(); }

 private:
  PublishTask publish_;
};

// Takes the folder over for `attempt`: publishes a pointer that names what the newest one names. Aborted if that is already by
// this or a newer attempt; so after any error the next try needs a new AttemptNumber.
class ClaimPointerTask final : public StorageTask {
 public:
  struct Options {
    JobAttempt attempt;
    // The smallest id not given out, where that is known (CoordinatorState::next_checkpoint of the same process); else 0, and
    // every id that may have been given out is skipped.
    CheckpointId next_checkpoint;
    // Instead of what the newest pointer names: restore from elsewhere (FindCheckpointTask). Only where nothing was published
    // but claims; FailedPrecondition otherwise.
    std::optional<ManifestRef> restore = std::nullopt;
    // Where something else was published, go on from that instead of refusing.
    bool restore_if_new = false;
  };
  ClaimPointerTask(FileSystem& file_system, std::string folder, Options options);
  absl::StatusOr<StepResult> Step() override;

  // When done.
  const PointerRecord& claimed() const { return claimed_; }
  const PointerRecord& previous() const { return previous_; }  // sequence 0: there was none.
  CheckpointId first_checkpoint() const { return first_checkpoint_; }

 private:
  absl::Status Prepare();

  FileSystem& file_system_;
  const std::string folder_;
  const Options options_;
  int tries_ = 0;
  PointerRecord previous_;
  PointerRecord claimed_;
  CheckpointId first_checkpoint_;
  std::optional<ReadNewestTask> read_;
  std::optional<PublishPointerTask> publish_;
};

// What a claim by `attempt` publishes after `previous`, and the first checkpoint id it may use. Pure.
struct PointerClaim {
  PointerRecord record;
  CheckpointId first_checkpoint;
};
absl::StatusOr<PointerClaim> DecideClaim(const PointerRecord& previous,
                                         const ClaimPointerTask::Options& options);

enum class VerifyFiles : uint8_t {
  kSizes,      // Every file that the manifest reaches is there and has its size.
  kChecksums,  // And its bytes.
};

// Reads the manifest that `ref` names and looks at every file it reaches. DataLoss, naming the first file that is damaged,
// missing or not what the reference says: never an older checkpoint instead.
class LoadCheckpointTask final : public StorageTask {
 public:
  LoadCheckpointTask(FileSystem& file_system, std::string folder, ManifestRef ref,
                     VerifyFiles verify);
  absl::StatusOr<StepResult> Step() override;
  // When done.
  const proto::CheckpointManifest& manifest() const { return manifest_; }
  // Of the manifest and its state files.
  const std::string& folder() const { return files_folder_; }

 private:
  absl::Status Decode();
  absl::StatusOr<StepResult> NextFile();

  FileSystem& file_system_;
  const ManifestRef ref_;
  const VerifyFiles verify_;
  const std::string path_;
  const std::string files_folder_;
  ReadFileTask read_;
  bool decoded_ = false;
  proto::CheckpointManifest manifest_;
  std::vector<proto::StateFile> files_;
  size_t next_file_ = 0;
  std::unique_ptr<StorageTask> checksum_;  // Of files_[next_file_].
};

// Makes a reference of what a user names: a checkpoint folder (then its newest checkpoint) or a manifest. NotFound if there is no
// checkpoint there. `path` is absolute.
class FindCheckpointTask final : public StorageTask {
 public:
  FindCheckpointTask(FileSystem& file_system, std::string path);
  absl::StatusOr<StepResult> Step() override;
  // When done. Its name is absolute.
  const ManifestRef& manifest() const { return ref_; }

 private:
  FileSystem& file_system_;
  const std::string path_;
  ManifestRef ref_;
  std::optional<ReadNewestTask> newest_;
  std::optional<ReadFileTask> read_;
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_CHECKPOINT_STORE_H_
