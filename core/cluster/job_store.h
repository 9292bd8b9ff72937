// JobStore: keeps the records of a JobManager's jobs in the registry (core/checkpoint/job_registry.h). Belongs to the JobManager's
// executor; files are worked on by the I/O executor, one step at a time, and what an error of the storage stops is tried again.
//
// The records of a job are numbered. If it is not known whether a record was written, the registry is read before the next try: a
// leader that was replaced finds somebody else's record under the number, and never writes over it.
#ifndef WEIR_CORE_CLUSTER_JOB_STORE_H_
#define WEIR_CORE_CLUSTER_JOB_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/base/ids.h"
#include "core/checkpoint/storage_task_runner.h"
#include "core/env/env.h"
#include "core/proto/manifest.pb.h"

namespace weir {

class JobStore {
 public:
  // `folder` exists; `epoch` is this leader's. What is passed in outlives this object; nothing is called back after its end.
  // `on_storage` is told of errors of the storage while a record is being written, for every try, and OK when it is written.
  JobStore(Env& env, Executor& control, Executor& io, std::string folder, LeaderEpoch epoch,
           absl::Duration retry_delay, std::function<void(const absl::Status&)> on_storage);

  // The newest record of every job, after the registry has been read without an error of the storage. DataLoss names a record
  // that is damaged: that does not pass.
  void Read(absl::AnyInvocable<void(absl::StatusOr<std::vector<proto::JobRecord>>)> done);

  // Makes `record` the newest of its job: its number and epoch are set here. OK: it is durable. Aborted: another leader has the
  // job. One write of a job at a time.
  void Write(proto::JobRecord record, absl::AnyInvocable<void(absl::Status)> done);

  // Aborted if there is a leader with a greater epoch. Anything else does not say that there is none.
  void ConfirmLeadership(absl::AnyInvocable<void(absl::Status)> done);

  // Removes what newer records have replaced, and all records of the jobs `forgotten`, without telling.
  void CollectGarbage(std::set<std::string> forgotten);

 private:
  struct WriteInProgress;
  void Try(std::shared_ptr<WriteInProgress> write);
  void FindOut(std::shared_ptr<WriteInProgress> write);
  void RetryLater(absl::AnyInvocable<void()> closure);

  Env& env_;
  Executor& control_;
  StorageTaskRunner tasks_;
  const std::string folder_;
  const LeaderEpoch epoch_;
  const absl::Duration retry_delay_;
  const std::function<void(const absl::Status&)> on_storage_;
  std::map<std::string, uint64_t>
      newest_;  // By job id: the number of the newest record that is known.
  uint64_t tries_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_STORE_H_
