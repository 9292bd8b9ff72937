// SimWorld: a whole cluster in one thread, in virtual time, decided by one seed.
//
//   SimWorld world(Seed(7));
//   TaskManager tm(world.HostEnv("tm-1"), config);
//   tm.Start();
//   WEIR_CHECK_OK(world.RunUntil([&] { return tm.registered(); }, absl::Minutes(1)));
//
// A world has machines, whose disks survive the processes that run on them, one volume mounted on
// all machines, and a network between the processes. Programs get an Env and cannot tell it from
// another. Nothing outside the seed and the calls made here decides what happens: two worlds with
// the same seed, options and program go through the same events, and digest() shows it. The program
// must hold to the seams of core/env; reading addresses of objects, other clocks or other random
// numbers is what breaks the promise, and the trace tells where (sim/trace.h).
//
// Belongs to one thread; destroyed after everything that was made from its Envs.
#ifndef WEIR_SIM_SIM_WORLD_H_
#define WEIR_SIM_SIM_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/env/env.h"
#include "sim/connection.h"
#include "sim/event_loop.h"
#include "sim/file_tree.h"
#include "sim/recorder.h"
#include "sim/schedule.h"
#include "sim/sim_network.h"
#include "sim/sim_process.h"
#include "sim/sim_random.h"
#include "sim/sim_volume.h"
#include "sim/trace.h"
#include "sim/virtual_time.h"

namespace weir::sim {

struct SimOptions {
  // Absent: drawn from the seed.
  std::optional<ScheduleKind> schedule = {};
  std::optional<int> worker_count = {};  // Of each machine; drawn from 1 to 4.

  // An executor's turns cost one to four times this, drawn once. With 0 time passes only when
  // something is charged, and a loop of posts spins.
  absl::Duration turn_cost = absl::Microseconds(1);
  // More events than this at one instant end the run with an error.
  int64_t spin_limit_events = 100'000;

  absl::Time wall_start = absl::FromUnixSeconds(1'704'067'200);  // 2024-01-01T00:00:00Z.
  std::string shared_path = "/shared";                           // Absolute; not "/".
  NetworkOptions network = {};
  DiskOptions disk = {};
  TraceSink trace = {};  // Absent: no trace.
};

class SimWorld {
 public:
  explicit SimWorld(Seed seed, SimOptions options = {});
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;
  ~SimWorld();

  // The Env of the process `name`, which is alone on a machine of that name. Both start at the
  // first use of the name. Valid as long as the world.
  Env& HostEnv(std::string_view name);

  // Lets things happen until `done` holds, which is asked before the first turn and after each one.
  // DeadlineExceeded after `limit` of virtual time; FailedPrecondition if nothing is left to
  // happen; Internal, with the names of executors, if time does not pass (see spin_limit_events).
  absl::Status RunUntil(absl::FunctionRef<bool()> done, absl::Duration limit);
  // Lets things happen until nothing is left; the errors of RunUntil.
  absl::Status RunUntilQuiescent(absl::Duration limit);
  // Lets `duration` pass; OK, or Internal as above.
  absl::Status RunFor(absl::Duration duration);

  // Virtual time since the world began.
  absl::Duration elapsed() const { return absl::Nanoseconds(time_.now()); }
  absl::Time wall() const { return wall_start_ + elapsed(); }

  // Stands for everything that has happened, in order.
  uint64_t digest() const { return recorder_.digest(); }
  // How much that was: recorded events; closures that ran on executors.
  uint64_t events() const { return recorder_.events(); }
  uint64_t turns() const { return loop_->turns(); }

  Seed seed() const { return seed_; }
  ScheduleKind schedule() const { return schedule_.kind(); }
  // Draws that belong to no machine, e.g. of a workload.
  Random& random() { return random_; }

  // Puts a read-only file at `path` (absolute) on every machine, also on those that come later; the
  // folders above it are ordinary ones. CHECKs that the name is free.
  void MountReadOnly(std::string_view path, std::string bytes);

  // The files themselves, without cost and trace: for tests, to prepare and to inspect.
  FileTree& disk(std::string_view host);
  FileTree& shared_files() { return shared_->files; }

 private:
  struct Mount {
    std::string path;
    FileNodePtr file;
  };

  SimMachine& AddMachine(std::string_view name);
  void Attach(SimMachine& machine, const Mount& mount);
  EventLoop::StepResult Step(int64_t limit_ns) { return loop_->Step(limit_ns); }
  int64_t LimitAfter(absl::Duration duration) const;
  absl::Status SpinError() const;

  const Seed seed_;
  const absl::Time wall_start_;
  const absl::Duration turn_cost_;
  const std::optional<int> worker_count_;
  const DiskOptions disk_options_;
  std::string shared_path_;

  VirtualTime time_;
  Recorder recorder_;
  WorldDraws draws_;
  SimRandom random_;
  Schedule schedule_;
  std::unique_ptr<SimVolume> shared_;
  std::unique_ptr<NetworkModel> network_;
  std::vector<Mount> mounts_;
  uint64_t last_life_ = 0;
  uint64_t last_lock_id_ = 0;
  std::map<std::string, std::unique_ptr<SimMachine>, std::less<>> machines_;
  std::map<std::string, std::unique_ptr<SimProcess>, std::less<>> processes_;
  // Destroyed first: what its closures hold may use everything above.
  std::unique_ptr<EventLoop> loop_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_WORLD_H_
