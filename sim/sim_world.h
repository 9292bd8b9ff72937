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
// A process is a program of the test's own (HostEnv), or one that the world starts, ends and starts
// again (AddProcess):
//
//   world.AddProcess("tm-1", [](Env& env) { return std::make_unique<TaskManager>(env, config); });
//   world.RunFor(absl::Seconds(3));
//   world.Kill("tm-1");
//   world.Restart("tm-1");
//
// What can go wrong is done to a world by the methods below; sim/fault_plan.h has lists of faults
// as data, and sim/fault_injector.h carries them out.
//
// Belongs to one thread; destroyed after everything that was made from its Envs by others. Methods
// are called outside of turns.
#ifndef WEIR_SIM_SIM_WORLD_H_
#define WEIR_SIM_SIM_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
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
#include "sim/choices.h"
#include "sim/connection.h"
#include "sim/event_loop.h"
#include "sim/file_tree.h"
#include "sim/network_model.h"
#include "sim/recorder.h"
#include "sim/schedule.h"
#include "sim/sim_process.h"
#include "sim/sim_random.h"
#include "sim/sim_volume.h"
#include "sim/trace.h"
#include "sim/virtual_time.h"

namespace weir::sim {

// Makes the program of a process, outside of turns. What it returns is destroyed when the process
// ends, with the effects of that discarded.
using ProgramFactory = std::function<std::shared_ptr<void>(Env& env)>;

struct KillOptions {
  // The machine loses power: what it did not sync is lost, kept or torn, as drawn. Otherwise only
  // the process dies, and its files are as it left them.
  bool power_off = false;
  // The others are told by resets. Otherwise (always so without power) by their keepalives.
  bool resets = true;
};

struct RestartOptions {
  bool wipe_disk = false;
};

// Of what is not synced when an image of a volume after a crash is made.
enum class CrashLoss : uint8_t { kAll, kDrawn };

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
  TraceSink trace = {};          // Absent: no trace.
  Observer* observer = nullptr;  // Outlives the world (sim/observer.h).
  // Draws that do not come from the seed.
  Choices choices = {};
};

class SimWorld {
 public:
  explicit SimWorld(Seed seed, SimOptions options = {});
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;
  ~SimWorld();

  // The Env of the process `name`, which is alone on a machine of that name. Both start at the
  // first use of the name. Valid as long as the world; another one after a restart.
  Env& HostEnv(std::string_view name);

  // Starts a process, now and at every restart. The name is also its machine's; taken names are
  // CHECKed.
  Env& AddProcess(std::string_view name, ProgramFactory factory);

  // Ends the process: nothing of this life runs or leaves any more. What is on its way to others
  // may or may not arrive. Does nothing if it is not alive.
  void Kill(std::string_view name, const KillOptions& options = {});
  // Starts a new life; HostEnv is the new one's from then on. Does nothing if it is alive.
  void Restart(std::string_view name, const RestartOptions& options = {});
  bool alive(std::string_view name) const;
  // Whether there is, or was, such a process; and the names of those that AddProcess added.
  bool exists(std::string_view name) const { return FindHost(name) != nullptr; }
  std::vector<std::string> process_names() const;
  // Its executors do not run. Others lose their connections to it if it lasts; it may find out late.
  void Pause(std::string_view name);
  void Resume(std::string_view name);
  bool paused(std::string_view name) const;
  // One of its executors (drawn) runs nothing for so long. False if it has none.
  bool Stall(std::string_view name, absl::Duration duration);
  // The process dies by this file call of it or of a later life. `died` is called with it, if given.
  void DieAtFileCall(std::string_view name, LastFileCall last, KillOptions kill = {},
                     std::function<void()> died = {});
  void CancelDieAtFileCall(std::string_view name);
  // The running code is of a process that is dead: it makes its last turn, or is being destroyed.
  // What it tells a test did not happen.
  bool discarding() const { return loop_->muted(); }
  // File calls of its current life.
  uint64_t file_calls(std::string_view name) const;

  // What is wrong with a disk (or, for "shared", the shared volume), a wall clock, the network.
  DiskFaults& disk_faults(std::string_view volume);
  WallClockError& wall_clock(std::string_view host);
  NetworkModel& network() { return *network_; }
  // That have not ended at both halves, or of which something is on its way.
  size_t open_streams();
  uint32_t machine_index(std::string_view host) { return MachineOf(host).index; }
  EventLoop& loop() { return *loop_; }
  Recorder& recorder() { return recorder_; }

  // What would be there if all clients of the volume ("shared", or a host) lost power now.
  std::unique_ptr<FileTree> PostCrashImage(std::string_view volume, CrashLoss loss);

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
  // Where in that tree a path of a process leads: "/shared/a" to "/a". What is not on the volume stays as it is.
  std::string InSharedVolume(std::string_view path) const;

 private:
  struct Mount {
    std::string path;
    FileNodePtr file;
  };

  // A machine and what runs on it.
  struct Host {
    std::unique_ptr<SimMachine> machine;
    ProgramFactory factory;  // Absent if the program is the test's.
    std::unique_ptr<SimProcess> process;
    std::shared_ptr<void> program;
    KillOptions last_call_kill;
    std::function<void()> on_last_call;
  };

  Host& HostOf(std::string_view name);
  const Host* FindHost(std::string_view name) const;
  SimMachine& MachineOf(std::string_view name) { return *HostOf(name).machine; }
  void Begin(Host& host);
  void OnLastCall(std::string_view name);
  void RecordLife(const Host& host, std::string_view what);
  SimVolume& VolumeOf(std::string_view name);
  std::unique_ptr<SimMachine> NewMachine(std::string_view name);
  void PrepareDisk(SimMachine& machine);
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
  std::map<std::string, Host, std::less<>> hosts_;
  std::vector<std::unique_ptr<SimProcess>> ended_;  // Somebody may still have their Envs.
  // Destroyed first: what its closures hold may use everything above.
  std::unique_ptr<EventLoop> loop_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_WORLD_H_
