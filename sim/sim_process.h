// SimProcess: one life of one process on a simulated machine; the Env that its program gets.
//
// A machine, its volumes and its clock outlive the processes on it. A process belongs to one life;
// its executors carry the life's id. When it ends they drop what they have, and so does everything
// that is still asked of it.
#ifndef WEIR_SIM_SIM_PROCESS_H_
#define WEIR_SIM_SIM_PROCESS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/env/env.h"
#include "sim/sim_clock.h"
#include "sim/sim_file_system.h"
#include "sim/sim_network.h"
#include "sim/sim_random.h"

namespace weir::sim {

struct SimMachine {
  uint32_t index = 0;  // In the event loop.
  std::string name;
  int worker_count = 1;
  std::unique_ptr<SimVolume> disk;
  std::unique_ptr<SimRandom> random;  // Its counts go on over the lives of processes.
  WallClockError wall_error;
  std::optional<LastFileCall> last_call;

  ClientId client() const { return index + 1; }
};

class SimProcess final : public Env {
 public:
  struct Options {
    std::string name;
    LifeId life;
    absl::Time wall_start;
    absl::Duration turn_cost;  // An executor's turns cost one to four times this.
  };
  // What the process shares with the rest of its world. All of it outlives the process.
  struct World {
    EventLoop* loop;
    Recorder* recorder;
    WorldDraws* draws;
    Seed seed;
    const VirtualTime* time;
    NetworkModel* network;
    SimVolume* shared;
    std::string shared_path;
    uint64_t* last_lock_id;
  };

  // `on_last_call` is told in the turn that makes the machine's last file call.
  SimProcess(const World& world, SimMachine* machine, Options options,
             absl::AnyInvocable<void()> on_last_call);

  Clock& clock() override { return clock_; }
  Random& random() override { return *machine_->random; }
  Network& network() override { return network_; }
  FileSystem& file_system() override { return file_system_; }
  std::unique_ptr<Executor> NewExecutor(std::string_view name, ExecutorKind kind) override;
  int worker_count() const override { return machine_->worker_count; }

  const std::string& name() const { return options_.name; }
  LifeId life() const { return options_.life; }
  SimMachine& machine() { return *machine_; }

  // All executors that it made, by their numbers in the loop.
  const std::vector<uint32_t>& executors() const { return executors_; }
  // Ends the executors and locks of this life. Outside of turns, muted.
  void End();
  bool ended() const { return ended_; }
  bool paused() const { return paused_; }
  void Pause();
  void Resume();
  // The running turn made the last file call.
  bool dying() const { return file_system_.dying(); }
  uint64_t file_calls() const { return file_system_.calls(); }

 private:
  std::string UniqueName(std::string_view name);

  const World world_;
  SimMachine* const machine_;
  const Options options_;
  SimClock clock_;
  SimNetwork network_;
  SimFileSystem file_system_;
  std::set<std::string> executor_names_;
  std::map<std::string, int> executor_names_tried_;  // By the name asked for: so many are taken.
  std::vector<uint32_t> executors_;
  bool ended_ = false;
  bool paused_ = false;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_PROCESS_H_
