// SimProcess: one life of one process on a simulated machine; the Env that its program gets.
//
// A machine and its volumes outlive the processes on it. A process belongs to one life; its
// executors carry the life's id.
#ifndef WEIR_SIM_SIM_PROCESS_H_
#define WEIR_SIM_SIM_PROCESS_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

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

  SimProcess(const World& world, SimMachine* machine, Options options);

  Clock& clock() override { return clock_; }
  Random& random() override { return *machine_->random; }
  Network& network() override { return network_; }
  FileSystem& file_system() override { return file_system_; }
  std::unique_ptr<Executor> NewExecutor(std::string_view name, ExecutorKind kind) override;
  int worker_count() const override { return machine_->worker_count; }

  const std::string& name() const { return options_.name; }
  LifeId life() const { return options_.life; }
  SimMachine& machine() { return *machine_; }

 private:
  std::string UniqueName(std::string_view name);

  const World world_;
  SimMachine* const machine_;
  const Options options_;
  SimClock clock_;
  SimNetwork network_;
  SimFileSystem file_system_;
  std::set<std::string> executor_names_;
};

}  // namespace weir::sim

#endif  // WEIR_SIM_SIM_PROCESS_H_
