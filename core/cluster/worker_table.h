// WorkerTable: which worker process runs which job on which TaskManager that starts workers, as the JobManager sees it. Pure.
//
// A worker is asked for under a token, registers with it, and is forgotten when it is lost; the next one for the same job there has
// another token, so what comes late from the former is refused.
#ifndef WEIR_CORE_CLUSTER_WORKER_TABLE_H_
#define WEIR_CORE_CLUSTER_WORKER_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/env/network.h"

namespace weir {

class WorkerTable {
 public:
  struct Worker {
    Address supervisor;
    std::string job;
    std::string token;
    Address address;  // "" until it has registered.
  };
  // Tokens grow, also from one leader to the next.
  void set_leader(LeaderEpoch epoch) { epoch_ = epoch; }

  // Where the subtasks of `job` go if its slots are on the TaskManagers `hosts`, in their order: the address of the job's worker
  // where a host is in `supervisors`, else the host itself.
  struct Resolution {
    std::vector<Address> addresses;  // Empty while workers are missing.
    std::vector<Worker> to_start;    // Not asked for before; they count as asked for from now on.
    std::vector<Worker> to_end;      // On hosts where the job has no slots (any more); forgotten.
    int missing = 0;
  };
  Resolution Resolve(const std::string& job, const std::vector<Address>& hosts,
                     const std::set<Address>& supervisors);

  // A TaskManager says that it has started it: it counts as asked for, unless there is another one.
  void OnStarted(const Worker& worker);

  // A worker registers at its address. True if it is the one that was asked for. If none was asked for, which is so when the
  // JobManager is newer than the worker, `wanted` decides whether it is taken over.
  bool OnRegistered(const Worker& worker, bool wanted);

  // The worker at `address`, and that of a job on a TaskManager; null if there is none.
  const Worker* At(const Address& address) const;
  const Worker* Find(const std::string& job, const Address& supervisor) const;
  // Forgets it, so that another is asked for. Nothing if the token is not the current one.
  std::optional<Worker> Forget(const Address& supervisor, const std::string& job,
                               const std::string& token);
  // Forgets those of a job, or of a TaskManager, and returns them.
  std::vector<Worker> ForgetJob(const std::string& job);
  std::vector<Worker> ForgetSupervisor(const Address& supervisor);

 private:
  using Key = std::pair<std::string, Address>;  // Job, supervisor.
  LeaderEpoch epoch_;
  uint64_t last_token_ = 0;
  std::map<Key, Worker> workers_;
};

}  // namespace weir

#endif  // WEIR_CORE_CLUSTER_WORKER_TABLE_H_
