#include "sim/sim_world.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/hash.h"
#include "sim/sim_stream.h"

namespace weir::sim {

SimWorld::SimWorld(Seed seed, SimOptions options)
    : seed_(ScopedSeed(seed, "world")),
      wall_start_(options.wall_start),
      turn_cost_(options.turn_cost),
      worker_count_(options.worker_count),
      disk_options_(options.disk),
      recorder_(std::move(options.trace)),
      draws_(&recorder_, &time_, seed_, options.choices),
      random_(&draws_, seed_),
      schedule_(&draws_, seed_, options.schedule) {
  absl::StatusOr<std::string> shared_path = NormalPath(options.shared_path);
  WEIR_CHECK_OK(shared_path);
  WEIR_CHECK_NE(*shared_path, "/") << "the shared volume cannot be the root";
  shared_path_ = *std::move(shared_path);
  shared_ = std::make_unique<SimVolume>(&draws_, seed_, StableHash64(shared_path_), disk_options_,
                                        wall_start_);
  recorder_.set_observer(options.observer);
  loop_ = std::make_unique<EventLoop>(&time_, &schedule_, &recorder_, options.spin_limit_events);
  network_ =
      std::make_unique<NetworkModel>(loop_.get(), &draws_, &recorder_, options.network, seed_);
}

SimWorld::~SimWorld() {
  loop_->Mute(true);
  // As in Kill: first what refers to the program, then the program.
  for (auto& [name, host] : hosts_) host.process->End();
  for (auto& [name, host] : hosts_) host.program.reset();
}

std::unique_ptr<SimMachine> SimWorld::NewMachine(std::string_view name) {
  auto machine = std::make_unique<SimMachine>();
  const uint64_t name_hash = StableHash64(name);
  machine->name = std::string(name);
  machine->index = loop_->AddMachine(machine->name);
  SiteDraws workers(&draws_, seed_, {RandomStream::kConfig, "sim.machine.workers", name_hash});
  machine->worker_count =
      worker_count_.has_value() ? *worker_count_ : static_cast<int>(workers.Between(1, 4));
  machine->disk = std::make_unique<SimVolume>(&draws_, seed_, name_hash, disk_options_, wall());
  machine->random = std::make_unique<SimRandom>(&draws_, ScopedSeed(seed_, name));
  network_->servers.AddMachine(machine->name, machine->index);
  PrepareDisk(*machine);
  return machine;
}

void SimWorld::PrepareDisk(SimMachine& machine) {
  WEIR_CHECK_OK(machine.disk->files.CreateDirectories(shared_path_, wall()));
  for (const Mount& mount : mounts_) Attach(machine, mount);
}

void SimWorld::MountReadOnly(std::string_view path, std::string bytes) {
  absl::StatusOr<std::string> normal = NormalPath(path);
  WEIR_CHECK_OK(normal);
  WEIR_CHECK(!normal->starts_with(shared_path_ + "/")) << "a mount on the shared volume: " << path;
  recorder_.Add(EventKind::kMount, time_.now(), StableHash64(*normal), StableHash64(bytes),
                [&] { return *normal; });
  auto file = std::make_shared<FileNode>();
  file->bytes = std::move(bytes);
  file->modified = wall();
  file->read_only = true;
  mounts_.push_back({.path = *std::move(normal), .file = std::move(file)});
  for (const auto& [name, host] : hosts_) Attach(*host.machine, mounts_.back());
}

void SimWorld::Attach(SimMachine& machine, const Mount& mount) {
  WEIR_CHECK_OK(machine.disk->files.Attach(mount.path, mount.file, wall()))
      << "mounting " << mount.path << " on " << machine.name;
}

int64_t SimWorld::LimitAfter(absl::Duration duration) const {
  WEIR_CHECK(duration >= absl::ZeroDuration());
  return AddDelay(time_.now(), ToNanoseconds(duration));
}

absl::Status SimWorld::SpinError() const {
  return absl::InternalError(absl::StrCat("the world spins: ", loop_->DescribeSpin()));
}

absl::Status SimWorld::RunUntil(absl::FunctionRef<bool()> done, absl::Duration limit) {
  const int64_t limit_ns = LimitAfter(limit);
  while (!done()) {
    switch (Step(limit_ns)) {
      case EventLoop::StepResult::kTurn:
        break;
      case EventLoop::StepResult::kIdle:
        return absl::FailedPreconditionError(
            absl::StrCat("nothing is left to happen after ", time_.now(), " ns"));
      case EventLoop::StepResult::kLimit:
        loop_->AdvanceTo(limit_ns);
        return absl::DeadlineExceededError(
            absl::StrCat("it did not come about within ", absl::FormatDuration(limit)));
      case EventLoop::StepResult::kSpin:
        return SpinError();
    }
  }
  return absl::OkStatus();
}

absl::Status SimWorld::RunUntilQuiescent(absl::Duration limit) {
  const absl::Status status = RunUntil([] { return false; }, limit);
  return absl::IsFailedPrecondition(status) ? absl::OkStatus() : status;
}

absl::Status SimWorld::RunFor(absl::Duration duration) {
  const int64_t limit_ns = LimitAfter(duration);
  const absl::Status status = RunUntil([] { return false; }, duration);
  if (absl::IsInternal(status)) return status;
  if (time_.now() < limit_ns && limit_ns != kNever) loop_->AdvanceTo(limit_ns);
  return absl::OkStatus();
}

size_t SimWorld::open_streams() { return network_->streams.All().size(); }

}  // namespace weir::sim
