#include "sim/sim_process.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/string_view.h"
#include "sim/sim_executor.h"

namespace weir::sim {

SimProcess::SimProcess(const World& world, SimMachine* machine, Options options,
                       absl::AnyInvocable<void()> on_last_call)
    : world_(world),
      machine_(machine),
      options_(std::move(options)),
      clock_(world.time, options_.wall_start, &machine->wall_error),
      network_(world.network, options_.name, machine->index),
      file_system_({.loop = world.loop,
                    .recorder = world.recorder,
                    .clock = &clock_,
                    .process = options_.name,
                    .machine = machine->index,
                    .disk = machine->disk.get(),
                    .shared = world.shared,
                    .shared_path = world.shared_path,
                    .io_executors = {},
                    .last_lock_id = world.last_lock_id,
                    .client = machine->client(),
                    .last_call = &machine->last_call,
                    .on_last_call = std::move(on_last_call)}) {}

std::string SimProcess::UniqueName(std::string_view name) {
  const std::string wanted = absl::StrCat(options_.name, "/", ToAbsl(name));
  int& tried = executor_names_tried_[wanted];
  while (true) {
    std::string unique = ++tried == 1 ? wanted : absl::StrCat(wanted, "-", tried);
    if (executor_names_.insert(unique).second) return unique;
  }
}

std::unique_ptr<Executor> SimProcess::NewExecutor(std::string_view name, ExecutorKind kind) {
  std::string unique = UniqueName(name);
  SiteDraws factor(world_.draws, world_.seed,
                   {RandomStream::kSchedule, "sim.executor.turn_cost", StableHash64(unique)});
  const int64_t turn_cost = ToNanoseconds(options_.turn_cost) * factor.Between(1000, 4000) / 1000;
  const uint32_t index = world_.loop->AddExecutor(machine_->index, std::move(unique), turn_cost);
  executors_.push_back(index);
  if (ended_) world_.loop->EndExecutor(index);
  if (paused_) world_.loop->PauseExecutor(index);
  if (kind == ExecutorKind::kIo) file_system_.AddIoExecutor(index);
  return std::make_unique<SimExecutor>(world_.loop, index, kind, options_.life);
}

void SimProcess::End() {
  ended_ = true;
  for (uint32_t executor : executors_) world_.loop->EndExecutor(executor);
  file_system_.ReleaseLocks();
}

void SimProcess::Pause() {
  paused_ = true;
  for (uint32_t executor : executors_) world_.loop->PauseExecutor(executor);
}

void SimProcess::Resume() {
  paused_ = false;
  for (uint32_t executor : executors_) world_.loop->ResumeExecutor(executor);
}

}  // namespace weir::sim
