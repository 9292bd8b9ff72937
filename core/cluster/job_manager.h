// JobManager: knows the TaskManagers and their slots, and runs one JobMaster per job. An actor on its control executor; TaskManagers
// reach it over the Network, clients in the same process through Submit and Cancel.
//
// A TaskManager that sends no heartbeat for heartbeat_timeout is taken for dead: its slots are gone and its jobs fail. If it comes
// back it has to register anew.
#ifndef WEIR_CORE_CLUSTER_JOB_MANAGER_H_
#define WEIR_CORE_CLUSTER_JOB_MANAGER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/base/ids.h"
#include "core/cluster/job_master.h"
#include "core/cluster/rpc_dispatcher.h"
#include "core/cluster/slot_table.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir {

class JobManager final : public ServerHandler {
 public:
  struct Options {
    Address address;
    // Absolute, on storage that outlives the process: where LeaderEpochs are taken, so that whatever an earlier JobManager left
    // running is fenced. "": nothing outlives the process, and the epoch is 1.
    std::string state_folder;
    JobMasterOptions job;
    absl::Duration progress_interval = absl::Milliseconds(200);
  };
  JobManager(Env& env, Options options, JobGraphProvider provider);
  // Ends the life of its executors. Must not run on one of them.
  ~JobManager() override;

  void Start();

  // Any thread. `on_progress` may be null; both run on the JobManager's executor and must not block.
  void Submit(JobSubmission submission, absl::AnyInvocable<void(const JobProgress&)> on_progress,
              absl::AnyInvocable<void(JobResult)> on_done);
  // Any thread. Cancels the job that was submitted last, or stops it with a checkpoint.
  void CancelNewest();
  void StopNewest();

  void OnCall(std::string_view method, std::string request, CallReply reply) override;
  absl::StatusOr<Accepted> OnOpenStream(std::string hello) override;

 private:
  struct Job {
    std::unique_ptr<JobMaster> master;
    absl::AnyInvocable<void(const JobProgress&)> on_progress;
  };
  // Calls it here as soon as this JobManager leads, or cannot take leadership. Any thread.
  void WhenLeading(absl::AnyInvocable<void(absl::Status)> closure);
  void AnswerWaiting(const absl::Status& status);
  void TakeLeadership();
  void OnLeading();
  void RegisterMethods();
  absl::StatusOr<proto::RegisterTaskManagerResponse> RegisterTaskManager(
      const proto::RegisterTaskManagerRequest& request);
  absl::StatusOr<proto::HeartbeatResponse> Heartbeat(const proto::HeartbeatRequest& request);
  void CheckHeartbeats();
  void RemoveTaskManager(const Address& address);
  void AssignSlots();
  void ReportProgress(const std::string& job_id);
  JobMaster* MasterOf(const proto::Fence& fence);

  Env& env_;
  const Options options_;
  const JobGraphProvider provider_;
  LeaderEpoch epoch_{1};
  bool leads_ = false;
  // Submissions that came before; they get OK, or why there will be no leadership soon.
  std::vector<absl::AnyInvocable<void(absl::Status)>> when_leading_;
  const std::string cluster_id_;
  std::unique_ptr<Executor> control_;
  std::unique_ptr<Executor> io_;
  RpcDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  SlotTable slots_;
  std::map<Address, absl::Duration> last_heartbeat_;  // Monotonic.
  std::map<std::string, Job> jobs_;
  std::string newest_job_;
  uint64_t jobs_submitted_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_MANAGER_H_
