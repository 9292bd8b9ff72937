// TaskManagerSupervisor: offers the slots of a machine to the JobManager and runs nothing itself: for each job that gets slots it
// starts a fresh worker process (a TaskManager with Options::worker), and ends it afterwards. So a job's crash takes no other with
// it, and what a job loads or leaks goes with its process. Workers deal with the JobManager themselves from then on; they outlive
// the loss of a JobManager. An actor on its control executor.
#ifndef WEIR_CORE_CLUSTER_TASK_MANAGER_SUPERVISOR_H_
#define WEIR_CORE_CLUSTER_TASK_MANAGER_SUPERVISOR_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/job_manager_link.h"
#include "core/cluster/rpc_client.h"
#include "core/cluster/rpc_dispatcher.h"
#include "core/cluster/worker_launcher.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir {

class TaskManagerSupervisor final : public ServerHandler, private JobManagerLink::Owner {
 public:
  struct Options {
    Address address;
    Address job_manager;
    int slots = 1;
    ClusterTimeouts timeouts;
    // With the address that is served, or why there is none; on the control executor. May be null.
    std::function<void(absl::StatusOr<Address>)> on_serving;
  };
  // `launcher` outlives this. It is used on executor() only.
  TaskManagerSupervisor(Env& env, Options options, WorkerLauncher* launcher);
  // Ends the life of its executor, on which it must not run. Workers are left to the launcher.
  ~TaskManagerSupervisor() override;

  void Start();
  Executor& executor() { return *control_; }

  // Any thread. Tells the JobManager that this machine goes, so that its jobs need not wait for missing heartbeats; `then` runs on
  // executor() when that is done, or takes too long.
  void Leave(absl::AnyInvocable<void()> then);

  void OnCall(std::string_view method, std::string request, CallReply reply) override;
  absl::StatusOr<Accepted> OnOpenStream(std::string hello) override;

 private:
  proto::RegisterTaskManagerRequest Registration() override;
  void FillHeartbeat(proto::HeartbeatRequest&) override {}
  void OnJobOver(const proto::Fence&) override {}
  void OnJobManagerLost() override {}
  void OnNotWanted(absl::Status) override {}
  void RegisterMethods();
  absl::Status StartWorker(const proto::StartWorkerRequest& request);
  void StopWorker(const std::string& job_id, const std::string& token);
  void OnWorkerEnded(const std::string& token, std::string how);
  void ReportEnded(proto::WorkerEndedRequest request);

  Env& env_;
  const Options options_;
  WorkerLauncher* const launcher_;
  std::unique_ptr<Executor> control_;
  RpcClient rpc_;
  JobManagerLink link_;
  RpcDispatcher dispatcher_;
  std::unique_ptr<Server> server_;
  Address address_;
  std::map<std::string, proto::WorkerIdentity> workers_;  // By job. That nobody has asked to end.
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_TASK_MANAGER_SUPERVISOR_H_
