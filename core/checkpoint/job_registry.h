// The durable registry of a cluster: who leads, and which jobs there are. A folder of published series
// (core/checkpoint/published_series.h), so that a JobManager that restarts finds its jobs again and one that was replaced cannot
// write any more:
//
//   leader-<n>        n is the LeaderEpoch; whoever links it leads
//   job-<id>-<n>      the newest says what has become of the job
//
// A new leader first takes its epoch, then reads the jobs, and publishes each of them anew under its epoch before it acts on it:
// from then on the former leader's next record of that job fails as fenced. Tasks for an executor of kind kIo.
#ifndef WEIR_CORE_CHECKPOINT_JOB_REGISTRY_H_
#define WEIR_CORE_CHECKPOINT_JOB_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/checkpoint/file_tasks.h"
#include "core/checkpoint/published_series.h"
#include "core/checkpoint/storage_task.h"
#include "core/env/file_system.h"
#include "core/proto/manifest.pb.h"

namespace weir {

// Letters, digits, '-' and '_', at most 128. InvalidArgument otherwise.
absl::Status ValidateJobIdForRegistry(const JobId& job);

// Takes the next LeaderEpoch. Aborted if another process took it first; trying again takes the one after.
class TakeLeadershipTask final : public StorageTask {
 public:
  TakeLeadershipTask(FileSystem& file_system, std::string folder, uint64_t process_incarnation,
                     std::string address);
  absl::StatusOr<StepResult> Step() override;
  LeaderEpoch epoch() const { return epoch_; }  // When done.

 private:
  FileSystem& file_system_;
  const std::string folder_;
  proto::LeaderRecord record_;
  LeaderEpoch epoch_;
  ReadNewestTask read_;
  std::optional<PublishTask> publish_;
};

// Aborted if there is a leader with a greater epoch than `ours`.
class ConfirmLeadershipTask final : public StorageTask {
 public:
  ConfirmLeadershipTask(FileSystem& file_system, std::string folder, LeaderEpoch ours);
  absl::StatusOr<StepResult> Step() override;

 private:
  FileSystem& file_system_;
  const std::string folder_;
  const LeaderEpoch ours_;
};

// Publishes `record` as number record.sequence() of its job, which is one more than the one read or written before (1 for a
// new job). When done it is durable. Aborted: another leader has the job. Other errors: see may_have_happened().
class WriteJobRecordTask final : public StorageTask {
 public:
  // `write` differs between all tries of this process. The job id must be valid (ValidateJobIdForRegistry).
  WriteJobRecordTask(FileSystem& file_system, std::string folder, const proto::JobRecord& record,
                     uint64_t write);
  absl::StatusOr<StepResult> Step() override { return publish_.Step(); }
  bool may_have_happened() const { return publish_.may_have_happened(); }

 private:
  PublishTask publish_;
};

// The newest record of every job, by job id. DataLoss names a record that is damaged.
class ReadJobsTask final : public StorageTask {
 public:
  ReadJobsTask(FileSystem& file_system, std::string folder);
  absl::StatusOr<StepResult> Step() override;
  const std::vector<proto::JobRecord>& jobs() const { return jobs_; }  // When done.

 private:
  absl::Status Decode();

  FileSystem& file_system_;
  const std::string folder_;
  int tries_ = 0;
  bool listed_ = false;
  std::map<std::string, uint64_t> newest_;  // By job id; what is still to be read.
  std::optional<ReadFileTask> read_;
  std::vector<proto::JobRecord> jobs_;
};

// What a newer record has replaced, and all of the jobs `forgotten`. Pure.
std::vector<std::string> DecideRegistryGarbage(const std::vector<DirectoryEntry>& entries,
                                               const std::set<std::string>& forgotten = {});

// Removes it. Errors of single files are left for the next time.
class CollectRegistryGarbageTask final : public StorageTask {
 public:
  CollectRegistryGarbageTask(FileSystem& file_system, std::string folder,
                             std::set<std::string> forgotten = {});
  absl::StatusOr<StepResult> Step() override;

 private:
  FileSystem& file_system_;
  const std::string folder_;
  const std::set<std::string> forgotten_;
  std::optional<std::vector<std::string>> garbage_;
  bool names_durable_ = false;
};

}  // namespace weir

#endif  // WEIR_CORE_CHECKPOINT_JOB_REGISTRY_H_
