// JobManagerLink: keeps a process registered with the JobManager. Registers until it is answered, sends heartbeats, and begins again
// when the JobManager stops answering for heartbeat_timeout or does not know the process (any more). Knows the newest LeaderEpoch
// that anybody has shown. Belongs to its owner's executor; destroying it there, or after the end of that, ends the link.
#ifndef WEIR_CORE_CLUSTER_JOB_MANAGER_LINK_H_
#define WEIR_CORE_CLUSTER_JOB_MANAGER_LINK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/cluster/cluster_options.h"
#include "core/cluster/rpc_client.h"
#include "core/env/env.h"
#include "core/proto/control.pb.h"

namespace weir {

class JobManagerLink {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // Who registers. The incarnation is the link's.
    virtual proto::RegisterTaskManagerRequest Registration() = 0;
    // Before each heartbeat: its fence may be made that of an attempt, and metrics added.
    virtual void FillHeartbeat(proto::HeartbeatRequest& heartbeat) = 0;
    // The JobManager says that the job of the fence of one of its heartbeats has ended.
    virtual void OnJobOver(const proto::Fence& fence) = 0;
    // Nobody leads this process any more. The link registers again after this.
    virtual void OnJobManagerLost() = 0;
    // The JobManager wants this process no more (NotFound, FailedPrecondition): the link is at rest.
    virtual void OnNotWanted(absl::Status why) = 0;
  };

  JobManagerLink(Env& env, Executor& executor, Address job_manager, ClusterTimeouts timeouts,
                 uint64_t incarnation, Owner* owner);

  void Start();
  // Treats the JobManager as lost now. It hears the reason when it is found again.
  void BeginAnew(std::string reason);
  // Tells the JobManager that this process goes; `then` runs when it has heard, or cannot hear. The link is at rest from now on.
  void Leave(absl::AnyInvocable<void()> then);

  // Aborted if the message is of an older leader than somebody has shown; otherwise remembers the leader.
  absl::Status CheckLeader(const proto::Fence& fence);

  uint64_t incarnation() const { return incarnation_; }
  uint64_t leader_epoch() const { return leader_epoch_; }
  const Address& job_manager() const { return job_manager_; }
  // Of the JobManager that answered last, or as told by set_cluster_id.
  const std::string& cluster_id() const { return cluster_id_; }
  void set_cluster_id(std::string id) { cluster_id_ = std::move(id); }

 private:
  void SendRegister();
  void RegisterLater();
  void OnAnswer(const proto::RegisterTaskManagerResponse& response);
  void SendHeartbeat();

  Env& env_;
  Executor& executor_;
  const Address job_manager_;
  const ClusterTimeouts timeouts_;
  const uint64_t incarnation_;
  Owner* const owner_;
  RpcClient rpc_;
  uint64_t leader_epoch_ = 0;
  std::string cluster_id_;
  std::string address_;  // As registered.
  std::string reason_;   // Of a new registration, until it has succeeded.
  absl::Duration heartbeat_interval_;
  absl::Duration heartbeat_timeout_;
  absl::Duration last_heartbeat_answer_;
  uint64_t registration_ =
      0;  // Counts registrations, so that the heartbeats of an earlier one stop.
  std::shared_ptr<JobManagerLink*> self_ = std::make_shared<JobManagerLink*>(this);
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_JOB_MANAGER_LINK_H_
