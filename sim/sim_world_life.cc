// The part of SimWorld that starts and ends processes, and shows what a crash would leave.
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/string_view.h"
#include "sim/crash.h"
#include "sim/sim_world.h"

namespace weir::sim {

SimWorld::Host& SimWorld::HostOf(std::string_view name) {
  const auto found = hosts_.find(name);
  if (found != hosts_.end()) return found->second;
  std::unique_ptr<SimMachine> machine = NewMachine(name);
  Host& host = hosts_[std::string(name)];
  host.machine = std::move(machine);
  Begin(host);
  return host;
}

const SimWorld::Host* SimWorld::FindHost(std::string_view name) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? nullptr : &found->second;
}

Env& SimWorld::HostEnv(std::string_view name) { return *HostOf(name).process; }

Env& SimWorld::AddProcess(std::string_view name, ProgramFactory factory) {
  WEIR_CHECK(FindHost(name) == nullptr) << "two processes are called " << name;
  WEIR_CHECK(factory != nullptr);
  Host& host = HostOf(name);
  host.factory = std::move(factory);
  host.program = host.factory(*host.process);
  return *host.process;
}

void SimWorld::Begin(Host& host) {
  if (host.process != nullptr) ended_.push_back(std::move(host.process));
  const std::string& name = host.machine->name;
  host.process = std::make_unique<SimProcess>(SimProcess::World{.loop = loop_.get(),
                                                                .recorder = &recorder_,
                                                                .draws = &draws_,
                                                                .seed = seed_,
                                                                .time = &time_,
                                                                .network = network_.get(),
                                                                .shared = shared_.get(),
                                                                .shared_path = shared_path_,
                                                                .last_lock_id = &last_lock_id_},
                                              host.machine.get(),
                                              SimProcess::Options{.name = name,
                                                                  .life = LifeId(++last_life_),
                                                                  .wall_start = wall_start_,
                                                                  .turn_cost = turn_cost_},
                                              [this, &name] { OnLastCall(name); });
}

void SimWorld::RecordLife(const Host& host, std::string_view what) {
  recorder_.Add(EventKind::kFault, time_.now(), host.machine->index, StableHash64(what),
                [&] { return absl::StrCat(host.machine->name, " ", ToAbsl(what)); });
}

void SimWorld::Kill(std::string_view name, const KillOptions& options) {
  WEIR_CHECK_EQ(loop_->current(), kNoExecutor) << "a turn kills " << name;
  Host& host = HostOf(name);
  if (host.process->ended()) return;
  SimMachine& machine = *host.machine;
  RecordLife(host, options.power_off ? "loses power" : "is killed");
  loop_->Mute(true);
  host.process->End();
  network_->DropEndsOf(machine.index);
  host.program.reset();
  loop_->Mute(false);
  network_->OnDied(machine.index, options.resets && !options.power_off);
  for (SimVolume* volume : {machine.disk.get(), shared_.get()}) {
    Crash(volume->files, {.client = kPhantom, .draws = nullptr});
    if (!options.power_off) continue;
    Crash(volume->files, {.client = machine.client(), .draws = &volume->crash_draws()});
  }
}

void SimWorld::Restart(std::string_view name, const RestartOptions& options) {
  WEIR_CHECK_EQ(loop_->current(), kNoExecutor) << "a turn restarts " << name;
  Host& host = HostOf(name);
  if (!host.process->ended()) return;
  RecordLife(host, options.wipe_disk ? "starts without its disk" : "starts again");
  if (options.wipe_disk) {
    host.machine->disk->files.Clear(wall());
    PrepareDisk(*host.machine);
  }
  Begin(host);
  if (host.factory) host.program = host.factory(*host.process);
}

bool SimWorld::alive(std::string_view name) const {
  const Host* const host = FindHost(name);
  return host != nullptr && !host->process->ended();
}

std::vector<std::string> SimWorld::process_names() const {
  std::vector<std::string> names;
  for (const auto& [name, host] : hosts_) {
    if (host.factory) names.push_back(name);
  }
  return names;
}

void SimWorld::Pause(std::string_view name) {
  Host& host = HostOf(name);
  if (host.process->ended() || host.process->paused()) return;
  RecordLife(host, "is paused");
  host.process->Pause();
  network_->OnPaused(host.machine->index);
}

void SimWorld::Resume(std::string_view name) {
  Host& host = HostOf(name);
  if (host.process->ended() || !host.process->paused()) return;
  RecordLife(host, "goes on");
  host.process->Resume();
  network_->OnResumed(host.machine->index);
}

bool SimWorld::paused(std::string_view name) const {
  const Host* const host = FindHost(name);
  return host != nullptr && !host->process->ended() && host->process->paused();
}

bool SimWorld::Stall(std::string_view name, absl::Duration duration) {
  Host& host = HostOf(name);
  const std::vector<uint32_t>& executors = host.process->executors();
  if (host.process->ended() || executors.empty()) return false;
  const uint64_t pick = random_.Uniform(
      {RandomStream::kSchedule, "sim.stall.executor", host.machine->index}, executors.size());
  RecordLife(host, "stalls");
  loop_->StallExecutor(executors[pick], ToNanoseconds(duration));
  return true;
}

void SimWorld::DieAtFileCall(std::string_view name, LastFileCall last, KillOptions kill,
                             std::function<void()> died) {
  WEIR_CHECK_GE(last.countdown, 1);
  Host& host = HostOf(name);
  host.machine->last_call = std::move(last);
  host.last_call_kill = kill;
  host.on_last_call = std::move(died);
}

void SimWorld::CancelDieAtFileCall(std::string_view name) {
  HostOf(name).machine->last_call.reset();
}

void SimWorld::OnLastCall(std::string_view name) {
  RecordLife(HostOf(name), "dies by a file call");
  loop_->Mute(true);
  loop_->RunAfterTurn([this, name] {
    Host& host = HostOf(name);
    Kill(name, host.last_call_kill);
    const std::function<void()> died = std::exchange(host.on_last_call, nullptr);
    if (died) died();
  });
}

uint64_t SimWorld::file_calls(std::string_view name) const {
  const Host* const host = FindHost(name);
  return host == nullptr ? 0 : host->process->file_calls();
}

SimVolume& SimWorld::VolumeOf(std::string_view name) {
  return name == "shared" ? *shared_ : *MachineOf(name).disk;
}

FileTree& SimWorld::disk(std::string_view host) { return MachineOf(host).disk->files; }

DiskFaults& SimWorld::disk_faults(std::string_view volume) { return VolumeOf(volume).faults; }

WallClockError& SimWorld::wall_clock(std::string_view host) { return MachineOf(host).wall_error; }

std::string SimWorld::InSharedVolume(std::string_view path) const {
  const bool is_there = path.starts_with(shared_path_) &&
                        (path.size() == shared_path_.size() || path[shared_path_.size()] == '/');
  if (!is_there) return std::string(path);
  path.remove_prefix(shared_path_.size());
  return path.empty() ? "/" : std::string(path);
}

std::unique_ptr<FileTree> SimWorld::PostCrashImage(std::string_view volume, CrashLoss loss) {
  SimVolume& source = VolumeOf(volume);
  std::unique_ptr<FileTree> image = source.files.Clone();
  Crash(*image, {.draws = loss == CrashLoss::kDrawn ? &source.image_draws() : nullptr});
  return image;
}

}  // namespace weir::sim
