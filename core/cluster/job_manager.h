// JobManager: knows the TaskManagers and their slots, and runs one JobMaster per job. An actor on its control executor; TaskManagers
// and clients (core/cluster/job_client.h) reach it over the Network, clients in the same process through Submit and Cancel, too.
//
// With keep_jobs its jobs outlive it. A job is written to the registry in state_folder before anything of it is deployed, and what
// has become of it before those are told who wait for its end or have cancelled it. The next JobManager that leads takes a greater
// LeaderEpoch, writes every job that has not ended anew under it, and runs it from the checkpoint that its pointer names. A JobManager
// that finds itself replaced (Aborted) leaves its jobs and TaskManagers alone from then on.
//
// Slots may be of TaskManagers that run jobs in worker processes (core/cluster/task_manager_supervisor.h): then a worker is started
// for each job that gets some, registers by itself, is kept from attempt to attempt, and ended with the job.
//
// With keep_jobs and a loader it takes artifacts, too: shared objects with jobs, which clients upload into its blob store
// (core/cluster/blob_store.h) and its workers fetch from there. It loads them itself, to build the graphs of their jobs.
//
// A TaskManager that sends no heartbeat for heartbeat_timeout is taken for dead: its slots are gone and its jobs fail. If it comes
// back it has to register anew.
#ifndef WEIR_CORE_CLUSTER_JOB_MANAGER_H_
#define WEIR_CORE_CLUSTER_JOB_MANAGER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/ids.h"
#include "core/cluster/artifact_loader.h"
#include "core/cluster/blob_store.h"
#include "core/cluster/job_master.h"
#include "core/cluster/job_store.h"
#include "core/cluster/rpc_client.h"
#include "core/cluster/rpc_dispatcher.h"
#include "core/cluster/slot_table.h"
#include "core/cluster/worker_table.h"
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
    // Keep the jobs there, too, and go on with those that have not ended.
    bool keep_jobs = false;
    // So many jobs that have ended are remembered; those that ended first are forgotten. At least 1. jobstore.max-capacity.
    int ended_jobs_max = 1000;
    // Another JobManager leads: this one does nothing any more. May be null.
    std::function<void(absl::Status)> on_replaced;
    // The storage of state_folder fails, and the JobManager waits for it; OK: it does not fail any more. Told when that changes, on
    // the control executor. May be null.
    std::function<void(const absl::Status&)> on_storage;
    // With the address that is served, or why there is none; on the control executor. May be null: then it must work.
    std::function<void(absl::StatusOr<Address>)> on_serving;
    JobMasterOptions job;
    absl::Duration progress_interval = absl::Milliseconds(200);
    std::string build_id;  // Of this program, for clients that want to know.
    BlobStoreOptions blobs;
    // Outlives the JobManager. Null: it takes no artifacts.
    ArtifactLoader* artifact_loader = nullptr;
    // Why it takes no artifacts, with the remedy, if that is so; OK otherwise.
    absl::Status artifacts_refused;
  };
  JobManager(Env& env, Options options, JobGraphProvider provider);
  // Ends the life of its executors. Must not run on one of them.
  ~JobManager() override;

  void Start();
  // On which it lives.
  Executor& executor() { return *control_; }

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
    JobSubmission submission;
    absl::Time submitted = absl::UnixEpoch();  // By the wall clock; the epoch: unknown.
    std::unique_ptr<JobMaster> master;         // Null before the job is durable.
    std::vector<Address> hosts;                // Of its slots, where it has had some.
    bool ran = false;                          // Wholly, under this leader or an earlier one.
    absl::Duration claims_until;  // Monotonic. Until then, others get no slots while it lacks some.
    // Hosts on which it ran last, but for those whose loss it has had a claim for.
    std::set<Address> may_claim;
    absl::AnyInvocable<void(const JobProgress&)> on_progress;
    absl::AnyInvocable<void(JobResult)> on_done;
    std::vector<RpcReply<proto::SubmitJobResponse>> when_durable;
    // Its user has cancelled it, and from then on no leader runs it any more. Before that is durable, those who asked wait.
    bool cancelled = false;
    std::vector<RpcReply<proto::EndJobResponse>> when_cancelled;
    // One is written at a time; the first is being written.
    std::deque<std::pair<proto::JobRecord, absl::AnyInvocable<void()>>> records;
  };
  // Calls it here as soon as this JobManager leads, or cannot take leadership. Any thread.
  void WhenLeading(absl::AnyInvocable<void(absl::Status)> closure);
  void AnswerWaiting(const absl::Status& status);
  void OnStorage(const absl::Status& status);
  void TakeLeadership();
  void OnLeading();
  void ReadJobs();
  void OnJobsRead(const std::vector<proto::JobRecord>& records);
  // From time to time, as a JobManager without jobs writes nothing that would tell it.
  void ConfirmLeadership();
  void Adopt(const proto::JobRecord& record);
  void Serve();
  // Ends the leadership without touching what it led.
  void OnReplaced(absl::Status why);
  void OnNewJob(const std::string& job_id, Job job);
  // Answers when the job can be built: at once if it is in no artifact. No answer if this JobManager is replaced meanwhile.
  void PrepareArtifact(const std::string& job_id, absl::AnyInvocable<void(absl::Status)> done);
  absl::Status CheckArtifactsTaken() const;
  // FailedPrecondition if the client has built another graph.
  absl::StatusOr<JobGraph> BuildGraph(const JobSubmission& submission) const;
  void RecordNewJob(const std::string& job_id);
  void RefuseNewJob(const std::string& job_id, const absl::Status& why);
  void Begin(const std::string& job_id, bool adopted);
  void OnJobDone(const std::string& job_id, JobResult result);
  // Forgets ended jobs beyond ended_jobs_max; returns their ids.
  std::set<std::string> ForgetEnded();
  void ForgetJob(const std::string& job_id, JobResult result);
  // Behind those of the job that are still to be written.
  void WriteRecord(const std::string& job_id, proto::JobRecord record,
                   absl::AnyInvocable<void()> on_durable);
  void WriteNextRecord(const std::string& job_id);
  void RegisterMethods();
  // For clients: job_manager_clients.cc.
  void RegisterClientMethods();
  void SubmitJob(const proto::SubmitJobRequest& request, RpcReply<proto::SubmitJobResponse> reply);
  absl::StatusOr<proto::GetJobStatusResponse> GetJobStatus(const std::string& job_id) const;
  void EndJob(const proto::EndJobRequest& request, RpcReply<proto::EndJobResponse> reply);
  absl::Status StopJob(const std::string& job_id, const Job& job) const;
  void CancelJob(const std::string& job_id, RpcReply<proto::EndJobResponse> reply);
  proto::JobOverview OverviewOf(const std::string& job_id, const Job& job) const;
  proto::JobDetails DetailsOf(const std::string& job_id, const Job& job) const;
  proto::ListJobsResponse ListJobs() const;
  absl::StatusOr<proto::GetJobDetailsResponse> GetJobDetails(const std::string& job_id) const;
  proto::GetClusterOverviewResponse GetClusterOverview() const;
  absl::StatusOr<proto::RegisterTaskManagerResponse> RegisterTaskManager(
      const proto::RegisterTaskManagerRequest& request);
  absl::Status RegisterWorker(const proto::RegisterTaskManagerRequest& request);
  absl::StatusOr<proto::HeartbeatResponse> Heartbeat(const proto::HeartbeatRequest& request);
  void CheckHeartbeats();
  // `why` continues "TaskManager X ...".
  void RemoveTaskManager(const Address& address, const std::string& why);
  void LoseProcess(const Address& address, const std::string& why);
  void OnUnreachable(const Address& address, absl::Duration called);
  // Jobs that ran go first, then by the time of their submission.
  void AssignSlots();
  // False if it lacks slots. While those that are free are kept for another job, `kept_for`, it gets none that it does not hold.
  bool AssignSlotsTo(const std::string& job_id, Job& job, const std::string& kept_for);
  std::vector<std::string> JobsByClaim() const;
  void ClaimSlots(Job& job);
  bool Claims(const Job& job) const;
  void OnSlotsWanted(const std::string& job_id);
  void OnJobRuns(const std::string& job_id);
  void StartWorker(const WorkerTable::Worker& worker, int unreachable = 0);
  bool IsAwaited(const WorkerTable::Worker& worker) const;
  void AwaitWorker(const WorkerTable::Worker& worker);
  void EndWorker(const WorkerTable::Worker& worker);
  void OnWorkerEnded(const proto::WorkerEndedRequest& request);
  void ReportProgress(const std::string& job_id);
  JobMaster* MasterOf(const std::string& job_id);

  Env& env_;
  const Options options_;
  const JobGraphProvider provider_;
  LeaderEpoch epoch_{1};
  bool leads_ = false;
  bool storage_works_ = true;  // What was told last.
  // Submissions that came before; they get OK, or why there will be no leadership soon.
  std::vector<absl::AnyInvocable<void(absl::Status)>> when_leading_;
  const std::string cluster_id_;
  std::unique_ptr<Executor> control_;
  std::unique_ptr<Executor> io_;
  RpcClient rpc_;
  RpcDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  SlotTable slots_;
  WorkerTable workers_;
  struct Registered {
    uint64_t incarnation = 0;
    absl::Duration since;  // Monotonic; the next one, too.
    absl::Duration last_heartbeat;
  };
  std::map<Address, Registered> registered_;  // TaskManagers and workers.
  std::map<std::string, Job> jobs_;
  std::unique_ptr<JobStore> store_;                 // With keep_jobs, while this leads.
  std::unique_ptr<BlobStore> blobs_;                // The same.
  std::map<std::string, proto::JobDetails> ended_;  // With keep_jobs: what has become of jobs.
  std::string newest_job_;
  uint64_t jobs_submitted_ = 0;
  uint64_t fenced_messages_ = 0;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_MANAGER_H_
